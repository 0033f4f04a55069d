"""What stands around a post, in short: by which staff judge it without leaving their list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)

#: Of a text.
EXCERPT_CHARS_MAX = 200


class Excerpt(NamedTuple):
    """The beginning of a post."""

    no: int
    subject: str | None
    body: str


class Surroundings(NamedTuple):
    """None, each: there is no such post; the OP is none beside itself."""

    op: Excerpt | None = None
    before: Excerpt | None = None
    after: Excerpt | None = None


def of(db: Connection, posts: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Surroundings]:
    """Of each of `posts` its thread's OP, and the posts before and after it in the thread."""
    asked = {
        "boards": [board for board, _ in posts],
        "nos": [no for _, no in posts],
        "chars_max": EXCERPT_CHARS_MAX,
    }
    found: dict[tuple[str, int], Surroundings] = {}
    for board, no, place, *excerpt in db.execute(_SQL.of, asked):
        around = found.get((board, no), Surroundings())
        found[board, no] = around._replace(**{place: Excerpt(*excerpt)})
    return found
