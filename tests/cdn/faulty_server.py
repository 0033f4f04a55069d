"""A server that answers what it is told to, then goes on: the ways in which a store fails."""

from __future__ import annotations

import socket
import threading
from collections import deque
from typing import Self

from tests.deploy.stand_ins import WAIT_S

SAYS_NOTHING = None
"""Takes the request and keeps the connection open, without a word."""

HANGS_UP = b""
"""Takes the request and closes the connection, without a word."""


def answer(status: str, *headers: str, body: bytes = b"", length: int | None = None) -> bytes:
    """A whole HTTP answer; with a `length` beyond that of the body, half of one."""
    length = len(body) if length is None else length
    head = (f"HTTP/1.1 {status}", f"Content-Length: {length}", "Connection: close", *headers)
    return "\r\n".join((*head, "", "")).encode() + body


def error(status: str, code: str, *headers: str, message: str = "") -> bytes:
    """An error as S3 words it."""
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return answer(status, "Content-Type: application/xml", *headers, body=body.encode())


class FaultyServer:
    """Gives one of `answers` to each connection, in order; closes those after the last."""

    def __init__(self, *answers: bytes | None) -> None:
        self._answers = deque(answers)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve)
        self._is_over = False
        self.requests: list[bytes] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over = True
        # One more connection, to wake accept(): closing the listener does not, everywhere.
        socket.create_connection(self._listener.getsockname()).close()
        self._thread.join()
        self._listener.close()
        for connection in self._open:
            connection.close()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._is_over:
                connection.close()
                return
            self.requests.append(_read_request(connection))
            reply = self._answers.popleft() if self._answers else answer("500 Out Of Answers")
            if reply is SAYS_NOTHING:
                self._open.append(connection)
                continue
            connection.sendall(reply)
            connection.close()


def _read_request(connection: socket.socket) -> bytes:
    """Head and body."""
    connection.settimeout(WAIT_S)
    request = b""
    while b"\r\n\r\n" not in request:
        request += connection.recv(65536)
    head, _, body = request.partition(b"\r\n\r\n")
    lengths = [
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    while len(body) < sum(lengths):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
