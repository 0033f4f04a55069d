"""What the database as a whole has to tell its operators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)
#: A million files are gone through without a long statement, or many bytes of memory.
_ROWS_AT_ONCE = 10_000


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


class Program(NamedTuple):
    """Those of one name that are connected."""

    name: str
    connections: int
    #: For how long none of them has asked for anything.
    quiet_s: float


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


def programs(db: Connection) -> dict[str, Program]:
    """{name: program} of whoever is connected, on whichever machine."""
    return {row[0]: Program(*row) for row in db.execute(_SQL.programs)}


def clock_s(db: Connection) -> float:
    """What time it is for the server."""
    row = db.execute(_SQL.clock).fetchone()
    assert row is not None
    return float(row[0])


def published_paths(db: Connection) -> Iterator[str]:
    """Each file that stands in the web root, as the ledger has it; relative."""
    return _in_order(db, _SQL.published_after, "path")


def uploads_held(db: Connection) -> Iterator[str]:
    """Names of the uploads that posts hold."""
    return _in_order(db, _SQL.uploads_after, "name")


def _in_order(db: Connection, query: str, key: str) -> Iterator[str]:
    """One text column, some rows at a time."""
    last = ""
    while found := [row[0] for row in db.execute(query, {key: last, "limit": _ROWS_AT_ONCE})]:
        yield from found
        last = found[-1]


def has_tables(db: Connection) -> bool:
    """Whether anything of a board is in the database."""
    row = db.execute(_SQL.has_tables).fetchone()
    return row == (True,)


def set_aside(db: Connection, name: str) -> None:
    """All tables go into a schema of that name; none is left where programs look for them."""
    with db.transaction():
        db.execute(_SQL.name_aside, {"name": name})
        db.execute(_SQL.set_aside)


def put_back(db: Connection, name: str) -> None:
    """Undo `set_aside`; what was made since is lost."""
    with db.transaction():
        db.execute(_SQL.name_aside, {"name": name})
        db.execute(_SQL.put_back)
