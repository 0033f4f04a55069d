"""Databases that tests are lent: each is as if it had just been made.

PERF: making one from the template, dropping it, and planning the first post on a new connection
takes 50 ms of CPU; emptying one takes 5. So a database, and the one connection that a test has left
open, go from test to test as long as nothing but rows tells them from new ones. Whatever else does
ends both. A table that has grown is vacuumed first: the row of a board grows by a page with each
fifth post, and ended a database after 50 of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from operator import attrgetter

import psycopg
from psycopg.sql import SQL, Composed, Identifier, Literal

from deploy.embedded.postgres import Postgres
from imageboard.errors import StoreUnavailable
from imageboard.store import migrations
from imageboard.store.database import Connection, Database, tell_session
from tests.deploy.stand_ins import eventually

TEMPLATE = "board_template"

#: What a database is made of besides rows. A catalog's row that changes has another xmin;
#: statistics are there once somebody has asked for them.
_SHAPE = """
    SELECT count(*), sum(hashint8(oid::bigint) # hashint8(xmin::text::bigint)) FROM (
        SELECT oid, xmin FROM pg_class WHERE oid >= 16384
        UNION ALL SELECT oid, xmin FROM pg_proc WHERE oid >= 16384
        UNION ALL SELECT oid, xmin FROM pg_type WHERE oid >= 16384
        UNION ALL SELECT oid, xmin FROM pg_constraint
        UNION ALL SELECT oid, xmin FROM pg_trigger
        UNION ALL SELECT oid, xmin FROM pg_attrdef
        UNION ALL SELECT oid, xmin FROM pg_rewrite WHERE oid >= 16384
        UNION ALL SELECT oid, xmin FROM pg_namespace WHERE NOT starts_with(nspname, 'pg_')
        UNION ALL SELECT indexrelid, xmin FROM pg_index WHERE indexrelid >= 16384
        UNION ALL SELECT attrelid, xmin FROM pg_attribute WHERE attrelid >= 16384
        UNION ALL SELECT starelid, xmin FROM pg_statistic WHERE starelid >= 16384
        UNION ALL SELECT oid, xmin FROM pg_statistic_ext
        UNION ALL SELECT oid, xmin FROM pg_policy
        UNION ALL SELECT oid, xmin FROM pg_default_acl
        UNION ALL SELECT oid, xmin FROM pg_publication
        UNION ALL SELECT oid, xmin FROM pg_largeobject_metadata
        UNION ALL SELECT setdatabase, xmin FROM pg_db_role_setting
    ) AS part
"""
_CONNECTED = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND backend_type = 'client backend'
"""
#: Tables that have more pages than the planner takes an empty one to have, or whose index has.
_GROWN = """
    SELECT DISTINCT coalesce(i.indrelid, t.oid, c.oid)::regclass::text FROM pg_class c
    LEFT JOIN pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_class t ON t.reltoastrelid = c.oid
    WHERE c.oid >= 16384 AND c.relkind IN ('r', 'i', 't') AND pg_relation_size(c.oid) > 10 * 8192
"""
#: What the planner is told of a table or an index besides its size. VACUUM counts anew.
_COUNTS = """
    SELECT relname, relpages, reltuples, relallvisible, relallfrozen FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')
"""
_COUNTED_SO = """
    SELECT pg_restore_relation_stats('schemaname', 'public', 'relname', %s::text,
        'relpages', %s::integer, 'reltuples', %s::real,
        'relallvisible', %s::integer, 'relallfrozen', %s::integer)
"""
#: The server ends a connection a moment after the pool has closed it.
_HUNG_UP = """
    SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'test'
"""
_NUMBERS_FROM_THE_START = SQL("""
    PERFORM setval(seqrelid, seqstart, false)
    FROM pg_sequence, pg_get_sequence_data(seqrelid) AS stands
    WHERE stands.is_called OR stands.last_value <> seqstart
""")
#: PERF: most tests leave them alone. Written anew each time they would fill the pages that a new
#: table has after twenty tests, and the database be of no use any more.
_ROWS_AS_MADE = SQL("""
    DELETE FROM {0} WHERE (SELECT jsonb_agg(t) FROM {0} t) IS DISTINCT FROM {1}::jsonb;
    INSERT INTO {0} SELECT * FROM jsonb_populate_recordset(NULL::{0}, {1})
        WHERE NOT EXISTS (SELECT FROM {0})
""")
#: What a session was told, and what it holds. It keeps its plans.
_SESSION_AS_NEW = """
    RESET ALL; UNLISTEN *; CLOSE ALL; SELECT pg_advisory_unlock_all();
    DISCARD TEMP; DISCARD SEQUENCES
"""
#: What psycopg was told of a connection.
_told = attrgetter(
    "autocommit", "isolation_level", "read_only", "deferrable", "row_factory", "answer_wait_s_max"
)
_TOLD = (True, None, None, None, psycopg.rows.tuple_row, Connection.answer_wait_s_max)


