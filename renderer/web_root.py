"""Static files, put in place so that a reader sees the old page or the new one, never half."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import brotli
from isal import igzip

from imageboard.errors import DiskFull

#: Kinds that are served in three encodings; images are compressed already.
COMPRESSED_SUFFIXES = frozenset(
    {".html", ".json", ".css", ".js", ".svg", ".txt", ".xml", ".rss", ".atom"}
)
ENCODING_SUFFIXES = (".gz", ".br")

#: ISA-L's level 2: within 3 % of zlib's level 6 at a tenth of its time on a 45 KB page.
_GZIP_LEVEL = 2
#: Brotli's quality by size: (bytes at most, quality). Small pages are read most and cost
#: least; a page of megabytes must not hold up the next change. PERF: of 3 and 2 the second takes
#: a third less time for the same size.
_BROTLI_QUALITY = ((128 * 1024, 5), (1024 * 1024, 2))
_BROTLI_QUALITY_LARGEST = 1
#: How far back it looks, as a power of two: 256 KB. PERF: what repeats in a page is near, so the
#: files are as small as with 4 MB, at an eighth of the memory.
_BROTLI_WINDOW_BITS = 18

#: Changes with each start of the machine (Linux).
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def gzipped(body: bytes) -> bytes:
    """The same bytes for the same body: no time, no name in the header."""
    return bytes(igzip.compress(body, compresslevel=_GZIP_LEVEL, mtime=0))


def brotlied(body: bytes) -> bytes:
    fitting = (quality for bytes_max, quality in _BROTLI_QUALITY if len(body) <= bytes_max)
    quality = next(fitting, _BROTLI_QUALITY_LARGEST)
    return bytes(
        brotli.compress(body, mode=brotli.MODE_TEXT, quality=quality, lgwin=_BROTLI_WINDOW_BITS)
    )


@dataclass
class Held:
    """The right to write a board's files, while it is held."""

    #: Whether the ledger can't be believed; False once what waits was drawn without believing it.
    is_doubtful: bool
    #: The lock's file descriptor: the lock lasts until every copy of it is closed.
    file: int


