"""How whoever stays at a board is told of its changes: directly, without a call for each.

A render worker that has drawn a board lingers there for a while, with a line open. Whoever has
stored a change asks first whether somebody is there, and calls through the queue only if not.

Nothing is lost between the two. A holder that leaves takes its lease away first and looks once more
afterwards: a change of which it was told comes before that look. One that was killed has no line
any more, of one whose machine vanished the lease ends; what it was told of meanwhile is found by
catch-up.
"""

from __future__ import annotations

import time
from typing import Any, Self

import redis

#: A holder that has not been heard of for so long is not counted on.
LEASE_MS = 3_000
#: How often it renews its lease while it waits.
RENEWED_EVERY_S = 1.0
#: The queue confirms that the line is open within so long, or there is none.
CONFIRMED_S_MAX = 1.0
#: Told whenever the queue has a new call: perhaps for a board that no free worker is there for.
CALLED = "stillboard:called"
#: What a holder is told besides that the board has changed.
_LISTS_TOO = b"lists too"


def tell(connection: redis.Redis, board: str, *, lists_too: bool = False) -> bool:
    """Wake whoever stays at the board; False: nobody does. Raises redis.RedisError.

    `lists_too`: a poster waits for the pages that list threads, not only for their thread's.
    """
    with connection.pipeline(transaction=False) as asked:
        asked.publish(_channel(board), _LISTS_TOO if lists_too else b"")
        asked.exists(_lease(board))
        heard, is_there = asked.execute()
    return bool(heard and is_there)


class Line:
    """What a holder hears while it stays at a board. A context.

    Raises redis.RedisError wherever the queue can't be reached: then nobody can be told, either.
    """

    def __init__(self, connection: redis.Redis, board: str) -> None:
        self._redis = connection
        self._board = board
        self._told: Any = connection.pubsub()  # type: ignore[no-untyped-call]
        self._renewed_s = 0.0
        #: Whether another board may have been called for since somebody last asked here.
        self.has_calls = True
        #: Whether somebody waits for lists, since that was last asked here.
        self.lists_too = False

    def __enter__(self) -> Self:
        channels = (_channel(self._board), CALLED)
        self._told.subscribe(*channels)
        for _ in channels:
            if self._told.get_message(timeout=CONFIRMED_S_MAX) is None:
                raise redis.TimeoutError("nothing is heard on the line")
        self._renew()
        return self

    def __exit__(self, *_: object) -> None:
        self._told.close()

    def wait(self, wait_s: float) -> bool:
        """Wait until something is told, so long at most; whether anything was."""
        if time.monotonic() - self._renewed_s > RENEWED_EVERY_S:
            self._renew()
        was_told = False
        while message := self._told.get_message(timeout=0.0 if was_told else wait_s):
            was_told = True
            self.has_calls |= message["channel"] == CALLED.encode()
            self.lists_too |= message["data"] == _LISTS_TOO
        return was_told

    def leave(self) -> None:
        """From here on nobody counts on this holder; it has to look once more."""
        self._redis.delete(_lease(self._board))

    def _renew(self) -> None:
        self._redis.set(_lease(self._board), "", px=LEASE_MS)
        self._renewed_s = time.monotonic()


def _channel(board: str) -> str:
    return f"stillboard:changed:{board}"


def _lease(board: str) -> str:
    return f"stillboard:holder:{board}"
