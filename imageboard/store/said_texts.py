"""What was said on boards where nothing is said twice, or that notice what many say at once."""

from __future__ import annotations

from imageboard.spam.sketches import IN_COMMON_MIN
from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)

#: Of the last ones: in a flood of other texts one more is no flood.
_SKETCHES_MAX = 2_000


def say(db: Connection, board: str, digest: bytes, days: int) -> bool:
    """In the transaction that stores the post. False: it was said in so many days.

    It waits for another transaction that says the same.
    """
    asked = {"board": board, "digest": digest, "days": days}
    return db.execute(_SQL.say, asked).rowcount > 0


def note(db: Connection, board: str, sketch: list[int], address_hash: bytes, minutes: int) -> None:
    """For `is_alike`, so long."""
    values = {"board": board, "sketch": sketch, "address_hash": address_hash, "minutes": minutes}
    db.execute(_SQL.note, values)


def is_alike(db: Connection, board: str, sketch: list[int], address_hash: bytes) -> bool:
    """Whether another poster has just said nearly the same on this board."""
    asked = {
        "board": board,
        "sketch": sketch,
        "address_hash": address_hash,
        "in_common": IN_COMMON_MIN,
        "limit": _SKETCHES_MAX,
    }
    return db.execute(_SQL.is_alike, asked).fetchone() is not None


def forget_expired(db: Connection, limit: int) -> int:
    """Texts that may be said again, and sketches of past minutes; how many."""
    return sum(
        db.execute(query, {"limit": limit}).rowcount
        for query in (_SQL.forget_texts, _SQL.forget_sketches)
    )
