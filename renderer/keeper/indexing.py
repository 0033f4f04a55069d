"""Lets posts be found by their words, soon after they came.

Not in the transaction that stores a post: all who post to its board would wait for the index too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from imageboard.errors import ImageboardError, StoreUnavailable
from imageboard.store import searchable
from imageboard.store.database import Connection, Database
from monitoring import metrics
from monitoring.logs import get_logger

log = get_logger(__name__)

#: Posts of one transaction, and such transactions in a pass, after which others have their turn.
POSTS_PER_BATCH = 250
BATCHES_PER_PASS = 4
#: Of what was there before search was: a board of a million posts takes a few hours.
OLDER_POSTS_PER_PASS = 100


@dataclass
class Indexing:
    """Adds what came, and what was there before; changes what says something else now."""

    database: Database
    _has_older: bool = True

    def run(self) -> int:
        """One pass; how many posts were looked at. Raises StoreUnavailable."""
        done = 0
        try:
            if self._is_behind():
                for work in (searchable.add_new, searchable.change_due):
                    done += self._in_batches(work)
            if self._has_older:
                older = self._again_on_deadlock(searchable.add_older, OLDER_POSTS_PER_PASS)
                self._has_older = older is None or older > 0
                done += older or 0
        except StoreUnavailable:
            raise
        except ImageboardError:
            # Posts go on being stored and drawn, which must not wait for this.
            metrics.part_failures.labels("renderer").inc()
            log.exception("indexing_failed")
        return done

    def _is_behind(self) -> bool:
        """PERF: eight statements fewer in each second in which nobody posts."""
        with self.database.connection() as db:
            return searchable.is_behind(db)

    def _in_batches(self, work: Callable[[Connection, int], int | None]) -> int:
        done = 0
        for _ in range(BATCHES_PER_PASS):
            batch = self._again_on_deadlock(work, POSTS_PER_BATCH)
            done += batch or 0
            if not batch or batch < POSTS_PER_BATCH:
                break
        return done

    def _again_on_deadlock(
        self, work: Callable[[Connection, int], int | None], limit: int
    ) -> int | None:
        return self.database.again_on_deadlock(lambda db: work(db, limit))
