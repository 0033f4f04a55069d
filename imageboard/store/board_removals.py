"""Boards that go, with all that they hold: at once for whoever reads and posts, bit by bit here.

First the board is marked: from then on nobody finds it or posts to it. Its pages go next, as those
of anything that is removed; then its rows, so many a transaction, since other boards go on. Each
part is done again as often as anybody calls, and changes nothing when it was done before: whoever
is killed leaves the rest to the next. Last goes the row of the board itself, and PostgreSQL refuses
that as long as any row leads to it.
"""

from __future__ import annotations

from typing import NamedTuple

from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

from imageboard.errors import NoSuchBoard
from imageboard.facts import BoardRemoved, Fact, ThreadRerendered
from imageboard.store import boards, queries
from imageboard.store.database import ANSWER_WAIT_S_MAX, Connection

_SQL = queries.beside(__file__)

#: Tables of which rows are a board's, by their column `board`; those that others refer to, later.
FORGOTTEN = (
    "all_threads",
    "moved_threads",
    "archive_pages",
    "archive_drawn",
    "board_flags",
    "written_pages",
    "news",
    "board_roles",
    "invitations",
    "bans",
    "file_bans",
    "spam_rules",
    "claims",
    "receipts",
    "said_texts",
    "text_sketches",
    "push_subscriptions",
    "imported_posts",
    "imports",
    "old_boards",
    "old_log",
    "search_progress",
    "threads_shown",
)
#: What goes in another way, or stays, and why.
NOT_FORGOTTEN = {
    "posts": "some at a time, since links to them change on other boards",
    "files": "with their posts, as their master copies do",
    "quotes": "with their posts",
    "old_files": "with their posts",
    "reports": "with their posts",
    "searchable": "with their posts",
    "search_due": "with their posts",
    "imported_quotes": "with their posts",
    "removed_posts": "with their threads",
    "imported_threads": "with their threads",
    "laid_aside": "with the master copies of its files",
    "banners": "with their master copies",
    "outbox": "settled by whoever takes the pages away",
    "publications": "until bucket and CDN have followed",
    "takedowns": "until the edge was looked at",
    "moderation_log": "what was done stays written down",
    "log_days": "the same",
}


class Holdings(NamedTuple):
    """How much a board holds."""

    is_going: bool
    #: On the board, in its archive, and kept aside or removed and not erased.
    threads: int
    archived: int
    aside: int
    #: Of all of these.
    posts: int
    files: int
    #: Of files and banners as they were sent, thumbnails apart.
    bytes: int
    #: Posts that wait for staff, or that staff removed and can still bring back.
    laid_aside: int
    banners: int
    flags: int
    pages: int
    news: int
    bans: int
    file_bans: int
    rules: int
    #: Of staff, on this board alone.
    roles: int


class Forgotten(NamedTuple):
    """What one step dropped."""

    posts: int
    #: Names in the upload store that it held.
    uploads: list[str]
    #: Whether nothing was left to be dropped.
    is_empty: bool


def holdings(db: Connection, name: str) -> Holdings:
    """All is counted, however much. In a transaction. Raises NoSuchBoard."""
    db.answer_wait_s_max = float("inf")
    try:
        db.execute(_SQL.as_long_as_it_takes)
        for found in queries.by_name(Holdings, db.execute(_SQL.holdings, {"name": name})):
            return found
    finally:
        db.answer_wait_s_max = ANSWER_WAIT_S_MAX
    raise NoSuchBoard(board=name)


def begin(db: Connection, name: str) -> list[str]:
    """The board is going; the boards that are to be drawn anew, and it itself.

    Raises NoSuchBoard: it is not there, or going already.
    """
    if not db.execute(_SQL.begin, {"name": name} | _stored(BoardRemoved())).rowcount:
        raise NoSuchBoard(board=name)
    return sorted([name, *boards.redraw_all(db)])


def going(db: Connection) -> dict[str, bool]:
    """{board that is going: whether its pages are gone}, the one that has waited longest first."""
    return dict(db.execute(_SQL.going).fetchall())


def is_going(db: Connection, name: str) -> bool:
    return db.execute(_SQL.is_going, {"name": name}).fetchone() == (True,)


def forget_some(db: Connection, name: str, *, posts_max: int, rows_max: int) -> Forgotten | None:
    """Drop some of what a board holds that is going; None: it is gone, or none is going."""
    row = db.execute(_SQL.forget_posts, {"name": name, "limit": posts_max}).fetchone()
    assert row is not None
    if row[0]:
        return Forgotten(row[0], row[1], is_empty=False)
    if db.execute(_SQL.hold, {"name": name}).fetchone() is None:
        return None
    asked = {"name": name, "limit": rows_max}
    laid_aside = db.execute(_SQL.forget_laid_aside, asked).fetchall()
    hung = db.execute(_SQL.forget_banners, asked).fetchall()
    leading = db.execute(_SQL.lead_nowhere, asked | {"kind": ThreadRerendered.__name__}).rowcount
    db.execute(_SQL.forget_bans_of_posts, asked)
    db.execute(_SQL.forget_others, asked)
    left = rows_max - len(laid_aside) - len(hung) - leading
    for table in FORGOTTEN:
        if left <= 0:
            break
        statement = SQL(_SQL.forget_rows).format(table=Identifier(table))
        left -= db.execute(statement, asked | {"limit": left}).rowcount
    uploads = [name for (names,) in laid_aside for name in names] + [name for (name,) in hung]
    return Forgotten(0, uploads, is_empty=left == rows_max)


def end(db: Connection, name: str) -> bool:
    """Nothing is left of the board; False: pages of it still stand, or a change waits.

    Raises StatementFailed: a row leads to it.
    """
    if db.execute(_SQL.hold, {"name": name}).fetchone() is None:
        return True
    if db.execute(_SQL.has_pages, {"name": name}).fetchone() == (True,):
        return False
    db.execute(_SQL.end, {"name": name})
    return True


def gone(db: Connection) -> dict[str, int]:
    """{board that is gone: its last change}"""
    return dict(db.execute(_SQL.gone).fetchall())


def _stored(fact: Fact) -> dict[str, object]:
    return {"kind": type(fact).__name__, "body": Jsonb(fact.to_json())}
