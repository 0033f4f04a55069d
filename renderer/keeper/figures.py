"""What catch-up shows of the board as a whole: lag, queues, bans, disks, backups, the certificate.

Metrics count what happens; these are looked up, and by one program alone, since all would see the
same. What can't be looked up is left as it was, but for queues: a length that was right before
the queue went away says nothing any more.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import redis

from imageboard.errors import StoreUnavailable
from imageboard.queue.queues import ALL_QUEUES, QueueState
from imageboard.queue.wake_up import WakeUp
from imageboard.settings import Settings
from imageboard.store import figures, outbox, takedowns
from imageboard.store.database import Database
from monitoring import metrics
from monitoring.logs import get_logger

log = get_logger(__name__)

LOOK_EVERY_S = 5.0
#: Boards that are shown one by one: each is a series that Prometheus keeps.
BOARDS_MAX = 100


@dataclass
class Figures:
    """Looks everything up each five seconds, when asked once a second."""

    database: Database
    wake_up: WakeUp
    #: {name: folder} whose disks may fill.
    folders: dict[str, Path]
    #: Where backups leave word of how they went.
    backups: Path
    #: None: there is none, or it is somebody else's affair.
    certificate: Path | None
    #: Which are to be taken: of those it is shown, as 0, that there is no good one yet.
    backup_kinds: frozenset[str] = frozenset()
    clock: Callable[[], float] = time.monotonic
    _looked_s: float = field(default=float("-inf"))
    _boards: set[str] = field(default_factory=set)

    @classmethod
    def from_settings(cls, settings: Settings, database: Database, wake_up: WakeUp) -> Figures:
        """Those of the board that the settings describe."""
        return cls(
            database,
            wake_up,
            folders={"data": settings.data, "web_root": settings.web_root},
            backups=settings.data / "backups",
            certificate=Path(settings.tls_certificate) if settings.tls_certificate else None,
            backup_kinds=settings.backup_kinds,
        )

    def look(self) -> None:
        """Look, if it is time to."""
        if self.clock() - self._looked_s < LOOK_EVERY_S:
            return
        self._looked_s = self.clock()
        self.look_at_disks()
        self.look_at_backups()
        self.look_at_certificate()
        self.look_at_queues()
        self.look_at_database()

    def look_at_database(self) -> None:
        """Lag of each board, takedowns, bans, reports, replication."""
        try:
            with self.database.connection() as db:
                lag = {row.board: row.oldest_s for row in outbox.lag(db)}
                takedown = takedowns.still_open(db)
                counts = figures.counts(db)
                slots = figures.slots(db)
        except StoreUnavailable:
            return  # the pass counts it
        self._show_lag(lag)
        metrics.open_takedowns.set(takedown.takedowns)
        metrics.takedown_open_seconds.set(takedown.oldest_s)
        metrics.bans_in_force.set(counts.bans_in_force)
        metrics.open_reports.set(counts.open_reports)
        metrics.database_bytes.set(counts.database_bytes)
        metrics.replication_slot_active.clear()  # one that was dropped is no slot that nobody reads
        metrics.replication_slot_bytes.clear()
        for slot in slots:
            metrics.replication_slot_active.labels(slot.name).set(slot.is_active)
            metrics.replication_slot_bytes.labels(slot.name).set(slot.kept_bytes)

    def _show_lag(self, lag: dict[str, float]) -> None:
        free = BOARDS_MAX - len(self._boards)
        self._boards |= set(sorted(lag.keys() - self._boards)[:free])
        for board in self._boards:
            metrics.board_unsettled_seconds.labels(board).set(lag.get(board, 0.0))

    def look_at_queues(self) -> None:
        """All queues; no figures while they can't be reached."""
        try:
            states = self.wake_up.queues()
        except redis.RedisError:
            metrics.part_failures.labels("queue").inc()
            nothing = math.nan
            states = [
                QueueState(name, *[nothing] * 5)  # type: ignore[arg-type]
                for name in ALL_QUEUES
            ]
        for state in states:
            for name in ("waiting", "running", "failed"):
                metrics.queue_jobs.labels(state.name, name).set(getattr(state, name))
            metrics.queue_oldest_seconds.labels(state.name).set(state.oldest_s)
            metrics.queue_workers.labels(state.name).set(state.workers)

    def look_at_disks(self) -> None:
        """Bytes and files that are free to those who are not root."""
        for name, folder in self.folders.items():
            try:
                disk = os.statvfs(folder)
            except OSError:
                continue
            metrics.disk_bytes.labels(name).set(disk.f_blocks * disk.f_frsize)
            metrics.disk_free_bytes.labels(name).set(disk.f_bavail * disk.f_frsize)
            if disk.f_files:  # some file systems make inodes as they need them
                metrics.disk_free_files.labels(name).set(disk.f_favail)

    def look_at_backups(self) -> None:
        """last.json: {"kinds": {"full": {"last_ok_at": Unix seconds, "last_failed_at": null}}}."""
        try:
            kinds = json.loads((self.backups / "last.json").read_text())["kinds"]
        except FileNotFoundError:
            kinds = {}  # there are none, or they are made elsewhere
        except (OSError, ValueError, KeyError):
            return
        # What is absent would ring nowhere.
        for kind in self.backup_kinds - {kind for kind in kinds if kinds[kind]["last_ok_at"]}:
            metrics.backup_last_success_timestamp_seconds.labels(kind).set(0)
        if self.backup_kinds == {"full"}:
            kinds.pop("wal", None)  # of before it was switched off: nobody is to wait for another
        for kind, told in kinds.items():
            for key, shown in (
                ("last_ok_at", metrics.backup_last_success_timestamp_seconds),
                ("last_failed_at", metrics.backup_last_failure_timestamp_seconds),
            ):
                if told.get(key) is not None:
                    shown.labels(kind).set(told[key])

    def look_at_certificate(self) -> None:
        """When the first certificate of the file, which is the site's, ends."""
        if self.certificate is None:
            return
        # Imported here: most boards let somebody else end TLS, and it takes 10 MB.
        from cryptography import x509

        try:
            certificate = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        except (OSError, ValueError):
            log.warning("certificate_not_read", path=str(self.certificate))
            return
        metrics.certificate_end_timestamp_seconds.labels(str(self.certificate)).set(
            certificate.not_valid_after_utc.timestamp()
        )
