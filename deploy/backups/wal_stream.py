"""The story of the WAL: from the server to the vault within seconds, while the board is up.

pg_receivewal streams it into a folder of this machine; from there whole segments go to the vault at
once, and the one that is being written each SHIP_EVERY_S, as far as it is. A replication slot has
the server hold back what we have not got, so that nothing is lost while we are down. Uploads go
along: a post in the WAL has its picture in the vault. See docs/decisions/0012.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from isal import igzip

from deploy.backups import postgres_tools, record, segments
from deploy.backups.media import SETTLED_NS, MediaCopy
from deploy.backups.sealing import Seal
from deploy.backups.source import Source, opened
from deploy.backups.taking import WAL, media_copy
from deploy.backups.vault import Vault
from deploy.embedded.service import Service
from deploy.embedded.wheels import postgres_binary
from deploy.supervisor import Supervisor
from imageboard.errors import ImageboardError
from imageboard.store.database import Connection, Database
from imageboard.store.servers import wal
from imageboard.words import N_
from monitoring.logs import get_logger

log = get_logger(__name__)

SLOT = "stillboard_backup"
#: For the length of a drill.
DRILL_SLOT = "stillboard_drill"
#: What is lost with the machine is at most so old, and the time of one put.
SHIP_EVERY_S = 10.0
#: When nothing changes the vault is told so this often.
TELL_EVERY_S = 30.0

#: At the end; the board is stopping, and its operator waits.
LAST_WAIT_S = 4.0
#: For the server to notice that a receiver has ended; one that was cut off it asks after a minute.
LEFT_WAIT_S = 90.0


class StreamRuns(ImageboardError):
    message = N_(
        "The WAL is being streamed just now: take STILLBOARD_BACKUP_TO away and restart, then "
        "ask again."
    )


class WrongSegmentSize(ImageboardError):
    message = N_(
        "This server's WAL segments are of {size}; the backups can read those of 16MB alone."
    )


class ReceiveWal(Service):
    """pg_receivewal, writing into `folder`.

    Without --synchronous: the server keeps a segment until it is whole and flushed here, so a
    flush for each commit would buy nothing.
    """

    def __init__(self, url: str, folder: Path, *, slot: str, log: Path | None = None) -> None:
        super().__init__("pg_receivewal", log)
        self.folder = folder
        self.slot = slot
        self._url, self._environment = postgres_tools.without_password(url)

    def prepare(self) -> None:
        """Its folder."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def command(self) -> list[str]:
        """It ends when the server does; whoever started it starts it again."""
        sign = "&" if "?" in self._url else "?"
        return [
            str(postgres_binary("pg_receivewal")),
            f"--directory={self.folder}",
            f"--dbname={self._url}{sign}application_name={self.slot}",
            "--status-interval=1",
            "--no-loop",
            "--no-password",
            f"--slot={self.slot}",
        ]

    def environment(self) -> Mapping[str, str]:
        """The password."""
        return self._environment

    def ready(self) -> bool:
        """It runs."""
        return self.poll() is None


@dataclass
class Shipper:
    """Brings what pg_receivewal has written to the vault; `tick` is called about once a second."""

    database: Database
    receiver: str
    system: str
    folder: Path
    vault: Vault
    seal: Seal
    media: MediaCopy
    on_shipped: Callable[[float], None] = lambda _reached_s: None
    #: Everything that was committed before this moment (Unix seconds) is in the vault.
    reached_s: float = 0.0
    reached_lsn: str = ""
    _asked: tuple[float, str] | None = None
    _begun_s: float = field(default=float("-inf"))
    _told_s: float = 0.0
    _shipped: dict[str, int] = field(default_factory=dict)

    def tick(self) -> None:
        """Ship what is due. Raises ObjectStoreError, StoreUnavailable: the next tick goes on."""
        now_s = time.monotonic()
        if self._asked is None and now_s - self._begun_s >= SHIP_EVERY_S:
            self._begun_s = now_s
            self.ask()
        if self._asked is not None and self._is_received():
            self.ship()

    def hurry(self) -> None:
        """The next tick shall take a moment, whenever the last one was taken."""
        self._asked, self._begun_s = None, float("-inf")

    def ask(self) -> None:
        """Take this moment: it is reached once all that was committed by now is in the vault."""
        moment_s = time.time()
        with self.database.connection() as db:
            self._asked = moment_s, wal.position(db)

    def ship(self) -> None:
        """Put what there is into the vault. The moment that was asked for is reached then."""
        assert self._asked is not None
        moment_s, lsn = self._asked
        # Pictures first: what the WAL tells of is there.
        copied = self.media.copy_new()
        shipped = self._ship_segments()
        self.reached_s, self.reached_lsn, self._asked = moment_s, lsn, None
        if shipped or copied or moment_s - self._told_s >= TELL_EVERY_S:
            reached = {"at": moment_s, "lsn": lsn}
            self.vault.put(reached_key(self.system), json.dumps(reached).encode())
            self._told_s = moment_s
        self.on_shipped(moment_s)

    def _is_received(self) -> bool:
        assert self._asked is not None
        with self.database.connection() as db:
            return wal.is_received(db, self.receiver, self._asked[1])

    def _ship_segments(self) -> int:
        """Oldest first; the number that went."""
        paths = sorted(path for path in self.folder.iterdir() if segments.is_wal(path.name))
        shipped = sum(self._ship_if_changed(path) for path in paths)
        # pg_receivewal goes on from the newest file that it finds: that one has to stay.
        for path in paths[:-1]:
            if segments.parse(path.name) and not path.name.endswith(segments.PARTIAL):
                path.unlink(missing_ok=True)
        return shipped

    def _ship_if_changed(self, path: Path) -> bool:
        try:
            written_ns = path.stat().st_mtime_ns
            if self._shipped.get(path.name) == written_ns:
                return False
            is_settled = time.time_ns() - written_ns > SETTLED_NS
            body = path.read_bytes()
        except FileNotFoundError:
            return False  # whole by now, and of another name: the next round takes it
        self.vault.put(key_of(self.system, path.name), self.seal.seal(_gzipped(body)))
        # What is written in the same tick of the clock does not move the file's time, nor its size:
        # of one that was written a moment ago another look has to be taken.
        self._shipped[path.name] = written_ns if is_settled else 0
        partial = f"{path.name}{segments.PARTIAL}"
        if self._shipped.pop(partial, None) is not None:
            self.vault.delete([key_of(self.system, partial)])
        return True


