"""Threads that fall off where there is no archive: kept aside, out of sight, and brought back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from imageboard import addresses
from imageboard.boards import Board
from imageboard.errors import BoardFull
from imageboard.facts import PageRange, PostAdded, PostChanged, ThreadRemoved
from imageboard.settings import BoardSettings
from imageboard.store import boards, outbox, posts, reports, threads
from imageboard.store.database import Database
from imageboard.threads import Backlink, QuoteTarget
from tests.builders import a_board, a_file, a_post

#: Longer ago than any board's `quiet_minutes_min`.
LONG_AGO = datetime.now(UTC) - timedelta(days=2)


@pytest.fixture
def board(database: Database) -> Board:
    """It has room for two threads."""
    return a_board(database, threads_per_page=1, pages_max=2, archive_days=0)


def order(database: Database, board: str = "b") -> list[int]:
    with database.connection() as db:
        return [each.thread.no for each in threads.in_order(db, board, BoardSettings())]


def aside(database: Database) -> list[int]:
    with database.connection() as db:
        return [each.no for each in threads.aside(db, on=None, limit=100)]


def prune(database: Database, board: str = "b", *, limits: bool = True) -> int | None:
    with database.transaction() as db:
        return posts.prune(db, board, limits=limits)


def bring_back(database: Database, no: int, board: str = "b") -> bool:
    with database.transaction() as db:
        return posts.bring_back(db, board, no)


def forget(database: Database, posts_max: int = 100) -> int:
    with database.transaction() as db:
        return posts.forget_aside(db, posts_max)


def last_fact(database: Database, board: str = "b") -> object:
    with database.connection() as db:
        return outbox.waiting(db, board, 1000)[-1].fact


def test_thread_that_fell_off_is_kept_and_no_reader_sees_it(
    database: Database, board: Board
) -> None:
    a_post(database, board, at=LONG_AGO, files=(a_file(stored_as="a" * 32),))
    a_post(database, board, at=LONG_AGO, thread=1)
    for _ in range(2):
        a_post(database, board, at=LONG_AGO)
    assert prune(database) == 1
    assert prune(database) is None
    assert order(database) == [4, 3]
    assert aside(database) == [1]
    fact = last_fact(database)
    assert isinstance(fact, ThreadRemoved)
    assert [name.split("/")[0] for name in fact.media] == ["src", "thumb"]
    with database.connection() as db:
        assert threads.get(db, "b", 1) is None
        assert threads.numbers(db, "b") == [3, 4]
        assert list(threads.posts(db, "b", [1])) == []
        assert threads.posts_by_no(db, "b", [1, 2]) == []
        assert {post.no for post in threads.recent(db, ["b"], 10)} == {3, 4}
        assert threads.media(db, "b") == {}
        assert threads.media(db, "b", [addresses.tim_and_extension(fact.media[0])[0]]) == {}
        assert boards.counts(db) == {"b": (2, 2)}
        assert [post.no for post in threads.posts_for_staff(db, "b", [1, 2])] == [1, 2]
        assert posts.stored_names(db, ["a" * 32]) == {"a" * 32}, "its file is not swept"


def test_thread_that_is_brought_back_has_all_that_it_had(database: Database, board: Board) -> None:
    a_post(database, board, at=LONG_AGO, files=(a_file(),))
    for _ in range(2):
        a_post(database, board, at=LONG_AGO)
    a_post(database, board, at=LONG_AGO, thread=3, body=">>1")
    a_post(database, board, at=LONG_AGO, thread=1, email="sage", body=">>2")

    def shown() -> list[object]:
        with database.connection() as db:
            found = threads.posts_by_no(db, "b", [1, 2, 3, 4, 5])
            return [post._replace(changed_no=0) for post in found]

    before = shown()
    assert prune(database) == 1
    assert shown() != before
    assert bring_back(database, 1)
    assert not bring_back(database, 1)
    assert shown() == before
    assert order(database) == [1, 3, 2]
    assert aside(database) == []
    fact = last_fact(database)
    assert isinstance(fact, PostAdded)
    assert (fact.thread, fact.no, fact.pages) == (1, 1, PageRange(1, 3))
    assert fact.quoted_threads == (2, 3)
    assert len(fact.media) == 2


def test_thread_that_was_brought_back_stays_where_that_put_it(
    database: Database, board: Board
) -> None:
    """Also when a reply that came later, and bumped, is removed."""
    for _ in range(3):
        a_post(database, board, at=LONG_AGO)
    assert prune(database) == 1
    bring_back(database, 1)
    a_post(database, board, thread=2)
    reply = a_post(database, board, thread=1)
    with database.transaction() as db:
        posts.remove(db, "b", reply.no)
    assert order(database) == [2, 1, 3]
    assert prune(database) == 3


def test_sticky_thread_never_falls_off(database: Database, board: Board) -> None:
    a_post(database, board, at=LONG_AGO)
    with database.transaction() as db:
        posts.mark_thread(db, "b", 1, is_sticky=True)
    for hours in range(3):
        a_post(database, board, at=LONG_AGO + timedelta(hours=hours))
    assert [prune(database), prune(database), prune(database)] == [2, 3, None]
    assert order(database) == [1, 4]


def test_thread_that_was_just_bumped_stays_and_the_flood_has_to_wait(
    database: Database, board: Board
) -> None:
    a_post(database, board, at=LONG_AGO)
    a_post(database, board, at=LONG_AGO)
    a_post(database, board, thread=1)
    for _ in range(3):
        a_post(database, board)
    assert prune(database) == 2, "nobody bumped it in the last minutes"
    assert prune(database) is None
    with pytest.raises(BoardFull) as refusal:
        a_post(database, board)
    assert 500 <= refusal.value.retry_after_s <= 600
    assert a_post(database, board, thread=1).thread == 1, "replies go on"
    in_ten_minutes = datetime.now(UTC) + timedelta(minutes=11)
    assert a_post(database, board, at=in_ten_minutes).no == 8
    assert prune(database, limits=False) == 4, "where limits are off, it goes as it comes"


def test_board_that_prunes_late_refuses_nobody(database: Database, board: Board) -> None:
    """Whoever draws the pages is down, and the threads are old."""
    for hours in range(6):
        a_post(database, board, at=LONG_AGO + timedelta(hours=hours))
    assert a_post(database, board).no == 7


def test_links_are_dead_while_a_thread_is_aside(database: Database, board: Board) -> None:
    tea = a_board(database, "tea")
    for _ in range(3):
        a_post(database, board, at=LONG_AGO)
    for _ in range(2):
        a_post(database, tea, body=">>>/b/1")
    a_post(database, tea, thread=2, body=">>>/b/1")
    prune(database)
    late = a_post(database, board, thread=2, body=">>1")
    assert late.quotes == ()

    def shown(board: str, no: int) -> tuple[tuple[QuoteTarget, ...], tuple[Backlink, ...]]:
        with database.connection() as db:
            (post,) = threads.posts_for_staff(db, board, [no])
        return post.quotes, post.backlinks

    with database.connection() as db:
        told = [change.fact for change in outbox.waiting(db, "tea", 100)][-2:]
    assert told == [
        PostChanged(thread=1, no=1, pages=PageRange(1, 1)),
        # Of two that quote it the opening, which lists show too.
        PostChanged(thread=2, no=2, pages=PageRange(1, 1)),
    ]
    assert [shown("tea", no)[0] for no in (1, 2, 3)] == [(), (), ()]
    bring_back(database, 1)
    target = QuoteTarget("b", 1, 1)
    assert [shown("tea", no)[0] for no in (1, 2, 3)] == [(target,)] * 3
    assert shown("b", late.no)[0] == (target,)
    assert shown("b", 1)[1] == (Backlink(late.no, 2),)


def test_what_is_kept_aside_is_still_removed_reported_and_taken_down(
    database: Database, board: Board
) -> None:
    a_post(database, board, at=LONG_AGO, files=(a_file(stored_as="a" * 32),))
    a_post(database, board, at=LONG_AGO, thread=1, files=(a_file(stored_as="b" * 32),))
    for _ in range(2):
        a_post(database, board, at=LONG_AGO)
    assert prune(database) == 1
    with database.transaction() as db:
        assert reports.add(db, "b", [1], reason="Rude.", address_hash=b"h" * 16) == 1
        assert [each.no for each in reports.queue(db, on=None, limit=10)] == [1]
        assert posts.remove_files(db, "b", 1)
        assert posts.remove(db, "b", 2)
        assert posts.stored_names(db, ["a" * 32, "b" * 32]) == set()
    bring_back(database, 1)
    with database.connection() as db:
        thread = threads.get(db, "b", 1)
        assert thread is not None
        assert (thread.replies, thread.images) == (0, 0)
        assert threads.media(db, "b") == {}
    with database.transaction() as db:
        db.execute("UPDATE all_threads SET aside_since = now() WHERE no = 1")
        assert posts.remove(db, "b", 1)
    assert aside(database) == []
    assert not bring_back(database, 1)


def test_thread_is_kept_aside_for_its_time_and_then_dropped_in_batches(
    database: Database, board: Board
) -> None:
    a_post(database, board, at=LONG_AGO, files=(a_file(stored_as="a" * 32),))
    for _ in range(4):
        a_post(database, board, at=LONG_AGO, thread=1)
    for _ in range(2):
        a_post(database, board, at=LONG_AGO)
    prune(database)
    assert forget(database) == 0
    with database.transaction() as db:
        db.execute(
            "UPDATE all_threads SET aside_since = aside_since - interval '31 days' WHERE no = 1"
        )
    assert forget(database, 2) == 2
    assert aside(database) == []
    assert not bring_back(database, 1), "a part of it is gone"
    assert [forget(database, 2), forget(database, 2), forget(database, 2)] == [2, 1, 0]
    with database.connection() as db:
        assert posts.stored_names(db, ["a" * 32]) == set()
        assert threads.posts_for_staff(db, "b", [1, 2, 3, 4, 5]) == []
    assert order(database) == [7, 6]


def test_of_more_threads_than_a_board_keeps_the_first_that_fell_off_go(
    database: Database, board: Board
) -> None:
    with database.transaction() as db:
        boards.change_settings(db, "b", {"aside_threads_max": "1"})
    for _ in range(4):
        a_post(database, board, at=LONG_AGO)
    assert [prune(database), prune(database)] == [1, 2]
    assert [forget(database), forget(database)] == [1, 0]
    assert aside(database) == [2]
