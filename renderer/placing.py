"""Pages on their way to their places in the web root.

Each file is written to a dotfile beside its place and renamed: rename(2) is atomic only within one
file system, hence "beside". A page comes before its siblings and the slow encoding last: each of
the three is replaced by a newer one, never an older. Where something was removed old siblings go
with the old page, and new ones come when all pages stand without it.

The page is put in place by the thread that asks for it. Where the next page is drawn meanwhile, one
other thread compresses it and puts its siblings; else the same thread does. PERF: in one folder the
file system puts one file at a time in place anyway: more threads wait for it, and for Python's lock
after each of its calls. A board of 451 pages took 0.57 s of CPU with four threads for all, 0.48
with two that compress beside one that puts, 0.43 like this.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from imageboard.errors import DiskFull
from imageboard.store.room import is_full
from renderer import former_siblings
from renderer.bodies import (
    ENCODING_SUFFIXES,
    Body,
    Chunks,
    blocks,
    brotlied,
    gzipped,
    has_siblings,
)
from renderer.stamps import Stamp, await_own_second, next_stamp

#: When the siblings of a page are put: with it; by another thread; or when all pages stand there.
Siblings = Literal["at once", "beside", "last"]
#: Pages that wait for the other thread, or for the last page, have so many bytes together: it
#: bounds memory. Of a long page there are no bytes until it is read.
AWAITED_BYTES_MAX = 2 * 1024 * 1024
#: One thread, so that siblings of an older version come before those of a newer one.
_SIBLINGS = ThreadPoolExecutor(1, thread_name_prefix="siblings")

#: Holds a file without opening it, where the system has that.
_HOLD = getattr(os, "O_PATH", os.O_RDONLY)
#: Replaced files that are let go of together, and how many such handfuls may wait for it.
LET_GO_FILES = 64
LET_GO_HANDFULS = 2
_LETTING_GO = ThreadPoolExecutor(1, thread_name_prefix="let-go")
_going: deque[Future[None]] = deque()


class Placing:
    """Puts pages in place, one after the other."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        #: Siblings that are not in place yet, and how much their pages take: the oldest first.
        self._awaited: deque[tuple[int, Future[None]]] = deque()
        self._awaited_bytes = 0
        #: Pages that stand without siblings, by place, and how much they take.
        self._bare: dict[str, tuple[Body, Stamp]] = {}
        self._bare_bytes = 0
        #: Open handles of files that were replaced; either thread takes from it what it lets go of.
        self._held: deque[int] = deque()

    def replace(self, path: str, body: Body, *, siblings: Siblings = "at once") -> bytes:
        """Put `body` at `path`; its SHA-256. The page stands there when this returns.

        Its siblings stand there too, or when all is finished at the latest: what stood there
        before is replaced "beside", or goes when the page comes, so that no reader finds it, where
        they come "last". PERF: to hand a page over to another thread and to wait for it takes both
        together 0.1 ms of a processor, half as much as to compress it.

        Raises:
            DiskFull: `path` still holds the old page, or a page from before an old sibling.
        """
        place = f"{self._folder}/{path}"
        former_siblings.forget(self._folder, path)
        if place in self._bare:
            self._pop_bare(place)
        stamp = next_stamp(self._hold(place))
        digest = hashlib.sha256()
        put(place, _hashed(body, digest), len(body), stamp)
        if not has_siblings(path):
            return digest.digest()
        if siblings == "beside":
            self._replace_beside(place, body, stamp)
        else:
            # Of an older version they may be on their way.
            self._catch_up()
            if siblings == "last":
                self._leave_bare(place, body, stamp)
            else:
                self._replace_siblings(place, body, stamp)
        return digest.digest()

    def finish(self) -> None:
        """Wait until every page has its siblings.

        Raises:
            DiskFull: one has an older sibling, or none.
        """
        wait([siblings for _, siblings in self._awaited])
        for place in list(self._bare):
            self._replace_siblings(place, *self._pop_bare(place))
        self._let_go()
        self._catch_up()

    def _leave_bare(self, place: str, body: Body, stamp: Stamp) -> None:
        for suffix in ENCODING_SUFFIXES:
            if self._hold(f"{place}{suffix}") is not None:
                os.unlink(f"{place}{suffix}")  # noqa: PTH108 -- as everywhere here
        self._bare[place] = body, stamp
        self._bare_bytes += _memory_of(body)
        while self._bare_bytes > AWAITED_BYTES_MAX:
            first = next(iter(self._bare))
            self._replace_beside(first, *self._pop_bare(first))

    def _pop_bare(self, place: str) -> tuple[Body, Stamp]:
        body, stamp = self._bare.pop(place)
        self._bare_bytes -= _memory_of(body)
        return body, stamp

    def _catch_up(self) -> None:
        """Wait for the siblings of the pages so far, the oldest first.

        Raises:
            DiskFull: one has an older sibling.
        """
        while self._awaited:
            self._end_oldest()

    def _replace_beside(self, place: str, body: Body, stamp: Stamp) -> None:
        siblings = _SIBLINGS.submit(self._replace_siblings, place, body, stamp)
        self._awaited.append((_memory_of(body), siblings))
        self._awaited_bytes += _memory_of(body)
        while self._awaited_bytes > AWAITED_BYTES_MAX:
            self._end_oldest()

    def _end_oldest(self) -> None:
        page_bytes, siblings = self._awaited.popleft()
        self._awaited_bytes -= page_bytes
        siblings.result()

    def _replace_siblings(self, place: str, body: Body, stamp: Stamp) -> None:
        self._replace_sibling(f"{place}.gz", gzipped(body), stamp)
        self._replace_sibling(f"{place}.br", brotlied(body), stamp)

    def _replace_sibling(self, place: str, chunks: Chunks, stamp: Stamp) -> None:
        self._hold(place)
        put(place, chunks, sum(map(len, chunks)), stamp)

    def _hold(self, place: str) -> os.stat_result | None:
        """Keep what stands at `place` from ending when it is replaced; None: nothing stands there.

        PERF: the end of a file gives its blocks back, and on a disk that is told of each (mounted
        with `discard`) waits for it. To put a file in place over one that is held takes 47 us at
        the median, else 163; the end of the old one costs 13 us of CPU, when nobody waits for it.
        """
        if len(self._held) >= LET_GO_FILES:
            self._let_go()
        try:
            handle = os.open(place, _HOLD)
        except FileNotFoundError:
            return None
        try:
            return os.fstat(handle)
        finally:
            self._held.append(handle)

    def _let_go(self) -> None:
        handles: list[int] = []
        with suppress(IndexError):
            while True:
                handles.append(self._held.popleft())
        _going.append(_LETTING_GO.submit(_close_all, handles))
        while len(_going) > LET_GO_HANDFULS:
            _going.popleft().result()


