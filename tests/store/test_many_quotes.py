"""However many quote it: a post or a thread is removed in a few statements and one fact a thread.

What is asked for is bounded work, not time: the limit on a statement only guards the test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from imageboard.boards import Board
from imageboard.errors import NoSuchPost
from imageboard.facts import PostAdded, PostChanged, PostRemoved, ThreadRemoved
from imageboard.store import boards, outbox, posts, threads
from imageboard.store.database import Connection, Database
from tests.builders import a_board, a_post, filling

pytestmark = pytest.mark.slow

MANY = 20_000
#: Less than what ends a statement in production, and many times of what these take.
STATEMENT_MS_MAX = 10_000

_POSTS = """
INSERT INTO posts (board, no, thread_no, created_at, body, address_hash, changed_no)
SELECT %(board)s, no, %(thread)s, now(), 'text', decode(md5(''), 'hex'), 1
FROM generate_series(%(first)s::bigint, %(first)s + %(count)s - 1) AS no
"""
_QUOTES = """
INSERT INTO quotes (board, no, to_board, to_no)
SELECT %(board)s, no, %(to_board)s, %(to_first)s + (no - %(first)s) %% %(targets)s
FROM generate_series(%(first)s::bigint, %(first)s + %(count)s - 1) AS no
"""


#: Of the table and by its indexes.
_ROWS_READ = """
SELECT sum(idx_tup_read) + (
    SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'all_threads')
