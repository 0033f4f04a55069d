"""The right to write a board's files: one renderer has it at a time, on whatever machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)


@contextmanager
def hold(db: Connection, name: str) -> Iterator[None]:
    """Wait for the lock `name` and hold it on `db`'s session.

    PostgreSQL releases it when the session ends, so a renderer that dies leaves nothing locked.
    """
    if db.execute(_SQL.take, {"name": name}).fetchone() != (True,):
        db.execute(_SQL.wait_forever)
        try:
            db.execute(_SQL.wait, {"name": name})
        finally:
            db.execute(_SQL.wait_as_usual)
    try:
        yield
    finally:
        if not db.closed and not db.broken:
            db.execute(_SQL.release, {"name": name})
