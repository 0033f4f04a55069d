"""Posts that staff look at before anybody else: by a state of their board, or by a rule.

Whoever wants a post to be held gives its NewPost a reason (`held_because`), and posts.add does the
rest: it is checked as any post and has its number, by which it appears when it is released. Until
then it is laid aside as what staff removed is (imageboard.store.removals), where nothing finds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)


class HeldPost(NamedTuple):
    """A post that nobody has seen yet."""

    #: Of the removal that holds it.
    id: int
    board: str
    no: int
    thread: int
    because: str
    #: Unix seconds.
    held_s: int
    kept_until_s: int
    name: str | None
    tripcode: str | None
    subject: str | None
    body: str
    #: [['cat.png', True]]: as its poster called each file, and whether it has a thumbnail.
    files: list[list[Any]]

    @property
    def is_op(self) -> bool:
        return self.no == self.thread


class HeldFile(NamedTuple):
    """A file of such a post, in the upload store."""

    stored_as: str
    extension: str
    #: None: it has no thumbnail.
    thumb_extension: str | None


def waiting(db: Connection, *, on: list[str] | None, limit: int, after: int = 0) -> list[HeldPost]:
    """Those of these boards (None: of all), after so many of them, the first that came first."""
    rows = db.execute(_SQL.waiting, {"on": on, "limit": limit, "after": after})
    return list(queries.by_name(HeldPost, rows))


def count(db: Connection, *, on: list[str] | None) -> int:
    row = db.execute(_SQL.count, {"on": on}).fetchone()
    assert row is not None
    return int(row[0])


def boards_of(db: Connection, ids: Sequence[int]) -> dict[int, str]:
    """{id: board} of those of `ids` that are held."""
    return dict(db.execute(_SQL.boards_of, {"ids": list(ids)}).fetchall())


def is_waiting(db: Connection, board: str, no: int) -> bool:
    """Whether this post is held."""
    row = db.execute(_SQL.is_waiting, {"board": board, "no": no}).fetchone()
    assert row is not None
    return bool(row[0])


def release(db: Connection, held: int) -> bool:
    """Let it appear; False: its thread is gone, or somebody was quicker."""
    row = db.execute(_SQL.release, {"id": held}).fetchone()
    assert row is not None
    return bool(row[0])


def refuse(db: Connection, removal: int | None, ids: Sequence[int]) -> list[int]:
    """They will not appear, unless this removal is undone: then they wait again.

    None: they are erased. Those of them that were still held.
    """
    row = db.execute(_SQL.refuse, {"ids": list(ids), "removal": removal}).fetchone()
    assert row is not None
    return list(row[0])


def of_authors(
    db: Connection,
    address_hashes: Sequence[bytes],
    *,
    on: list[str] | None,
    thread: int | None = None,
    since_s: int | None = None,
) -> dict[int, str]:
    """{id: board} of what these posters wrote, as removals.of_authors; it is locked."""
    asked = {"posters": list(address_hashes), "on": on, "thread": thread, "since_s": since_s}
    return dict(db.execute(_SQL.of_authors, asked).fetchall())


def file(db: Connection, held: int, number: int) -> HeldFile | None:
    """The first (`number` 1), the second … file of one; None: there is none."""
    rows = db.execute(_SQL.file, {"id": held, "position": number - 1})
    return next(iter(queries.by_name(HeldFile, rows)), None)
