"""The second stage: what stands in the web root goes into the bucket, and the CDN is told.

Paced to one write a second for each key (R2 refuses more), newest bytes win, identical bytes
are not put. A put names the ETag that it replaces, so an old page that was long under way
can't land on a newer one. The CDN is purged after the put, never before: the other way round
it may fetch the old page again and keep it. A cloud that fails delays nothing but itself.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from cdn import cache_policy
from cdn.edge_probe import EdgeProbe
from cdn.newest_wins import put_newest
from cdn.object_store import (
    DELETE_KEYS_MAX,
    NotDeleted,
    ObjectStore,
    StoreRefused,
    StoreUnreachable,
    Superseded,
    TooFast,
)
from cdn.purger import (
    URLS_PER_CALL_MAX,
    Pace,
    Purger,
    PurgeRefused,
    PurgeTooFast,
    PurgeUnreachable,
    urls_of,
)
from imageboard.store import cloud_ledger, takedowns
from imageboard.store.cloud_ledger import Behind, Held, Untold
from imageboard.store.database import Connection, Database
from imageboard.store.takedowns import Takedown
from monitoring import metrics
from monitoring.logs import get_logger
from renderer.publisher.rounds import (
    DELETIONS_AT_ONCE,
    LOOK_EVERY_S,
    PURGES_AT_ONCE,
    PUTS_AT_ONCE,
    Outcome,
    Round,
    Steps,
)
from renderer.publisher.second_looks import SecondLooks, calls_for
from renderer.web_root import WebRoot

log = get_logger(__name__)

#: R2: "Maximum concurrent writes to the same object name (key): 1 per second".
#: https://developers.cloudflare.com/r2/platform/limits/ (read 2026-11-24). A little more, since
#: its clock is not ours.
PUT_PACE_S = 1.05
CLAIMED_AT_ONCE = 64
#: PERF: 250 pages at once were a few less than 500 posts in 50 threads: the last ones were put and
#: purged in a round with other pages.
URGENT_CLAIMED_AT_ONCE = 1024
#: Others' files wait for what is being removed here, so long at most.
HELD_BACK_S_MAX = 2.0
#: Longer than a request to the bucket can take (see the time-outs of S3ObjectStore).
LEASE_S = 20.0
#: A job ends after that, however much is left: catch-up calls the next.
RUN_S_MAX = 60.0
#: A fetch of the CDN's that was under way when it was purged can bring the old page back. By then
#: it has ended, and what must be gone is purged once more.
PURGE_AGAIN_S = 5.0
TAKEDOWNS_AT_ONCE = 32
#: A job that has nothing to do for longer than this ends; catch-up calls when there is.
IDLE_WAIT_S_MAX = 1.5
#: Web root and ledger disagree: a pass of the renderer is between the two, or verify mends it.
LEDGER_WAIT_S = 5.0
BACKOFF_S_MIN, BACKOFF_S_MAX = 1.0, 60.0
#: A wrong credential is not mended by trying: once a minute is enough to notice that it was.
REFUSED_WAIT_S = 60.0


def backoff_s(attempts: int, draw: Callable[[float, float], float] = random.uniform) -> float:
    """1, 2, 4 … 60 seconds, each shortened by up to a half: the many do not come back together."""
    longest = min(BACKOFF_S_MAX, BACKOFF_S_MIN * 2 ** min(attempts, 10))
    return draw(longest / 2, longest)


class Interrupted(Exception):
    """The cloud fails as a whole: no use in trying the next file."""

    def __init__(self, why: str, wait_s: float) -> None:
        super().__init__(why)
        self.why = why
        self.wait_s = wait_s


@dataclass
class CloudStage:
    """Brings bucket and CDN to what the web root shows."""

    database: Database
    web_root: WebRoot
    objects: ObjectStore
    #: None: there is no CDN to be told.
    purger: Purger | None
    #: None: nobody looks at the edge after a takedown.
    probe: EdgeProbe | None
    base_url: str
    pace: Pace
    pace_s: float = PUT_PACE_S
    purge_again_s: float = PURGE_AGAIN_S
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _looks: SecondLooks = field(init=False)
    _failures: int = 0
    _paused_until: float = float("-inf")
    _has_begun: bool = False
    _is_stopping: bool = False
    #: Since when others' files wait for what is being removed here.
    _held_back_since_s: float | None = None

    def __post_init__(self) -> None:
        self._looks = SecondLooks(self.probe, self.base_url)

    def run(self) -> int:
        """Work until nothing is behind that may be touched soon; the number of files settled."""
        if not self._has_begun:
            self._free_leases()
        settled = 0
        ends = self.clock() + RUN_S_MAX
        while self._paused_until <= self.clock() < ends and not self._is_stopping:
            done = self.run_once()
            settled += done
            if done or self._looks.is_amid:
                continue
            if self._is_holding_back:
                self.sleep(LOOK_EVERY_S)
                continue
            wait_s = self._wait_s()
            if wait_s is None or wait_s > IDLE_WAIT_S_MAX:
                break
            self._wait(wait_s)
        return settled

    def _free_leases(self) -> None:
        """Take over what a publisher that was killed had claimed.

        One that is alive loses its claims too: two that put the same bytes do no harm.
        """
        with self.database.connection() as db:
            cloud_ledger.free_leases(db, pace_s=self.pace_s)
        self._has_begun = True

    def stop(self) -> None:
        """End `run` after the round that it is in; called from a signal's handler."""
        self._is_stopping = True

    def run_once(self) -> int:
        """One round: put and delete, purge, look at the edge; the number of files settled."""
        try:
            settled = self._store() + self._purge()
            self._finish_takedowns()
        except Interrupted as ex:
            self._pause(ex)
            return 0
        if settled:
            self._failures = 0
            metrics.cloud_paused_seconds.set(0)
        return settled

    def _wait(self, wait_s: float) -> None:
        """Until a key may be written again, or something that need not wait comes in between."""
        while LOOK_EVERY_S < wait_s <= IDLE_WAIT_S_MAX and not self._is_stopping:
            self.sleep(LOOK_EVERY_S)
            wait_s = self._wait_s() or 0.0
        self.sleep(min(max(0.005, wait_s), LOOK_EVERY_S))

    def _wait_s(self) -> float | None:
        with self.database.connection() as db:
            return cloud_ledger.next_due_s(db)

    def _pause(self, failure: Interrupted) -> None:
        """Keep off for a while; one line and one figure, however much is behind."""
        wait_s = failure.wait_s or backoff_s(self._failures)
        self._failures += 1
        self._paused_until = self.clock() + wait_s
        metrics.cloud_paused_seconds.set(wait_s)
        metrics.part_failures.labels("cloud").inc()
        metrics.cloud_failures.labels(type(failure.__cause__).__name__).inc()
        log.error("cloud_paused", why=failure.why, wait_s=round(wait_s, 1), failures=self._failures)

    # --- bucket ---

    def _store(self) -> int:
        """Put and delete what is behind, and tell the CDN of what was removed; files settled."""
        claimed = self._claim()
        if not claimed:
            return 0
        tell = None if self.purger is None else partial(self._purge_batch, self.purger)
        steps = Steps(
            self._put, self._settle, self._delete, tell, self._give_back, self._look_for_urgent
        )
        with Round(steps, self.base_url) as work:
            return work.carry_out(claimed)

    def _claim(self, *, only_urgent: bool = False) -> list[Behind]:
        with self.database.transaction() as db:
            if not only_urgent:
                self._hold_others_back(db)
            is_alone = only_urgent or self._is_holding_back
            return cloud_ledger.claim(
                db,
                limit=0 if is_alone else CLAIMED_AT_ONCE,
                beside_urgent=0 if is_alone else PUTS_AT_ONCE,
                urgent=URGENT_CLAIMED_AT_ONCE,
                deletions=DELETIONS_AT_ONCE * DELETE_KEYS_MAX,
                lease_s=LEASE_S,
            )

    def _look_for_urgent(self) -> list[Behind]:
        """What was removed meanwhile."""
        return [] if self._is_stopping else self._claim(only_urgent=True)

    def _give_back(self, paths: list[str]) -> None:
        with self.database.connection() as db:
            cloud_ledger.put_off(db, paths)

    def _hold_others_back(self, db: Connection) -> None:
        """Let what is being removed here find bucket and publisher idle.

        PERF: others' files take a processor from whoever draws the pages, and a page that was put
        a moment ago could not be put again without what was removed. Where removals never end,
        others have a round in between.
        """
        now_s = self.clock()
        if not takedowns.are_being_drawn(db, HELD_BACK_S_MAX):
            self._held_back_since_s = None
        elif self._held_back_since_s is None:
            self._held_back_since_s = now_s
        elif now_s - self._held_back_since_s > HELD_BACK_S_MAX:
            self._held_back_since_s = None

    @property
    def _is_holding_back(self) -> bool:
        return self._held_back_since_s is not None

    def _delete(self, paths: list[str]) -> list[str]:
        try:
            with _failing_as_a_whole():
                self.objects.delete(paths)
        except TooFast as ex:
            raise Interrupted(ex.sentence, ex.retry_after_s) from ex
        with self.database.transaction() as db:
            cloud_ledger.deleted(db, paths, purges=self.purger is not None)
        metrics.cloud_deletes.inc(len(paths))
        return paths

    def _put(self, file: Behind) -> Outcome:
        """Put the newest bytes, which may be newer than the ledger knows."""
        body = self.web_root.read(file.path)
        if body is None:
            # Gone meanwhile, as the ledger is about to say; or somebody took it away (see verify).
            return Outcome(file.path, wait_s=self.pace_s)
        sha256 = hashlib.sha256(body).digest()
        if sha256 == file.cloud_sha256:
            # The bytes of before came back, as the ledger is about to say: they are not put again.
            return Outcome(file.path, wait_s=LEDGER_WAIT_S)
        try:
            with _failing_as_a_whole():
                stands = put_newest(
                    self.objects,
                    file.path,
                    body,
                    headers=cache_policy.headers_of(file.path),
                    version=file.change_no,
                    replaces=file.cloud_etag,
                )
        except TooFast as ex:
            metrics.cloud_puts_again.labels("TooFast").inc()
            return Outcome(file.path, wait_s=max(ex.retry_after_s, self.pace_s))
        except Superseded:
            # What we believed in is not there: somebody deleted it, or puts faster than we do.
            metrics.cloud_puts_again.labels("Superseded").inc()
            return Outcome(file.path, wait_s=self.pace_s, was_mistaken=True)
        if not stands.is_ours:
            # Another publisher's, newer than what we know of: the ledger is about to say so.
            metrics.cloud_puts_again.labels("NewerStands").inc()
            return Outcome(file.path, wait_s=self.pace_s)
        metrics.cloud_puts.inc()
        metrics.cloud_put_bytes.inc(len(body))
        return Outcome(file.path, holds=Held(file.path, sha256, stands.etag, file.change_no))

    def _settle(self, outcomes: Sequence[Outcome]) -> list[str]:
        """Write down what came of these puts; their paths.

        PERF: each by itself would be a commit, and the CDN is told after the last of them.
        """
        for outcome in outcomes:
            if outcome.holds is None:
                with self.database.connection() as db:
                    if outcome.was_mistaken:
                        cloud_ledger.forget_version(db, outcome.path)
                    cloud_ledger.put_off(db, [outcome.path], outcome.wait_s)
        held = [outcome.holds for outcome in outcomes if outcome.holds is not None]
        with self.database.transaction() as db:
            took_s = cloud_ledger.stored(
                db, held, purges=self.purger is not None, pace_s=self.pace_s
            )
        for seconds in took_s:
            metrics.publish_to_cloud_seconds.observe(seconds)
        return [outcome.path for outcome in outcomes]

    # --- CDN ---

    def _purge(self) -> int:
        """Tell the CDN of what was stored and deleted, in batches, at the plan's pace.

        Of all that is urgent, before others' files are put; of the rest a batch.
        """
        settled, is_urgent = 0, True
        while self.purger is not None and is_urgent:
            with self.database.connection() as db:
                due = cloud_ledger.purge_due(db, PURGES_AT_ONCE * URLS_PER_CALL_MAX)
            is_urgent = bool(due) and due[0].is_urgent
            if due and (is_urgent or not settled):
                settled += self._purge_batches(self.purger, due)
        return settled

    def _purge_batches(self, purger: Purger, due: Sequence[Untold]) -> int:
        """What of these is urgent, several calls at once; else the first call's worth."""
        batches, rest = [], list(due)
        for paths in calls_for((each.path for each in due), self.base_url):
            batches.append(rest[: len(paths)])
            del rest[: len(paths)]
        urgent = [batch for batch in batches if batch[0].is_urgent]
        told = urgent[:PURGES_AT_ONCE] or batches[:1]
        with ThreadPoolExecutor(len(told), thread_name_prefix="purge") as pool:
            calls = [pool.submit(self._purge_batch, purger, batch) for batch in told]
        # All have ended: what the CDN took is written down, whatever became of the others.
        return sum(call.result() for call in calls)

    def _purge_batch(self, purger: Purger, told: Sequence[Untold]) -> int:
        self._tell_cdn(purger, [each.path for each in told], is_urgent=told[0].is_urgent)
        with self.database.transaction() as db:
            cloud_ledger.purged(db, told)
        return len(told)

    def _tell_cdn(self, purger: Purger, paths: Sequence[str], *, is_urgent: bool) -> None:
        """Purge what fits into one call, at the plan's pace."""
        urls = [url for path in paths for url in urls_of(path, self.base_url)]
        self.sleep(self.pace.take(len(urls), is_urgent=is_urgent))
        try:
            with _failing_as_a_whole():
                purger.purge(urls)
        except PurgeTooFast as ex:
            self.pace.rest(ex.retry_after_s)
            raise Interrupted(ex.sentence, ex.retry_after_s) from ex
        metrics.cdn_purged_urls.inc(len(urls))

    # --- takedowns ---

    def _finish_takedowns(self) -> None:
        """Purge a second time what was removed, and look from the edge whether it is gone."""
        with self.database.connection() as db:
            # Without a CDN there is no fetch to wait for.
            look_after_s = self.purge_again_s if self.purger is not None else 0.0
            gone_after_s = takedowns.gone_from_bucket(db, look_after_s=look_after_s)
            due = takedowns.due_at_edge(db, TAKEDOWNS_AT_ONCE)
        for seconds in gone_after_s:
            metrics.takedown_seconds.labels("bucket").observe(seconds)
        batch = self._looks.next_paths(due)
        if batch and self.purger is not None:
            self._tell_cdn(self.purger, batch, is_urgent=False)
        for takedown, still_there in self._looks.look(due, batch):
            self._finish(takedown, still_there)

    def _finish(self, takedown: Takedown, still_there: Sequence[str]) -> None:
        if still_there:
            metrics.takedowns_not_gone.inc()
            log.warning("takedown_still_at_edge", board=takedown.board, paths=len(still_there))
            with self.database.connection() as db:
                takedowns.look_later(db, takedown, look_after_s=self.purge_again_s)
            return
        with self.database.transaction() as db:
            gone_after_s = takedowns.gone_from_edge(db, takedown)
        for seconds in gone_after_s:
            metrics.takedown_seconds.labels("edge").observe(seconds)
        log.info(
            "takedown_finished",
            board=takedown.board,
            seconds=round(max(gone_after_s, default=0.0), 3),
        )


@contextmanager
def _failing_as_a_whole() -> Iterator[None]:
    """What no other file would fare better with."""
    try:
        yield
    except (StoreRefused, PurgeRefused) as ex:
        raise Interrupted(ex.sentence, REFUSED_WAIT_S) from ex
    except (StoreUnreachable, PurgeUnreachable, NotDeleted) as ex:
        raise Interrupted(ex.sentence, 0.0) from ex
