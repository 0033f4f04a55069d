"""A test's database is as new, whatever the test before did with the one that it was lent."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

import psycopg
import pytest

from imageboard.store import ban_deeds, moderation_log, site_moment, staff
from imageboard.store.database import Database
from tests.builders import a_board, a_file, a_post
from tests.databases import TEMPLATE, Lender

pytestmark = pytest.mark.slow

#: pg_sequences says nothing of one that was set and gave no number since.
SEQUENCES = """
    SELECT seqrelid::regclass, last_value, is_called
    FROM pg_sequence, pg_get_sequence_data(seqrelid) ORDER BY 1
"""


def rows(db: psycopg.Connection) -> dict[str, list[str]]:
    """All rows of all tables, and where the sequences stand."""
    tables = db.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    held = {
        name: [row for (row,) in db.execute(f"SELECT t::text FROM {name} t ORDER BY 1")]
        for (name,) in tables
    }
    held["sequences"] = [str(row) for row in db.execute(SEQUENCES)]
    return held


def write_everywhere(database: Database) -> None:
    board = a_board(database)
    a_post(database, board, body="OP", files=(a_file(),))
    a_post(database, board, thread=1, body=">>1")
    with database.transaction() as db:
        staff.add(db, "alice", "correct horse battery")
        moderation_log.add(db, ban_deeds.BANNED, staff="alice", board="b")
        site_moment.touch(db)
        site_moment.show(db, site_moment.now(db), ["frame"], drawn=[])
        db.execute("DELETE FROM migrations")
        # As a board that moves in leaves it.
        db.execute("SELECT setval('news_id_seq', 7, false)")


def test_database_that_holds_nothing_but_rows_is_emptied_and_lent_again(lender: Lender) -> None:
    with lender.lend() as lent:
        url, used = lent.url, lent.open()
        with psycopg.connect(url.rpartition("/")[0] + f"/{TEMPLATE}") as db:
            template = rows(db)
        write_everywhere(used)
        with used.connection() as db:
            assert rows(db) != template
    with lender.lend() as lent:
        assert (lent.url, lent.open()) == (url, used)
        with used.connection() as db:
            assert rows(db) == template


def test_database_that_is_only_read_is_lent_again_and_again(lender: Lender) -> None:
    urls = set()
    for _ in range(50):
        with lender.lend() as lent:
            urls.add(lent.url)
    assert len(urls) == 1


def test_table_that_grew_is_as_small_as_a_new_one_and_counted_like_it(lender: Lender) -> None:
    def told(db: psycopg.Connection) -> list[tuple[object, ...]]:
        """What the planner knows of the tables and their indexes."""
        return db.execute(
            """SELECT relname, relpages, reltuples, relallvisible, relallfrozen,
                CASE relkind WHEN 'r' THEN pg_relation_size(oid) END
            FROM pg_class WHERE relnamespace = 'public'::regnamespace
                AND relkind IN ('r', 'i') AND relname ~ '^boards' ORDER BY 1"""
        ).fetchall()

    with lender.lend() as lent:
        url = lent.url
        a_board(lent.open())
        with lent.open().transaction() as db:
            for number in range(200):
                db.execute("UPDATE boards SET last_no = %s", [number])
        with psycopg.connect(url.rpartition("/")[0] + f"/{TEMPLATE}") as db:
            as_made = told(db)
        # On the board's own connection: another is there for a moment after it was closed.
        with lent.open().connection() as db:
            assert told(db) != as_made
    with lender.lend() as lent:
        assert lent.url == url
        with lent.open().connection() as db:
            assert told(db) == as_made


def test_what_a_connection_was_told_and_held_is_forgotten(lender: Lender) -> None:
    with lender.lend() as lent, lent.open().connection() as db:
        url = lent.url
        db.execute("SELECT pg_advisory_lock(7)")
        db.execute("SET lock_timeout = 7")
        db.execute("CREATE TEMP TABLE boards AS SELECT 'not the board''s' AS name")
        db.execute("DROP TABLE boards")
    with lender.lend() as lent, lent.open().connection() as db:
        assert lent.url == url
        assert db.execute("SHOW lock_timeout").fetchone() == ("10s",)
        assert db.execute("SELECT FROM pg_locks WHERE locktype = 'advisory'").fetchall() == []


def test_database_on_which_several_connections_are_idle_is_lent_again_with_one(
    lender: Lender,
) -> None:
    with lender.lend() as lent:
        url, used = lent.url, lent.open()
        with used.connection(), used.connection() as db:
            db.execute("SET lock_timeout = 7")
            db.execute("SELECT pg_advisory_lock(7)")
    with lender.lend() as lent:
        assert lent.url == url
        database = lent.open()
        assert database is not used
        assert database.connections()["idle"] == 1
        with database.connection() as db:
            assert db.execute("SHOW lock_timeout").fetchone() == ("10s",)
            connected = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'test'"
            assert db.execute(connected + " AND datname = current_database()").fetchone() == (1,)


Leaving = Callable[[Database, str, ExitStack], None]


def hold_a_connection(_database: Database, url: str, afterwards: ExitStack) -> None:
    afterwards.enter_context(psycopg.connect(url))


def keep_one_in_use(database: Database, _url: str, afterwards: ExitStack) -> None:
    afterwards.enter_context(database.connection())


def tell_psycopg(database: Database, _url: str, _: ExitStack) -> None:
    with database.connection() as db:
        db.answer_wait_s_max = 7.0


def put_a_stand_in(database: Database, _url: str, _: ExitStack) -> None:
    database.transaction = database.connection  # type: ignore[method-assign]


def close(database: Database, _url: str, _: ExitStack) -> None:
    database.close()


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE posts ADD COLUMN new text",
        "ALTER TABLE bans ALTER COLUMN created_at SET DEFAULT '-infinity'",
        "ALTER TABLE posts DROP CONSTRAINT posts_pkey CASCADE",
        "ALTER TABLE moderation_log DISABLE TRIGGER append_only",
        "CREATE TABLE new ()",
        "CREATE INDEX ON posts (body)",
        "CREATE SCHEMA new",
        "CREATE OR REPLACE FUNCTION next_change(p_board text) RETURNS bigint RETURN 7",
        "CREATE OR REPLACE VIEW shown_posts AS SELECT * FROM shown_posts WHERE false",
        "GRANT SELECT ON posts TO public",
        "INSERT INTO migrations SELECT no FROM generate_series(1, 2000) no",
        "INSERT INTO migrations VALUES ('x'); ANALYZE migrations",
        "CREATE STATISTICS new ON board, no FROM posts",
        "CREATE POLICY new ON posts USING (false)",
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO public",
        "CREATE PUBLICATION new FOR TABLE posts",
        "SELECT lo_create(0)",
        "DO $$BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET jit = on'; END$$",
    ],
)
def test_database_that_holds_more_than_rows_is_thrown_away(lender: Lender, statement: str) -> None:
    with lender.lend() as lent, lent.open().connection() as db:
        url = lent.url
        db.execute(statement)
    assert_is_gone(url)


@pytest.mark.parametrize(
    "leave",
    [hold_a_connection, keep_one_in_use, tell_psycopg, put_a_stand_in, close],
)
def test_database_whose_connections_can_be_told_from_new_ones_is_thrown_away(
    lender: Lender, leave: Leaving
) -> None:
    with ExitStack() as afterwards:
        with lender.lend() as lent:
            url = lent.url
            leave(lent.open(), url, afterwards)
        assert_is_gone(url)


def assert_is_gone(url: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)
