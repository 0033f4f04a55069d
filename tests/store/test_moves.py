"""Threads go to another board, or into each other, with all that hangs on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from imageboard.bans import BanMessage, NewBan
from imageboard.errors import NoSuchBoard, NoSuchThread, RuleBroken
from imageboard.store import (
    bans,
    boards,
    edits,
    moves,
    old_boards,
    removals,
    reports,
    searchable,
    threads,
)
from imageboard.store import posts as stored_posts
from imageboard.store.database import Connection, Database
from imageboard.threads import Post
from tests.builders import a_board, a_file, a_post, seconds_later


@pytest.fixture
def two_boards(database: Database) -> None:
    """/b/: thread 1 with replies 2 (quotes 1, a file), 3 and 6 (quotes 5, 1); thread 4 with reply
    5, which quotes 2. /c/: thread 1, which quotes /b/2, and two replies."""
    b, c = a_board(database), a_board(database, "c")
    a_post(database, b, body="OP")
    a_post(database, b, thread=1, body=">>1", files=(a_file(),))
    a_post(database, b, thread=1, body="to be changed")
    a_post(database, b, body="other")
    a_post(database, b, thread=4, body=">>2")
    a_post(database, b, thread=1, body=">>5 >>>/b/1")
    a_post(database, c, body=">>>/b/2")
    for _ in range(2):
        a_post(database, c, thread=1)


def done(database: Database, work: Callable[[Connection], Any]) -> Any:
    with database.transaction() as db:
        return work(db)


def move(database: Database, thread: int = 1, to: str = "c", board: str = "b") -> int:
    return int(done(database, lambda db: moves.move(db, board, thread, to)))


def posts(database: Database, board: str, thread: int) -> list[Post]:
    return list(done(database, lambda db: list(threads.posts(db, board, [thread]))))


@pytest.mark.usefixtures("two_boards")
def test_thread_gets_new_numbers_and_quotes_itself_by_them(database: Database) -> None:
    assert move(database) == 4
    op, second, third, last = posts(database, "c", 4)
    assert [op.no, second.no, third.no, last.no] == [4, 5, 6, 7]
    assert [op.body, second.body, last.body] == ["OP", ">>4", ">>>/b/5 >>4"]
    assert [(q.board, q.no, q.thread) for q in second.quotes] == [("c", 4, 4)]
    assert [b.no for b in op.backlinks] == [5, 7]
    assert [file.original_name for file in second.files] == ["cat"]
    assert done(database, lambda db: threads.get(db, "b", 1)) is None
    thread = done(database, lambda db: threads.get(db, "c", 4))
    assert (thread.replies, thread.images) == (3, 1)
    assert done(database, lambda db: threads.numbers(db, "c")) == [1, 4]


@pytest.mark.slow
@pytest.mark.usefixtures("two_boards")
def test_quotes_from_elsewhere_lead_to_the_new_place(database: Database) -> None:
    """What they say stays as it was typed; when the thread goes on, and when they are edited."""
    move(database)
    a_board(database, "d")
    move(database, 4, "d", "c")
    for board, thread, no, typed in (("b", 4, 5, ("b", 2)), ("c", 1, 1, ("b", 2))):
        (quoting,) = [post for post in posts(database, board, thread) if post.no == no]
        (quote,) = quoting.quotes
        assert (quote.board, quote.no, quote.thread) == ("d", 2, 1)
        assert (quote.typed_board, quote.typed_no) == typed
    assert posts(database, "b", 4)[1].body == ">>2"
    with database.transaction() as db:
        board = boards.lock(db, "b")
        held = edits.get(db, "b", 5)
        edits.rewrite(db, board, 5, held, held.written._replace(body="see >>2"), "lake")
    assert [quote.board for quote in posts(database, "b", 4)[1].quotes] == ["d"]


@pytest.mark.usefixtures("two_boards")
def test_old_addresses_know_where_it_is_however_often_it_moves(database: Database) -> None:
    move(database)
    a_board(database, "d")
    move(database, 4, "d", "c")
    for board, no in (("b", 1), ("c", 4)):
        assert done(database, lambda db, b=board, n=no: moves.moved_to(db, b, n)) == ("d", 1)
        assert no in done(database, lambda db, b=board: moves.numbers(db, b))
    assert done(database, lambda db: moves.moved_to(db, "d", 1)) is None


@pytest.mark.usefixtures("two_boards")
def test_what_hangs_on_posts_goes_along(database: Database) -> None:
    """Reports, what is said of a ban, what they are found by, and addresses of another engine;
    files whose name is taken."""
    new_ban = NewBan(board=None, reason="Spam.", duration_s=3600, address_hash=b"a" * 16)
    with database.transaction() as db:
        reports.add(db, "b", [2], reason="Spam.", address_hash=b"r" * 16)
        ban = bans.add(db, new_ban, "lake", message=BanMessage(board="b", no=2, text="Out."))
        tim = db.execute("SELECT tim FROM files").fetchone()
        db.execute(
            "INSERT INTO banners SELECT 'c', tim, '.png', stored_as, 1, 1, 1, sha256 FROM files"
        )
        db.execute("INSERT INTO old_files VALUES ('.media/0a1b.png', 'b', 2, 0)")
        searchable.add_new(db, 100)
    move(database)
    second = posts(database, "c", 4)[1]
    assert second.ban_message == "Out."
    assert second.files[0].tim != tim[0]
    with database.transaction() as db:
        assert old_boards.file_at(db, ".media/0a1b.png") == f"/c/src/{second.files[0].tim}.png"
        assert [(each.board, each.no) for each in reports.queue(db, on=None, limit=9)] == [("c", 5)]
        assert bans.lift(db, ban) == "c"
        searchable.add_new(db, 100)
        found = db.execute("SELECT no FROM searchable WHERE board = 'c' ORDER BY no").fetchall()
    assert found == [(1,), (2,), (3,), (4,), (5,), (6,), (7,)]


@pytest.mark.usefixtures("two_boards")
def test_file_leaves_its_name_to_one_that_may_come_back_there(database: Database) -> None:
    with database.transaction() as db:
        board = boards.get(db, "c")
    a_post(database, board, thread=1, files=(a_file(),))
    with database.transaction() as db:
        db.execute("UPDATE files SET tim = '1795500950388'")
        removal, _ = removals.remove(db, "lake", {"c": [4]})
        assert removal is not None
    assert move(database) == 5
    assert done(database, lambda db: removals.undo(db, removal)) == 1
    named = [posts(database, "c", thread)[at].files[0].tim for thread, at in ((1, 3), (5, 1))]
    assert named[0] == "1795500950388"
    assert named[1] != named[0]


@pytest.mark.usefixtures("two_boards")
def test_thread_bumps_as_others_do_after_it_moved(database: Database) -> None:
    move(database)
    board = done(database, lambda db: boards.get(db, "c"))
    a_post(database, board, thread=1, at=seconds_later(9))
    a_post(database, board, thread=4, body="late", at=seconds_later(10))
    with database.transaction() as db:
        order = [each.thread.no for each in threads.in_order(db, "c", board.settings)]
        removals.remove(db, "lake", {"c": [9]})
        after = [each.thread.no for each in threads.in_order(db, "c", board.settings)]
    assert (order, after) == ([4, 1], [1, 4])


@pytest.mark.usefixtures("two_boards")
def test_what_a_post_said_before_quotes_its_thread_by_the_new_numbers_too(
    database: Database,
) -> None:
    for is_undone in (False, True):
        name, no = ("c", 5) if is_undone else ("b", 2)
        with database.transaction() as db:
            board = boards.lock(db, name)
            held = edits.get(db, name, no)
            if is_undone:
                assert edits.undo(db, board, no, held)
            else:
                edits.rewrite(db, board, no, held, held.written._replace(body="no quote"), "lake")
        if not is_undone:
            move(database)
    second = posts(database, "c", 4)[1]
    assert (second.body, [(q.board, q.no) for q in second.quotes]) == (">>4", [("c", 4)])


@pytest.mark.usefixtures("two_boards")
def test_reply_that_comes_back_quotes_a_moved_thread_and_is_quoted_by_it(
    database: Database,
) -> None:
    removal, _ = done(database, lambda db: removals.remove(db, "lake", {"b": [5]}))
    move(database)
    assert done(database, lambda db: removals.undo(db, removal)) == 1
    (back,) = [post for post in posts(database, "b", 4) if post.no == 5]
    assert [(q.board, q.no, q.typed_no) for q in back.quotes] == [("c", 5, 2)]
    last = posts(database, "c", 4)[-1]
    assert ("b", 5) in [(q.board, q.no) for q in last.quotes]


@pytest.mark.usefixtures("two_boards")
def test_refused_move_changes_nothing(database: Database) -> None:
    for to, thread, why in (("b", 1, RuleBroken), ("x", 1, NoSuchBoard), ("c", 99, NoSuchThread)):
        with pytest.raises(why):
            move(database, thread, to)
    assert len(posts(database, "b", 1)) == 4


@pytest.mark.usefixtures("two_boards")
def test_two_threads_become_the_older_one(database: Database) -> None:
    """Numbers, quotes and bumps stay; what was removed before comes back into it."""
    removal, _ = done(database, lambda db: removals.remove(db, "lake", {"b": [5]}))
    assert done(database, lambda db: moves.merge(db, "b", 1, 4)) == 1
    assert [post.no for post in posts(database, "b", 1)] == [1, 2, 3, 4, 6]
    assert done(database, lambda db: removals.undo(db, removal)) == 1
    merged = posts(database, "b", 1)
    assert [post.no for post in merged] == [1, 2, 3, 4, 5, 6]
    assert [(q.no, q.thread) for q in merged[4].quotes] == [(2, 1)]
    thread = done(database, lambda db: threads.get(db, "b", 1))
    assert (thread.replies, thread.images) == (5, 1)
    assert done(database, lambda db: moves.moved_to(db, "b", 4)) == ("b", 1)
    with pytest.raises(NoSuchThread):
        done(database, lambda db: moves.merge(db, "b", 1, 4))


@pytest.mark.usefixtures("two_boards")
def test_posters_are_told_apart_as_before_when_hashes_expire(database: Database) -> None:
    """Also of what was removed from the thread before, and comes back into it."""
    removal, _ = done(database, lambda db: removals.remove(db, "lake", {"b": [5]}))
    done(database, lambda db: moves.merge(db, "b", 1, 4))
    merged = {post.no: post.poster for post in posts(database, "b", 1)}
    assert merged[4] != merged[1], "as in the threads that they were"
    with database.transaction() as db:
        assert stored_posts.forget_hashes(db, -1, 100) == 8
        assert removals.forget_hashes(db, -1, 100) == 1
    done(database, lambda db: removals.undo(db, removal))
    assert {post.no: post.poster for post in posts(database, "b", 1)} == merged | {5: merged[4]}
