"""The right to write a board's files: one renderer has it at a time, on whatever machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from imageboard.store import queries
from imageboard.store.database import ANSWER_WAIT_S_MAX, Connection
from monitoring import metrics

_SQL = queries.beside(__file__)


@contextmanager
def hold(db: Connection, name: str) -> Iterator[str]:
    """Wait for the lock `name` and hold it on `db`'s session.

    Yields when the server was started: what a renderer wrote down shortly before that may be
    lost, since its transactions are not waited for (Database, `durable`).

    PostgreSQL releases it when the session ends, so a renderer that dies leaves nothing locked.
    """
    is_taken, server_started = _take(db, name)
    if not is_taken:
        metrics.render_lock_waits.labels("site" if name.startswith("@") else "board").inc()
        _wait(db, name)
    with _giving_up(db, name):
        yield server_started


@contextmanager
def hold_if_free(db: Connection, name: str) -> Iterator[bool]:
    """Hold it unless somebody else does; whether it is held."""
    is_taken, _ = _take(db, name)
    if not is_taken:
        yield False
        return
    with _giving_up(db, name):
        yield True


def is_wanted(db: Connection, name: str) -> bool:
    """Whether somebody waits for the lock `name`."""
    return db.execute(_SQL.is_wanted, {"name": name}).fetchone() == (True,)


def _take(db: Connection, name: str) -> tuple[bool, str]:
    """(whether it was free, when the server was started)"""
    row = db.execute(_SQL.take, {"name": name}).fetchone()
    assert row is not None
    is_taken, server_started = row
    return is_taken, server_started


@contextmanager
def _giving_up(db: Connection, name: str) -> Iterator[None]:
    try:
        yield
    finally:
        if not db.closed and not db.broken:
            db.execute(_SQL.release, {"name": name})


def _wait(db: Connection, name: str) -> None:
    """The holder may be rendering a whole board: wait as long as it takes."""
    db.answer_wait_s_max = float("inf")
    try:
        # The session holds the lock, also after the transaction.
        with db.transaction():
            db.execute(_SQL.wait_forever)
            db.execute(_SQL.wait, {"name": name})
    finally:
        db.answer_wait_s_max = ANSWER_WAIT_S_MAX
