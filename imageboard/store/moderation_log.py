"""The append-only log of what was removed, banned and marked; the table refuses anything else.

It never holds an address, nor a range that was banned: those are in the ban that it names.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

from psycopg.types.json import Jsonb

from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)


class Action(StrEnum):
    """What was done. A name may be added, never changed: old entries hold it."""

    DELETE_POST = "delete_post"
    DELETE_THREAD = "delete_thread"
    DELETE_FILE = "delete_file"
    DISMISS_REPORTS = "dismiss_reports"
    BAN = "ban"
    LIFT_BAN = "lift_ban"
    STICKY = "sticky"
    UNSTICKY = "unsticky"
    LOCK = "lock"
    UNLOCK = "unlock"


class Entry(NamedTuple):
    """One thing that was done."""

    id: int
    #: Unix seconds.
    happened_s: int
    #: None: the poster, by the post's password.
    staff: str | None
    action: str
    board: str | None
    post_no: int | None
    #: {'ban': 7}, {'reports': 3}
    detail: dict[str, Any]


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
            "action": action.value,
            "board": board,
            "post_no": post_no,
            "detail": Jsonb(detail),
        },
    )


def newest(db: Connection, *, limit: int, before: int | None = None) -> list[Entry]:
    """Newest first; only entries with an id below `before`."""
    rows = db.execute(_SQL.newest, {"limit": limit, "before": before})
    return [Entry(*row) for row in rows]
