"""Files that were stored as they were sent, and wait to be made fit to be shown.

Whoever works on one may die: it waits until it is said to be ready or to have failed. Each call is
one transaction under the board's lock.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from imageboard.post_rules import NewFile
from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)


class PendingFile(NamedTuple):
    """One file that waits."""

    board: str
    no: int
    #: Among the files of its post, from 0.
    position: int
    stored_as: str
    #: What its poster called it.
    extension: str
    original_name: str
    #: Unix seconds.
    since_s: float


def waiting(db: Connection, limit: int) -> list[PendingFile]:
    """Those that have waited longest, of all boards."""
    return list(queries.by_name(PendingFile, db.execute(_SQL.waiting, {"limit": limit})))


def ready(db: Connection, file: PendingFile, made: NewFile) -> bool:
    """Show what was `made` of it; False when it waits no longer: let go of `made`.

    Its place, its name and whether it is a spoiler stay as they were.
    """
    return _asked(db, _SQL.ready, file, made=queries.as_json(made._asdict()))


def failed(db: Connection, file: PendingFile, reason: str) -> bool:
    """Remove it, and show `reason` (a sentence of 200 characters at most) in its place.

    False when it waits no longer.
    """
    return _asked(db, _SQL.failed, file, reason=reason)


def _asked(db: Connection, query: str, file: PendingFile, **values: Any) -> bool:
    place = {"board": file.board, "no": file.no, "position": file.position}
    row = db.execute(query, place | values).fetchone()
    assert row is not None
    return bool(row[0])
