"""Connections: lost ones are found out, deadlocks are run again, snapshots see one moment."""

from __future__ import annotations

import psycopg
import pytest

from deploy.embedded.postgres import Postgres
from imageboard.errors import StoreUnavailable
from imageboard.store import database as databases
from imageboard.store.database import Database, snapshot


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
