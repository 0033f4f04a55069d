"""Adding, removing and marking posts: each call is one transaction under the board's lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from imageboard.allowances import Of, refusal
from imageboard.cloaks import Address
from imageboard.errors import (
    BoardFull,
    HeldFull,
    HeldFullOfNetwork,
    NoSuchBoard,
    NoSuchPost,
    NoSuchThread,
    PageFull,
    ThreadFilesFull,
    ThreadFull,
    ThreadLocked,
    TooFast,
)
from imageboard.post_rules import NewPost
from imageboard.settings import BoardSettings
from imageboard.store import allowances, bans, held, queries
from imageboard.store.database import Connection
from imageboard.threads import QuoteTarget

_SQL = queries.beside(__file__)


@dataclass(frozen=True, slots=True)
class StoredPost:
    """Where a post stands now."""

    board: str
    no: int
    thread: int
    change_no: int
    #: It had been sent before: nothing was stored, these are the numbers of the first time.
    is_repeated: bool
    created_s: int
    poster_id: str | None
    #: What its files are called, in their order.
    tims: tuple[str, ...]
    quotes: tuple[QuoteTarget, ...]
    #: Staff look at it first: nobody sees it yet.
    is_held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What add_post_v2 says, and hold_post."""

    outcome: str
    no: int
    thread_no: int
    change_no: int
    created_s: int | None
    poster_id: str | None
    retry_after_s: int
    media: list[dict[str, Any]] | None
    quotes: list[dict[str, Any]] | None
    ban_id: int | None


def add(
    db: Connection,
    new_post: NewPost,
    *,
    address: Address | None = None,
    limits: bool = True,
    created_at: datetime | None = None,
) -> StoredPost:
    """Store the post and its fact, unless a ban hits `address` (None: nobody's).

    Without `limits` nobody waits, and threads grow without end unless staff have set where it is.
    One that is `held_because` of something waits for staff, with its number: see store.held.

    Raises:
        Banned, Warned, NoSuchBoard, NoSuchThread, ThreadLocked, ThreadFull, ThreadFilesFull,
        PageFull, TooFast, BoardFull, HeldFull, HeldFullOfNetwork: nothing was stored.
        psycopg.errors.DeadlockDetected: run it again (Database.in_one_statement does).
    """
    values = _values(new_post) | {"address": address, "created_at": created_at}
    values |= {"waits_for_room": True} if limits else _without_limits(new_post)
    # PERF: what is absent costs nothing, and most posts have no file and quote nothing.
    told = {name: value for name, value in values.items() if value not in (None, [], ())}
    query = _SQL.add if new_post.held_because is None else _SQL.hold
    asked = {"new_post": queries.as_json(told), "held_because": new_post.held_because}
    rows = db.execute(query, asked)
    (answer,) = queries.by_name(_Answer, rows)
    if answer.ban_id is not None:
        raise bans.refusal(db, bans.get(db, answer.ban_id), new_post.address_hash)
    is_held = new_post.held_because is not None
    if answer.outcome == "repeated":
        # As it is by now: what was found in the form the first time may have been another thing.
        is_held = held.is_waiting(db, new_post.board, answer.no)
    return _stored(new_post, answer, is_held=is_held)


_USUAL = BoardSettings()


def _without_limits(new_post: NewPost) -> dict[str, Any]:
    of_board = new_post.reply_limit, new_post.image_limit
    return {
        "wait_s": 0,
        "same_text_wait_s": 0,
        "allowances": (),
        "held_shares": (),
        "page_weight_max": None,
        # A load test is not to run into what every board has; what staff have set, they mean.
        "ignores_limits": of_board == (_USUAL.reply_limit, _USUAL.image_limit),
    }


def _values(new_post: NewPost) -> dict[str, Any]:
    values = {name: getattr(new_post, name) for name in NEW_POST_FIELDS}
    return values | {
        "files": [file._asdict() for file in new_post.files],
        "allowances": allowances.as_told(new_post.allowances),
        "held_shares": [share._asdict() for share in new_post.held_shares],
    }


