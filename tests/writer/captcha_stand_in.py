"""A captcha's provider of our own, that says what a test tells it to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


@dataclass
class StandIn:
    """Answers each call with `status` and `body`; remembers what it was asked."""

    url: str = ""
    status: int = 200
    body: bytes = b'{"success": true}'
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    #: Cleared: the answer is held back.
    may_answer: threading.Event = field(default_factory=threading.Event)
    #: Seconds between two bytes of the answer.
    drip_s: float = 0.0
    #: The answer ends after so many bytes of it, without a word.
    breaks_off_at: int | None = None

    def says(self, **answer: Any) -> None:
        self.body = json.dumps(answer).encode()


@contextmanager
def a_stand_in() -> Iterator[StandIn]:
    provider = StandIn()
    provider.may_answer.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            provider.asked.append(parse_qs(sent))
            provider.may_answer.wait()
            self.send_response(provider.status)
            for name, value in provider.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(provider.body)))
            self.end_headers()
            whole = provider.body[: provider.breaks_off_at]
            for part in (
                (whole[at : at + 1] for at in range(len(whole))) if provider.drip_s else (whole,)
            ):
                self.wfile.write(part)
                time.sleep(provider.drip_s)

        def log_message(self, *_args: object) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_args: object) -> None:
            """Quiet too: a client that gave up is what a test is about."""

    with Server(("127.0.0.1", 0), Handler) as server:
        provider.url = f"http://127.0.0.1:{server.server_port}/siteverify"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield provider
        finally:
            provider.may_answer.set()
            server.shutdown()
            thread.join()
