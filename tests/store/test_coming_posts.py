"""A board that is still coming from elsewhere costs nobody anything: none of its posts is read.

What is asked for is bounded work, not time: how many rows a query reads.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from imageboard.boards import Board
from imageboard.store import imports, threads
from imageboard.store.database import Connection, Database
from tests.builders import a_board, a_file, a_post, seconds_later

pytestmark = pytest.mark.slow

COMING = 20_000
THREADS = 200
#: Of tables and by indexes, by this connection since it last told of it.
_ROWS_READ = """
SELECT coalesce(sum(coalesce(idx_tup_fetch, 0) + seq_tup_read), 0)
FROM pg_stat_xact_user_tables WHERE relname IN ('posts', 'all_threads', 'files')
"""
_THREADS = """
INSERT INTO all_threads (board, no, bump_no, bumped_at, modified_at, changed_no, aside_since)
SELECT 'old', no, 0, %(newest)s, %(newest)s, 0, '-infinity'
FROM generate_series(1, %(threads)s) AS no
"""
_POSTS = """
INSERT INTO posts (board, no, thread_no, created_at, body, changed_no, bump_no)
SELECT 'old', no, (no - 1) %% %(threads)s + 1, %(newest)s - no * interval '1 s', 'text', 0, 0
FROM generate_series(1, %(posts)s) AS no
"""

Query = Callable[[Connection], list[int]]


def _recent(db: Connection) -> list[int]:
    return [post.no for post in threads.recent(db, ["b"], 10)]


def _pictures(db: Connection) -> list[int]:
    found = threads.recent_pictures(db, ["b"], 10, among=300, may_show=["b", "old"])
    return [picture.no for picture in found]


def _hour(db: Connection) -> list[int]:
    return list(range(threads.last_hour(db, ["b"], 1_000)[0], 0, -1))


def _for_staff(db: Connection) -> list[int]:
    return [post.no for _, post in threads.newest_for_staff(db, on=None, limit=10)]


def _for_staff_of_boards(db: Connection) -> list[int]:
    return [post.no for _, post in threads.newest_for_staff(db, on=["b", "old"], limit=10)]


@pytest.fixture
def coming(database: Database) -> Board:
    """Three posts of a board, and beside it those of another, all of them newer."""
    board = a_board(database)
    a_board(database, "old")
    for at_s in range(3):
        a_post(database, board, files=(a_file(),), at=seconds_later(at_s))
    values = {"newest": seconds_later(10**6), "threads": THREADS, "posts": COMING}
    with database.transaction() as db:
        db.execute(_THREADS, values)
        db.execute(_POSTS, values)
        imports.know_sizes(db)
    return board


@pytest.mark.usefixtures("coming")
def test_newest_posts_are_found_without_reading_those_that_come(database: Database) -> None:
    for query in (_recent, _pictures, _hour, _for_staff, _for_staff_of_boards):
        with database.transaction() as db:
            before = _rows_read(db)
            assert query(db) == [3, 2, 1], query.__name__
            assert _rows_read(db) - before < COMING / 20, query.__name__


def _rows_read(db: Connection) -> int:
    row = db.execute(_ROWS_READ).fetchone()
    assert row is not None
    return int(row[0])