class WebRoot:
    """The folder that nginx serves.

    A path is relative to it: 'b/res/123.html'. Names that begin with a dot are ours and never
    served: files being written, and locks.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def replace(self, path: str, body: bytes) -> None:
        """Put `body` at `path`, with its compressed siblings.

        Each is written to a dotfile beside its place and renamed: rename(2) is atomic only
        within one file system, hence "beside". The whole page comes first and the slow
        encoding last: each of the three is replaced by a newer one, never an older.

        Raises:
            DiskFull: `path` still holds the old page.
        """
        place = self.folder / path
        mtime_s = self._next_mtime(place)
        self._put(place, body, mtime_s)
        if place.suffix in COMPRESSED_SUFFIXES:
            self._put(_sibling(place, ".gz"), gzipped(body), mtime_s)
            self._put(_sibling(place, ".br"), brotlied(body), mtime_s)

    def link(self, path: str, source: Path) -> None:
        """Make `source`, a file that never changes, appear at `path`: a hard link, or a copy.

        Raises:
            FileNotFoundError: there is no `source`.
            DiskFull: there is no room for a copy.
        """
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = _draft(place)
        draft.unlink(missing_ok=True)
        try:
            os.link(source, draft)
        except OSError as ex:
            if ex.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK):
                raise
            self._put(place, source.read_bytes(), int(time.time()))
            return
        draft.replace(place)
        # A rename onto the same inode leaves both names: rename(2).
        draft.unlink(missing_ok=True)

    def remove(self, path: str) -> None:
        """Take `path` and its siblings away; it is no error when they are gone.

        The siblings go first: nginx would serve a page's .gz as long as it is there.
        """
        place = self.folder / path
        for suffix in ENCODING_SUFFIXES:
            _sibling(place, suffix).unlink(missing_ok=True)
        place.unlink(missing_ok=True)

    def survived_a_crash(self) -> bool:
        """Whether the machine started anew since files were put here.

        Nothing here is flushed to disk: it would cost more than all the rest of a pass, and
        what a power cut takes from these files can be made again. But it must be: what the
        ledger says of them is true only as long as the machine has not crashed.
        """
        mark = self.folder / ".boot"
        return mark.is_file() and _BOOT_ID.is_file() and mark.read_bytes() != _BOOT_ID.read_bytes()

    def note_boot(self) -> None:
        """All that is here is as the ledger says, from here on until the machine stops."""
        if _BOOT_ID.is_file():
            self._put(self.folder / ".boot", _BOOT_ID.read_bytes(), int(time.time()))

    def read(self, path: str) -> bytes | None:
        try:
            return (self.folder / path).read_bytes()
        except FileNotFoundError:
            return None

    def size(self, path: str) -> int | None:
        """Bytes of what stands at `path`; None: nothing does."""
        try:
            return (self.folder / path).stat().st_size
        except FileNotFoundError:
            return None

    def paths(self, below: str = "") -> Iterator[str]:
        """Every file below a folder, without siblings and dotfiles."""
        for folder, subfolders, names in os.walk(self.folder / below):
            subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
            for name in sorted(names):
                if not name.startswith(".") and not name.endswith(ENCODING_SUFFIXES):
                    yield str((Path(folder) / name).relative_to(self.folder))

    def stray_siblings(self, below: str) -> Iterator[str]:
        """Compressed siblings of nothing: 'b/res/1.html.gz' without 'b/res/1.html'."""
        for place in sorted((self.folder / below).rglob("*")):
            if place.suffix in ENCODING_SUFFIXES and not place.with_suffix("").exists():
                yield str(place.relative_to(self.folder))

    @contextmanager
    def lock(self, name: str, ledger_epoch: str) -> Iterator[Held]:
        """The right to write below this folder, held by this process.

        What it yields is doubtful when what stands here may not be as the ledger says: the last
        holder was interrupted before it had written it down, or the ledger has begun a new epoch
        since (the database was restarted, and may have lost the last moments of it). It stays so
        for the next holder unless this one makes it good.

        The lock in PostgreSQL is lost when its connection is; a renderer that has lost it
        may still be writing. This one goes with the process: its successor waits here.
        """
        locks = self.folder / ".locks"
        locks.mkdir(parents=True, exist_ok=True)
        with (locks / name).open("a+b", buffering=0) as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            handle.seek(0)
            is_doubtful = handle.read().decode() not in ("", ledger_epoch)
            held = Held(is_doubtful, handle.fileno())
            handle.truncate(0)
            handle.write(b"busy")
            yield held
            # Not reached when the block raised: then the next holder is told.
            if not held.is_doubtful:
                handle.truncate(0)
                handle.write(ledger_epoch.encode())

    def _next_mtime(self, place: Path) -> int:
        """Whole seconds, later than the last: Last-Modified and ETag tell versions apart.

        nginx makes both from the modification time in seconds. Two versions within one second
        would look the same to a client that asks If-Modified-Since, and stay so.
        """
        now_s = int(time.time())
        try:
            return max(now_s, int(place.stat().st_mtime) + 1)
        except FileNotFoundError:
            return now_s

    def _put(self, place: Path, body: bytes, mtime_s: int) -> None:
        draft = _draft(place)
        try:
            try:
                handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            except FileNotFoundError:
                place.parent.mkdir(parents=True, exist_ok=True)
                handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            with open(handle, "wb", buffering=0) as file:  # noqa: PTH123 -- a handle, not a path
                _allocate(file.fileno(), len(body))
                view = memoryview(body)
                while view:
                    view = view[file.write(view) :]
                os.utime(file.fileno(), (mtime_s, mtime_s))
            os.rename(draft, place)  # noqa: PTH104 -- as the docstring says: rename(2)
        except OSError as ex:
            draft.unlink(missing_ok=True)
            if ex.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFull(path=str(place)) from ex
            raise


def _allocate(handle: int, size: int) -> None:
    """Give the file its blocks before it is written.

    PERF: ext4 flushes a file with unallocated blocks when it is renamed over another; with its
    blocks allocated the rename takes 0.06 ms at the 95th percentile, else up to 3 ms.
    """
    if size and hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(handle, 0, size)
        except OSError as ex:
            if ex.errno not in (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS):
                raise


def _sibling(place: Path, suffix: str) -> Path:
    return place.with_name(place.name + suffix)


def _draft(place: Path) -> Path:
    """One name for each place: what a killed renderer left is overwritten by the next."""
    return place.with_name(f".{place.name}.new")
