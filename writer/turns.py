"""Turns: those who post to one board come to the database one after the other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from imageboard.errors import StoreUnavailable
from imageboard.store.database import LOCK_WAIT_MS_MAX


class Turns:
    """One turn for each board, among the threads of this process.

    PERF: a board's posts are stored one after the other in any case. Who waits for that in the
    database keeps a connection, and a server process that has to be woken for each step forward:
    with 12 at once a post costs PostgreSQL 0.72 ms of CPU, with two that take turns 0.43.
    """

    def __init__(self, wait_s_max: float = LOCK_WAIT_MS_MAX / 1000) -> None:
        self._wait_s_max = wait_s_max
        #: By board; boards are few and are never deleted.
        self._turns: dict[str, threading.Lock] = {}

    @contextmanager
    def taken(self, board: str) -> Iterator[None]:
        """Nobody else of this process has the board's turn until the block ends.

        Raises StoreUnavailable: it did not come in the time that the database would have given.
        """
        turn = self._turns.setdefault(board, threading.Lock())
        if not turn.acquire(timeout=self._wait_s_max):
            raise StoreUnavailable(part="database")
        try:
            yield
        finally:
            turn.release()
