"""What block lists answered about addresses, by keyed hashes, for a while."""

from __future__ import annotations

from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)


def find(db: Connection, key: bytes) -> bool | None:
    """Whether it is listed; None: it was not asked lately."""
    row = db.execute(_SQL.find, {"key": key}).fetchone()
    return None if row is None else bool(row[0])


def keep(db: Connection, key: bytes, *, is_listed: bool, kept_s: int) -> None:
    db.execute(_SQL.keep, {"key": key, "is_listed": is_listed, "kept_s": kept_s})


def forget_expired(db: Connection, limit: int) -> int:
    return db.execute(_SQL.forget_expired, {"limit": limit}).rowcount
