"""Static files, put in place so that a reader sees the old page or the new one, never half."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Self

from imageboard.errors import DiskFull
from imageboard.store.room import is_full
from renderer import former_siblings
from renderer.bodies import ENCODING_SUFFIXES, Body, Chunks, has_siblings
from renderer.known_files import KnownFiles
from renderer.placing import Placing, draft_of, put
from renderer.stamps import Stamp, of_now

#: Changes with each start of the machine (Linux).
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass
class Held:
    """The right to write a board's files, while it is held."""

    #: Whether the ledger can't be believed; False once what waits was drawn without believing it.
    is_doubtful: bool
    #: The lock's file descriptor: the lock lasts until every copy of it is closed.
    file: int
    #: What the ledger says of these files, as far as this holder has asked or written it.
    known: KnownFiles = field(default_factory=KnownFiles)


class Version(NamedTuple):
    """Tells one version of a file from any other that stands at its place."""

    inode: int
    mtime_ns: int

    @classmethod
    def of(cls, stat: os.stat_result) -> Self:
        return cls(stat.st_ino, stat.st_mtime_ns)


class ReadVersion(NamedTuple):
    """What stood at a place when it was read."""

    body: bytes
    version: Version


class WebRoot:
    """The folder that nginx serves.

    A path is relative to it: 'b/res/123.html'. Names that begin with a dot are ours and never
    served: files being written, and locks.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def replace(self, path: str, body: Body) -> None:
        """Put `body` at `path`, with its compressed siblings.

        Raises:
            DiskFull: `path` still holds the old page.
        """
        with self.placing() as placing:
            placing.replace(path, body)

    @contextmanager
    def placing(self) -> Iterator[Placing]:
        """Puts pages in place; when it ends, also by an exception, they are there in every
        encoding, and nothing is being written any more.

        Raises:
            DiskFull: of a page the rest is as it was.
        """
        placing = Placing(self.folder)
        try:
            yield placing
        finally:
            placing.finish()

    def link(self, path: str, source: Path) -> None:
        """Make `source`, a file that never changes, appear at `path`: a hard link, or a copy.

        Raises:
            FileNotFoundError: there is no `source`.
            DiskFull: there is no room for a copy, or for one more name.
        """
        place = self.folder / path
        draft = Path(draft_of(str(place)))
        draft.unlink(missing_ok=True)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            os.link(source, draft)
        except OSError as ex:
            if is_full(ex):
                raise DiskFull(path=place) from ex
            if ex.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK):
                raise
            body = source.read_bytes()
            put(str(place), (body,), len(body), of_now())
            return
        draft.replace(place)
        # A rename onto the same inode leaves both names: rename(2).
        draft.unlink(missing_ok=True)

    def remove(self, path: str) -> None:
        """Take `path` and its siblings away; it is no error when they are gone.

        The siblings go first: nginx would serve a page's .gz as long as it is there. PERF: media
        have none; to look for them was two thirds of the calls that take a picture away.
        """
        place = f"{self.folder}/{path}"
        if has_siblings(path):
            former_siblings.forget(str(self.folder), path)
            for suffix in ENCODING_SUFFIXES:
                _unlink(f"{place}{suffix}")
        _unlink(place)

    def remove_folder(self, name: str) -> None:
        """Take a folder away, with all that is left in it."""
        shutil.rmtree(self.folder / name, ignore_errors=True)

    def press(self, path: str, siblings: Mapping[str, Chunks]) -> None:
        """Put these in the places of the siblings of `path`, where they are smaller.

        They have the time of those: to readers, who go by it, it is the same page as before.

        Raises:
            DiskFull: the others stand there.
        """
        for suffix, chunks in siblings.items():
            sibling = f"{self.folder}/{path}{suffix}"
            old = os.stat(sibling)  # noqa: PTH116 -- as below
            size = sum(map(len, chunks))
            if size < old.st_size:
                former_siblings.keep(str(self.folder), path, suffix)
                put(sibling, chunks, size, Stamp(int(old.st_mtime)))

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
            boot = _BOOT_ID.read_bytes()
            put(str(self.folder / ".boot"), (boot,), len(boot), of_now())

    def read(self, path: str) -> bytes | None:
        try:
            return (self.folder / path).read_bytes()
        except FileNotFoundError:
            return None

    def read_version(self, path: str) -> ReadVersion | None:
        """What stands at `path`, and which version of it; None: nothing does."""
        try:
            with (self.folder / path).open("rb") as file:
                return ReadVersion(file.read(), Version.of(os.fstat(file.fileno())))
        except FileNotFoundError:
            return None

    def version(self, path: str) -> Version | None:
        """Which version stands at `path`; None: nothing does."""
        try:
            return Version.of(os.stat(f"{self.folder}/{path}"))  # noqa: PTH116 -- as below
        except FileNotFoundError:
            return None

    def size(self, path: str) -> int | None:
        """Bytes of what stands at `path`; None: nothing does."""
        try:
            return os.stat(f"{self.folder}/{path}").st_size  # noqa: PTH116 -- asked of each page
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
            _rewrite(locks / name, b"busy")
            yield held
            # Not reached when the block raised: then the next holder is told.
            if not held.is_doubtful:
                _rewrite(locks / name, ledger_epoch.encode())


def _rewrite(path: Path, note: bytes) -> None:
    """Over what stands there, which takes no room; cut first, a full disk would leave nothing."""
    handle = os.open(path, os.O_WRONLY)
    try:
        os.pwrite(handle, note, 0)
        os.ftruncate(handle, len(note))
    finally:
        os.close(handle)


def _unlink(place: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(place)  # noqa: PTH108 -- one press takes a thousand files away
