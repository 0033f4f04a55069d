"""A stand-in of the CDN's purge API on a free port: checks each call, answers as it is told to."""

from __future__ import annotations

import json
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

ZONE = "023e105f4ecef8ad9ca31a8372d0c353"
TOKEN = "the-secret-token"

DONE = {"success": True, "errors": [], "messages": [], "result": {"id": ZONE}}


@dataclass(frozen=True)
class Reply:
    """What is sent back; `hangs` sends nothing until the stand-in is stopped.

    With `claims_bytes` the connection breaks off before the body is as long as announced.
    """

    status: int = 200
    body: bytes = json.dumps(DONE).encode()
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    claims_bytes: int | None = None

    @classmethod
    def refusal(cls, status: int, code: int, message: str, **headers: str) -> Reply:
        """Cloudflare's shape of an error."""
        error = {"success": False, "errors": [{"code": code, "message": message}], "result": None}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(status, json.dumps(error).encode(), named)


class PurgeApi(ThreadingHTTPServer):
    """Takes purges at `url`; `replies` are given in order before all goes well."""

    daemon_threads = True

    def __init__(self) -> None:
        self.calls: list[tuple[str, ...]] = []
        self.replies: deque[Reply] = deque()
        self.stopped = threading.Event()
        super().__init__(("127.0.0.1", 0), _Purge)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/client/v4"

    def purge(self, urls: tuple[str, ...]) -> None:
        self.calls.append(urls)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is part of the tests."""

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.shutdown()
        self.server_close()


class _Purge(BaseHTTPRequestHandler):
    server: PurgeApi
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        reply = self._fault(body) or self._next_reply(body)
        if reply.hangs:
            self.server.stopped.wait()
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(reply.claims_bytes or len(reply.body)))
        self.close_connection = reply.claims_bytes is not None
        self.end_headers()
        self.wfile.write(reply.body)

    def _fault(self, body: bytes) -> Reply | None:
        """What the real API would say about this call itself."""
        if self.path != f"/client/v4/zones/{ZONE}/purge_cache":
            return Reply.refusal(404, 7003, f"Could not route to {self.path}")
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            return Reply.refusal(403, 10000, "Authentication error")
        if self.headers["Content-Type"] != "application/json":
            return Reply.refusal(415, 10001, "Content-Type must be application/json")
        order = json.loads(body)
        if set(order) != {"files"} or not 1 <= len(order["files"]) <= 100:
            return Reply.refusal(400, 1092, "files must hold 1 to 100 URLs")
        return None

    def _next_reply(self, body: bytes) -> Reply:
        if self.server.replies:
            return self.server.replies.popleft()
        self.server.purge(tuple(json.loads(body)["files"]))
        return Reply()

    def log_message(self, *_: object) -> None:
        """Silence: the test says what went wrong."""
