"""The chain of the moderation log, as the database keeps it (imageboard/log_chain.py)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from imageboard.log_chain import ChainedEntry, Head
from imageboard.store import queries, site_moment
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)

#: Entries that are read at once.
BATCH = 5_000


class Told(NamedTuple):
    """Where readers find an entry."""

    #: None: in the log of the whole site.
    board: str | None
    day: str
    place: int
    #: Entries of the same log and day.
    before: int


class Day(NamedTuple):
    """A day on which something was done, in UTC."""

    #: None: what was done on no board.
    board: str | None
    #: '2026-11-29'
    day: str
    entries: int


def entries(db: Connection, after: int = 0) -> Iterator[ChainedEntry]:
    """All of them after a place, in order, read bit by bit."""
    while True:
        batch = list(
            queries.by_name(ChainedEntry, db.execute(_SQL.after, {"place": after, "limit": BATCH}))
        )
        yield from batch
        if len(batch) < BATCH:
            return
        after = batch[-1].place


def unchained(db: Connection) -> int | None:
    """The number of an entry in the log that is not in the chain; None: there is none."""
    row = db.execute(_SQL.unchained).fetchone()
    return row[0] if row else None


def head(db: Connection) -> Head | None:
    """None: nothing was written down yet."""
    return next(iter(queries.by_name(Head, db.execute(_SQL.head))), None)


def days(db: Connection, after: int = 0) -> list[Day]:
    """Those that have entries after a place, the last day first."""
    found = db.execute(_SQL.days_since, {"place": after}) if after else db.execute(_SQL.days)
    return list(queries.by_name(Day, found))


def of_day(db: Connection, day: str, board: str | None) -> list[ChainedEntry]:
    """In the order of their places; None: of all boards, and of none."""
    asked = {"day": day, "board": board}
    return list(queries.by_name(ChainedEntry, db.execute(_SQL.of_day, asked)))


def of_ban(db: Connection, ban: int) -> Told | None:
    """The entry of a ban; None: its board tells nothing, or it is from this transaction."""
    return next(iter(queries.by_name(Told, db.execute(_SQL.of_ban, {"ban": ban}))), None)


def forget_names(db: Connection, kept_days: int, limit: int) -> int:
    """Names of who did it, in so many entries that are older; the number of entries.

    The chain holds without them. Public pages are drawn anew.
    """
    forgotten = db.execute(_SQL.forget_names, {"days": kept_days, "limit": limit}).rowcount
    if forgotten:
        site_moment.touch(db)
    return forgotten
