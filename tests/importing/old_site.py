"""A site that lives, on a port of its own: it answers as a test tells it, and notes who asked."""

from __future__ import annotations

import hashlib
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from importing.living.site import Site
from tests.nginx.certificates import Certificate


class Reply(NamedTuple):
    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    #: Of a body that is sent in pieces, each when it is wanted, until the reader hangs up.
    endless: bytes = b""


class OldSite:
    """Serves a folder, but for what it is told of single addresses."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        self.address = address
        #: {address: what is answered first, then …; behind the last the folder again}
        self.told: dict[str, list[Reply]] = {}
        #: (address, If-None-Match), in order.
        self.asked: list[tuple[str, str | None]] = []
        self.agents: set[str | None] = set()
        self.links = 0
        self.waited_s: list[float] = []
        self.readers: list[Site] = []

    def site(self, **told: object) -> Site:
        """As it is read, without waiting for anything."""
        options = {"may_be_private": True, "wait": self.waited_s.append, **told}
        self.readers.append(Site(self.address, **options))  # type: ignore[arg-type]
        return self.readers[-1]

    def reply(self, path: str, known: str | None) -> Reply:
        if self.told.get(path):
            return self.told[path].pop(0)
        place = self.folder / path.lstrip("/")
        if not place.is_file():
            return Reply(404, b"gone")
        body = place.read_bytes()
        etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
        return Reply(304) if known == etag else Reply(200, body, (("ETag", etag),))

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


def _handler(site: Callable[[], OldSite]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # PERF: sent in two parts, each answer waits 40 ms for the reader's kernel.
        wbufsize = 1 << 16

        def setup(self) -> None:
            super().setup()
            site().links += 1

        def do_GET(self) -> None:
            known = self.headers["If-None-Match"]
            site().asked.append((self.path, known))
            site().agents.add(self.headers["User-Agent"])
            reply = site().reply(self.path, known)
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            if reply.endless:
                self.end_headers()
                try:
                    while True:
                        self.wfile.write(reply.endless)
                except OSError:
                    self.close_connection = True
                return
            if not any(name == "Content-Length" for name, _ in reply.headers):
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)
            if any(name == "Connection" for name, _ in reply.headers):
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            pass

    return Handler


@contextmanager
def serving(folder: Path, certificate: Certificate | None = None) -> Iterator[OldSite]:
    """With a certificate, over TLS."""
    served: list[OldSite] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(lambda: served[0]))
    scheme = "http"
    if certificate is not None:
        scheme, tls = "https", ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate.certificate, certificate.key)
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    served.append(OldSite(folder, f"{scheme}://127.0.0.1:{server.server_address[1]}"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield served[0]
    finally:
        for reader in served[0].readers:
            reader.close()
        server.shutdown()
        server.server_close()
        thread.join()
