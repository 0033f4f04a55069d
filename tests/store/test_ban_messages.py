"""What a ban says under a post, for all to read, and that it goes with the ban."""

from __future__ import annotations

import pytest

from imageboard.bans import BanMessage, NewBan
from imageboard.facts import PostChanged
from imageboard.store import bans, outbox, removals, threads
from imageboard.store.database import Database
from tests.builders import a_board, a_post


@pytest.fixture
def thread(database: Database) -> None:
    """/b/: thread 1 with reply 2."""
    board = a_board(database)
    a_post(database, board)
    a_post(database, board, thread=1)


def ban(database: Database, text: str, no: int = 2) -> int:
    new_ban = NewBan(board=None, reason="Spam.", duration_s=3600, address_hash=b"a" * 16)
    with database.transaction() as db:
        return bans.add(db, new_ban, "lake", message=BanMessage(board="b", no=no, text=text))


def lift(database: Database, ban_id: int) -> str | None:
    with database.transaction() as db:
        return bans.lift(db, ban_id)


def said(database: Database, no: int = 2) -> str | None:
    with database.connection() as db:
        (post,) = threads.posts_by_no(db, "b", [no])
    return post.ban_message


@pytest.mark.usefixtures("thread")
def test_message_stands_under_the_post_until_the_ban_is_lifted(database: Database) -> None:
    ban_id = ban(database, "Out.")
    assert said(database) == "Out."
    with database.connection() as db:
        fact = outbox.waiting(db, "b", 100)[-1].fact
    assert isinstance(fact, PostChanged)
    assert (fact.thread, fact.no) == (1, 2)
    assert lift(database, ban_id) == "b"
    assert said(database) is None


@pytest.mark.usefixtures("thread")
def test_ban_that_said_nothing_is_lifted_without_a_page_changing(database: Database) -> None:
    new_ban = NewBan(board=None, reason="Spam.", duration_s=3600, address_hash=b"a" * 16)
    with database.transaction() as db:
        assert bans.lift(db, bans.add(db, new_ban, "lake")) is None


@pytest.mark.usefixtures("thread")
def test_of_several_bans_for_a_post_the_last_that_stands_is_said(database: Database) -> None:
    first, second = ban(database, "First."), ban(database, "Second.")
    assert said(database) == "Second."
    lift(database, second)
    assert said(database) == "First."
    lift(database, first)
    assert said(database) is None


@pytest.mark.usefixtures("thread")
def test_post_that_is_brought_back_says_what_stands_by_then(database: Database) -> None:
    """Banned and removed; the ban is lifted while nobody sees the post."""
    ban_id = ban(database, "Out.")
    with database.transaction() as db:
        removal, _ = removals.remove(db, "lake", {"b": [2]})
    assert removal is not None
    lift(database, ban_id)
    with database.transaction() as db:
        removals.undo(db, removal)
    assert said(database) is None
