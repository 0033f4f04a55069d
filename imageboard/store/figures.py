"""What the database as a whole has to tell its operators."""

from __future__ import annotations

from typing import NamedTuple

from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)


class Counts(NamedTuple):
    bans_in_force: int
    open_reports: int
    database_bytes: int


class Slot(NamedTuple):
    """A replication slot."""

    name: str
    #: Whether somebody reads from it: a replica, or who archives the WAL.
    is_active: bool
    #: WAL that is kept for it; so far a replica is behind.
    kept_bytes: int


def counts(db: Connection) -> Counts:
    row = db.execute(_SQL.counts).fetchone()
    assert row is not None
    return Counts(*row)


def slots(db: Connection) -> list[Slot]:
    return [Slot(*row) for row in db.execute(_SQL.slots)]


def connections_max(db: Connection) -> int:
    """How many connections the server takes from everybody together."""
    row = db.execute(_SQL.connections_max).fetchone()
    assert row is not None
    return int(row[0])
