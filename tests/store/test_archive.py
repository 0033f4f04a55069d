"""Threads that fall off their boards: into the archive, where readers go on seeing them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from imageboard.boards import Board
from imageboard.errors import ThreadLocked
from imageboard.facts import PageRange, PostAdded, ThreadChanged, ThreadRemoved
from imageboard.store import archive, boards, outbox, posts, threads
from imageboard.store.database import Database
from imageboard.threads import Backlink
from tests.builders import a_board, a_file, a_post, this_month

#: Longer ago than any board's `quiet_minutes_min`.
LONG_AGO = datetime.now(UTC) - timedelta(days=2)


@pytest.fixture
def board(database: Database) -> Board:
    """It has room for two threads, and three that were there long ago."""
    board = a_board(database, threads_per_page=1, pages_max=2)
    a_post(database, board, at=LONG_AGO, files=(a_file(),))
    for _ in range(2):
        a_post(database, board, at=LONG_AGO)
    return board


def prune(database: Database) -> int | None:
    with database.transaction() as db:
        return posts.prune(db, "b")


def pages(database: Database) -> list[tuple[str, int]]:
    with database.connection() as db:
        return [tuple(page) for page in archive.pages(db, "b")]


def last_fact(database: Database) -> object:
    with database.connection() as db:
        return outbox.waiting(db, "b", 1000)[-1].fact


def test_thread_that_fell_off_is_still_read_with_all_that_it_has(
    database: Database, board: Board
) -> None:
    assert prune(database) == 1
    assert prune(database) is None
    assert last_fact(database) == ThreadChanged(thread=1, pages=PageRange(1, 3))
    with database.connection() as db:
        thread = threads.get(db, "b", 1)
        assert thread is not None
        assert thread.archived_s
        assert thread.is_closed
        assert [post.no for post in threads.posts(db, "b", [1])] == [1]
        assert threads.media(db, "b") == {}
        media = threads.media_archived(db, "b", [1])
        assert threads.media(db, "b", list(media)) == media != {}
        assert threads.numbers(db, "b") == [2, 3]
        assert boards.counts(db) == {"b": (2, 2)}
        assert threads.aside(db, on=None, limit=10) == []
        assert list(archive.numbers(db, "b")) == archive.newest(db, "b", 10) == [1]
        assert [line.no for line in archive.threads_on(db, "b", this_month())] == [1]
    assert pages(database) == [(this_month(), 1)]


def test_nobody_can_reply_to_it_and_links_to_it_live(database: Database, board: Board) -> None:
    prune(database)
    with pytest.raises(ThreadLocked):
        a_post(database, board, thread=1)
    quoting = a_post(database, board, thread=3, body=">>1")
    assert [target.no for target in quoting.quotes] == [1]
    fact = last_fact(database)
    assert isinstance(fact, PostAdded)
    assert fact.quoted_threads == (1,)
    with database.connection() as db:
        (op,) = threads.posts_by_no(db, "b", [1])
    assert op.backlinks == (Backlink(quoting.no, 3),)


def test_staff_bring_it_back_or_remove_it(database: Database, board: Board) -> None:
    a_post(database, board, at=LONG_AGO)
    assert [prune(database), prune(database)] == [1, 2]
    assert pages(database) == [(this_month(), 2)]
    with database.transaction() as db:
        assert posts.bring_back(db, "b", 1)
        assert posts.remove(db, "b", 2)
        thread = threads.get(db, "b", 1)
        assert thread is not None
        assert not thread.is_closed
        assert threads.get(db, "b", 2) is None
    assert isinstance(last_fact(database), ThreadRemoved)
    assert pages(database) == [(this_month(), 0)]


@pytest.mark.parametrize(("days", "is_due"), [("3", True), ("5", False), ("0", True)])
def test_it_stays_for_the_days_of_its_board(
    database: Database, board: Board, days: str, is_due: bool
) -> None:
    prune(database)
    with database.transaction() as db:
        boards.change_settings(db, "b", {"archive_days": days})
        db.execute("UPDATE all_threads SET archived_at = archived_at - interval '4 days'")
    with database.transaction() as db:
        assert posts.expire_archived(db) is is_due
        assert (threads.get(db, "b", 1) is None) is is_due
        assert not posts.expire_archived(db)


def test_page_of_the_archive_is_bounded(database: Database, board: Board) -> None:
    with database.transaction() as db:
        db.execute(
            "INSERT INTO archive_pages (board, name, month, number, threads, changed_no)"
            " VALUES ('b', %(month)s, %(month)s, 1, 500, 1)",
            {"month": this_month()},
        )
    prune(database)
    assert pages(database) == [(f"{this_month()}-2", 1), (this_month(), 500)]
    with database.connection() as db:
        assert [line.no for line in archive.threads_on(db, "b", f"{this_month()}-2")] == [1]
