"""Builders: what a test does not name is filled in."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from imageboard import addresses, post_rules
from imageboard.allowances import Allowance
from imageboard.boards import Board
from imageboard.cloaks import Address, Cloak
from imageboard.post_rules import Draft, NewFile, NewPost
from imageboard.settings import BoardSettings
from imageboard.store import boards, posts
from imageboard.store.database import Connection, Database
from imageboard.store.posts import StoredPost
from imageboard.store.room import Room
from imageboard.tripcodes import Salt

CLOAK = Cloak(b"k" * 32)
AN_ADDRESS: Address = ipaddress.ip_address("192.0.2.7")
#: However full the disk is.
ROOMY = Room((Path("/"),), posts_free_bytes_min=0, uploads_free_bytes_min=0)
#: What stands in the upload store for a file that a test does not look into.
A_PICTURE = b"picture"
#: The first post of every test is sent at this moment.
A_MOMENT = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)


def seconds_later(seconds: float) -> datetime:
    return A_MOMENT + timedelta(seconds=seconds)


@contextmanager
def filling(database: Database) -> Iterator[Connection]:
    """A transaction for more rows than a busy machine stores in the time of a statement."""
    with database.transaction() as db:
        db.execute("SET LOCAL statement_timeout = 0")
        yield db


def a_board(database: Database, name: str = "b", **settings: Any) -> Board:
    """A board without waits between posts, unless the test asks for them."""
    quick = {"reply_wait_s": 0, "thread_wait_s": 0, "same_text_wait_s": 0}
    quick |= {"threads_per_hour_of_address_max": 0, "threads_per_hour_max": 0}
    with database.transaction() as db:
        boards.add(db, name, BoardSettings(**(quick | settings)))
        return boards.get(db, name)


def a_draft(**fields: Any) -> Draft:
    return Draft(**({"board": "b", "body": "Hello."} | fields))


def a_new_post(
    on: Board,
    *,
    address: str | None = None,
    files: tuple[NewFile, ...] = (),
    allowances: tuple[Allowance, ...] = (),
    **fields: Any,
) -> NewPost:
    return post_rules.accept(
        a_draft(**({"board": on.name} | fields)),
        on,
        address=ipaddress.ip_address(address) if address else AN_ADDRESS,
        cloak=CLOAK,
        trip_salt=Salt("x"),
        allowances=allowances,
        files=files,
    )


def a_post(
    database: Database, board: Board, *, at: datetime | None = None, **fields: Any
) -> StoredPost:
    """Store a post and return it."""
    new_post = a_new_post(board, **fields)
    return database.again_on_deadlock(lambda db: posts.add(db, new_post, created_at=at))


def a_file(**fields: Any) -> NewFile:
    filled: dict[str, Any] = {
        "stored_as": "0" * 32,
        "extension": ".png",
        "thumb_extension": ".png",
        "original_name": "cat",
        "bytes": 1234,
        "width": 640,
        "height": 480,
        "thumb_width": 255,
        "thumb_height": 191,
        "md5": b"m" * 16,
        "sha256": hashlib.sha256(A_PICTURE).digest(),
        "is_spoiler": False,
    }
    return NewFile(**(filled | fields))


def names_of_first(stored: StoredPost) -> list[str]:
    """Names below /<board>/ of what the first file of a post, one of `a_file`, is served as."""
    return list(addresses.media_names(stored.tims[0], ".png", ".png").values())


def today() -> str:
    """'2026-11-29', in UTC; asked when something is done, since it may be another day by then."""
    return datetime.now(UTC).date().isoformat()


def this_month() -> str:
    """'2026-11', as `today`."""
    return today()[:7]
