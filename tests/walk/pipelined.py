"""A connection on which a handful of requests is on its way before the first is answered."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import NamedTuple

_TIMEOUT_S = 60.0


class Answer(NamedTuple):
    """What a server said to one request."""

    status: int
    #: Its ETag; b"" where it has none.
    version: bytes
    body: bytes


class Pipelined:
    """Kept open until it is closed. Answers come in the order in which was asked."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), timeout=_TIMEOUT_S)
        self._answers = self._socket.makefile("rb")

    def close(self) -> None:
        self._answers.close()
        self._socket.close()

    def send(self, requests: Iterable[bytes]) -> None:
        """As many as the server has room for while it answers the first."""
        self._socket.sendall(b"".join(requests))

    def answer(self) -> Answer:
        """The next one."""
        status = int(self._answers.readline().split(None, 2)[1])
        headers = dict(self._headers())
        if status == HTTPStatus.NOT_MODIFIED:
            return Answer(status, b"", b"")
        assert b"content-length" in headers, f"{status} {headers}"
        body = self._answers.read(int(headers[b"content-length"]))
        return Answer(status, headers.get(b"etag", b""), body)

    def _headers(self) -> Iterator[tuple[bytes, bytes]]:
        while (line := self._answers.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            yield name.lower(), value.strip()


def get(target: str, host: str, *, version: bytes = b"") -> bytes:
    """A request; of what is still this version there comes no body."""
    known = b"If-None-Match: %b\r\n" % version if version else b""
    return b"%b%b\r\n" % (f"GET {target} HTTP/1.1\r\nHost: {host}\r\n".encode(), known)
