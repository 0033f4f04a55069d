"""A file that is given up when the disk is full, so that PostgreSQL can go on, and start.

Posts are refused long before (imageboard/store/room.py), but others fill disks too. PostgreSQL
without room for its log of changes ends, and without room it does not start; what it needs then is
this file's. It is made anew as soon as there is room for it and for posts besides.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from imageboard.store.room import MB, free_bytes

#: Room for two segments of the log of changes, and for what is written down at a start.
BALLAST_BYTES = 64 * MB
#: With less free it is given up.
FREE_BYTES_MIN = 16 * MB


class Ballast:
    """`folder`/ballast."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "ballast"

    def give_way(self) -> bool:
        """Give it up if the disk is full; whether it was just now."""
        if free_bytes(self._path.parent) >= FREE_BYTES_MIN:
            return False
        try:
            self._path.unlink()
        except OSError:
            return False
        return True

    def make(self, *, keep_free_bytes: int) -> None:
        """Make it if it is not there and so much stays free: it must not be what fills the disk."""
        room_bytes = free_bytes(self._path.parent) - BALLAST_BYTES
        if room_bytes >= max(keep_free_bytes, 2 * FREE_BYTES_MIN):
            self._make()

    def _make(self) -> None:
        """Whole or not at all: half of one would never be made up for."""
        if self._path.exists():
            return
        fresh = self._path.with_suffix(".new")
        try:
            with fresh.open("wb") as file:
                _fill(file.fileno())
            fresh.replace(self._path)
        except OSError:
            fresh.unlink(missing_ok=True)


def _fill(handle: int) -> None:
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(handle, 0, BALLAST_BYTES)
        except OSError as ex:
            if ex.errno not in (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS):
                raise
        else:
            return
    for _ in range(BALLAST_BYTES // MB):
        os.write(handle, bytes(MB))
