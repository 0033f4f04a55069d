"""What a board still owes its readers: who compares pages or a bucket waits for nothing owed."""

from __future__ import annotations

import time

from deploy.inspection import asks_database
from imageboard.errors import StoreUnavailable
from imageboard.settings import Settings
from imageboard.store import cloud_ledger, outbox, site_moment, takedowns
from imageboard.store.database import Connection

#: Only a board that is stuck takes as long. The longest wait on the way is the cloud's: a minute
#: after failures.
PATIENCE_S = 240.0
_LOOK_EVERY_S = 0.05


def owed(settings: Settings) -> dict[str, object]:
    """{} when all is shown, else what is owed: `pages` (lists and the front page too, which come
    at a pace), and `cloud`, where there is
    one: the bucket, the CDN, and takedowns that are not finished.
    """
    try:
        return asks_database(settings, lambda db: _of_pages(db) | _of_cloud(db, settings))
    except StoreUnavailable as ex:
        return {"pages": ex, "cloud": ex}


def settle(settings: Settings) -> None:
    """Wait until nothing is owed any more.

    PERF: each look on one connection: another for each takes 12 ms of CPU, and there are twenty a
    second.
    """
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            asks_database(settings, lambda db: _wait(db, settings, deadline))
        except StoreUnavailable as ex:
            _look_again(deadline, {"pages": ex})
        else:
            return


def _wait(db: Connection, settings: Settings, deadline: float) -> None:
    while debts := _of_pages(db) | _of_cloud(db, settings):
        _look_again(deadline, debts)


def _look_again(deadline: float, debts: dict[str, object]) -> None:
    assert time.monotonic() < deadline, f"never shown: {debts}"
    time.sleep(_LOOK_EVERY_S)


def _of_pages(db: Connection) -> dict[str, object]:
    found = [*outbox.lag(db), *(["the front page"] if site_moment.is_behind(db) else [])]
    return {"pages": found} if found else {}


def _of_cloud(db: Connection, settings: Settings) -> dict[str, object]:
    """To be asked after the pages: what those that were just drawn owe is here by then."""
    if not settings.has_cloud:
        return {}
    behind, still_open = cloud_ledger.backlog(db), takedowns.still_open(db)
    return {"cloud": (behind, still_open)} if behind.files or still_open.takedowns else {}
