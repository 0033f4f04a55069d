"""Makes room on a board: for threads by what falls off it, on cyclical threads for replies."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from imageboard.errors import StoreUnavailable
from imageboard.store import posts as stored_posts
from imageboard.store.database import Connection, Database
from monitoring import metrics
from monitoring.logs import get_logger

log = get_logger(__name__)

#: Threads that are set aside between two steps at most, each in a transaction of its own.
PRUNED_PER_STEP_MAX = 10
#: Replies of cyclical threads that are removed between two steps at most.
CYCLED_PER_STEP_MAX = 50


def prune(database: Database, board_name: str, *, limits: bool) -> int:
    """Archive or set aside threads without room on their board, the last ones first; how many."""

    def set_aside(db: Connection) -> int | None:
        return stored_posts.prune(db, board_name, limits=limits)

    pruned = 0
    for thread in _what_goes(database, board_name, set_aside, PRUNED_PER_STEP_MAX):
        log.info("thread_fell_off", board=board_name, thread=thread)
        pruned += 1
    return pruned


def cycle(database: Database, board_name: str) -> int:
    """Remove the oldest replies of cyclical threads that have too many; how many."""

    def remove_oldest(db: Connection) -> int | None:
        return stored_posts.cycle(db, board_name)

    return len(list(_what_goes(database, board_name, remove_oldest, CYCLED_PER_STEP_MAX)))


def _what_goes(
    database: Database, board_name: str, make_room: Callable[[Connection], int | None], most: int
) -> Iterator[int]:
    """The number of each that went, until there is room.

    One for which that can't be done now (its board is held by somebody else) stays until the
    next time: neither a poster nor a page waits for it.
    """
    for _ in range(most):
        try:
            gone = database.again_on_deadlock(make_room)
        except StoreUnavailable:
            metrics.part_failures.labels("database").inc()
            log.warning("pruning_put_off", board=board_name)
            return
        if gone is None:
            return
        yield gone
