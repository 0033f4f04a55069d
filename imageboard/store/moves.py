"""Threads that go to another board, or into another thread, and what stands where they were."""

from __future__ import annotations

from typing import NamedTuple

from psycopg.types.json import Jsonb

from imageboard import moves as rules
from imageboard.errors import NoSuchThread, RuleBroken
from imageboard.store import boards, queries
from imageboard.store.database import Connection
from imageboard.words import N_

_SQL = queries.beside(__file__)

#: More are a day's work of a board that is held meanwhile.
POSTS_MAX = 5_000


class MovedThread(NamedTuple):
    """Where a thread is now."""

    board: str
    thread: int


def move(db: Connection, board: str, thread: int, to_board: str) -> int:
    """Let a thread stand on another board; its number there.

    Its posts get new numbers, in their order, and their texts quote each other by those. Quotes
    from elsewhere lead to the new place.

    Raises:
        NoSuchBoard: of `to_board`.
        NoSuchThread: it does not stand on its board.
        RuleBroken: it is too long, or there already, or replies to it wait for staff: those would
            have no thread any more.
    """
    boards.get(db, to_board)
    if board == to_board:
        raise RuleBroken(N_("It stands on that board already."), field="board")
    _hold(db, board, thread, to_board)
    if db.execute(_SQL.waiting, {"board": board, "thread": thread}).fetchone():
        raise RuleBroken(
            N_("Replies to it are held: release or refuse those first."), field="board"
        )
    texts = db.execute(_SQL.texts, {"board": board, "thread": thread}).fetchall()
    _require_short(len(texts))
    row = db.execute(_SQL.last_no, {"board": to_board}).fetchone()
    assert row is not None
    numbers = {no: new for new, (no, _, _) in enumerate(texts, start=row[0] + 1)}
    asked = {
        "board": board,
        "thread": thread,
        "to_board": to_board,
        "nos": list(numbers),
        "new_nos": list(numbers.values()),
    }
    bodies = [rules.renumbered(body, board, numbers) for _, body, _ in texts]
    db.execute(_SQL.move, asked | {"bodies": bodies})
    for no, _, versions in texts:
        # One of them may be what the post says again.
        for version in versions or ():
            version["body"] = rules.renumbered(version["body"], board, numbers)
        if versions:
            kept = {"board": to_board, "no": numbers[no], "versions": Jsonb(versions)}
            db.execute(_SQL.keep_versions, kept)
    db.execute(_SQL.follow_from_aside, asked)
    return numbers[thread]


def merge(db: Connection, board: str, one: int, other: int) -> int:
    """Put the posts of the newer of two threads into the older one; its number.

    Raises NoSuchThread, RuleBroken.
    """
    if one == other:
        raise RuleBroken(N_("Name another thread."), field="thread")
    into, thread = sorted((one, other))
    for each in (thread, into):
        _hold(db, board, each, board)
    texts = db.execute(_SQL.texts, {"board": board, "thread": thread}).fetchall()
    _require_short(len(texts))
    db.execute(_SQL.merge, {"board": board, "thread": thread, "into": into})
    return into


def moved_to(db: Connection, board: str, thread: int) -> MovedThread | None:
    """None: it is, or was, nowhere else."""
    rows = db.execute(_SQL.moved_to, {"board": board, "thread": thread})
    return next(iter(queries.by_name(MovedThread, rows)), None)


def numbers(db: Connection, board: str) -> list[int]:
    """Of its threads that are elsewhere now."""
    return [no for (no,) in db.execute(_SQL.numbers, {"board": board})]


def _hold(db: Connection, board: str, thread: int, to_board: str) -> None:
    row = db.execute(_SQL.hold, {"board": board, "thread": thread, "to_board": to_board}).fetchone()
    if row is None or not row[0]:
        raise NoSuchThread(board=board, thread=thread)


def _require_short(posts: int) -> None:
    if posts > POSTS_MAX:
        raise RuleBroken(
            N_("It has more than {posts_max} posts: it is too long for that."), posts_max=POSTS_MAX
        )
