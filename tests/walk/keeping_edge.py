"""The worst CDN there could be: it fetches a page at once when told to forget it, and keeps that.

So a purge that comes before its put is found out: the old page stays for ever. Readers ask it
for any address; the board tells it through Cloudflare's purge call.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import urllib3

from cdn.object_store import etag_of
from tests.cdn.purge_api import DONE, ZONE
from tests.deploy.stand_ins import WAIT_S

#: To the bucket, kept open.
_CONNECTIONS = 4


class KeepingEdge(ThreadingHTTPServer):
    """Serves the bucket at `origin_url` from the copies that it keeps."""

    daemon_threads = True

    def __init__(self, origin_url: str) -> None:
        self.origin_url = origin_url
        #: {path of an address: bytes, or None for what was not there}
        self.kept: dict[str, bytes | None] = {}
        self._http = urllib3.PoolManager(retries=False, timeout=WAIT_S, maxsize=_CONNECTIONS)
        super().__init__(("127.0.0.1", 0), _Request)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def read(self, path: str) -> bytes | None:
        """'/b/' -> the copy that is kept; fetched now, if there is none."""
        if path not in self.kept:
            self.fetch(path)
        return self.kept[path]

    def fetch(self, path: str) -> None:
        """Take a new copy."""
        answer = self._http.request("GET", self.origin_url + key_of(path))
        self.kept[path] = answer.data if answer.status == 200 else None

    def forget(self, path: str) -> None:
        """As it is told to, by an address."""
        self.fetch(path)

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self._http.clear()


def key_of(path: str) -> str:
    """'/b/' -> '/b/index.html', '/b/thread/1.json' -> '/b/res/1.json': the edge's own rules."""
    if path.endswith("/"):
        return f"{path}index.html"
    return path.replace("/thread/", "/res/")


class _Request(BaseHTTPRequestHandler):
    server: KeepingEdge
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.server.read(unquote(urlsplit(self.path).path))
        version = etag_of(body or b"")
        if body is None:
            self._answer(404, b"")
        elif self.headers["If-None-Match"] == version:
            self.send_response(304)
            self.end_headers()
        else:
            self._answer(200, body, version)

    def do_POST(self) -> None:
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.path.endswith(f"/zones/{ZONE}/purge_cache"):
            self._answer(404, b"{}")
            return
        for url in order["files"]:
            self.server.forget(unquote(urlsplit(url).path))
        self._answer(200, json.dumps(DONE).encode())

    def _answer(self, status: int, body: bytes, version: str = "") -> None:
        self.send_response(status)
        if version:
            self.send_header("ETag", version)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Silence: the test says what went wrong."""