#: What add_post_v2 is told, by name.
NEW_POST_FIELDS = tuple(field.name for field in fields(NewPost))


#: Outcomes of a post for which an allowance has no room: 'spent board_posts'.
_SPENT = {f"spent {of.value}": of for of in Of}

#: Outcomes of which it is said how long to wait.
_WAITS = {
    "too_fast": TooFast,
    "board_full": BoardFull,
    "held_full": HeldFull,
    "held_full_of_network": HeldFullOfNetwork,
}

#: Outcomes of which there is nothing more to say.
_REFUSALS = {
    "thread_locked": ThreadLocked,
    "thread_files_full": ThreadFilesFull,
    "page_full": PageFull,
}


def _stored(new_post: NewPost, answer: _Answer, *, is_held: bool) -> StoredPost:
    match answer.outcome:
        case "added" | "repeated":
            return StoredPost(
                board=new_post.board,
                no=answer.no,
                thread=answer.thread_no,
                change_no=answer.change_no,
                is_repeated=answer.outcome == "repeated",
                created_s=answer.created_s or 0,
                poster_id=answer.poster_id,
                tims=tuple(file["tim"] for file in answer.media or ()),
                quotes=tuple(QuoteTarget(**quote) for quote in answer.quotes or ()),
                is_held=is_held,
            )
        case "no_board":
            raise NoSuchBoard(board=new_post.board)
        case "no_thread":
            raise NoSuchThread(board=new_post.board, thread=new_post.thread)
        case "thread_full":
            raise ThreadFull(reply_limit=new_post.reply_limit)
        case outcome if outcome in _WAITS:
            raise _WAITS[outcome](retry_after_s=max(1, answer.retry_after_s))
        case outcome if outcome in _REFUSALS:
            raise _REFUSALS[outcome]
        case outcome if outcome in _SPENT:
            raise refusal(_SPENT[outcome], answer.retry_after_s)
        case outcome:
            raise AssertionError(f"add_post_v2 answered {outcome}")


@dataclass(frozen=True, slots=True)
class Author:
    """What is kept of who wrote a post."""

    thread: int
    password_hash: bytes | None
    #: As old_passwords.SCHEMES; None: it was posted here.
    password_scheme: str | None
    #: None, both: it is no longer kept.
    address_hash: bytes | None
    address_sealed: bytes | None
    created_s: int


def author(db: Connection, board: str, no: int) -> Author:
    """Raises NoSuchPost."""
    for found in queries.by_name(Author, db.execute(_SQL.author, {"board": board, "no": no})):
        return found
    raise NoSuchPost(board=board, no=no)


def quoted(db: Connection, quotes: tuple[tuple[str, int], ...]) -> tuple[QuoteTarget, ...]:
    """Those of these posts ((board, number), …) that pages show: what a post that quotes them links
    to.
    """
    asked = {"boards": [board for board, _ in quotes], "nos": [no for _, no in quotes]}
    return tuple(queries.by_name(QuoteTarget, db.execute(_SQL.quoted, asked))) if quotes else ()


def with_file(
    db: Connection, board: str, hashes: Sequence[bytes], *, thread: int | None = None
) -> int | None:
    """The first post that has a file with one of these SHA-256, as files are served."""
    asked = {"board": board, "hashes": list(hashes), "thread": thread}
    row = db.execute(_SQL.with_file, asked).fetchone()
    return None if row is None else int(row[0])


def remove(db: Connection, board: str, no: int) -> bool:
    """Remove a post (an OP: its thread), with all that hangs on it; False when it is gone."""
    return remove_all(db, board, [no]) > 0


def remove_all(
    db: Connection, board: str, nos: Sequence[int], *, removal: int | None = None
) -> int:
    """The same of several at once; how many were there.

    With a `removal` they can be brought back: see imageboard.store.removals.
    """
    asked = {"board": board, "nos": list(nos), "removal": removal}
    return db.execute(_SQL.remove, asked).rowcount