class Lent:
    """One database, and the board's connections to it."""

    def __init__(self, url: str, superuser_url: str, emptying: Composed) -> None:
        self.url = url
        self._keeper = psycopg.connect(superuser_url, autocommit=True)
        # What is emptied is emptied: no trigger and no key between tables has a say in it.
        self._keeper.execute("SET session_replication_role = replica")
        self._keeper.execute(emptying)
        self._shape = self._shape_now()
        self._counts = set(self._counts_now())
        self._database: Database | None = None
        self._database_as_made: dict[str, object] = {}

    def open(self) -> Database:
        """The last test's connection, or a new one."""
        if self._database is None:
            self._database = database = Database(self.url, connections_max=8, name="test")
            self._database_as_made = dict(vars(database))
            database.open()
            # Who asks before the first connection is there makes a second.
            assert eventually(lambda: database.connections()["idle"] == 1)
        return self._database

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
        self._keeper.close()

    def empty(self) -> bool:
        """Whether it is as if it had just been made; if not, it is of no use any more."""
        try:
            if not self._holds_nothing_but_rows():
                return False
            self._keeper.execute("SELECT pg_temp.empty()")
            return self._is_small_again()
        except (psycopg.Error, StoreUnavailable):
            return False

    def _holds_nothing_but_rows(self) -> bool:
        if self._database is not None and _has_several_idle(self._database):
            self._database.close()
            self._database = None
            self._keeper.execute(_HUNG_UP)
        if self._database is not None and not self._is_connection_as_new(self._database):
            return False
        nobody_else = (0 if self._database is None else 1,)
        return (
            self._keeper.execute(_CONNECTED).fetchone() == nobody_else
            and self._shape_now() == self._shape
        )

    def _is_small_again(self) -> bool:
        """Whether no table is larger than a new one is taken to be; an index does not shrink."""
        if grown := self._grown():
            for (table,) in grown:
                self._keeper.execute(SQL("VACUUM {}").format(Identifier(table)))
            counted = {name for name, *_ in set(self._counts_now()) - self._counts}
            with self._keeper.cursor() as cursor:
                cursor.executemany(_COUNTED_SO, [row for row in self._counts if row[0] in counted])
            self._shape = self._shape_now()
        return not grown or not self._grown()

    def _counts_now(self) -> list[tuple[object, ...]]:
        return self._keeper.execute(_COUNTS).fetchall()

    def _grown(self) -> list[tuple[str]]:
        return self._keeper.execute(_GROWN).fetchall()

    def _is_connection_as_new(self, database: Database) -> bool:
        """Whether there is the one idle connection that a new pool has; it forgets what it was
        told."""
        left = database.connections()
        is_one = (left["in_use"], left["idle"], left["waiting"]) == (0, 1, 0)
        if not is_one or vars(database) != self._database_as_made:
            return False
        with database.connection() as db:
            db.execute(_SESSION_AS_NEW)
            tell_session(db)
            return bool(_told(db) == _TOLD)

    def _shape_now(self) -> object:
        return self._keeper.execute(_SHAPE).fetchone()


class Lender:
    """Makes databases from a template of all migrations, and lends each again once it is empty."""

    def __init__(self, postgres: Postgres, superuser: psycopg.Connection) -> None:
        self._postgres = postgres
        self._superuser = superuser
        self._numbers = itertools.count(1)
        self._idle: list[Lent] = []
        self._superuser.execute(f"CREATE DATABASE {TEMPLATE} OWNER stillboard STRATEGY file_copy")
        database = Database(self._url(postgres.url, TEMPLATE), connections_max=2)
        database.open()
        migrations.apply(database)
        database.close()
        self._emptying = _emptying(self._url(postgres.superuser_url, TEMPLATE))

    @contextmanager
    def lend(self) -> Iterator[Lent]:
        lent = self._idle.pop() if self._idle else self._made()
        try:
            yield lent
        finally:
            if lent.empty():
                self._idle.append(lent)
            else:
                self._throw_away(lent)

    def close(self) -> None:
        for lent in self._idle:
            lent.close()

    def _made(self) -> Lent:
        name = f"board_{next(self._numbers)}"
        self._superuser.execute(
            f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER stillboard STRATEGY file_copy"
        )
        return Lent(
            self._url(self._postgres.url, name),
            self._url(self._postgres.superuser_url, name),
            self._emptying,
        )

    def _throw_away(self, lent: Lent) -> None:
        lent.close()
        name = lent.url.rsplit("/", 1)[1]
        self._superuser.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _url(self, of_server: str, name: str) -> str:
        return of_server.rsplit("/", 1)[0] + f"/{name}"


def _emptying(template_url: str) -> Composed:
    """Makes a function that brings every row of a database back to the template's, and every
    sequence.

    PERF: it keeps its plans. Its statements alone took 3.2 ms of CPU each time, the function 1.6.
    """
    steps = [_NUMBERS_FROM_THE_START]
    with psycopg.connect(template_url) as db:
        tables = db.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for table in [Identifier(name) for (name,) in tables]:
            rows = db.execute(SQL("SELECT jsonb_agg(t)::text FROM {} t").format(table)).fetchone()
            if rows is None or rows[0] is None:
                steps.append(SQL("DELETE FROM {}").format(table))
            else:
                steps.append(_ROWS_AS_MADE.format(table, Literal(rows[0])))
    body = SQL("BEGIN {}; END").format(SQL("; ").join(steps)).as_string()
    return SQL("CREATE FUNCTION pg_temp.empty() RETURNS void LANGUAGE plpgsql AS {}").format(
        Literal(body)
    )


def _has_several_idle(database: Database) -> bool:
    """Whether several were used at once, and none is now.

    PERF: pages are drawn on several. Of 29 tests of the render loop 28 needed a database made.
    """
    left = database.connections()
    return (left["in_use"], left["waiting"]) == (0, 0) and left["idle"] > 1
