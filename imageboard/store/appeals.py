"""Appeals against bans: one a ban and poster, and the queue of those that nobody has answered."""

from __future__ import annotations

from typing import Any

from imageboard.appeals import Appeal, WaitingAppeal, is_long_enough
from imageboard.bans import Ban
from imageboard.errors import NoSuchAppeal
from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)

#: A range may hit thousands: more appeals that wait against one ban say nothing new.
PER_BAN_MAX = 20


def of_poster(db: Connection, ban: int, address_hash: bytes) -> Appeal | None:
    asked = {"ban": ban, "address_hash": address_hash}
    return next(iter(queries.by_name(Appeal, db.execute(_SQL.of_poster, asked))), None)


def is_open(db: Connection, ban: Ban, address_hash: bytes) -> bool:
    """Whether this poster may appeal against it."""
    asked = {"ban": ban.id, "address_hash": address_hash, "per_ban_max": PER_BAN_MAX}
    row = db.execute(_SQL.is_open, asked).fetchone() if is_long_enough(ban) else None
    return row is not None and bool(row[0])


def add(db: Connection, ban: int, address_hash: bytes, body: str) -> None:
    """Of somebody for whom it is open; the second of two that came at once is not kept."""
    db.execute(_SQL.add, {"ban": ban, "address_hash": address_hash, "body": body})


def waiting(
    db: Connection, *, on: list[str] | None, limit: int, after: int = 0
) -> list[WaitingAppeal]:
    """Those after so many, the first first.

    Of `on` as Visitor.boards gives them; None: all, against bans of all boards too.
    """
    rows = db.execute(_SQL.waiting, {"on": on, "limit": limit, "after": after})
    return list(queries.by_name(_waiting, rows))


def count(db: Connection, *, on: list[str] | None) -> int:
    row = db.execute(_SQL.count, {"on": on}).fetchone()
    assert row is not None
    return int(row[0])


def hold(db: Connection, appeal: int) -> int:
    """The ban against which it is, until the transaction ends. Raises NoSuchAppeal."""
    row = db.execute(_SQL.hold, {"id": appeal}).fetchone()
    if row is None:
        raise NoSuchAppeal(id=appeal)
    return int(row[0])


def answer(db: Connection, appeal: int, sentence: str | None) -> None:
    """It no longer waits; whoever made it reads the sentence."""
    db.execute(_SQL.answer, {"id": appeal, "answer": sentence})


def forget_hashes(db: Connection, kept_days: int, limit: int) -> int:
    """Drop so many against bans that have been over for longer than that; how many."""
    return db.execute(_SQL.forget_hashes, {"days": kept_days, "limit": limit}).rowcount


def _waiting(*, appeal: int, made_s: int, body: str, **ban: Any) -> WaitingAppeal:
    return WaitingAppeal(appeal, made_s, body, Ban(**ban))
