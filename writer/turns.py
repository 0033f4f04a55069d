"""Turns: who waits for whom, among those who post.

Those who post to one board come to the database one after the other; those who send files come to
the darkroom one at a time each, and are never so many that a text finds no thread.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imageboard.cloaks import Address, poster_of
from imageboard.errors import OwnPictureWaits, PicturesBusy, StoreUnavailable
from imageboard.store.database import LOCK_WAIT_MS_MAX

#: Threads of one process that files may hold: half of those that it has (deploy/gunicorn.py).
FILE_THREADS_MAX = 4
#: Of these, threads in which somebody waits for another file of their own.
_OWN_WAITS_MAX = 2
_OWN_WAIT_S_MAX = 5.0
_UNLIMITED_WAIT_S = 30.0
_LOOK_EVERY_S = 0.02
#: Posters are few at any moment: that two share one is rare, and costs one of them a wait.
_POSTERS = 4096
_RETRY_AFTER_S = 5


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


class FileTurns:
    """A place for each form whose files are read, so that few are, and one of each poster.

    `folder` is shared by all processes on the data: an open file in it is locked for each poster at
    work, and the kernel lets it go however its process ends. Without limits (load tests) all files
    may be one poster's, and nobody is told to come again: who finds no thread waits for one.
    """

    def __init__(
        self, folder: Path, *, has_limits: bool = True, own_wait_s_max: float = _OWN_WAIT_S_MAX
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._has_limits = has_limits
        self._own_wait_s_max = own_wait_s_max
        self._threads = threading.BoundedSemaphore(FILE_THREADS_MAX)
        self._own_waits = threading.BoundedSemaphore(_OWN_WAITS_MAX)

    @contextmanager
    def taken(self, address: Address) -> Iterator[None]:
        """Until the block ends. Nobody waits for a thread, and not long for another of their own.

        Raises PicturesBusy, OwnPictureWaits.
        """
        wait_s = 0 if self._has_limits else _UNLIMITED_WAIT_S
        if not self._threads.acquire(timeout=wait_s):
            raise PicturesBusy(retry_after_s=_RETRY_AFTER_S)
        try:
            if not self._has_limits:
                yield
                return
            turn = os.open(self._folder / _number_of(address), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                self._wait_for(turn)
                yield
            finally:
                os.close(turn)
        finally:
            self._threads.release()

    def _wait_for(self, turn: int) -> None:
        if _is_locked_now(turn):
            return
        if not self._own_waits.acquire(blocking=False):
            raise OwnPictureWaits(retry_after_s=_RETRY_AFTER_S)
        try:
            deadline = time.monotonic() + self._own_wait_s_max
            while not _is_locked_now(turn):
                if time.monotonic() > deadline:
                    raise OwnPictureWaits(retry_after_s=_RETRY_AFTER_S)
                time.sleep(_LOOK_EVERY_S)
        finally:
            self._own_waits.release()


def _number_of(address: Address) -> str:
    """'17': by chance, the same for one poster; tells nobody who it is."""
    digest = hashlib.sha256(poster_of(address).encode()).digest()
    return str(int.from_bytes(digest[:8]) % _POSTERS)


def _is_locked_now(turn: int) -> bool:
    try:
        fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
