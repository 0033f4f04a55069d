"""Wakes what was left behind, each second.

The queue was flushed, a worker was killed, a call got lost: boards with changes that wait too long
are called for again, and so are the site's own pages, the publisher, the developer and the courier.
When the queue itself can't be reached pages are rendered here, since they need PostgreSQL alone.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import redis

from imageboard import media_kinds
from imageboard.errors import ImageboardError, StoreUnavailable
from imageboard.queue.wake_up import WakeUp
from imageboard.store import (
    board_removals,
    boards,
    cloud_ledger,
    outbox,
    pending_files,
    posts,
    push_subscriptions,
    takedowns,
)
from imageboard.store.database import Database
from imageboard.store.room import MB, free_bytes, free_files
from monitoring import metrics
from monitoring.logs import get_logger
from renderer import making_room
from renderer.clearing import Clearing
from renderer.keeper.expiry import Expiry
from renderer.keeper.indexing import Indexing
from renderer.render_loop import RenderLoop
from renderer.verify import Verifier

log = get_logger(__name__)

#: A change that has waited for so long was left behind; a busy worker settles sooner.
LEFT_BEHIND_S = 1.0
#: More than any page and its siblings take.
FREE_BYTES_MIN = 4 * MB
FREE_FILES_MIN = 100
#: What expires, and pages drawn by another version, are looked for once a minute.
FORGET_EVERY_S = 60.0
#: Of a board that is going so much goes in a pass, beside all else.
CLEARED_STEPS_PER_PASS = 4
#: Readers hear of replies so much later. PERF: of 50,000 subscriptions a look takes 0.3 s.
NEWS_EVERY_S = 5.0


@dataclass
class CatchUp:
    """Wakes what was left behind."""

    database: Database
    wake_up: WakeUp
    loop: RenderLoop
    verifier: Verifier
    expiry: Expiry
    indexing: Indexing
    #: Whether a second stage follows.
    has_cloud: bool
    #: Whether a developer makes files ready that wait.
    has_slow_kinds: bool = media_kinds.HAS_SLOW
    #: Whether a courier tells readers of replies.
    has_push: bool = False
    _forgotten_s: float = field(default=float("-inf"))
    _looked_for_news_s: float = field(default=float("-inf"))

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
            self.wake_site()
            if self.has_cloud:
                self.wake_publisher()
            if self.has_slow_kinds:
                self.wake_developer()
            if self.has_push and time.monotonic() - self._looked_for_news_s >= NEWS_EVERY_S:
                self._looked_for_news_s = time.monotonic()
                self.wake_courier()
            self.indexing.run()
            self.clear_removed()
            if time.monotonic() - self._forgotten_s >= FORGET_EVERY_S:
                self._forgotten_s = time.monotonic()
                self.prune()
                self.expiry.forget()
                self.notice_other_appearance()
        except StoreUnavailable:
            metrics.part_failures.labels("database").inc()
            log.warning("catch_up_without_database")

    def prune(self) -> list[str]:
        """Set aside threads that stayed only since they had just been bumped; their boards.

        Who draws the pages does it when a thread comes; this is for boards to which none comes.
        """
        with self.database.connection() as db:
            names = posts.boards_without_room(db, limits=self.loop.limits)
        for board in names:
            making_room.prune(self.database, board, limits=self.loop.limits)
        return names

    def wake_left_behind(self) -> list[str]:
        """Wake (or render) boards with a change that waits for too long; their names."""
        with self.database.connection() as db:
            oldest_s = max((lag.oldest_s for lag in outbox.lag(db)), default=0.0)
            behind = outbox.left_behind(db, LEFT_BEHIND_S) if oldest_s >= LEFT_BEHIND_S else {}
        metrics.unsettled_seconds.set(oldest_s)
        if behind and not self.has_room():
            # Each try would fail, and say so in logs that need room too.
            metrics.part_failures.labels("disk").inc()
            log.warning("rendering_waits_for_room", boards=len(behind))
            return []
        for board, lists_alone in behind.items():
            try:
                was_lost = self.wake_up.ask_again(board)
            except redis.RedisError:
                was_lost = True
                metrics.part_failures.labels("queue").inc()
                log.warning("rendering_without_queue", board=board)
                self._render_here(board)
            # Lists are left to us by whoever had to go before it was their time.
            metrics.boards_left_behind.inc(was_lost and not lists_alone)
        return list(behind)

    def has_room(self) -> bool:
        """Whether a page can be put in place; asked each second, so nobody waits once there is."""
        folder = self.loop.web_root.folder
        return free_bytes(folder) >= FREE_BYTES_MIN and free_files(folder) >= FREE_FILES_MIN

    def clear_removed(self) -> list[str]:
        """Go on with boards that are going, whose pages are gone; their names.

        Whoever draws pages takes those away: of a large board for minutes, in which nobody else
        would be called.
        """
        with self.database.connection() as db:
            names = [name for name, are_gone in board_removals.going(db).items() if are_gone]
        clearing = Clearing(self.database, self.loop)
        for name in names:
            try:
                for _ in range(CLEARED_STEPS_PER_PASS):
                    if not clearing.go_on(name):
                        break
            except StoreUnavailable:
                raise
            except (ImageboardError, OSError):
                # What is left waits for the next pass; nobody sees it.
                metrics.part_failures.labels("renderer").inc()
                log.exception("clearing_failed", board=name)
        return names

    def wake_site(self) -> bool:
        """Wake (or render) the pages that show several boards, when they are behind."""
        is_due = self.loop.site_pages.is_due()
        if is_due and self.has_room():
            try:
                self.wake_up.ask_for_site_again()
            except redis.RedisError:
                self._render_site_here()
        return is_due

    def _render_site_here(self) -> None:
        try:
            self.loop.site_pages.render_due()
        except (ImageboardError, OSError):
            metrics.part_failures.labels("renderer").inc()
            log.exception("site_render_failed")

    def wake_publisher(self) -> bool:
        """Call the publisher when the cloud is behind, or a takedown is to be looked at."""
        with self.database.connection() as db:
            backlog = cloud_ledger.backlog(db)
            unfinished = takedowns.still_open(db)
        metrics.cloud_behind_files.set(backlog.files)
        metrics.cloud_behind_seconds.set(backlog.oldest_s)
        has_work = backlog.files > 0 or unfinished.takedowns > 0
        return has_work and self.wake_up.ask_for_publishing()

    def wake_developer(self) -> bool:
        """Call the developer while files wait. With the queue down they wait on."""
        with self.database.connection() as db:
            backlog = pending_files.backlog(db)
        metrics.pending_files.set(backlog.files)
        metrics.pending_seconds.set(backlog.oldest_s)
        return backlog.files > 0 and self.wake_up.ask_for_media()

    def wake_courier(self) -> bool:
        """Call the courier while pages show something new to readers who want to be told of it."""
        with self.database.connection() as db:
            backlog = push_subscriptions.backlog(db)
        metrics.push_subscriptions.set(backlog.subscriptions)
        return backlog.due > 0 and self.wake_up.ask_for_push()

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
