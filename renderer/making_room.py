"""Makes room on a board: for threads by what falls off it, on cyclical threads for replies."""

from __future__ import annotations

from imageboard.errors import StoreUnavailable
from imageboard.store import posts as stored_posts
from imageboard.store.database import Database
from monitoring import metrics
from monitoring.logs import get_logger

log = get_logger(__name__)

#: Threads that are set aside between two steps at most, each in a transaction of its own.
PRUNED_PER_STEP_MAX = 10
#: Replies of cyclical threads that are removed between two steps at most.
CYCLED_PER_STEP_MAX = 50


def prune(database: Database, board_name: str, *, limits: bool) -> int:
    """Archive or set aside threads without room on their board, the last ones first; how many.

    One for which that can't be done now (its board is held by somebody else) stays until the
    next time: neither a poster nor a page waits for it.
    """
    for pruned in range(PRUNED_PER_STEP_MAX):
        try:
            thread = database.again_on_deadlock(
                lambda db: stored_posts.prune(db, board_name, limits=limits)
            )
        except StoreUnavailable:
            metrics.part_failures.labels("database").inc()
            log.warning("pruning_put_off", board=board_name)
            return pruned
        if thread is None:
            return pruned
        log.info("thread_fell_off", board=board_name, thread=thread)
    return PRUNED_PER_STEP_MAX


def cycle(database: Database, board_name: str) -> int:
    """Remove the oldest replies of cyclical threads that have too many; how many.

    As prune() does: what can't be done now is done the next time.
    """
    for removed in range(CYCLED_PER_STEP_MAX):
        try:
            reply = database.again_on_deadlock(lambda db: stored_posts.cycle(db, board_name))
        except StoreUnavailable:
            metrics.part_failures.labels("database").inc()
            log.warning("pruning_put_off", board=board_name)
            return removed
        if reply is None:
            return removed
    return CYCLED_PER_STEP_MAX