def run(source: Source, vault: Vault, say: Callable[[str], None]) -> None:
    """Stream until a signal asks for the end.

    Raises:
        ServiceFailed: pg_receivewal can't be started.
        StoreUnavailable, WrongSegmentSize, OtherVersion: of the server.
    """
    folder = source.backups / "wal"
    # `up` has made it; who starts this program alone has not.
    source.folder.logs.mkdir(mode=0o700, exist_ok=True)
    with opened(source.replication_url) as database:
        system = _prepare(database, folder)
        receiver = ReceiveWal(
            source.replication_url, folder, slot=SLOT, log=source.folder.log("wal")
        )
        shipper = Shipper(
            database,
            receiver.slot,
            system,
            folder,
            vault,
            source.seal,
            media_copy(source, vault, source.backups),
            on_shipped=lambda at_s: record.note(source.backups, "wal", ok=True, at_s=at_s),
        )
        with Supervisor(say) as supervisor:
            supervisor.start([receiver])
            supervisor.watch(lambda: _tick(source, shipper))
            _ship_the_rest(source, shipper)


def forget(source: Source) -> bool:
    """Have the server hold back nothing any more, as after backups were switched off.

    False: it did not. Raises StreamRuns.
    """
    with opened(source.replication_url) as database, database.connection() as db:
        found = {name: wal.slot(db, name) for name in (SLOT, DRILL_SLOT)}
        held = {name: slot for name, slot in found.items() if slot is not None}
        if any(slot.is_active for slot in held.values()):
            raise StreamRuns
        for name in held:
            wal.drop_slot(db, name)
        return bool(held)


@contextmanager
def held_back(database: Database, slot: str) -> Iterator[None]:
    """In the block the server keeps the WAL that the receiver of `slot` does not have yet."""
    with database.connection() as db:
        if wal.slot(db, slot) is not None:  # of one that was killed
            _drop_when_left(db, slot)
        wal.make_slot(db, slot)
    try:
        yield
    finally:
        with database.connection() as db:
            _drop_when_left(db, slot)


def _drop_when_left(db: Connection, slot: str) -> None:
    """The server notices that a receiver has ended a moment after it did.

    Raises StoreUnavailable: it is there all the same.
    """
    deadline = time.monotonic() + LEFT_WAIT_S
    while (found := wal.slot(db, slot)) and found.is_active and time.monotonic() < deadline:
        time.sleep(0.1)
    wal.drop_slot(db, slot)


def key_of(system: str, name: str) -> str:
    """Where a file of the WAL lies in the vault."""
    return f"{WAL}{system}/{name}.gz.age"


def reached_key(system: str) -> str:
    """Where the vault says up to which moment its WAL goes."""
    return f"{WAL}{system}/reached.json"


def _tick(source: Source, shipper: Shipper) -> None:
    try:
        shipper.tick()
    except (ImageboardError, OSError) as ex:
        log.error("wal_not_shipped", why=type(ex).__name__)
        record.note(source.backups, "wal", ok=False, at_s=time.time())


def _ship_the_rest(source: Source, shipper: Shipper) -> None:
    """A board that is stopped in order has everything in the vault."""
    deadline = time.monotonic() + LAST_WAIT_S
    shipper.hurry()
    began_s = time.time()
    while shipper.reached_s < began_s and time.monotonic() < deadline:
        _tick(source, shipper)
        time.sleep(0.1)


def _prepare(database: Database, folder: Path) -> str:
    """A slot that holds the WAL back; the cluster's identifier."""
    with database.connection() as db:
        # What can't go well is found out before a slot has the server hold WAL back.
        postgres_tools.check_version(wal.version(db))
        cluster = wal.cluster(db)
        if cluster.segment_size != "16MB":
            raise WrongSegmentSize(size=cluster.segment_size)
        slot = wal.slot(db, SLOT)
        if slot and slot.state == "lost":
            log.error("wal_lost")
            wal.drop_slot(db, SLOT)
        if slot is None or slot.state == "lost":
            # What lies here is of before the gap: nothing can be added to it.
            for path in folder.glob("*"):
                path.unlink()
            wal.make_slot(db, SLOT)
    return cluster.system


def _gzipped(body: bytes) -> bytes:
    return bytes(igzip.compress(body, compresslevel=1, mtime=0))
