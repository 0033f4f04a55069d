"""The archive of a board: threads that fell off, which readers find where they were."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from imageboard.boards import Board
from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)

#: Numbers that are read at once.
_NUMBERS_MAX = 5_000
#: After every number.
_ALL = 2**63 - 1
_NONE = -1


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
    after = _NONE
    while found := _numbers(db, board, after, _NUMBERS_MAX):
        yield from found
        after = found[-1]


def numbers_by_chance(db: Connection, board: str, nos: list[int]) -> list[int]:
    """Of each of these numbers the first archived thread at or after it."""
    return [no for (no,) in db.execute(_SQL.by_chance, {"board": board, "nos": nos})]


def boards_behind(db: Connection) -> list[str]:
    """Boards whose archived threads are not all drawn with the settings that they have."""
    return [name for (name,) in db.execute(_SQL.boards_behind)]


def is_drawn(db: Connection, board: Board, thread: int = _ALL) -> bool:
    """Whether an archived thread (or all) is drawn with the board's settings."""
    return _drawn_up_to(db, board) >= thread


def not_drawn(db: Connection, board: Board, limit: int) -> list[int]:
    """Archived threads that are not drawn with the board's settings, the first ones."""
    return _numbers(db, board.name, _drawn_up_to(db, board), limit)


def note_drawn(db: Connection, board: Board, up_to: int | None) -> None:
    """They are drawn up to this number; None: all are."""
    db.execute(
        _SQL.note_drawn,
        {
            "board": board.name,
            "settings_change_no": board.settings_change_no,
            "up_to_no": _ALL if up_to is None else up_to,
        },
    )


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


def _numbers(db: Connection, board: str, after: int, limit: int) -> list[int]:
    values = {"board": board, "after": after, "limit": limit}
    return [no for (no,) in db.execute(_SQL.numbers, values)]


def _drawn_up_to(db: Connection, board: Board) -> int:
    values = {"board": board.name, "settings_change_no": board.settings_change_no}
    row = db.execute(_SQL.drawn_up_to, values).fetchone()
    return _NONE if row is None else int(row[0])
