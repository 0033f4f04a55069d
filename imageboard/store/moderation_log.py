"""The append-only log of what was removed, banned and marked; the table refuses anything else.

It never holds an address, nor a range that was banned: those are in the ban that it names.
"""

from __future__ import annotations

from psycopg.types.json import Jsonb

from imageboard.moderation import Action, LogEntry
from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)


def add(
    db: Connection,
    action: Action,
    *,
    staff: str | None,
    board: str | None = None,
    post_no: int | None = None,
    **detail: int | str,
) -> None:
    """Write it down, in the transaction in which it is done."""
    db.execute(
        _SQL.add,
        {
            "staff": staff,
            "action": action.name,
            "board": board,
            "post_no": post_no,
            "detail": Jsonb(detail),
        },
    )


def newest(
    db: Connection, *, on: list[str] | None, limit: int, before: int | None = None
) -> list[LogEntry]:
    """Newest first; only entries with an id below `before`.

    `on` as Visitor.boards gives them; None: everything, what was done on no board too.
    """
    rows = db.execute(_SQL.newest, {"on": on, "limit": limit, "before": before})
    return [LogEntry(*row) for row in rows]
