"""Connections: lost ones are found out, deadlocks are run again, snapshots see one moment."""

from __future__ import annotations

from contextlib import closing

import psycopg
import pytest

from deploy.embedded.postgres import Postgres
from imageboard.errors import StoreUnavailable
from imageboard.store import database as databases
from imageboard.store.database import Database, snapshot
from tests.deploy.stand_ins import eventually


def end_all_sessions(postgres: Postgres, name: str) -> None:
    """As a restart of the server does."""
    with psycopg.connect(postgres.superuser_url, autocommit=True) as db:
        db.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )


def test_connection_that_was_lost_while_idle_is_replaced_unseen(
    postgres: Postgres, database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.connection() as db:
        db.execute("SELECT 1")
    end_all_sessions(postgres, database_url.rsplit("/", 1)[1])
    monkeypatch.setattr(databases, "IDLE_UNCHECKED_S", -1.0)
    with database.connection() as db:
        assert db.execute("SELECT 1").fetchone() == (1,)


def test_connection_that_is_lost_in_use_is_told_once_and_then_replaced(
    postgres: Postgres, database: Database, database_url: str
) -> None:
    def lose_it() -> None:
        with database.connection() as db:
            db.execute("SELECT 1")
            end_all_sessions(postgres, database_url.rsplit("/", 1)[1])
            db.execute("SELECT 1")

    with pytest.raises(StoreUnavailable):
        lose_it()
    with database.connection() as db:
        assert db.execute("SELECT 1").fetchone() == (1,)


def test_database_that_is_not_there_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "CONNECTION_WAIT_S", 0.2)
    database = Database("postgresql://nobody:x@127.0.0.1:1/nothing")
    database.open()
    with pytest.raises(StoreUnavailable), database.connection():
        pass
    database.close()


def test_deadlock_is_run_again(database: Database) -> None:
    tries = []

    def work(db: databases.Connection) -> str:
        tries.append(db)
        if len(tries) == 1:
            raise psycopg.errors.DeadlockDetected
        return "done"

    assert database.again_on_deadlock(work) == "done"
    assert len(tries) == 2


def test_deadlock_without_end_is_given_up(database: Database) -> None:
    def work(_db: databases.Connection) -> None:
        raise psycopg.errors.DeadlockDetected

    with pytest.raises(StoreUnavailable):
        database.in_one_statement(work)


def test_snapshot_sees_one_moment_and_writes_nothing(database: Database) -> None:
    with database.connection() as db:
        with snapshot(db):
            before = db.execute("SELECT count(*) FROM boards").fetchone()
            with database.transaction() as other:
                other.execute("INSERT INTO boards (name, settings) VALUES ('x', '{}')")
            assert db.execute("SELECT count(*) FROM boards").fetchone() == before
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), snapshot(db):
            db.execute("DELETE FROM boards")
        assert db.execute("SELECT count(*) FROM boards").fetchone() == (1,)


# --- several servers, of which one takes writes ---


def test_of_several_servers_the_one_that_is_there_is_used(database_url: str) -> None:
    login, _, rest = database_url.rpartition("@")
    database = Database(f"{login}@127.0.0.1:1,{rest}", connections_max=1)
    database.open()
    with closing(database), database.connection() as db:
        assert db.execute("SELECT 1").fetchone() == (1,)


def test_server_that_takes_no_writes_is_not_used_until_it_does(
    postgres: Postgres, database_url: str
) -> None:
    """A replica, or a primary that somebody fenced: nobody reads there either."""
    name = database_url.rsplit("/", 1)[1]
    database = Database(database_url, connections_max=1)
    with psycopg.connect(postgres.superuser_url, autocommit=True) as admin, closing(database):
        admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        database.open()
        with pytest.raises(StoreUnavailable), database.connection():
            pass
        admin.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        assert eventually(lambda: takes_writes(database))


def test_connection_to_a_server_that_takes_no_writes_any_more_is_told_once_and_then_replaced(
    database: Database,
) -> None:
    used = []

    def write_after_it_was_fenced() -> None:
        with database.connection() as db:
            used.append(db)
            db.execute("SET default_transaction_read_only = on")
            db.execute("DELETE FROM boards")

    with pytest.raises(StoreUnavailable):
        write_after_it_was_fenced()
    assert used[0].closed
    assert eventually(lambda: takes_writes(database))


def test_server_that_does_not_answer_is_not_waited_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that lost its power says nothing, and a commit may wait for a replica for ever."""
    monkeypatch.setattr(databases.Connection, "answer_wait_s_max", 0.2)
    with pytest.raises(StoreUnavailable) as refusal, database.connection() as db:
        db.execute("SELECT pg_sleep(60)")
    assert "no answer" in str(refusal.value.__cause__)
    assert db.closed
    assert eventually(lambda: takes_writes(database))


def takes_writes(database: Database) -> bool:
    try:
        with database.transaction() as db:
            db.execute("INSERT INTO boards (name, settings) VALUES ('w', '{}')")
            db.execute("DELETE FROM boards WHERE name = 'w'")
    except StoreUnavailable:
        return False
    return True
