"""What was removed on someone's word, and how long it took to be gone everywhere."""

from __future__ import annotations

from typing import NamedTuple

from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)


class Takedown(NamedTuple):
    """A removal that the bucket has carried out; the edge is to be looked at."""

    board: str
    change_no: int
    post_no: int
    paths: tuple[str, ...]


class OpenTakedowns(NamedTuple):
    takedowns: int
    oldest_s: float


def gone_from_origin(
    db: Connection, board: str, change_no: int, paths: list[str], *, has_cloud: bool
) -> list[float]:
    """The pages up to `change_no` are rendered; seconds that each removal took until here."""
    rows = db.execute(
        _SQL.gone_from_origin,
        {"board": board, "change_no": change_no, "paths": paths, "has_cloud": has_cloud},
    )
    return [seconds for _no, seconds in rows]


def gone_from_bucket(db: Connection) -> list[Takedown]:
    """Removals of which the bucket shows nothing any more, and the CDN was told."""
    rows = db.execute(_SQL.gone_from_bucket)
    return [Takedown(board, change_no, no, tuple(paths)) for board, change_no, no, paths in rows]


def gone_from_edge(db: Connection, takedown: Takedown) -> float:
    """A reader does not find it any more; seconds since it was asked for."""
    row = db.execute(
        _SQL.gone_from_edge, {"board": takedown.board, "change_no": takedown.change_no}
    ).fetchone()
    assert row is not None
    return float(row[0])


def still_open(db: Connection) -> OpenTakedowns:
    row = db.execute(_SQL.open).fetchone()
    assert row is not None
    return OpenTakedowns(*row)
