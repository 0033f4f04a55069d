"""Rules against spam and bans of files as the writer has them, compiled anew when they change."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from imageboard.spam.matching import RuleBook
from imageboard.store import file_bans, spam_rules
from imageboard.store.database import Database


class KeptRules:
    """A change is in force a second later; a second has one look at their version at most."""

    _KEPT_S = 1.0

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._book: RuleBook | None = None
        self._version: tuple[int, ...] = ()
        self._looked_s = float("-inf")

    def get(self) -> RuleBook:
        """Raises StoreUnavailable."""
        book = self._book
        if book is not None and self._clock() - self._looked_s <= self._KEPT_S:
            return book
        # PERF: while one compiles a thousand of them, the others go by the book that they have.
        if not self._lock.acquire(blocking=book is None):
            assert book is not None
            return book
        try:
            return self._look()
        finally:
            self._lock.release()

    def _look(self) -> RuleBook:
        now_s = self._clock()
        if self._book is None or now_s - self._looked_s > self._KEPT_S:
            with self._database.connection() as db:
                version = spam_rules.version(db)
                if self._book is None or version != self._version:
                    # Read after their version: what has changed in between is read once more.
                    self._book = RuleBook(spam_rules.all_of(db), file_bans.all_of(db))
                    self._version = version
            self._looked_s = now_s
        return self._book
