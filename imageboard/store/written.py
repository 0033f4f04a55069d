"""What staff write: pages, announcements and news, of a board or (None) of the whole site."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from imageboard.boards import Board
from imageboard.errors import BadPage
from imageboard.facts import StaffWrote
from imageboard.store import boards, queries, site_moment, threads
from imageboard.store.database import Connection
from imageboard.words import N_
from imageboard.written_pages import ANNOUNCEMENT, NEWS, PAGES_MAX, NewsItem, WrittenPage

_SQL = queries.beside(__file__)


class Titles(NamedTuple):
    """What is told of the pages of a board, or of the site, without their text."""

    #: (board, Markdown) of what stands above the threads, the site's first.
    announcements: tuple[tuple[str | None, str], ...]
    #: (name, title) of each page that has an address.
    pages: tuple[tuple[str, str], ...]


def set_page(db: Connection, board: str | None, name: str, title: str, body: str) -> list[str]:
    """Write a page, or write it anew; the boards of which something is to be drawn.

    Raises:
        NoSuchBoard.
        BadPage: there are as many as there may be.
    """
    _hold(db, board)
    known = {page.name for page in pages(db, board)}
    if name not in known and len(known) >= PAGES_MAX:
        fault = N_("there are {count} pages already").filled(count=PAGES_MAX)
        raise BadPage(name=name, fault=fault)
    db.execute(_SQL.set_page, {"board": board, "name": name, "title": title, "body": body})
    return _tell(db, board, name)


def remove_page(db: Connection, board: str | None, name: str) -> list[str]:
    """The boards of which something is to be drawn. Raises NoSuchBoard, BadPage: it isn't there."""
    _hold(db, board)
    if db.execute(_SQL.remove_page, {"board": board, "name": name}).rowcount == 0:
        raise BadPage(name=name, fault=N_("there is no page of this name"))
    return _tell(db, board, name)


def pages(db: Connection, board: str | None) -> list[WrittenPage]:
    """Every page, by its name."""
    return list(queries.by_name(WrittenPage, db.execute(_SQL.pages, {"board": board})))


def page(db: Connection, board: str | None, name: str) -> WrittenPage | None:
    rows = db.execute(_SQL.page, {"board": board, "name": name})
    return next(iter(queries.by_name(WrittenPage, rows)), None)


def titles(db: Connection, board: str | None) -> Titles:
    rows = db.execute(_SQL.titles, {"board": board, "announcement": ANNOUNCEMENT}).fetchall()
    return Titles(
        tuple((of, body) for of, name, _, body in rows if name == ANNOUNCEMENT),
        tuple((name, title) for _, name, title, _ in rows if name != ANNOUNCEMENT),
    )


def titles_by_board(db: Connection) -> dict[str, list[tuple[str, str]]]:
    """{'b': [('rules', 'House rules'), …]} of boards with pages that have an address."""
    rows = db.execute(_SQL.titles_by_board, {"announcement": ANNOUNCEMENT}).fetchall()
    return {
        board: [(name, title) for _, name, title in of_board]
        for board, of_board in groupby(rows, key=itemgetter(0))
    }


def add_news(
    db: Connection, board: str | None, title: str, body: str, *, created_s: int | None = None
) -> tuple[int, list[str]]:
    """(its number, the boards of which something is to be drawn). Raises NoSuchBoard.

    `created_s` (Unix seconds) is of news that were told elsewhere; None: now.
    """
    _hold(db, board)
    asked = {"board": board, "title": title, "body": body, "created_s": created_s}
    row = db.execute(_SQL.add_news, asked).fetchone()
    assert row is not None, "RETURNING"
    return row[0], _tell(db, board, NEWS)


def remove_news(db: Connection, news_id: int) -> list[str]:
    """The boards of which something is to be drawn. Raises BadPage: it isn't there."""
    row = db.execute(_SQL.remove_news, {"id": news_id}).fetchone()
    if row is None:
        raise BadPage(name=str(news_id), fault=N_("there are no news of this number"))
    return _tell(db, row[0], NEWS)


def news(db: Connection, board: str | None, limit: int) -> list[NewsItem]:
    """The newest of a board, or of the site."""
    rows = db.execute(_SQL.news, {"board": board, "limit": limit})
    return list(queries.by_name(NewsItem, rows))


def headlines(db: Connection, board: str, limit: int) -> list[NewsItem]:
    """The newest of a board and of the site together, without their text."""
    rows = db.execute(_SQL.headlines, {"board": board, "limit": limit})
    return list(queries.by_name(NewsItem, rows))


def _hold(db: Connection, board: str | None) -> None:
    """Raises NoSuchBoard."""
    if board is not None:
        boards.lock(db, board)


def _tell(db: Connection, board: str | None, name: str) -> list[str]:
    """The boards of which something is to be drawn: of what stands above the threads, all of them
    for what is of the whole site."""
    if board is not None:
        _tell_board(db, boards.lock(db, board), name)
        return [board]
    site_moment.touch(db)
    if name not in (NEWS, ANNOUNCEMENT):
        return []
    # In the order of their names, as whoever else takes several.
    everywhere = [each.name for each in boards.list_all(db)]
    for one in everywhere:
        _tell_board(db, boards.lock(db, one), name)
    return everywhere


def _tell_board(db: Connection, board: Board, name: str) -> None:
    boards.ask_again(db, board.name, StaffWrote(threads.board_pages(db, board), name))
