"""Entry point: the catch-up pass. `python -m renderer.catch_up`

Each second it wakes the boards that were left behind: the queue was flushed, a worker was
killed, a call got lost. When the queue itself can't be reached it renders them here, since the
pages need PostgreSQL alone. Each minute it forgets what has expired.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import redis

from imageboard.errors import BadSetting, ImageboardError, StoreUnavailable
from imageboard.settings import Settings
from imageboard.store import boards, cloud_ledger, migrations, outbox, posts, staff, takedowns
from imageboard.store.database import Database
from imageboard.uploads import SHARDS, UploadStore
from imageboard.wake_up import WakeUp
from monitoring import logs, metrics, metrics_port
from monitoring.logs import get_logger
from renderer import jobs
from renderer.figures import Figures
from renderer.render_loop import RenderLoop
from renderer.verify import Verifier

log = get_logger(__name__)

PASS_EVERY_S = 1.0
#: A change that has waited for so long was left behind; a busy worker settles sooner.
LEFT_BEHIND_S = 1.0
FORGET_EVERY_S = 60.0
#: An upload that no post holds after so long belongs to a post that was refused or is gone.
UPLOAD_UNCLAIMED_S = 3600.0
#: The whole store is looked through in about half an hour.
SHARDS_PER_SWEEP = 8


@dataclass
class CatchUp:
    """Wakes what was left behind, and forgets what has expired."""

    database: Database
    wake_up: WakeUp
    loop: RenderLoop
    uploads: UploadStore
    verifier: Verifier
    #: Where the writer keeps forms that it reads.
    scratch: Path
    #: Whether a second stage follows.
    has_cloud: bool
    address_kept_days: int
    _next_shard: int = 0
    _forgotten_s: float = field(default=float("-inf"))

    def run_first(self) -> bool:
        """What comes before the first pass; False: it could not be done, try again."""
        try:
            self.prove_after_a_crash()
        except (ImageboardError, OSError):
            metrics.part_failures.labels("renderer").inc()
            log.exception("proof_failed")
            return False
        return True

    def prove_after_a_crash(self) -> int:
        """Make good what a crash of the machine took from the web root; the files mended."""
        web_root = self.loop.web_root
        mended = 0
        if web_root.survived_a_crash():
            log.warning("proving_after_crash")
            mended = len(list(self.verifier.verify()))
            log.warning("proved_after_crash", mended=mended)
        web_root.note_boot()
        return mended

    def run_once(self) -> None:
        """One pass. A part that is down is counted; the next pass tries again."""
        try:
            self.wake_left_behind()
            if self.has_cloud:
                self.wake_publisher()
            if time.monotonic() - self._forgotten_s >= FORGET_EVERY_S:
                self._forgotten_s = time.monotonic()
                self.forget_expired()
                self.notice_other_appearance()
        except StoreUnavailable:
            metrics.part_failures.labels("database").inc()
            log.warning("catch_up_without_database")

    def wake_left_behind(self) -> list[str]:
        """Wake (or render) boards with a change that waits for too long; their names."""
        with self.database.connection() as db:
            names = outbox.left_behind(db, LEFT_BEHIND_S)
            oldest_s = max((lag.oldest_s for lag in outbox.lag(db)), default=0.0)
        metrics.unsettled_seconds.set(oldest_s)
        for board in names:
            metrics.boards_left_behind.inc()
            try:
                self.wake_up.ask_again(board)
            except redis.RedisError:
                metrics.part_failures.labels("queue").inc()
                log.warning("rendering_without_queue", board=board)
                self._render_here(board)
        return names

    def wake_publisher(self) -> bool:
        """Call the publisher when the cloud is behind, or a takedown is to be looked at."""
        with self.database.connection() as db:
            backlog = cloud_ledger.backlog(db)
            unfinished = takedowns.still_open(db)
        metrics.cloud_behind_files.set(backlog.files)
        metrics.cloud_behind_seconds.set(backlog.oldest_s)
        has_work = backlog.files > 0 or unfinished.takedowns > 0
        return has_work and self.wake_up.ask_for_publishing()

    def _render_here(self, board: str) -> None:
        try:
            self.loop.render(board)
        except (ImageboardError, OSError):
            # This board waits for the next pass; the others must not wait for it.
            metrics.part_failures.labels("renderer").inc()
            log.exception("render_failed", board=board)

    def notice_other_appearance(self) -> list[str]:
        """Count and tell boards whose pages were drawn by another version; their names."""
        with self.database.connection() as db:
            names = boards.drawn_otherwise(db, self.loop.appearance)
        metrics.boards_drawn_otherwise.set(len(names))
        if names:
            log.warning("boards_drawn_otherwise", boards=names)
        return names

    def forget_expired(self) -> None:
        with self.database.transaction() as db:
            addresses = posts.forget_addresses(db, self.address_kept_days)
            posts.forget_receipts(db)
            staff.forget_expired(db)
        swept = self._sweep_uploads()
        self._sweep_scratch()
        if addresses or swept:
            log.info("expired_forgotten", addresses=addresses, uploads=swept)

    def _sweep_uploads(self) -> int:
        """Drop uploads that no post holds (any more), a few folders of the store at a time."""
        old: list[str] = []
        for _ in range(SHARDS_PER_SWEEP):
            old += self.uploads.older_than(UPLOAD_UNCLAIMED_S, self._next_shard)
            self._next_shard = (self._next_shard + 1) % SHARDS
        with self.database.connection() as db:
            held = posts.stored_names(db, old) if old else set()
        for name in set(old) - held:
            self.uploads.drop(name)
        return len(set(old) - held)

    def _sweep_scratch(self) -> None:
        """Drop what a writer left behind that died in the middle of a form."""
        before = time.time() - UPLOAD_UNCLAIMED_S
        for path in self.scratch.glob("*"):
            if path.is_file() and path.stat().st_mtime < before:
                path.unlink(missing_ok=True)


def main() -> int:
    try:
        settings = Settings.read(os.environ)
        parts = jobs.build_parts(settings)
    except BadSetting as ex:
        print(ex, file=sys.stderr)
        return 1
    logs.configure(settings, part="catch_up")
    catch_up = CatchUp(
        database=parts.database,
        wake_up=parts.wake_up,
        loop=parts.loop,
        uploads=parts.loop.uploads,
        verifier=Verifier(
            parts.database,
            parts.loop.web_root,
            parts.loop.uploads,
            settings.site_name,
            settings.site_url,
            repair=True,
        ),
        scratch=settings.data / "scratch",
        has_cloud=settings.has_cloud,
        address_kept_days=settings.address_kept_days,
    )
    figures = Figures.from_settings(settings, parts.database, parts.wake_up)
    metrics_port.serve(
        "catch_up",
        settings.metrics_listen,
        schema=migrations.schema_version(),
        connections=parts.database.connections,
    )
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    is_proven = False
    while not stop.is_set():
        is_proven = is_proven or catch_up.run_first()
        catch_up.run_once()
        metrics.catch_up_pass_timestamp_seconds.set_to_current_time()
        figures.look()
        stop.wait(PASS_EVERY_S)
    return 0


if __name__ == "__main__":
    sys.exit(main())
