"""What a running board holds: to show that a refused form has left nothing behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, Self

import psycopg

from tests.walk.board_process import BoardProcess

_TABLES = ("posts", "threads", "files", "quotes", "receipts", "reports", "moderation_log")
#: The boards' numbers too: a refused post uses none up.
_QUERY = f"""
    SELECT (SELECT array_agg((name, last_no, change_no, last_tim)::text ORDER BY name) FROM boards),
        {", ".join(f"(SELECT count(*) FROM {table})" for table in _TABLES)}
"""


def files_of(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """All below it, with their bytes, while programs write there: what goes meanwhile is left out.

    A page that is pressed, a segment of the database's log that is done: each is another's name or
    gone the moment after it was listed.
    """
    for place, _, names in os.walk(folder):
        for path in (Path(place) / name for name in sorted(names)):
            with suppress(FileNotFoundError):
                if path.is_file() and not path.is_symlink():
                    yield path, path.read_bytes()


class Holdings(NamedTuple):
    """Rows and numbers of the database, files of posters in the data folder."""

    in_database: tuple[Any, ...] | None
    uploads: list[str]
    scratch: list[str]


class Inventory:
    """Looks what a board holds.

    PERF: on one connection: another for each look takes 20 ms of CPU, and there are hundreds.
    """

    def __init__(self, board: BoardProcess) -> None:
        self._board = board
        self._db = psycopg.connect(board.environment["DATABASE_URL"], autocommit=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def taken(self) -> Holdings:
        in_database = self._db.execute(_QUERY).fetchone()
        return Holdings(in_database, self._files("uploads"), self._files("scratch"))

    @contextmanager
    def nothing_stored(self) -> Iterator[None]:
        """Whatever is sent in this block is refused without a trace."""
        before = self.taken()
        yield
        assert self.taken() == before

    def _files(self, folder: str) -> list[str]:
        root = self._board.data / folder
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
