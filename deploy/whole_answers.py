"""gunicorn's answers in one write each.

gunicorn writes the headers of an answer by themselves. A process that is killed between the two
writes leaves nginx with half an answer, of which the poster has seen the beginning: it can't be
asked of another process any more. In one write it is there, or it is not.
"""

from __future__ import annotations

import socket
from typing import Any

from gunicorn.http import wsgi  # type: ignore[import-untyped]


class WholeAnswer(wsgi.Response):  # type: ignore[misc]
    """Its headers go out with the beginning of its body, or at its end."""

    def __init__(self, req: Any, sock: socket.socket, cfg: Any) -> None:
        self._together = _Together(sock)
        super().__init__(req, self._together, cfg)

    def close(self) -> None:
        super().close()
        self._together.flush()


class _Together:
    """A socket that keeps what is sent first, until there is more."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._held = b""
        self._has_begun = False

    def sendall(self, data: bytes) -> None:
        if not self._has_begun:
            self._held, self._has_begun = data, True
            return
        data, self._held = self._held + data, b""
        self._sock.sendall(data)

    def flush(self) -> None:
        if self._held:
            self.sendall(b"")


def install() -> None:
    """For all answers of this process."""
    # It asks its module for the class, and has no setting for it.
    wsgi.Response = WholeAnswer
