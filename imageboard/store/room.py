"""How much room the disks have left, and who is refused before there is none.

Files are refused first, then posts: what is left is the database's own, to work and to start again.
Reading needs no room. Nobody is told when there is room again: each asks anew.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imageboard.errors import NoRoom
from imageboard.settings import Settings
from imageboard.words import N_

MB = 1024 * 1024
_FULL = (errno.ENOSPC, errno.EDQUOT)
_NO_POSTS = N_(
    "The board's disk is full: nothing was stored, and reading goes on. Try again later."
)
_NO_FILES = N_(
    "The board's disk is nearly full, and takes no files: "
    "post without the file, or try again later."
)


@dataclass(frozen=True, slots=True)
class Room:
    """What has to be free on each of these folders' disks."""

    folders: tuple[Path, ...]
    posts_free_bytes_min: int
    uploads_free_bytes_min: int

    @classmethod
    def from_settings(cls, settings: Settings) -> Room:
        return cls(
            (settings.data, settings.web_root),
            settings.posts_free_mb_min * MB,
            settings.uploads_free_mb_min * MB,
        )

    @property
    def free_bytes(self) -> int:
        """On the fullest of the disks."""
        return min(map(free_bytes, self.folders))

    def require_for_posts(self) -> None:
        """Raises NoRoom."""
        if self.free_bytes < self.posts_free_bytes_min:
            raise NoRoom(_NO_POSTS, part="disk")

    def require_for_files(self) -> None:
        """Raises NoRoom."""
        self.require_for_posts()
        if self.free_bytes < self.uploads_free_bytes_min:
            raise NoRoom(_NO_FILES, part="disk", field="file")


def free_bytes(folder: Path) -> int:
    """Free to those who are not root; more than any disk has, where nobody can tell."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return 2**63
    return disk.f_bavail * disk.f_frsize


@contextmanager
def full_disk_told() -> Iterator[None]:
    """Raises NoRoom in the place of what the system says when a disk or a quota is full."""
    try:
        yield
    except OSError as ex:
        if not is_full(ex):
            raise
        raise NoRoom(_NO_POSTS, part="disk") from ex


def is_full(error: BaseException) -> bool:
    """Whether the system has said this of a disk or a quota."""
    return isinstance(error, OSError) and error.errno in _FULL
