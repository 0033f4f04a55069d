"""A push service of our own, that answers as a test tells it to, and browsers that it knows."""

from __future__ import annotations

import hmac
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from imageboard.push_keys import base64url


class Sent(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class StandIn:
    """Answers with what `says` was told last; remembers what came."""

    url: str = ""
    status: int = 201
    headers: dict[str, str] = field(default_factory=dict)
    came: list[Sent] = field(default_factory=list)
    #: Cleared: answers are held back.
    may_answer: threading.Event = field(default_factory=threading.Event)
    #: Set once a request has come.
    has_come: threading.Event = field(default_factory=threading.Event)

    def says(self, status: int, **headers: str) -> None:
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Browser:
    """One that has subscribed, and reads what is sent to it."""

    def __init__(self, service: StandIn, name: str = "reader") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._secret = os.urandom(16)
        self.path = f"/for/{name}"
        self.endpoint = service.url + self.path
        self._service = service

    @property
    def fields(self) -> dict[str, str]:
        """Of the form that it sends."""
        return {
            "endpoint": self.endpoint,
            "p256dh": base64url(self._point),
            "auth": base64url(self._secret),
        }

    @property
    def _point(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """All that came for it, the first first."""
        return [
            json.loads(self.read(sent.body))
            for sent in self._service.came
            if sent.path == self.path
        ]

    def read(self, body: bytes) -> bytes:
        """RFC 8291 from the other end. Raises InvalidTag: it is not for this browser."""
        salt, theirs, sealed = body[:16], body[21 : 21 + body[20]], body[21 + body[20] :]
        shared = self._key.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
        )
        base = _derived(self._secret, shared, b"WebPush: info\0" + self._point + theirs, 32)
        key = _derived(salt, base, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derived(salt, base, b"Content-Encoding: nonce\0", 12)
        return AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0").removesuffix(b"\x02")


def _derived(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    extracted = hmac.digest(salt, secret, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")[:length]


@contextmanager
def a_push_service() -> Iterator[StandIn]:
    service = StandIn()
    service.may_answer.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            service.came.append(Sent(self.path, dict(self.headers), body))
            service.has_come.set()
            service.may_answer.wait()
            self.send_response(service.status)
            for name, value in service.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_args: object) -> None:
            """Quiet too: a courier that gave up is what a test is about."""

    with Server(("127.0.0.1", 0), Handler) as server:
        service.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield service
        finally:
            service.may_answer.set()
            server.shutdown()
            thread.join()