def remove_files(
    db: Connection,
    board: str,
    no: int,
    *,
    number: int | None = None,
    removal: int | None = None,
) -> bool:
    """Remove the files of a post, or the first (`number` 1), the second … alone, and keep the post.

    False when there is none.
    """
    position = None if number is None else number - 1
    asked = {"board": board, "no": no, "position": position, "removal": removal}
    uploads: list[str] = []
    if removal is None:
        uploads = [name for (name,) in db.execute(_SQL.uploads_of, asked)]
    else:
        db.execute(_SQL.lay_files_aside, asked)
    if not _asked(db, _SQL.remove_files, **asked):
        return False
    db.execute(_SQL.take_down, asked | {"uploads": uploads})
    return True


def mark_thread(
    db: Connection,
    board: str,
    thread: int,
    **marks: bool | int,
) -> bool:
    """Give a thread marks: its fields `is_sticky`, `sticky_rank`, `is_locked`, `is_bump_locked` and
    `is_cyclical`, those that are named. False when nothing changed."""
    return _asked(db, _SQL.mark_thread, board=board, thread=thread, marks=Jsonb(marks))


def boards_without_room(db: Connection, *, limits: bool = True) -> list[str]:
    """Boards with a thread that has to go: see prune."""
    return [name for (name,) in db.execute(_SQL.boards_without_room, {"limits": limits})]


def prune(db: Connection, board: str, *, limits: bool = True) -> int | None:
    """Archive the last thread of a board that has no room for it; None: it has room for all.

    On a board without an archive it is set aside.

    Without limits threads go that were just bumped too. Nothing is lost: bring_back.
    """
    (thread,) = db.execute(_SQL.prune, {"board": board, "limits": limits}).fetchone() or (None,)
    return thread


def cycle(db: Connection, board: str) -> int | None:
    """Remove the oldest reply of a cyclical thread that has too many; None: none has."""
    (reply,) = db.execute(_SQL.cycle, {"board": board}).fetchone() or (None,)
    return reply


def archive(db: Connection, board: str, thread: int) -> bool:
    """Put a thread of a board that the caller holds into its archive; False: it is not there."""
    return bool(db.execute(_SQL.archive, {"board": board, "thread": thread}).rowcount)


def bring_back(db: Connection, board: str, thread: int) -> bool:
    """Put a thread that was archived or kept aside at the head of its board; False: it is not."""
    return _asked(db, _SQL.bring_back, board=board, thread=thread)


def expire_archived(db: Connection) -> bool:
    """Remove a thread whose time in the archive is over; False: none is due."""
    return _asked(db, _SQL.expire_archived)


def forget_aside(db: Connection, posts_max: int) -> int:
    """Drop so many posts of threads that were kept aside long enough; how many, 0: none is due."""
    row = db.execute(_SQL.forget_aside, {"posts_max": posts_max}).fetchone()
    assert row is not None
    return int(row[0])


def forget_addresses(db: Connection, kept_days: int, limit: int) -> int:
    """Drop the sealed addresses of so many posts older than that; the number of posts."""
    return db.execute(_SQL.forget_addresses, {"days": kept_days, "limit": limit}).rowcount


def forget_hashes(db: Connection, kept_days: int, limit: int) -> int:
    """Drop the hashes of addresses of so many posts older than that; the number of posts."""
    return db.execute(_SQL.forget_hashes, {"days": kept_days, "limit": limit}).rowcount


def stored_names(db: Connection, names: list[str]) -> set[str]:
    """Those of `names` (in the upload store) that are still held: see the query."""
    return {name for (name,) in db.execute(_SQL.stored_names, {"names": names})}


def _asked(db: Connection, query: str, **values: object) -> bool:
    row = db.execute(query, values).fetchone()
    assert row is not None
    return bool(row[0])
