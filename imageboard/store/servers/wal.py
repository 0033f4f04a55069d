"""The write-ahead log as its receivers need to know it. Asks for a role that may replicate.

Positions are LSNs as PostgreSQL writes them: 'A/2B000028'.
"""

from __future__ import annotations

from typing import NamedTuple

from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)


class Cluster(NamedTuple):
    """`system` is the same for all copies of one cluster; `segment_size` is '16MB' by default."""

    system: str
    segment_size: str


class Slot(NamedTuple):
    """`state` is 'reserved', 'extended', 'unreserved', or 'lost': too much was held back."""

    state: str
    #: Whether its receiver is there.
    is_active: bool


def cluster(db: Connection) -> Cluster:
    row = db.execute(_SQL.cluster).fetchone()
    assert row is not None
    return Cluster(*row)


def version(db: Connection) -> int:
    """PostgreSQL's major version, 18 for instance."""
    row = db.execute(_SQL.version).fetchone()
    assert row is not None
    return int(row[0])


def position(db: Connection) -> str:
    """Everything that was committed before this call lies before it."""
    row = db.execute(_SQL.position).fetchone()
    assert row is not None
    return str(row[0])


def mark(db: Connection, text: str) -> str:
    """Commit something that changes no table; the position behind it."""
    db.execute(_SQL.mark, {"text": text})
    return position(db)


def is_received(db: Connection, receiver: str, lsn: str) -> bool:
    """Whether the receiver of that name has written everything up to `lsn`."""
    row = db.execute(_SQL.is_received, {"receiver": receiver, "lsn": lsn}).fetchone()
    return row == (True,)


def slot(db: Connection, name: str) -> Slot | None:
    """None: there is none of that name."""
    row = db.execute(_SQL.slot, {"slot": name}).fetchone()
    return None if row is None else Slot(*row)


def make_slot(db: Connection, name: str) -> None:
    db.execute(_SQL.make_slot, {"slot": name})


def drop_slot(db: Connection, name: str) -> None:
    """Raises StoreUnavailable while its receiver is there."""
    db.execute(_SQL.drop_slot, {"slot": name})


def replayed_until(db: Connection) -> float | None:
    """Unix seconds of the newest commit that this cluster's recovery has brought back."""
    row = db.execute(_SQL.replayed_until).fetchone()
    assert row is not None
    return None if row[0] is None else float(row[0])
