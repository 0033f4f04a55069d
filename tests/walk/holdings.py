"""What a running board holds: to show that a refused form has left nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg

from tests.walk.board_process import BoardProcess

_TABLES = ("posts", "threads", "files", "quotes", "receipts", "reports", "moderation_log")
#: The boards' numbers too: a refused post uses none up.
_QUERY = f"""
    SELECT (SELECT array_agg((name, last_no, change_no, last_tim)::text ORDER BY name) FROM boards),
        {", ".join(f"(SELECT count(*) FROM {table})" for table in _TABLES)}
"""


class Holdings(NamedTuple):
    """Rows and numbers of the database, files of posters in the data folder."""

    in_database: tuple[Any, ...] | None
    uploads: list[str]
    scratch: list[str]


def holdings(board: BoardProcess) -> Holdings:
    with psycopg.connect(board.environment["DATABASE_URL"]) as db:
        in_database = db.execute(_QUERY).fetchone()
    return Holdings(in_database, _files(board, "uploads"), _files(board, "scratch"))


@contextmanager
def nothing_stored(board: BoardProcess) -> Iterator[None]:
    """Whatever is sent in this block is refused without a trace."""
    before = holdings(board)
    yield
    assert holdings(board) == before


def _files(board: BoardProcess, folder: str) -> list[str]:
    root = board.data / folder
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
