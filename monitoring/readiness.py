"""A program says that it is at work, in systemd's words, to whoever started it: sd_notify(3).

For one that nobody posts or reads through: it answers nobody, and to live is not to be of use.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path

#: Names the socket to the program.
VARIABLE = "NOTIFY_SOCKET"
_WORDS_BYTES_MAX = 256


class Readiness:
    """Hears which programs have said so."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._socket: socket.socket | None = None
        self._ready: set[int] = set()

    def listen(self) -> None:
        """Before a program is started. Raises OSError."""
        self.close()
        self.place.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(str(self.place))

    def is_told_by(self, pid: int) -> bool:
        """Whether the program of that process id has said so."""
        if self._socket is not None:
            with suppress(BlockingIOError):
                while True:
                    words = self._socket.recv(_WORDS_BYTES_MAX).decode(errors="replace").split()
                    told = dict(word.partition("=")[::2] for word in words)
                    if told.get("READY") == "1" and told.get("MAINPID", "").isdecimal():
                        self._ready.add(int(told["MAINPID"]))
        return pid in self._ready

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def tell(place: str) -> None:
    """That this program is at work; '': nobody wants to know."""
    if not place:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as teller, suppress(OSError):
        teller.sendto(f"READY=1\nMAINPID={os.getpid()}".encode(), place)