def put(place: str, chunks: Iterable[bytes], size: int, stamp: Stamp) -> None:
    """One file, of `size` bytes in all; a reader sees the old one or this one, never half.

    Raises:
        DiskFull: the old one stands there.
    """
    draft = draft_of(place)
    try:
        handle = _created(draft)
        try:
            _allocate(handle, size)
            for chunk in chunks:
                _write(handle, chunk)
            os.utime(handle, (stamp.mtime_s, stamp.mtime_s))
            inode = os.fstat(handle).st_ino if stamp.is_borrowed else 0
        finally:
            os.close(handle)
        os.rename(draft, place)  # noqa: PTH104 -- as the module says: rename(2)
        if stamp.is_borrowed:
            await_own_second(place, inode)
    except OSError as ex:
        Path(draft).unlink(missing_ok=True)
        if is_full(ex):
            raise DiskFull(path=place) from ex
        raise


def _memory_of(body: Body) -> int:
    return len(body) if isinstance(body, bytes) else 0


def draft_of(place: str) -> str:
    """One name for each place: what a killed renderer left is overwritten by the next."""
    folder, _, name = place.rpartition("/")
    return f"{folder}/.{name}.new"


def _created(draft: str) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    try:
        return os.open(draft, flags, 0o644)
    except FileNotFoundError:
        Path(draft).parent.mkdir(parents=True, exist_ok=True)
        return os.open(draft, flags, 0o644)


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


def _write(handle: int, chunk: bytes) -> None:
    written = os.write(handle, chunk)
    while written < len(chunk):
        written += os.write(handle, memoryview(chunk)[written:])


def _hashed(body: Body, digest: Any) -> Iterator[bytes]:
    for block in blocks(body):
        digest.update(block)
        yield block


def _close_all(handles: list[int]) -> None:
    for handle in handles:
        os.close(handle)
