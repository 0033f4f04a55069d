"""Reports of posts, and the queue of those that nobody has dealt with."""

from __future__ import annotations

from collections.abc import Mapping

from imageboard.errors import NoSuchPost
from imageboard.moderation import ReportedPost
from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)

#: More reports of one post say nothing new: they are taken, and not stored.
PER_POST_MAX = 100
#: For so long a dismissal can be taken back.
REOPEN_HOURS = 24
#: Of one post in the queue.
REASONS_SHOWN_MAX = 10


def add(
    db: Connection,
    board: str,
    nos: list[int],
    *,
    reason: str,
    address_hash: bytes,
) -> int:
    """Report posts; the number of reports that are new: see PER_POST_MAX.

    Raises:
        NoSuchPost: none of them was reported.
    """
    found = {no for (no,) in db.execute(_SQL.hold, {"board": board, "nos": nos})}
    for no in nos:
        if no not in found:
            raise NoSuchPost(board=board, no=no)
    return db.execute(
        _SQL.add,
        {
            "board": board,
            "nos": nos,
            "reason": reason,
            "address_hash": address_hash,
            "per_post_max": PER_POST_MAX,
        },
    ).rowcount


def forget_hashes(db: Connection, kept_days: int, limit: int) -> int:
    """Drop who made so many reports older than that; the number of reports."""
    return db.execute(_SQL.forget_hashes, {"days": kept_days, "limit": limit}).rowcount


def queue(
    db: Connection,
    *,
    on: list[str] | None,
    limit: int,
    after: int = 0,
    most_first: bool = False,
) -> list[ReportedPost]:
    """Those after so many, the first reported first, or (`most_first`) the most reported.

    Of `on` as Visitor.boards gives them, None: of all.
    """
    asked = {"on": on, "limit": limit, "after": after, "most_first": most_first}
    rows = db.execute(_SQL.queue, asked | {"reasons_max": REASONS_SHOWN_MAX})
    return [ReportedPost(*row) for row in rows]


def dismissed(db: Connection, *, on: list[str] | None, limit: int) -> list[ReportedPost]:
    """Posts whose reports were dismissed within REOPEN_HOURS and can be opened again, the last
    first. Of `on` as above.
    """
    asked = {"on": on, "limit": limit, "hours": REOPEN_HOURS, "reasons_max": REASONS_SHOWN_MAX}
    return [ReportedPost(*row) for row in db.execute(_SQL.dismissed, asked)]


def reopen(db: Connection, board: str, no: int) -> int:
    """Put a post back into the queue; the number of reports."""
    return db.execute(_SQL.reopen, {"board": board, "no": no, "hours": REOPEN_HOURS}).rowcount


def count(db: Connection, *, on: list[str] | None) -> int:
    """Posts in the queue of these boards; None: of all."""
    row = db.execute(_SQL.count, {"on": on}).fetchone()
    assert row is not None
    return int(row[0])


def of_post(db: Connection, board: str, no: int) -> list[str]:
    """Reasons of the reports of one post, oldest first."""
    values = {"board": board, "no": no, "limit": PER_POST_MAX}
    return [reason for (reason,) in db.execute(_SQL.of_post, values)]


def dismiss(db: Connection, board: str, no: int, *, known: int | None = None) -> int:
    """Take a post out of the queue; the number of reports.

    What was reported after `known` stays: whoever dismisses has not read it.
    """
    return db.execute(_SQL.dismiss, {"board": board, "no": no, "known": known}).rowcount


def newest(db: Connection) -> int:
    """What a page that is drawn now knows of reports, for `dismiss`."""
    row = db.execute(_SQL.newest).fetchone()
    assert row is not None
    return int(row[0])


def read_known(typed: Mapping[str, str]) -> int | None:
    """As the forms of such a page say it."""
    text = typed.get("known", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None
