"""Browsers that are told of replies while they are closed: which, of what, and what they were told.

What is new is seen by the ledger: a thread's page that shows a later change than when it was last
looked at. So a browser is told of what its reader finds there, and nothing hangs on a call.
"""

from __future__ import annotations

from typing import NamedTuple

from imageboard import addresses
from imageboard.push import KEPT_DAYS, PACE_S
from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)


class NewSubscription(NamedTuple):
    """A browser that wants to be told of a thread."""

    key: bytes
    board: str
    thread: int
    own: list[int]
    #: Of every reply, not only of those to `own`.
    wants_all: bool
    sealed: bytes
    address_hash: bytes


class Counts(NamedTuple):
    """How many others there are."""

    of_address: int
    of_thread: int
    of_board: int
    of_site: int


class Backlog(NamedTuple):
    subscriptions: int
    #: With something new on their page; of some it is nothing that they want to be told of.
    due: int


class Claimed(NamedTuple):
    """One that is to be told, if what is new concerns it."""

    key: bytes
    board: str
    thread: int
    own: list[int]
    wants_all: bool
    sealed: bytes
    told_no: int
    tries: int
    #: Of them, those that its service did not want.
    refusals: int
    #: The board's change that the thread's page shows.
    change_no: int


class News(NamedTuple):
    replies: int
    #: The last of them.
    no: int


def counts(db: Connection, new: NewSubscription) -> Counts:
    row = db.execute(_SQL.counts, new._asdict()).fetchone()
    assert row is not None
    return Counts(*row)


def add(db: Connection, new: NewSubscription) -> None:
    """It is told of what comes from now on. One that is there keeps what it was told of."""
    page = addresses.thread_path(new.board, new.thread)
    db.execute(_SQL.add, new._asdict() | {"page": page, "days": KEPT_DAYS})


def remove(db: Connection, *keys: bytes) -> None:
    db.execute(_SQL.remove, {"keys": list(keys)})


def backlog(db: Connection) -> Backlog:
    row = db.execute(_SQL.backlog).fetchone()
    assert row is not None
    return Backlog(*row)


def claim(db: Connection, limit: int, lease_s: float) -> list[Claimed]:
    """Those that have waited longest; nobody else gets them for so long."""
    cursor = db.execute(_SQL.claim, {"limit": limit, "lease_s": lease_s})
    return list(queries.by_name(Claimed, cursor))


def news(db: Connection, claimed: Claimed) -> News:
    """Of what it is to be told. Posts that its page does not show yet come with the next look."""
    query = _SQL.replies if claimed.wants_all else _SQL.replies_to_own
    row = db.execute(query, claimed._asdict()).fetchone()
    assert row is not None
    return News(*row)


def nothing_new(db: Connection, claimed: Claimed) -> None:
    db.execute(_SQL.nothing_new, claimed._asdict())


def told(db: Connection, claimed: Claimed, no: int) -> None:
    """Of all up to the post `no`."""
    db.execute(_SQL.told, claimed._asdict() | {"told_no": no, "pace_s": PACE_S})


def put_off(
    db: Connection, key: bytes, wait_s: float, *, is_try: bool = True, is_refused: bool = False
) -> None:
    values = {"key": key, "wait_s": wait_s, "is_try": is_try, "is_refused": is_refused}
    db.execute(_SQL.put_off, values)


def forget_hashes(db: Connection, days: int, limit: int) -> int:
    asked = {"days": days, "kept_days": KEPT_DAYS, "limit": limit}
    return db.execute(_SQL.forget_hashes, asked).rowcount


def forget_expired(db: Connection, limit: int) -> int:
    return db.execute(_SQL.forget_expired, {"limit": limit}).rowcount
