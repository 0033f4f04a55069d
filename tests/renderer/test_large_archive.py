"""What a board has archived makes no reply dearer, in whatever works on one: rows are counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from imageboard.store import archive, boards
from imageboard.store.database import Connection, Database
from renderer.keeper.catch_up import CatchUp
from renderer.render_loop import RenderLoop
from tests.builders import a_board, a_post, seconds_later

pytestmark = pytest.mark.slow

ARCHIVED = 2_000
REPLIES = 4
#: Of tables that grow with what is archived, and entries of their indexes, on whatever connection.
_ROWS_READ = """
SELECT sum(t.seq_tup_read + (
    SELECT sum(i.idx_tup_read) FROM pg_stat_user_indexes i WHERE i.relid = t.relid))
FROM pg_stat_user_tables t
WHERE t.relname IN ('all_threads', 'posts', 'searchable', 'archive_pages', 'publications')
"""
_THREADS = """
INSERT INTO all_threads (board, no, bump_no, bumped_at, modified_at, reply_count, changed_no,
    page_weight, page_weight_no, aside_since, archived_at, archive_page)
SELECT 'b', 1 + n * 5, 0, %(at)s, %(at)s, %(replies)s, 0, 0, 0, %(at)s, %(at)s,
    '2020-01-' || 2 + n / 500
FROM generate_series(0, %(threads)s - 1) AS n
"""
_POSTS = """
INSERT INTO posts (board, no, thread_no, created_at, body, poster_tag, changed_no, bump_no)
SELECT board, no + n, no, archived_at, 'A kettle without its lid', n, 0, 0
FROM all_threads, generate_series(0, %(replies)s) AS n WHERE archived_at IS NOT NULL
"""
_WORDS = """
INSERT INTO searchable (place, board, no, thread_no, words)
SELECT -row_number() OVER (ORDER BY no DESC), board, no, thread_no,
    array_to_tsvector(ARRAY['b:b', '@-1', '@@-1', 'kettle'])
FROM posts WHERE created_at = %(at)s
"""
_PAGES = """
INSERT INTO archive_pages (board, name, month, number, threads, changed_no)
SELECT board, archive_page, '2020-01', split_part(archive_page, '-', 3)::integer, count(*), 0
FROM all_threads WHERE archived_at IS NOT NULL GROUP BY board, archive_page
"""
_FILES = """
INSERT INTO publications (path, board, change_no, sha256, bytes)
SELECT 'b/res/' || no || '.html', 'b', 0, sha256('page'), 4
FROM all_threads WHERE archived_at IS NOT NULL
"""


class _Telling(Database):
    """Tells what each connection did as soon as it is given back, not within a second."""

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        with super().connection() as db:
            yield db
            db.execute("SELECT pg_stat_force_next_flush()")

    def rows_read(self) -> int:
        with self.connection() as db:
            row = db.execute(_ROWS_READ).fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture
def database(database_url: str) -> Iterator[_Telling]:
    telling = _Telling(database_url)
    telling.open()
    yield telling
    telling.close()


def test_reply_reads_as_many_rows_whatever_is_archived(
    database: _Telling, loop: RenderLoop, catch_up: CatchUp
) -> None:
    board = a_board(database, archive_days=3650)
    with database.connection() as db:
        db.execute("UPDATE boards SET last_no = %s", (ARCHIVED * (REPLIES + 1),))
    thread = a_post(database, board).no

    def rows_of_a_reply() -> int:
        before = database.rows_read()
        a_post(database, board, thread=thread)
        loop.render("b")
        catch_up.run_once()
        return database.rows_read() - before

    def rows_of_replies() -> int:
        """The fewest: what is planned anew, or vacuumed meanwhile, reads more."""
        return min(rows_of_a_reply() for _ in range(4))

    rows_of_a_reply()
    alone = rows_of_replies()
    with database.transaction() as db:
        values = {"at": seconds_later(-(10**6)), "threads": ARCHIVED, "replies": REPLIES}
        for statement in (_THREADS, _POSTS, _WORDS, _PAGES, _FILES):
            db.execute(statement, values)
        archive.note_drawn(db, boards.get(db, "b"), None)
    with database.connection() as db:
        db.execute("ANALYZE")
    assert rows_of_replies() < alone + ARCHIVED / 20
