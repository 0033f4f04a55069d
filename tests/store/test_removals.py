"""What staff remove comes back as it was, or is erased in its time; meanwhile nobody sees it."""

from __future__ import annotations

from typing import Any

import pytest

from imageboard.facts import PostAdded, PostRemoved
from imageboard.store import outbox, posts, removals, reports, searchable, takedowns, threads
from imageboard.store.database import Database
from tests.builders import a_board, a_file, a_post

#: All that makes pages what they are: not the changes at which it was altered.
_STANDS = {
    "posts": "SELECT to_jsonb(p) - 'changed_no' FROM posts p ORDER BY board, no",
    "files": "SELECT to_jsonb(f) FROM files f ORDER BY board, post_no, position",
    "old_files": "SELECT to_jsonb(o) FROM old_files o ORDER BY address",
    "quotes": "SELECT to_jsonb(q) FROM quotes q ORDER BY board, no, to_board, to_no",
    "reports": "SELECT to_jsonb(r) - 'address_hash' FROM reports r ORDER BY id",
    "searchable": "SELECT to_jsonb(s) FROM searchable s ORDER BY place",
    "archive": "SELECT to_jsonb(a) - 'changed_no' FROM archive_pages a ORDER BY board, name",
    "threads": """
        SELECT to_jsonb(t)
            - '{changed_no,modified_at,removal_no,page_weight,page_weight_no}'::text[]
        FROM all_threads t ORDER BY board, no""",
}


def standing(database: Database) -> dict[str, list[Any]]:
    with database.connection() as db:
        return {
            name: [row for (row,) in db.execute(query).fetchall()]
            for name, query in _STANDS.items()
        }


def remove(database: Database, **nos: list[int]) -> int:
    with database.transaction() as db:
        removal, gone = removals.remove(db, "lake", nos)
    assert gone
    assert removal is not None
    return removal


def undo(database: Database, removal: int) -> int:
    with database.transaction() as db:
        return removals.undo(db, removal)


@pytest.fixture
def boards(database: Database) -> None:
    """/b/: thread 1 with replies 2 (a file), 3 (it bumped last), 4 (sage); thread 5 quotes 2 and is
    quoted by 6 in thread 1; thread 7 is archived, with reply 8. /c/: thread 1 quotes /b/2."""
    b = a_board(database)
    c = a_board(database, "c")
    a_post(database, b, body="OP")
    a_post(database, b, thread=1, body="with a file", files=(a_file(stored_as="a" * 32),))
    a_post(database, b, thread=1, body=">>2")
    a_post(database, b, thread=1, body="down", email="sage")
    a_post(database, b, body=">>2 another")
    a_post(database, b, thread=1, body=">>5 >>2")
    a_post(database, b, body="old")
    a_post(database, b, thread=7, body=">>1")
    a_post(database, c, body=">>>/b/2")
    with database.transaction() as db:
        reports.add(db, "b", [2, 7], reason="Spam.", address_hash=b"r" * 16)
        db.execute("SELECT archive_thread('b', 7)")
        db.execute("INSERT INTO old_files VALUES ('.media/0a1b.png', 'b', 2, 0)")
        searchable.add_new(db, 100)


@pytest.mark.usefixtures("boards")
@pytest.mark.parametrize(
    "nos",
    [{"b": [2]}, {"b": [2, 3, 6]}, {"b": [1]}, {"b": [7]}, {"b": [8, 5, 2], "c": [1]}],
    ids=str,
)
def test_what_was_removed_comes_back_as_it_was(
    database: Database, nos: dict[str, list[int]]
) -> None:
    """Posts, files and what else leads to them, quotes, reports, counts, bumps, the archive, and
    what search knows.
    """
    before = standing(database)
    assert len(before["quotes"]) == 6
    removal = remove(database, **nos)
    with database.connection() as db:
        shown = [post.no for post in threads.posts_for_staff(db, "b", list(range(1, 9)))]
        reported = {report.no for report in reports.queue(db, on=None, limit=9)}
    assert not {*shown, *reported} & set(nos["b"])
    assert undo(database, removal) == sum(map(len, nos.values()))
    assert standing(database) == before
    assert undo(database, removal) == 0, "once"
    with database.connection() as db:
        assert takedowns.still_open(db).takedowns == 0, "nobody is to look for it any more"


