"""Adding, removing and marking posts: each call is one transaction under the board's lock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from imageboard.cloaks import Address
from imageboard.errors import (
    NoSuchBoard,
    NoSuchPost,
    NoSuchThread,
    ThreadFull,
    ThreadLocked,
    TooFast,
)
from imageboard.post_rules import NewPost
from imageboard.store import bans, queries
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
    #: The nonce had been used: nothing was stored, these are the numbers of the first time.
    is_repeated: bool
    created_s: int
    poster_id: str | None
    #: ('src/1795500950388.png', 'thumb/1795500950388.webp', …), two for each file.
    media: tuple[str, ...]
    quotes: tuple[QuoteTarget, ...]


def add(
    db: Connection,
    new_post: NewPost,
    *,
    address: Address | None = None,
    limits: bool = True,
    created_at: datetime | None = None,
) -> StoredPost:
    """Store the post and its fact, unless a ban hits `address` (None: nobody's).

    Raises:
        Banned, NoSuchBoard, NoSuchThread, ThreadLocked, ThreadFull, TooFast: nothing was stored.
        psycopg.errors.DeadlockDetected: run it again (Database.in_one_statement does).
    """
    row = db.execute(
        _SQL.add,
        {
            "board": new_post.board,
            "thread": new_post.thread,
            "name": new_post.name,
            "tripcode": new_post.tripcode,
            "capcode": new_post.capcode,
            "email": new_post.email,
            "is_sage": new_post.is_sage,
            "subject": new_post.subject,
            "body": new_post.body,
            "address_hash": new_post.address_hash,
            "address_sealed": new_post.address_sealed,
            "password_hash": new_post.password_hash,
            "files": _jsonb([file.to_json() for file in new_post.files]),
            "quotes": _jsonb([list(quote) for quote in new_post.quotes]),
            "nonce": new_post.nonce,
            "wait_s": new_post.wait_s if limits else 0,
            "same_text_wait_s": new_post.same_text_wait_s if limits else 0,
            "ignores_lock": new_post.ignores_lock,
            "created_at": created_at,
            "address": address,
        },
    ).fetchone()
    assert row is not None
    *columns, ban_id = row
    if ban_id is not None:
        raise bans.refusal(bans.get(db, ban_id))
    return _stored(new_post, *columns)


def _jsonb(values: list[Any]) -> Jsonb | None:
    """PERF: most posts have no file and quote nothing, and what is absent costs nothing."""
    return Jsonb(values) if values else None


def _stored(
    new_post: NewPost,
    outcome: str,
    no: int,
    thread: int,
    change_no: int,
    created_s: int | None,
    poster_id: str | None,
    retry_after_s: int,
    media: list[str] | None,
    links: list[tuple[str, int, int]] | None,
) -> StoredPost:
    match outcome:
        case "added" | "repeated":
            return StoredPost(
                board=new_post.board,
                no=no,
                thread=thread,
                change_no=change_no,
                is_repeated=outcome == "repeated",
                created_s=created_s or 0,
                poster_id=poster_id,
                media=tuple(media or ()),
                quotes=tuple(QuoteTarget(*link) for link in links or ()),
            )
        case "no_board":
            raise NoSuchBoard(board=new_post.board)
        case "no_thread":
            raise NoSuchThread(board=new_post.board, thread=new_post.thread)
        case "thread_locked":
            raise ThreadLocked
        case "thread_full":
            raise ThreadFull(reply_limit=new_post.reply_limit)
        case "too_fast":
            raise TooFast(retry_after_s=max(1, retry_after_s))
        case _:
            raise AssertionError(f"add_post answered {outcome}")


@dataclass(frozen=True, slots=True)
class Author:
    """What is kept of who wrote a post."""

    thread: int
    password_hash: bytes | None
    address_hash: bytes
    address_sealed: bytes | None
    created_s: int


def author(db: Connection, board: str, no: int) -> Author:
    """Raises NoSuchPost."""
    row = db.execute(_SQL.author, {"board": board, "no": no}).fetchone()
    if row is None:
        raise NoSuchPost(board=board, no=no)
    return Author(*row)


def remove(db: Connection, board: str, no: int) -> bool:
    """Remove a post (an OP: its thread), with all that hangs on it; False when it is gone."""
    return _take_down(db, _SQL.remove, board, no)


def remove_files(db: Connection, board: str, no: int) -> bool:
    """Remove the files of a post and keep the post; False when it has none."""
    return _take_down(db, _SQL.remove_files, board, no)


def mark_thread(
    db: Connection,
    board: str,
    thread: int,
    *,
    is_sticky: bool | None = None,
    is_locked: bool | None = None,
) -> bool:
    """Make a thread sticky or locked, or no longer; False when nothing changed."""
    return _asked(
        db, _SQL.mark_thread, board=board, thread=thread, is_sticky=is_sticky, is_locked=is_locked
    )


def forget_addresses(db: Connection, kept_days: int) -> int:
    """Drop the sealed addresses of posts older than that; the number of posts."""
    return db.execute(_SQL.forget_addresses, {"days": kept_days}).rowcount


def forget_receipts(db: Connection) -> int:
    return db.execute(_SQL.forget_receipts).rowcount


def stored_names(db: Connection, names: list[str]) -> set[str]:
    """Those of `names` (in the upload store) that a post still holds."""
    return {name for (name,) in db.execute(_SQL.stored_names, {"names": names})}


def _take_down(db: Connection, query: str, board: str, no: int) -> bool:
    """Remove, and note when that was asked for. Call it in a transaction."""
    if not _asked(db, query, board=board, no=no):
        return False
    db.execute(_SQL.take_down, {"board": board, "no": no})
    return True


def _asked(db: Connection, query: str, **values: object) -> bool:
    row = db.execute(query, values).fetchone()
    assert row is not None
    return bool(row[0])
