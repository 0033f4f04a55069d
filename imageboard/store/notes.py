"""What staff write down about a poster, for each other."""

from __future__ import annotations

from typing import NamedTuple

from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)

NOTE_CHARS_MAX = 500
#: On one poster.
NOTES_MAX = 50


class Note(NamedTuple):
    """One note."""

    id: int
    staff: str
    #: Unix seconds.
    written_s: int
    note: str


def add(db: Connection, address_hash: bytes, staff: str, note: str) -> bool:
    """False: there are NOTES_MAX on this poster."""
    asked = {"address_hash": address_hash, "staff": staff, "note": note, "notes_max": NOTES_MAX}
    return db.execute(_SQL.add, asked).rowcount > 0


def remove(db: Connection, address_hash: bytes, note: int) -> bool:
    """One of the notes on this poster; False: it is gone."""
    return db.execute(_SQL.remove, {"address_hash": address_hash, "id": note}).rowcount > 0


def on_poster(db: Connection, address_hash: bytes) -> list[Note]:
    """The newest first."""
    rows = db.execute(_SQL.on_poster, {"address_hash": address_hash, "limit": NOTES_MAX})
    return list(queries.by_name(Note, rows))


def forget_expired(db: Connection, limit: int) -> int:
    """Drop notes on posters of whom nothing else is kept; how many."""
    return db.execute(_SQL.forget_expired, {"limit": limit}).rowcount