@pytest.mark.slow
@pytest.mark.usefixtures("boards")
def test_removals_are_undone_in_any_order(database: Database) -> None:
    """What stood in a thread that another removal took waits for that; quotes between them live."""
    before = standing(database)
    first, second, third = (remove(database, b=[no]) for no in (2, 6, 1))
    assert undo(database, second) == 1, "into a thread that nobody sees"
    assert undo(database, first) == 1
    assert undo(database, third) == 1
    assert standing(database) == before
    first, second = remove(database, b=[2]), remove(database, b=[6])
    assert (undo(database, first), undo(database, second)) == (1, 1)
    assert standing(database) == before


@pytest.mark.usefixtures("boards")
def test_post_that_search_had_not_seen_is_found_when_it_is_back(database: Database) -> None:
    with database.transaction() as db:
        db.execute("DELETE FROM searchable WHERE board = 'b' AND no = 2")
    undo(database, remove(database, b=[2]))
    with database.transaction() as db:
        searchable.add_new(db, 100)
        row = db.execute("SELECT count(*) FROM searchable WHERE board = 'b' AND no = 2").fetchone()
    assert row == (1,)


@pytest.mark.usefixtures("boards")
def test_files_alone_come_back(database: Database) -> None:
    before = standing(database)
    with database.transaction() as db:
        removal, was_there = removals.remove_files(db, "lake", "b", 2)
        assert was_there
        assert posts.stored_names(db, ["a" * 32]) == {"a" * 32}, "not to be swept"
    assert removal is not None
    assert undo(database, removal) == 1
    assert standing(database) == before


@pytest.mark.usefixtures("boards")
def test_what_is_erased_is_gone(database: Database) -> None:
    """A day later, or at once: nothing is left, no file is held, and nothing comes back."""
    reply, thread = remove(database, b=[2]), remove(database, b=[1])
    with database.transaction() as db:
        assert posts.stored_names(db, ["a" * 32]) == {"a" * 32}
        assert posts.forget_aside(db, 100) == 0, "a thread that can be brought back stays"
        assert [each.id for each in removals.newest(db, on=["b"], limit=9)] == [thread, reply]
        assert removals.newest(db, on=["c"], limit=9) == []
        db.execute("UPDATE removals SET kept_until = now() WHERE id = %s", [reply])
        assert removals.boards_of(db, reply) == []
        assert removals.forget_expired(db, 100) == 1
        removals.erase(db, thread)
        assert posts.stored_names(db, ["a" * 32]) == set()
        while posts.forget_aside(db, 100):
            pass
        left = db.execute("SELECT count(*) FROM all_threads WHERE no = 1 AND board = 'b'")
        assert left.fetchone() == (0,)
    assert undo(database, thread) == 0


@pytest.mark.usefixtures("boards")
def test_without_undo_the_master_copies_go_with_the_pages(database: Database) -> None:
    with database.transaction() as db:
        assert removals.remove(db, "lake", {"b": [2]}, can_be_undone=False) == (None, 1)
        row = db.execute("SELECT uploads FROM takedowns").fetchone()
    assert row == (["a" * 32],)


@pytest.mark.usefixtures("boards")
def test_addresses_laid_aside_expire_as_those_of_posts(database: Database) -> None:
    removal = remove(database, b=[2])
    with database.transaction() as db:
        assert removals.forget_hashes(db, -1, 10) == 1
        assert removals.forget_addresses(db, -1, 10) in (0, 1)
        assert removals.forget_hashes(db, -1, 10) == 0
    undo(database, removal)
    with database.connection() as db:
        row = db.execute(
            "SELECT address_hash, address_sealed, poster_tag IS NULL FROM posts"
            " WHERE board = 'b' AND no = 2"
        ).fetchone()
    assert row == (None, None, False)


def test_each_post_of_many_has_its_fact(database: Database) -> None:
    """So that whoever follows a thread by its changes is told of each."""
    board = a_board(database)
    nos = [a_post(database, board).no for _ in range(3)]
    replies = [a_post(database, board, thread=no).no for no in nos for _ in range(2)]
    undo(database, remove(database, b=replies))
    with database.connection() as db:
        facts = [change.fact for change in outbox.waiting(db, "b", 1000)][-12:]
    told = [(type(fact), fact.no) for fact in facts if isinstance(fact, (PostRemoved, PostAdded))]
    assert told == [(kind, no) for kind in (PostRemoved, PostAdded) for no in replies]
