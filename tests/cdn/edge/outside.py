"""All that the Worker can reach: a bucket with a public address, and the board's own nginx."""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import threading
from contextlib import closing
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote

from cdn.cache_policy import ObjectHeaders, headers_of
from tests.deploy.stand_ins import WAIT_S

BUCKET_HOST = "files.board.example"
CHANGED_AT = formatdate(1_700_000_000, usegmt=True)


@dataclass(frozen=True)
class Asked:
    """One request that the Worker made."""

    host: str
    method: str
    path: str
    headers: dict[str, str]
    options: dict[str, Any]


@dataclass
class Bucket:
    """Objects by key, and whether the bucket is well; it answers as R2's public address does."""

    objects: dict[str, tuple[bytes, dict[str, str]]] = field(default_factory=dict)
    is_down: bool = False

    def put(self, key: str, body: bytes, headers: ObjectHeaders | None = None) -> None:
        """Store with the headers that the board gives it, or with others."""
        headers = headers or headers_of(key)
        self.objects[key] = (
            body,
            {
                "Content-Type": headers.content_type,
                "Cache-Control": headers.cache_control,
                "ETag": f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"',
                "Last-Modified": CHANGED_AT,
                "Accept-Ranges": "bytes",
            },
        )

    def answer(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        found = self.objects.get(unquote(asked.path.removeprefix("/")))
        if self.is_down:
            return 500, {}, b"broken"
        if found is None:
            return 404, {"Content-Type": "text/html", "X-R2": "no such object"}, b"<h1>404</h1>"
        body, headers = found
        if (
            asked.headers.get("if-none-match") == headers["ETag"]
            or asked.headers.get("if-modified-since") == headers["Last-Modified"]
        ):
            return 304, headers, b""
        if span := re.fullmatch(r"bytes=([0-9]+)-([0-9]+)", asked.headers.get("range", "")):
            first, last = int(span[1]), int(span[2])
            content_range = f"bytes {first}-{last}/{len(body)}"
            return 206, headers | {"Content-Range": content_range}, body[first : last + 1]
        return 200, headers, body


class Outside(ThreadingHTTPServer):
    """Hands what is for the bucket's host to the bucket, and all else to nginx.

    `origin_port` 0: nginx can't be reached.
    """

    daemon_threads = True

    def __init__(self) -> None:
        self.bucket = Bucket()
        self.origin_port = 0
        self.asked: list[Asked] = []
        super().__init__(("127.0.0.1", 0), _Request)

    @property
    def asked_origin(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.host != BUCKET_HOST]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A Worker that hangs up is part of the tests."""

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Request(BaseHTTPRequestHandler):
    server: Outside
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        body = self._body()
        headers = {name.lower(): value for name, value in self.headers.items()}
        options = json.loads(headers.pop("cf-options", "{}"))
        asked = Asked(headers["host"], self.command, self.path, headers, options)
        self.server.asked.append(asked)
        if asked.host == BUCKET_HOST:
            status, named, content = self.server.bucket.answer(asked)
            self._send(status, list(named.items()), content)
        elif self.server.origin_port:
            self._send(*self._from_nginx(asked, body))
        else:
            self.close_connection = True

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _from_nginx(self, asked: Asked, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        headers = {k: v for k, v in asked.headers.items() if k not in HOP_BY_HOP}
        nginx = http.client.HTTPConnection("127.0.0.1", self.server.origin_port, timeout=WAIT_S)
        with closing(nginx) as link:
            link.request(asked.method, asked.path, body or None, headers)
            reply = link.getresponse()
            kept = [(k, v) for k, v in reply.getheaders() if k.lower() not in HOP_BY_HOP]
            return reply.status, kept, reply.read()

    def _send(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = _answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Silence: the test says what went wrong."""


HOP_BY_HOP = frozenset(["connection", "content-length", "transfer-encoding", "keep-alive"])
