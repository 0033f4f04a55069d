"""What staff removed and can bring back: one act each, of one post or of thousands.

A reply and all that hangs on it is laid aside as rows in a table of its own, so that nothing that
asks for posts finds it; a thread is marked, and nobody sees it; files wait in the upload store.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from imageboard.store import posts, queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)


class Removal(NamedTuple):
    """One act that can be undone."""

    id: int
    staff: str
    #: Unix seconds.
    made_s: int
    kept_until_s: int
    boards: list[str]
    threads: int
    replies: int
    #: Posts of which files alone were removed.
    files: int
    #: One of what was removed, and its text.
    board: str
    no: int
    body: str


class Authored(NamedTuple):
    """How many posts of one author there are."""

    last_hour: int
    last_day: int
    ever: int


def begin(db: Connection, staff: str, boards: Collection[str]) -> int | None:
    """A removal of posts of these boards; None: nothing of it could be brought back."""
    row = db.execute(_SQL.begin, {"staff": staff, "boards": list(boards)}).fetchone()
    return None if row is None else int(row[0])


def remove(
    db: Connection, staff: str, nos: Mapping[str, Sequence[int]], *, can_be_undone: bool = True
) -> tuple[int | None, int]:
    """Remove posts, by board; OPs take their threads along. (removal, how many were there).

    No removal: nothing of it can be brought back, as the boards have it or since nobody may.
    """
    removal = begin(db, staff, list(nos)) if can_be_undone else None
    return removal, take(db, removal, nos)


def take(db: Connection, removal: int | None, nos: Mapping[str, Sequence[int]]) -> int:
    """Remove posts, by board, as what this removal took (None: for good); how many were there."""
    return sum(posts.remove_all(db, board, nos[board], removal=removal) for board in sorted(nos))


def remove_files(
    db: Connection, staff: str, board: str, no: int, *, number: int | None = None
) -> tuple[int | None, bool]:
    """Remove the files of a post, or one of them: (removal, whether there was any)."""
    removal = begin(db, staff, [board])
    return removal, posts.remove_files(db, board, no, number=number, removal=removal)


def boards_of(db: Connection, removal: int) -> list[str]:
    """On which boards it removed something; none: it can't be undone (any more)."""
    return [board for (board,) in db.execute(_SQL.boards_of, {"removal": removal})]


def undo(db: Connection, removal: int) -> int:
    """Bring back what can be; how many threads, replies and posts with files.

    What stood in a thread or at a post that another removal took waits for that one.
    """
    row = db.execute(_SQL.undo, {"removal": removal}).fetchone()
    assert row is not None
    return int(row[0])


def erase(db: Connection, removal: int) -> None:
    """Nothing of it can be brought back; what it held goes as what has expired does."""
    db.execute(_SQL.erase, {"removal": removal})


def newest(db: Connection, *, on: list[str] | None, limit: int, after: int = 0) -> list[Removal]:
    """Those that touched none but these boards (None: all), after so many of them."""
    rows = db.execute(_SQL.newest, {"on": on, "limit": limit, "after": after})
    return list(queries.by_name(Removal, rows))


def still_open(db: Connection, removals: Sequence[int]) -> set[int]:
    """Those of `removals` that can be undone."""
    return {removal for (removal,) in db.execute(_SQL.open, {"removals": list(removals)})}


def of_authors(
    db: Connection,
    address_hashes: Sequence[bytes],
    *,
    on: list[str] | None,
    thread: int | None = None,
    since_s: int | None = None,
) -> dict[str, list[int]]:
    """Numbers of these authors' posts, by board."""
    asked = {"posters": list(address_hashes), "on": on, "thread": thread, "since_s": since_s}
    return dict(db.execute(_SQL.of_authors, asked).fetchall())


def count_of_author(
    db: Connection, address_hash: bytes, *, board: str, thread: int, on: list[str] | None
) -> dict[str, Authored]:
    """{'thread': …, 'board': …, 'site': …}: around one of the author's posts."""
    asked = {"address_hash": address_hash, "board": board, "thread": thread, "on": on}
    return {where: Authored(*counts) for where, *counts in db.execute(_SQL.count_of_author, asked)}


def forget_expired(db: Connection, limit: int) -> int:
    """Erase so many removals whose time is over; how many."""
    return db.execute(_SQL.forget_expired, {"limit": limit}).rowcount


def forget_addresses(db: Connection, kept_days: int, limit: int) -> int:
    """As posts.forget_addresses, of what is laid aside."""
    return db.execute(_SQL.forget_addresses, {"days": kept_days, "limit": limit}).rowcount


def forget_hashes(db: Connection, kept_days: int, limit: int) -> int:
    """As posts.forget_hashes, of what is laid aside."""
    return db.execute(_SQL.forget_hashes, {"days": kept_days, "limit": limit}).rowcount
