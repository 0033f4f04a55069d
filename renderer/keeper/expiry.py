"""Forgets what has expired: addresses and their hashes, sessions, captchas, archived threads.

And threads kept aside, uploads that no post holds, and files of forms that nobody sent again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from imageboard.store import (
    allowances,
    appeals,
    bans,
    block_list_answers,
    invitations,
    log_chain,
    notes,
    old_log,
    posts,
    push_subscriptions,
    receipts,
    removals,
    reports,
    said_texts,
    spent_answers,
    staff,
)
from imageboard.store.database import Connection, Database
from imageboard.store.kept_files import KeptFiles
from imageboard.store.uploads import SHARDS, UploadStore
from monitoring.logs import get_logger

log = get_logger(__name__)

#: An upload that no post holds after so long belongs to a post that was refused or is gone.
UPLOAD_UNCLAIMED_S = 3600.0
#: The whole store is looked through in about half an hour.
SHARDS_PER_SWEEP = 8
#: What one transaction forgets: values in rows, or whole posts with all that hangs on them. So none
#: takes long, however much is due.
ROWS_PER_BATCH = 5_000
POSTS_PER_BATCH = 500
#: Each holds as many posts as one act removed.
REMOVALS_PER_BATCH = 20
BATCHES_PER_PASS = 40
#: Archived threads that one pass removes, each in a transaction of its own.
ARCHIVED_PER_PASS = 500


@dataclass
class Expiry:
    """Goes through the tables, the upload store and the scratch folder."""

    database: Database
    uploads: UploadStore
    #: Where the writer keeps forms that it reads.
    scratch: Path
    kept: KeptFiles
    address_kept_days: int
    hash_kept_days: int
    log_names_kept_days: int
    _next_shard: int = 0

    def forget(self) -> None:
        """Raises StoreUnavailable: what has expired is forgotten the next time."""
        with self.database.transaction() as db:
            staff.forget_expired(db)
            invitations.forget_expired(db)
            allowances.forget_expired(db)
        addresses = sum(
            self._forget_older(store.forget_addresses, self.address_kept_days)
            for store in (posts, removals)
        )
        hashes = sum(
            self._forget_older(store.forget_hashes, self.hash_kept_days)
            for store in (posts, removals, reports, appeals, bans, push_subscriptions)
        )
        names = sum(
            self._forget_older(forget, self.log_names_kept_days)
            for forget in (log_chain.forget_names, old_log.forget)
        )
        self._in_batches(ROWS_PER_BATCH, receipts.forget_expired)
        self._in_batches(ROWS_PER_BATCH, spent_answers.forget_expired)
        self._in_batches(ROWS_PER_BATCH, said_texts.forget_expired)
        self._in_batches(ROWS_PER_BATCH, block_list_answers.forget_expired)
        self._in_batches(ROWS_PER_BATCH, push_subscriptions.forget_expired)
        self._in_batches(REMOVALS_PER_BATCH, removals.forget_expired)
        self._in_batches(ROWS_PER_BATCH, notes.forget_expired)
        expired = self._expire_archived()
        dropped = self._in_batches(POSTS_PER_BATCH, posts.forget_aside)
        swept = self._sweep_uploads()
        self._sweep_scratch()
        self.kept.forget_expired(time.time())
        if addresses or hashes or names or expired or dropped or swept:
            log.info(
                "expired_forgotten",
                addresses=addresses,
                hashes=hashes,
                names=names,
                archived_threads=expired,
                posts=dropped,
                uploads=swept,
            )

    def _forget_older(self, work: Callable[[Connection, int, int], int], days: int) -> int:
        return self._in_batches(ROWS_PER_BATCH, lambda db, limit: work(db, days, limit))

    def _in_batches(self, rows: int, work: Callable[[Connection, int], int]) -> int:
        """`work` on so many rows at a time, until none is left or this pass has done enough."""
        done = 0
        for _ in range(BATCHES_PER_PASS):
            with self.database.transaction() as db:
                batch = work(db, rows)
            done += batch
            if not batch:
                break
        return done

    def _expire_archived(self) -> int:
        """Threads whose time in the archive is over; their pages go as all that is removed."""
        for expired in range(ARCHIVED_PER_PASS):
            if not self.database.again_on_deadlock(posts.expire_archived):
                return expired
        return ARCHIVED_PER_PASS

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
