"""The story of one backup: copy, seal, put, read back, sign off; then let go of what is too old."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from deploy.backups import configuration, postgres_tools, queue_snapshot, record, retention, sets
from deploy.backups.media import PREFIX as MEDIA
from deploy.backups.media import MediaCopy, key_of, name_of
from deploy.backups.queue_snapshot import NoSnapshot
from deploy.backups.retention import Policy
from deploy.backups.sets import BackupSet, SetInTheMaking
from deploy.backups.source import Source, opened
from deploy.backups.vault import Vault
from imageboard.errors import ImageboardError
from imageboard.store.servers import wal
from imageboard.words import N_
from monitoring.logs import get_logger

log = get_logger(__name__)

Wish = Literal["full", "dump"]

DUMP = "board.dump"
QUEUE = "queue.rdb"
KEYS = "keys.json"
CONFIGURATION = "configuration.json"
#: Names, sizes and hashes of the uploads. Not sealed: the next run has to know what to keep.
MEDIA_LIST = "media.json.gz"

WAL = "wal/"


@dataclass(frozen=True, slots=True)
class Taken:
    """What one run did."""

    sets: tuple[BackupSet, ...]
    media_copied: int
    #: Sets, WAL files and pictures that were let go of.
    dropped: tuple[str, ...]


class BackupUnderWay(ImageboardError):
    message = N_("Another backup of this board is under way: let it finish.")


@dataclass
class Run:
    """One run; `take` is its story. `folder` is for what has to lie on this machine meanwhile."""

    source: Source
    vault: Vault
    folder: Path
    clock: Callable[[], float] = time.time
    _media_copied: int = 0

    def take(self, wish: Wish) -> Taken:
        """Take what is wished for, and write down how it went.

        Raises:
            BackupUnderWay, OtherVersion, ToolFailed, ToolMissing, NoSnapshot, ObjectStoreError,
            PartDamaged, OSError: what was begun is of no use, and the next run takes it away.
        """
        with self._alone():
            began_s = self.clock()
            try:
                taken = self._take(wish)
            except (ImageboardError, OSError) as ex:
                log.error("backup_failed", kind=wish, why=type(ex).__name__)
                record.note(self.folder, wish, ok=False, at_s=self.clock())
                raise
            sealed = sum(one.size_bytes for one in taken.sets)
            took_s = round(self.clock() - began_s, 1)
            log.info(
                "backup_taken", kind=wish, bytes=sealed, media=taken.media_copied, seconds=took_s
            )
            record.note(self.folder, wish, ok=True, at_s=self.clock(), bytes=sealed, seconds=took_s)
            return taken

    def _take(self, wish: Wish) -> Taken:
        self._sweep()
        made: list[BackupSet] = []
        media = media_copy(self.source, self.vault, self.folder)
        media.compare_with_vault()
        fault: Exception | None = None
        with self._scratch() as scratch:
            if wish == "full" and self.source.settings.backup_wal:
                try:
                    made.append(self._base(scratch, media))
                except (ImageboardError, OSError) as ex:
                    log.error("base_backup_failed", why=type(ex).__name__)
                    fault = ex  # the dump is taken all the same: it may be all that there will be
            made.append(self._dump(scratch, media))
        record.note(self.folder, "dump", ok=True, at_s=self.clock())
        if wish == "full":
            try:
                made += self._queue()
            except NoSnapshot as ex:
                fault = fault or ex
        taken = Taken(tuple(made), self._media_copied, tuple(self._let_go(media)))
        if fault is not None:
            raise fault
        return taken

    def _sweep(self) -> None:
        """Take away what an interrupted run has left."""
        for set_id in sets.unfinished(self.vault):
            log.warning("unfinished_backup_dropped", set=set_id)
            sets.drop(self.vault, set_id)

    def _base(self, scratch: Path, media: MediaCopy) -> BackupSet:
        with opened(self.source.replication_url) as database, database.connection() as db:
            postgres_tools.check_version(wal.version(db))
        making = self._making("base")
        folder = scratch / "base"
        postgres_tools.base_backup(self.source.replication_url, folder)
        finished_s = self.clock()
        manifest = json.loads((folder / "backup_manifest").read_text())
        (wal_range, *_) = manifest["WAL-Ranges"]
        for name in postgres_tools.BASE_FILES:
            making.add_file(name, folder / name)
        shutil.rmtree(folder)
        self._add_the_rest(making, media)
        return making.sign_off(
            finished_s=finished_s,
            system=str(manifest["System-Identifier"]),
            start_segment=_segment_at(wal_range["Timeline"], wal_range["Start-LSN"]),
        )

    def _dump(self, scratch: Path, media: MediaCopy) -> BackupSet:
        making = self._making("dump")
        path = scratch / DUMP
        url = self.source.settings.database_url
        with opened(url) as database, database.connection() as db:
            server = wal.version(db)
        postgres_tools.dump(url, path, server=server)
        postgres_tools.check_dump(path)
        finished_s = self.clock()
        making.add_file(DUMP, path)
        path.unlink()
        self._add_the_rest(making, media)
        return making.sign_off(finished_s=finished_s)

    def _queue(self) -> Iterator[BackupSet]:
        making = self._making("queue")
        snapshot = queue_snapshot.take(self.source.settings.redis_url)
        if snapshot is None:
            log.info("queue_is_elsewhere")
            return
        making.add(QUEUE, snapshot)
        yield making.sign_off(finished_s=self.clock())

    def _add_the_rest(self, making: SetInTheMaking, media: MediaCopy) -> None:
        """Pictures after the database: each that it tells of was there before its post was."""
        self._media_copied += media.copy_new()
        standing = media.standing()
        listed = {
            name: (one.size_bytes, one.sha256)
            for name, one in sorted(media.known().items())
            if name in standing
        }
        making.add(MEDIA_LIST, gzip.compress(json.dumps(listed).encode(), mtime=0), is_sealed=False)
        making.add(KEYS, json.dumps(self.source.keys()).encode())
        settings = configuration.described(self.source.settings)
        making.add(CONFIGURATION, json.dumps(settings, indent=1).encode())

    def _let_go(self, media: MediaCopy) -> list[str]:
        """What the retention allows; the WAL goes after the sets that would have needed it."""
        settings = self.source.settings
        policy = Policy(settings.backup_bases_kept, settings.backup_dumps_kept_days)
        every = sets.signed_off(self.vault)
        doomed = retention.superfluous(every, policy, self.clock())
        for set_id in sorted(doomed):
            sets.drop(self.vault, set_id)
        kept = [one for one in every if one.id not in doomed]
        wal = self._let_go_of_wal([one for one in kept if one.kind == "base"])
        return [*sorted(doomed), *wal, *self._let_go_of_media(media, kept)]

    def _let_go_of_wal(self, bases: Sequence[BackupSet]) -> list[str]:
        doomed = retention.superfluous_wal(wal_names(self.vault), bases)
        self.vault.delete(f"{WAL}{name}.gz.age" for name in doomed)
        return doomed

    def _let_go_of_media(self, media: MediaCopy, kept: Sequence[BackupSet]) -> list[str]:
        listed: set[str] = set()
        for one in kept:
            if one.kind != "queue":
                listed |= media_list(self.vault, one).keys()
        known = media.known()
        now_s = self.clock()
        doomed = retention.superfluous_media(
            {
                name: known[name].stored_s if name in known else now_s
                for name in (name_of(found.key) for found in self.vault.list(MEDIA))
            },
            uploads=media.standing(),
            listed=listed,
            since_s=min((one.begun_s for one in kept if one.kind == "base"), default=now_s),
        )
        if doomed:
            self.vault.delete(key_of(name) for name in doomed)
            media.forget(doomed)
        return doomed

    def _making(self, kind: sets.Kind) -> SetInTheMaking:
        return SetInTheMaking(self.vault, self.source.seal, kind, self.clock())

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.folder / "lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BackupUnderWay from None
            yield

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        """A folder for what is not sealed yet; an interrupted run's is cleared first."""
        scratch = self.folder / "scratch"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(mode=0o700)
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def media_copy(source: Source, vault: Vault, folder: Path) -> MediaCopy:
    """The copier of a board's uploads; its index is of this one vault."""
    number = hashlib.sha256(vault.place.encode()).hexdigest()[:8]
    return MediaCopy(source.uploads, folder / f"media-{number}.tsv", vault, source.seal)


def media_list(vault: Vault, of: BackupSet) -> dict[str, tuple[int, str]]:
    """{name: (bytes, SHA-256)} of the uploads that there were."""
    listed = json.loads(gzip.decompress(sets.read(vault, of, MEDIA_LIST)))
    return {name: (size, sha256) for name, (size, sha256) in listed.items()}


def wal_names(vault: Vault) -> dict[str, list[str]]:
    """{system: names of its WAL files}, without what the vault puts behind them."""
    names: dict[str, list[str]] = {}
    suffix = ".gz.age"
    for found in vault.list(WAL):
        _, system, name = found.key.split("/")
        if name.endswith(suffix):
            names.setdefault(system, []).append(name.removesuffix(suffix))
    return names


def _segment_at(timeline: int, lsn: str) -> str:
    """(1, 'A/2B000028') -> '000000010000000A0000002B'."""
    log, offset = (int(half, 16) for half in lsn.split("/"))
    return f"{timeline:08X}{log:08X}{offset >> 24:08X}"
