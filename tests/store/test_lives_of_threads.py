"""What threads can be, and by which rules of their board they live."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from imageboard.boards import Board
from imageboard.errors import ThreadFilesFull, ThreadFull
from imageboard.facts import PageRange, PostRemoved, ThreadChanged
from imageboard.settings import BoardSettings
from imageboard.store import archive, outbox, posts, threads
from imageboard.store.database import Database
from tests.builders import a_board, a_file, a_new_post, a_post

LONG_AGO = datetime.now(UTC) - timedelta(days=2)


def order(database: Database) -> list[int]:
    with database.connection() as db:
        return [each.thread.no for each in threads.in_order(db, "b", BoardSettings())]


def mark(database: Database, no: int, **marks: bool | int) -> bool:
    with database.transaction() as db:
        return posts.mark_thread(db, "b", no, **marks)


def last_fact(database: Database) -> object:
    with database.connection() as db:
        return outbox.waiting(db, "b", 1000)[-1].fact


@pytest.fixture
def board(database: Database) -> Board:
    """Three threads, the last one first, each on a page of its own."""
    board = a_board(database, threads_per_page=1)
    for _ in range(3):
        a_post(database, board)
    return board


def test_sticky_threads_stand_in_the_order_of_their_ranks(database: Database, board: Board) -> None:
    for no in (1, 2):
        assert mark(database, no, is_sticky=True)
    assert order(database) == [2, 1, 3]
    assert mark(database, 1, sticky_rank=2)
    assert order(database) == [1, 2, 3]
    assert last_fact(database) == ThreadChanged(thread=1, pages=PageRange(1, 2))
    a_post(database, board, thread=2)
    assert order(database) == [1, 2, 3], "no bump passes a rank"
    with database.connection() as db:
        assert outbox.waiting(db, "b", 1000)[-1].fact.touched_pages == PageRange(2, 2)
    assert mark(database, 1, is_sticky=False)
    assert order(database) == [2, 3, 1]
    assert mark(database, 1, is_sticky=True)
    assert not mark(database, 1, sticky_rank=0), "its rank went with it"


def test_no_reply_bumps_a_thread_that_staff_keep_from_it(database: Database, board: Board) -> None:
    assert mark(database, 1, is_bump_locked=True)
    a_post(database, board, thread=1)
    assert order(database) == [3, 2, 1]
    assert mark(database, 1, is_bump_locked=False)
    a_post(database, board, thread=1)
    assert order(database) == [1, 3, 2]


@pytest.mark.parametrize(("days", "is_bumped"), [(0, True), (3, True), (1, False)])
def test_no_reply_bumps_a_thread_that_is_too_old(
    database: Database, days: int, is_bumped: bool
) -> None:
    board = a_board(database, bump_days_max=days)
    a_post(database, board, at=LONG_AGO)
    a_post(database, board)
    a_post(database, board, thread=1)
    assert order(database) == ([1, 2] if is_bumped else [2, 1])


def test_thread_takes_as_many_files_as_its_board_says(database: Database) -> None:
    board = a_board(database, image_limit=2)
    a_post(database, board, files=(a_file(), a_file()))
    a_post(database, board, thread=1, files=(a_file(),))
    with pytest.raises(ThreadFilesFull):
        a_post(database, board, thread=1, files=(a_file(), a_file()))
    a_post(database, board, thread=1, files=(a_file(),))
    with pytest.raises(ThreadFilesFull):
        a_post(database, board, thread=1, files=(a_file(),))
    a_post(database, board, thread=1)
    mark(database, 1, is_cyclical=True)
    a_post(database, board, thread=1, files=(a_file(),))


def test_limit_that_a_board_was_given_holds_in_load_tests_too(database: Database) -> None:
    """What is off there is what they would run into on a board as it is made."""
    for name, limit, refusal in (
        ("b", "reply_limit", ThreadFull),
        ("c", "image_limit", ThreadFilesFull),
    ):
        board = a_board(database, name, **{limit: 1})
        a_post(database, board)
        reply = a_new_post(board, thread=1, files=(a_file(),))
        with database.transaction() as db:
            posts.add(db, reply, limits=False)
        with pytest.raises(refusal), database.transaction() as db:
            posts.add(db, reply, limits=False)


def test_cyclical_thread_loses_its_oldest_replies_and_takes_new_ones(database: Database) -> None:
    board = a_board(database, reply_limit=11, bump_limit=5, cyclical_replies=10)
    a_post(database, board)
    for _ in range(11):
        a_post(database, board, thread=1)
    with database.transaction() as db:
        assert posts.cycle(db, "b") is None, "it is none yet"
    mark(database, 1, is_cyclical=True)
    a_post(database, board)
    a_post(database, board, thread=1)
    assert order(database) == [1, 13], "no limit keeps it from being bumped"
    for gone in (2, 3):
        with database.transaction() as db:
            assert posts.cycle(db, "b") == gone
    assert isinstance(last_fact(database), PostRemoved)
    with database.transaction() as db:
        assert posts.cycle(db, "b") is None
        assert [post.no for post in threads.posts(db, "b", [1])] == [1, *range(4, 13), 14]


def test_dead_thread_falls_off_early_and_is_not_archived(database: Database) -> None:
    board = a_board(
        database, threads_per_page=1, pages_max=10, dead_after_pages=2, dead_replies_max=2
    )
    for _ in range(4):
        a_post(database, board, at=LONG_AGO)
    for _ in range(2):
        a_post(database, board, at=LONG_AGO, thread=1, email="sage")
    a_post(database, board, at=LONG_AGO, thread=2, email="sage")
    assert order(database) == [4, 3, 2, 1]
    with database.transaction() as db:
        assert posts.boards_without_room(db) == ["b"]
        assert posts.prune(db, "b") == 2
        assert posts.prune(db, "b") is None, "two replies keep thread 1"
        assert [each.no for each in threads.aside(db, on=None, limit=9)] == [2]
        assert list(archive.numbers(db, "b")) == []


def test_thread_that_was_just_bumped_is_not_dead(database: Database) -> None:
    board = a_board(database, threads_per_page=1, dead_after_pages=1)
    for _ in range(3):
        a_post(database, board)
    with database.transaction() as db:
        assert posts.prune(db, "b") is None
        assert posts.prune(db, "b", limits=False) == 1
