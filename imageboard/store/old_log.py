"""What staff did on boards before they came here, as their old engines wrote it down.

Beside the log, not in it: nothing here was seen to happen, and an import can be undone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from imageboard.store import queries, site_moment
from imageboard.store.database import Connection
from imageboard.store.log_chain import Day

_SQL = queries.beside(__file__)

STAFF_CHARS_MAX = 100
TOLD_CHARS_MAX = 500
#: To whom something is told, from nobody on: words of the setting public_log.
TOLD_TO = ("none", "without_names", "with_names")


class NewOldEntry(NamedTuple):
    """One that comes."""

    board: str | None
    #: As PostgreSQL reads it.
    happened_at: str
    #: None: a poster, or the program; '': one of the staff, whoever it was.
    staff: str | None
    told: str
    was_told: str


class OldEntry(NamedTuple):
    """Something that was done there."""

    id: int
    #: None: of the whole site.
    board: str | None
    #: '2021-11-29T14:00:00Z'
    at: str
    #: None: a poster, or the program; '': one of the staff, whoever it was.
    staff: str | None
    told: str
    #: To whom it was told there, of TOLD_TO.
    was_told: str


def add(db: Connection, entries: Sequence[NewOldEntry]) -> int:
    """Those that have not come before; how many."""
    rows = [entry._asdict() | {"digest": _digest(entry)} for entry in entries]
    added = db.execute(_SQL.add, {"entries": queries.as_json(rows)}).rowcount
    if added:
        site_moment.touch(db)
    return added


def days(db: Connection) -> list[Day]:
    """Those of which readers are told something, the last day first."""
    return list(queries.by_name(Day, db.execute(_SQL.days)))


def of_day(db: Connection, day: str, board: str | None) -> list[OldEntry]:
    """What readers are told, in its order; None: of all boards, and of none."""
    asked = {"day": day, "board": board}
    return list(queries.by_name(OldEntry, db.execute(_SQL.of_day, asked)))


def newest(
    db: Connection, *, on: list[str] | None, limit: int, before: int | None = None
) -> list[OldEntry]:
    """All that is told staff, newest first; only what stands before the entry `before`.

    `on` as Visitor.boards gives them; None: everything.
    """
    asked = {"on": on, "limit": limit, "before": before}
    return list(queries.by_name(OldEntry, db.execute(_SQL.newest, asked)))


def forget(db: Connection, kept_days: int, limit: int) -> int:
    """So many entries that are older, names and all; how many. Public pages are drawn anew."""
    return _touching(db, db.execute(_SQL.forget, {"days": kept_days, "limit": limit}).rowcount)


def drop_all(db: Connection) -> int:
    """As if none had come; how many."""
    return _touching(db, db.execute(_SQL.drop_all).rowcount)


def _touching(db: Connection, gone: int) -> int:
    if gone:
        site_moment.touch(db)
    return gone


def _digest(entry: NewOldEntry) -> bytes:
    return hashlib.blake2b(repr(tuple(entry)).encode(), digest_size=16).digest()
