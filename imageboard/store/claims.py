"""Which reported post somebody of the staff looks at just now, so that two don't do the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)

#: So long it counts after its holder last opened the post.
KEPT_S = 5 * 60


class Claim(NamedTuple):
    """Somebody looks at a post."""

    staff: str
    #: Since when, whole minutes.
    minutes: int


def take(db: Connection, board: str, no: int, staff: str) -> Claim | None:
    """From now on it is theirs, unless somebody else has it: then that claim."""
    asked = {"board": board, "no": no, "staff": staff, "kept_s": KEPT_S}
    db.execute(_SQL.forget, asked)
    db.execute(_SQL.take, asked)
    return of_others(db, [(board, no)], staff).get((board, no))


def of_others(
    db: Connection, posts: Sequence[tuple[str, int]], staff: str
) -> dict[tuple[str, int], Claim]:
    """Those of `posts` that others than `staff` look at."""
    asked = {
        "boards": [board for board, _ in posts],
        "nos": [no for _, no in posts],
        "staff": staff,
        "kept_s": KEPT_S,
    }
    rows = db.execute(_SQL.of_others, asked)
    return {(board, no): Claim(name, minutes) for board, no, name, minutes in rows}
