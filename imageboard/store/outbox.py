"""Facts that no page shows yet."""

from __future__ import annotations

from typing import NamedTuple

from imageboard.facts import Fact, fact_from_json
from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)


class Change(NamedTuple):
    """One numbered fact."""

    change_no: int
    fact: Fact
    #: Unix seconds.
    added_s: float


class Lag(NamedTuple):
    """How far a board's pages are behind."""

    board: str
    changes: int
    oldest_s: float


def waiting(db: Connection, board: str, limit: int, *, after: int = 0) -> list[Change]:
    """Facts that no page shows yet, oldest first; those after change `after`."""
    rows = db.execute(_SQL.waiting, {"board": board, "limit": limit, "after": after})
    return [Change(no, fact_from_json(kind, body), added_s) for no, kind, body, added_s in rows]


def is_settled(db: Connection, board: str, change_no: int) -> bool:
    """Whether all pages show every change of the board up to this one."""
    row = db.execute(_SQL.is_settled, {"board": board, "change_no": change_no}).fetchone()
    return row == (True,)


def settle(db: Connection, board: str, change_no: int) -> None:
    """The pages show all changes up to `change_no`."""
    db.execute(_SQL.settle, {"board": board, "change_no": change_no})


def threads_shown(db: Connection, board: str) -> int:
    """Threads and media show the board's changes up to this one, whatever waits for its lists."""
    row = db.execute(_SQL.threads_shown, {"board": board}).fetchone()
    return row[0] if row else 0


def note_threads_shown(db: Connection, board: str, change_no: int) -> None:
    """They do up to `change_no`."""
    db.execute(_SQL.note_threads_shown, {"board": board, "change_no": change_no})


def left_behind(db: Connection, age_s: float) -> dict[str, bool]:
    """Boards with a fact older than `age_s` seconds; True: only their lists do not show it."""
    return dict(db.execute(_SQL.left_behind, {"age_s": age_s}).fetchall())


def lag(db: Connection) -> list[Lag]:
    """Boards whose pages are behind."""
    return [Lag(*row) for row in db.execute(_SQL.lag)]
