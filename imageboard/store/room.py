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
#: A page is three files, a picture two; and PostgreSQL makes some of its own. Where a disk holds
#: small files alone they run out before the bytes do.
UPLOADS_FREE_FILES_MIN = 2_000
POSTS_FREE_FILES_MIN = 1_000
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

    @property
    def free_files(self) -> int:
        """The same of files."""
        return min(map(free_files, self.folders))

    def require_for_posts(self) -> None:
        """Raises NoRoom."""
        if self._is_short(self.posts_free_bytes_min, POSTS_FREE_FILES_MIN):
            raise NoRoom(_NO_POSTS, part="disk")

    def require_for_files(self) -> None:
        """Raises NoRoom."""
        self.require_for_posts()
        if self._is_short(self.uploads_free_bytes_min, UPLOADS_FREE_FILES_MIN):
            raise NoRoom(_NO_FILES, part="disk", field="file")

    def _is_short(self, bytes_min: int, files_min: int) -> bool:
        return self.free_bytes < bytes_min or self.free_files < files_min


def free_bytes(folder: Path) -> int:
    """Free to those who are not root; more than any disk has, where nobody can tell."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return 2**63
    return disk.f_bavail * disk.f_frsize


def free_files(folder: Path) -> int:
    """How many more files may be made; more than anybody makes, where there is no such bound."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return 2**63
    return disk.f_favail if disk.f_files else 2**63


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
