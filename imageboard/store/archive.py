"""The archive of a board: threads that fell off, which readers find where they were."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)

#: Numbers that are read at once.
_NUMBERS_MAX = 5_000


class ArchivePage(NamedTuple):
    """A page of the archive: threads of one month."""

    #: '2026-11', '2026-11-2'
    name: str
    #: 0: it is gone.
    threads: int


class ArchivedThread(NamedTuple):
    """A line on such a page."""

    no: int
    replies: int
    images: int
    subject: str | None
    body: str
    #: Unix seconds.
    archived_s: int


def numbers(db: Connection, board: str) -> Iterator[int]:
    """Of all threads in the archive, read bit by bit."""
    after = -1
    while True:
        found = [
            no
            for (no,) in db.execute(
                _SQL.numbers, {"board": board, "after": after, "limit": _NUMBERS_MAX}
            )
        ]
        yield from found
        if len(found) < _NUMBERS_MAX:
            return
        after = found[-1]


def newest(db: Connection, board: str, limit: int) -> list[int]:
    """Numbers of the threads that came last, the last first."""
    return [no for (no,) in db.execute(_SQL.newest, {"board": board, "limit": limit})]


def pages(db: Connection, board: str) -> list[ArchivePage]:
    """All pages, the newest first; those that are gone among them."""
    return list(queries.by_name(ArchivePage, db.execute(_SQL.pages, {"board": board})))


def changed_pages(db: Connection, board: str) -> list[ArchivePage]:
    """Those that a change altered which some page does not show yet."""
    return list(queries.by_name(ArchivePage, db.execute(_SQL.changed_pages, {"board": board})))


def threads_on(db: Connection, board: str, page: str) -> list[ArchivedThread]:
    """The threads on a page, in the order in which they came."""
    rows = db.execute(_SQL.threads_on, {"board": board, "page": page})
    return list(queries.by_name(ArchivedThread, rows))
