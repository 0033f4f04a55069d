"""What was removed on someone's word, and how long it took to be gone everywhere."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)


class Takedown(NamedTuple):
    """What one step took away, and the bucket too: the CDN is to be told again, and looked at.

    One post, or all that somebody wrote: its pages are the same, and are looked at once.
    """

    board: str
    #: When the pages here showed nothing of it any more; with the board, what it is known by.
    gone_at: datetime
    #: Those that are gone. Of others only files were removed.
    post_nos: frozenset[int]
    paths: tuple[str, ...]
    #: All of the board is gone.
    is_whole_board: bool = False


class GoneFromOrigin(NamedTuple):
    """A removal that has reached all pages here."""

    #: Seconds from when it was asked for.
    took_s: float
    #: Master copies in the upload store that nobody holds any more.
    uploads: list[str]


class OpenTakedowns(NamedTuple):
    takedowns: int
    oldest_s: float


def gone_from_origin(
    db: Connection, board: str, change_no: int, paths: list[str], *, has_cloud: bool
) -> list[GoneFromOrigin]:
    """The pages up to `change_no` are rendered: note the removals that they show."""
    rows = db.execute(
        _SQL.gone_from_origin,
        {"board": board, "change_no": change_no, "paths": paths, "has_cloud": has_cloud},
    )
    return list(queries.by_name(GoneFromOrigin, rows))


def board_gone_from_origin(db: Connection, board: str, paths: list[str], *, has_cloud: bool) -> int:
    """These files of a board that is going are gone, or show nothing of it; at which change."""
    asked = {"board": board, "paths": paths, "has_cloud": has_cloud}
    row = db.execute(_SQL.board_gone_from_origin, asked).fetchone()
    assert row is not None, "whoever holds the right to write its files has seen that it is going"
    return int(row[0])


def are_being_drawn(db: Connection, lately_s: float) -> bool:
    """Whether something was removed within so many seconds that pages here may still show."""
    return db.execute(_SQL.being_drawn, {"lately_s": lately_s}).fetchone() is not None


def gone_from_bucket(db: Connection, *, look_after_s: float) -> list[float]:
    """Note the removals that the bucket and the CDN have newly been told of.

    Each is looked at from the edge `look_after_s` later; seconds that it took until here.
    """
    rows = db.execute(_SQL.gone_from_bucket, {"look_after_s": look_after_s})
    return [seconds for (seconds,) in rows]


def due_at_edge(db: Connection, limit: int) -> list[Takedown]:
    """Steps of whose removals the CDN is to be told again, and looked at, now."""
    rows = db.execute(_SQL.due_at_edge, {"limit": limit})
    return [
        Takedown(board, gone_at, frozenset(nos) - {None}, tuple(paths), None in nos)
        for board, gone_at, nos, paths in rows
    ]


def look_later(db: Connection, takedown: Takedown, *, look_after_s: float) -> None:
    """A reader still finds it: once more, after a while."""
    asked = {"board": takedown.board, "gone_at": takedown.gone_at, "look_after_s": look_after_s}
    db.execute(_SQL.look_later, asked)


def gone_from_edge(db: Connection, takedown: Takedown) -> list[float]:
    """A reader does not find it any more; seconds since each removal of it was asked for.

    None: those that were brought back meanwhile.
    """
    asked = {"board": takedown.board, "gone_at": takedown.gone_at}
    return [seconds for (seconds,) in db.execute(_SQL.gone_from_edge, asked)]


def still_open(db: Connection) -> OpenTakedowns:
    row = db.execute(_SQL.open).fetchone()
    assert row is not None
    return OpenTakedowns(*row)
