"""Which moment of the site the pages show that show several boards."""

from __future__ import annotations

from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)


def shown(db: Connection) -> tuple[int, int]:
    """Sums of the boards' change numbers, and of their settings' change numbers; -1: none yet."""
    row = db.execute(_SQL.shown).fetchone()
    assert row is not None, "a migration has put it there"
    change_no, settings_change_no = row
    return change_no, settings_change_no


def is_behind(db: Connection) -> bool:
    """Whether any board has had a change that they do not show."""
    return db.execute(_SQL.is_behind).fetchone() == (True,)


def show(db: Connection, change_no: int, settings_change_no: int) -> None:
    """They show this moment now. Call it in the transaction that records them."""
    db.execute(_SQL.show, {"change_no": change_no, "settings_change_no": settings_change_no})
