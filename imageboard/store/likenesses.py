"""Files that look alike: found by what imageboard.likeness reckons of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)

#: Of each board so many posts' files are looked through, the newest first.
#: PERF: 50,000 take 80 ms on a busy processor, all in memory: for a search, not for each post.
FILES_MAX = 50_000


class Alike(NamedTuple):
    """A file that looks like the one asked for."""

    board: str
    no: int
    #: Of the first of the post's files: 0.
    position: int
    #: Of 64.
    bits_apart: int


class Unreckoned(NamedTuple):
    """A file with a thumbnail, of which nobody knows what it looks like."""

    board: str
    no: int
    position: int
    stored_as: str


def unreckoned(db: Connection, *, after: Unreckoned | None, limit: int) -> list[Unreckoned]:
    """Those after one of them (None: from the first), by board and number."""
    board, no, position, _ = after or ("", 0, 0, "")
    asked = {"board": board, "no": no, "position": position, "limit": limit}
    return [Unreckoned(*row) for row in db.execute(_SQL.unreckoned, asked)]


def note(db: Connection, file: Unreckoned, likeness: int) -> None:
    """What it looks like, if it is still there."""
    db.execute(_SQL.note, file._asdict() | {"likeness": likeness})


def of_post(db: Connection, board: str, no: int) -> list[int]:
    """What the files of a post look like that are there, in their order; each once."""
    rows = db.execute(_SQL.of_post, {"board": board, "no": no})
    return list(dict.fromkeys(likeness for (likeness,) in rows))


def alike(
    db: Connection,
    likenesses: Sequence[int],
    *,
    on: list[str] | None,
    bits_max: int,
    limit: int,
    files_max: int = FILES_MAX,
) -> list[Alike]:
    """Files of posts on these boards (None: on all) that look like one of `likenesses`, the newest
    of each board's `files_max` first; what was removed is not among them.
    """
    asked = {"likenesses": list(likenesses), "on": on, "bits_max": bits_max, "limit": limit}
    return [Alike(*row) for row in db.execute(_SQL.alike, asked | {"files_max": files_max})]
