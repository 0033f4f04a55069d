"""The story of a drill: back up, restore beside the board that runs, render, compare, measure.

The comparison is of one moment. Posting waits while it is noted: all boards are held, the last
changes are rendered, the files of the web root are linked into a folder (a renderer replaces files,
it never changes one), and the place in the WAL is marked. That takes less than a second, mostly.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from deploy.backups.rendering import render_everything
from deploy.backups.restoring import Moment, Restore, Restored
from deploy.backups.sealing import Unseal, new_identity
from deploy.backups.source import Source, opened
from deploy.backups.taking import Run, media_copy
from deploy.backups.vault import FlushedFolderStore, NotInVault, Vault, open_vault
from deploy.backups.wal_stream import (
    DRILL_SLOT,
    ReceiveWal,
    Shipper,
    held_back,
    reached_key,
)
from imageboard.errors import ImageboardError
from imageboard.store import boards, outbox, site_moment
from imageboard.store.database import Database
from imageboard.store.servers import wal
from imageboard.words import N_
from renderer import bodies

#: Posting waits no longer than this for the last pages to be rendered.
HELD_S_MAX = 5.0
#: For the WAL to come into the vault; the promise is a minute.
SHIPPED_S_MAX = 120.0
_LOOK_EVERY_S = 0.05
#: Folders of drills, beside the other files of the backups.
_SCRATCH = "drill-"


class DrillUnderWay(ImageboardError):
    message = N_("Another drill of this board is under way: let it finish.")


class NotSettled(ImageboardError):
    message = N_(
        "The pages did not catch up within {seconds:.0f} s while posting was held: try again later."
    )


class NotShipped(ImageboardError):
    message = N_(
        "A marked change was not in the backup store after {seconds:.0f} s: is the WAL "
        "streamed there? `stillboard status` shows the part backup-wal."
    )


@dataclass
class Drill:
    """What a drill found out. Times are seconds."""

    set_id: str
    compared_files: int
    #: Missing, other bytes, or there without being in the database.
    differing: list[str]
    #: From a commit to its WAL being in the vault, for each marked change.
    rpo_s: list[float]
    #: From nothing to a site that was compared: fetch, recover, pictures, render, compare.
    rto_s: float
    backup_s: float
    backup_bytes: int
    #: For how long posting waited.
    held_s: float
    took_s: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Photograph:
    """The site at one moment: its files, by hard links, and the place in the WAL."""

    folder: Path
    boards: list[str]
    lsn: str
    held_s: float


class Stream(Protocol):
    """Backups and WAL on their way into a vault."""

    vault: Vault

    def back_up(self) -> int:
        """Have a base backup in the vault; the bytes of what was taken for it."""

    def wait_for(self, lsn: str) -> float:
        """Until the vault has everything up to there; the seconds. Raises NotShipped."""


def drill(
    source: Source,
    environ: Mapping[str, str],
    *,
    unseal: Unseal | None = None,
    probes: int = 1,
    say: Callable[[str], None] = lambda _line: None,
) -> Drill:
    """Leaves nothing behind but what it says.

    With `unseal` it restores from the vault of the board, and so proves the backups that there
    are. Without, it makes a vault and a key of its own for the time, and proves the procedure.

    Raises:
        NotSettled, NotShipped, and whatever backup and restore raise.
    """
    with ExitStack() as stack:
        stack.enter_context(_alone(source.backups))
        scratch = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=source.backups))
        )
        database = stack.enter_context(opened(source.replication_url))
        stream: Stream
        if unseal is None:
            identity, recipient = new_identity()
            unseal = Unseal([identity])
            stream = stack.enter_context(_own_stream(source, database, scratch, recipient))
        else:
            stream = StreamOfBoard(open_vault(source.settings), database)
        began_s = time.monotonic()
        backup_bytes = stream.back_up()
        backup_s = time.monotonic() - began_s
        say(f"backup: {backup_s:.2f} s, {backup_bytes} bytes")
        photograph = take_photograph(source, database, scratch / "live")
        say(f"posting waited for {photograph.held_s:.2f} s")
        # After the photograph: a recovery ends before what begins at a place, and so needs it.
        rpo_s = [_probe(stream, database) for _ in range(probes)]
        say(f"a commit is in the store after {max(rpo_s):.2f} s at most")
        began_s = time.monotonic()
        target = scratch / "restored"
        moment = Moment(lsn=photograph.lsn)
        restore = Restore(stream.vault, unseal, target, moment, environ, say=say)
        with restore.from_base() as restored:
            _render(restored)
        compared, differing = compare(photograph, restored.settings.web_root)
        return Drill(
            set_id=restored.set_id,
            compared_files=compared,
            differing=differing,
            rpo_s=[round(one, 2) for one in rpo_s],
            rto_s=round(time.monotonic() - began_s, 2),
            backup_s=round(backup_s, 2),
            backup_bytes=backup_bytes,
            held_s=round(photograph.held_s, 3),
            took_s=restored.took_s,
        )


@dataclass
class StreamOfBoard:
    """That of the board itself, which the part backup-wal keeps going."""

    vault: Vault
    database: Database

    def back_up(self) -> int:
        """The newest one that there is has to do."""
        return 0

    def wait_for(self, lsn: str) -> float:
        """By asking the vault."""
        with self.database.connection() as db:
            key = reached_key(wal.cluster(db).system)

        def is_there() -> bool:
            try:
                reached: str = json.loads(self.vault.get(key))["lsn"]
            except NotInVault:
                return False
            return _place(reached) >= _place(lsn)

        return _wait_until(is_there)


@dataclass
class OwnStream:
    """One for a single drill: a vault in a folder, and a receiver of the WAL beside others."""

    vault: Vault
    run: Run
    shipper: Shipper

    def back_up(self) -> int:
        """All of it, dump and queue too."""
        return sum(one.size_bytes for one in self.run.take("full").sets)

    def wait_for(self, lsn: str) -> float:
        """By shipping, in the same rhythm as the part does."""

        def is_there() -> bool:
            self.shipper.tick()
            return _place(self.shipper.reached_lsn) >= _place(lsn)

        return _wait_until(is_there)


def take_photograph(source: Source, database: Database, folder: Path) -> Photograph:
    """Hold all boards, let the pages catch up, link them away and mark the place.

    Raises:
        NotSettled: they did not catch up. Nothing is held any more.
    """
    with ExitStack() as stack:
        own = stack.enter_context(opened(source.settings.database_url))
        db = stack.enter_context(own.transaction())
        began_s = time.monotonic()
        names = [board.name for board in boards.list_all(db)]
        for name in names:
            boards.lock(db, name)
        while outbox.lag(db) or site_moment.is_behind(db):
            if time.monotonic() - began_s > HELD_S_MAX:
                raise NotSettled(seconds=HELD_S_MAX)
            time.sleep(_LOOK_EVERY_S)
        _link_all(source.settings.web_root, folder)
        with database.connection() as marking:
            lsn = wal.mark(marking, "photograph")
        return Photograph(folder, names, lsn, time.monotonic() - began_s)


def compare(photograph: Photograph, web_root: Path) -> tuple[int, list[str]]:
    """(files compared, those that differ): the restored site with the photograph.

    In boards' folders a file too much counts as well; beside them an operator may keep files.
    """
    live, restored = set(_files(photograph.folder)), set(_files(web_root))
    of_boards = {path for path in live if path.partition("/")[0] in photograph.boards}
    differing = {path for path in live & restored if not _is_one(path, photograph.folder, web_root)}
    return len(live & restored), sorted(differing | (restored - live) | (of_boards - restored))


def _is_one(path: str, live: Path, restored: Path) -> bool:
    """A page that rested is compressed otherwise than one that was just drawn: readers see no more
    of it than what is inside. What can't be unpacked is like nothing.
    """
    stored, again = ((folder / path).read_bytes() for folder in (live, restored))
    if stored == again:
        return True
    inside = bodies.unpacked(path, stored)
    return inside is not None and inside == bodies.unpacked(path, again)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One drill at a time; what one that was killed has left goes first. Raises DrillUnderWay."""
    with (folder / "drill.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DrillUnderWay from None
        for leftover in folder.glob(f"{_SCRATCH}*"):
            shutil.rmtree(leftover)
        yield


@contextmanager
def _own_stream(
    source: Source, database: Database, scratch: Path, recipient: str
) -> Iterator[OwnStream]:
    place = scratch / "vault"
    vault = Vault(str(place), FlushedFolderStore(place))
    settings = replace(source.settings, backup_recipients=(recipient,))
    own = Source(source.folder, settings)
    receiver = ReceiveWal(
        source.replication_url, scratch / "wal", slot=DRILL_SLOT, log=scratch / "receiver.log"
    )
    with database.connection() as db:
        system = wal.cluster(db).system
    shipper = Shipper(
        database,
        receiver.slot,
        system,
        receiver.folder,
        vault,
        own.seal,
        media_copy(own, vault, scratch),
    )
    with held_back(database, receiver.slot):
        receiver.start()
        try:
            receiver.wait_until_ready()
            yield OwnStream(vault, Run(own, vault, scratch), shipper)
        finally:
            receiver.stop()


def _probe(stream: Stream, database: Database) -> float:
    with database.connection() as db:
        lsn = wal.mark(db, "drill")
    return stream.wait_for(lsn)


def _render(restored: Restored) -> None:
    began_s = time.monotonic()
    render_everything(restored.settings)
    restored.took_s["pages"] = round(time.monotonic() - began_s, 2)


def _link_all(source: Path, target: Path) -> None:
    for path in _files(source):
        place = target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source / path, place)
        except OSError:  # another file system, or another owner
            shutil.copyfile(source / path, place)


def _files(folder: Path) -> Iterator[str]:
    """What readers may see, siblings too; relative."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if not name.startswith("."):
                yield str((Path(place) / name).relative_to(folder))


def _wait_until(is_there: Callable[[], bool]) -> float:
    began_s = time.monotonic()
    while not is_there():
        if time.monotonic() - began_s > SHIPPED_S_MAX:
            raise NotShipped(seconds=SHIPPED_S_MAX)
        time.sleep(_LOOK_EVERY_S)
    return time.monotonic() - began_s


def _place(lsn: str) -> int:
    """'A/2B000028' -> a number that grows; '' -> 0: nowhere yet."""
    log, _, offset = lsn.partition("/")
    return (int(log, 16) << 32) + int(offset, 16) if lsn else 0