FROM pg_stat_user_indexes WHERE relname = 'all_threads'
"""


def add_many(db: Connection, board: str, thread: int, count: int) -> int:
    """`count` posts in a thread, as if they had been posted; the number of the first."""
    (first,) = db.execute("SELECT last_no + 1 FROM boards WHERE name = %s", (board,)).fetchone()  # type: ignore[misc]
    db.execute(_POSTS, {"board": board, "thread": thread, "first": first, "count": count})
    db.execute("UPDATE boards SET last_no = last_no + %s WHERE name = %s", (count, board))
    db.execute(
        "UPDATE threads SET reply_count = reply_count + %s WHERE board = %s AND no = %s",
        (count, board, thread),
    )
    return int(first)


@dataclass
class Case:
    """A thread on /b/ with two threads beside it, and two on /tea/."""

    database: Database
    b: Board
    tea: Board

    def quote(self, board: str, thread: int, *, to_first: int, targets: int, count: int) -> None:
        with filling(self.database) as db:
            first = add_many(db, board, thread, count)
            values = {"board": board, "first": first, "count": count}
            db.execute(
                _QUOTES, values | {"to_board": "b", "to_first": to_first, "targets": targets}
            )

    def facts_of(self, work: Callable[[Connection], object]) -> dict[str, list[object]]:
        """{board: the facts that `work` came to}"""
        with self.database.connection() as db:
            before = {board: boards.get(db, board).change_no for board in ("b", "tea")}
        with self.database.transaction() as db:
            db.execute("ANALYZE")
            db.execute(f"SET LOCAL statement_timeout = {STATEMENT_MS_MAX}")
            assert work(db)
        with self.database.connection() as db:
            return {
                board: [change.fact for change in outbox.waiting(db, board, MANY, after=no)]
                for board, no in before.items()
            }


@pytest.fixture
def case(database: Database) -> Case:
    b, tea = (a_board(database, name, quiet_minutes_min=0, archive_days=0) for name in ("b", "tea"))
    for _ in range(3):
        a_post(database, b)
    for _ in range(2):
        a_post(database, tea)
    return Case(database, b, tea)


def remove(no: int) -> Callable[[Connection], object]:
    return lambda db: posts.remove(db, "b", no)


def prune(db: Connection) -> object:
    boards.change_settings(db, "b", {"threads_per_page": "1", "pages_max": "2"})
    return posts.prune(db, "b")


def brought_back(db: Connection) -> object:
    db.execute("UPDATE all_threads SET aside_since = now() WHERE board = 'b' AND no = 1")
    return posts.bring_back(db, "b", 1)


@pytest.mark.slow
@pytest.mark.parametrize("work", [remove(1), prune, brought_back])
def test_thread_that_other_threads_and_boards_quote_goes_or_comes(
    case: Case, work: Callable[[Connection], object]
) -> None:
    case.quote("tea", 1, to_first=1, targets=1, count=MANY // 2)
    case.quote("tea", 2, to_first=1, targets=1, count=MANY // 4)
    case.quote("b", 2, to_first=1, targets=1, count=MANY // 4)
    facts = case.facts_of(work)
    assert [type(fact) for fact in facts["tea"]] == [PostChanged, PostChanged]
    (moved,) = (fact for fact in facts["b"] if isinstance(fact, (ThreadRemoved, PostAdded)))
    assert moved.touched_threads == (1, 2)
    with case.database.connection() as db:
        first, last = threads.posts_by_no(db, "tea", [3, MANY // 2 + 3])
        change_no = boards.get(db, "tea").change_no
        assert (first.changed_no, last.changed_no) == (change_no - 1, change_no)


@pytest.mark.slow
def test_post_that_many_quote_is_removed(case: Case) -> None:
    quoted = a_post(case.database, case.b, thread=1).no
    case.quote("tea", 1, to_first=quoted, targets=1, count=MANY // 2)
    case.quote("b", 1, to_first=quoted, targets=1, count=MANY // 4)
    case.quote("b", 2, to_first=quoted, targets=1, count=MANY // 4)
    facts = case.facts_of(remove(quoted))
    assert [type(fact) for fact in facts["tea"]] == [PostChanged]
    (gone,) = facts["b"]
    assert isinstance(gone, PostRemoved)
    assert gone.quoting_threads == (2,)


@pytest.mark.slow
@pytest.mark.parametrize("work", [remove(1), prune])
def test_thread_of_many_posts_that_quote_each_other_goes(
    case: Case, work: Callable[[Connection], object]
) -> None:
    case.quote("b", 1, to_first=1, targets=1, count=MANY)
    (gone,) = (fact for fact in case.facts_of(work)["b"] if isinstance(fact, ThreadRemoved))
    assert gone.quoting_threads == ()


@pytest.mark.slow
def test_long_thread_that_is_removed_is_gone_at_once_and_dropped_in_batches(case: Case) -> None:
    case.quote("b", 1, to_first=1, targets=1, count=2_000)
    case.facts_of(remove(1))
    with case.database.transaction() as db:
        assert threads.get(db, "b", 1) is None
        assert threads.posts_for_staff(db, "b", [1]) == []
        with pytest.raises(NoSuchPost):
            posts.author(db, "b", 1)
        assert threads.aside(db, on=None, limit=10) == []
        assert not posts.bring_back(db, "b", 1)
        assert [posts.forget_aside(db, 1_500) for _ in range(3)] == [1_500, 501, 0]
        assert db.execute("SELECT FROM posts WHERE thread_no = 1 AND board = 'b'").rowcount == 0


@pytest.mark.slow
def test_thread_that_thousands_of_threads_quote_goes(case: Case) -> None:
    """As many as a board can have: each is read a few times, and not once for each other."""
    threads_max = 5_000
    with filling(case.database) as db:
        first = add_many(db, "tea", 1, threads_max)
        db.execute(
            "INSERT INTO threads (board, no, bump_no, bumped_at, modified_at, changed_no)"
            " SELECT board, no, no, now(), now(), 1 FROM ("
            "  SELECT 'b' AS board, generate_series(4, %(last)s) AS no"
            "  UNION ALL SELECT 'tea', generate_series(%(first)s, %(first)s + %(last)s - 1)"
            " ) AS made",
            {"last": threads_max, "first": first},
        )
        db.execute("UPDATE posts SET thread_no = no WHERE board = 'tea' AND no >= %s", (first,))
        db.execute(_POSTS, {"board": "b", "thread": 1, "first": 4, "count": threads_max - 3})
        db.execute("UPDATE posts SET thread_no = no WHERE board = 'b' AND no > 3")
        for board, start in (("b", 4), ("tea", first)):
            values = {"board": board, "first": start, "count": threads_max - 3}
            db.execute(_QUOTES, values | {"to_board": "b", "to_first": 1, "targets": 1})
        db.execute("UPDATE boards SET last_no = %s WHERE name = 'b'", (threads_max,))
    with case.database.connection() as db:
        db.execute("ANALYZE")
        (before,) = db.execute(_ROWS_READ).fetchone() or (0,)
    facts = case.facts_of(remove(1))
    with case.database.connection() as db:
        db.execute("SELECT pg_stat_force_next_flush()")
        (after,) = db.execute(_ROWS_READ).fetchone() or (0,)
    assert len(facts["tea"]) == threads_max - 3
    (gone,) = (fact for fact in facts["b"] if isinstance(fact, ThreadRemoved))
    assert len(gone.quoting_threads) == threads_max - 3
    assert after - before < 100 * threads_max


def test_post_shows_a_hundred_backlinks_and_is_linked_by_five_thousand(case: Case) -> None:
    quoted = a_post(case.database, case.b, thread=1).no
    case.quote("b", 2, to_first=quoted, targets=1, count=4_999)
    assert len(a_post(case.database, case.tea, thread=1, body=f">>>/b/{quoted}").quotes) == 1
    assert a_post(case.database, case.tea, thread=1, body=f">>>/b/{quoted}").quotes == ()
    with case.database.connection() as db:
        (post,) = threads.posts_by_no(db, "b", [quoted])
    assert [link.no for link in post.backlinks] == list(range(quoted + 1, quoted + 101))
