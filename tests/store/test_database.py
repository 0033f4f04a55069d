"""Connections: lost ones are found out, deadlocks are run again, snapshots see one moment."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from deploy.embedded.postgres import Postgres
from deploy.environment import ROOT
from imageboard.errors import StoreUnavailable, TablesDiffer
from imageboard.store import boards
from imageboard.store import database as databases
from imageboard.store.database import Database, snapshot
from tests.deploy.stand_ins import eventually, is_alive


def end_all_sessions(postgres: Postgres, name: str) -> None:
    """As a restart of the server does."""
    with psycopg.connect(postgres.superuser_url, autocommit=True) as db:
        db.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )


@pytest.mark.slow
def test_connection_that_was_lost_while_idle_is_replaced_unseen(
    postgres: Postgres, database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.connection() as db:
        db.execute("SELECT 1")
    end_all_sessions(postgres, database_url.rsplit("/", 1)[1])
    monkeypatch.setattr(databases, "IDLE_UNCHECKED_S", -1.0)
    with database.connection() as db:
        assert db.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.slow
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


@pytest.mark.slow
def test_request_waits_through_a_restart_of_the_server(
    short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alone, with several connections lost: nobody else makes the pool look again."""
    monkeypatch.setattr(databases, "CONNECTION_WAIT_S", 30.0)
    monkeypatch.setattr(databases, "IDLE_UNCHECKED_S", -1.0)
    folder = short_folder / "restarted"
    folder.mkdir()
    server = Postgres(
        folder, socket_dir=folder, password="board", superuser_password="super", durable=False
    )
    server.start()
    database = Database(server.url)
    try:
        server.wait_until_ready()
        database.open()
        with database.connection() as one, database.connection() as two:
            sessions = [one.info.backend_pid, two.info.backend_pid]
        server.kill()
        # A session outlives its postmaster for a moment, and could still be lent out.
        assert eventually(lambda: not any(map(is_alive, sessions)))
        with ThreadPoolExecutor(1) as other:
            answer = other.submit(answers, database)
            assert eventually(lambda: waits_in_vain(database))
            server.start()
            assert answer.result() == (1,)
    finally:
        database.close()
        server.kill()


def waits_in_vain(database: Database) -> bool:
    """Somebody waits, and the pool has given up."""
    connections = database.connections()
    return connections["waiting"] == 1 and connections["in_use"] == 0


def answers(database: Database) -> object:
    with database.connection() as db:
        return db.execute("SELECT 1").fetchone()


@pytest.mark.parametrize(
    ("failures_s", "now_s", "patience_s"),
    [
        pytest.param([], 100, 3, id="nothing is wrong"),
        pytest.param([100], 100.5, 2.5, id="a restart is waited for"),
        pytest.param([100, 101, 102], 102.5, 0.5, id="counted from the first failure"),
        pytest.param([100, 102, 104, 106], 107, 0.05, id="nobody waits when it stays away"),
        pytest.param([100, 102], 110, 3, id="what nobody has seen for a while may be over"),
        pytest.param([100, 102, 110], 111, 2, id="and then it is a new outage"),
    ],
)
def test_patience_ends_with_a_restart_s_time(
    monkeypatch: pytest.MonkeyPatch, failures_s: list[float], now_s: float, patience_s: float
) -> None:
    database = Database("")
    for moment_s in failures_s:
        monkeypatch.setattr(databases, "time", SimpleNamespace(monotonic=lambda s=moment_s: s))
        database._note_failure()
    monkeypatch.setattr(databases, "time", SimpleNamespace(monotonic=lambda: now_s))
    assert database._patience_s() == pytest.approx(patience_s)


def test_connections_of_a_crowd_that_has_gone_are_closed_but_for_those_that_are_kept(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is a process of PostgreSQL's, with megabytes of its own."""
    monkeypatch.setattr(databases, "CONNECTION_IDLE_S_MAX", 0.1)
    database = Database(database_url, connections_max=3)
    database.open()
    with closing(database):
        with ExitStack() as crowd:
            for _ in range(3):
                crowd.enter_context(database.connection())
            assert database.connections()["in_use"] == 3
        assert eventually(lambda: database.connections()["idle"] == 1)
        assert database.connections()["in_use"] == 0


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


@pytest.mark.slow
def test_program_that_ends_without_closing_it_has_closed_it(database_url: str) -> None:
    """`gunicorn --check-config` is one; now and then it would wait for ever for the pool's lock."""
    program = (
        "import atexit, sys; from imageboard.store.database import Database; "
        "database = Database(sys.argv[1]); "
        "atexit.register(lambda: print(database._pool.closed)); "  # the first is called last
        "database.open()"
    )
    command = [sys.executable, "-P", "-c", program, database_url]
    done = subprocess.run(
        command, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "True\n"


# --- several servers, of which one takes writes ---


def test_of_several_servers_the_one_that_is_there_is_used(database_url: str) -> None:
    login, _, rest = database_url.rpartition("@")
    database = Database(f"{login}@127.0.0.1:1,{rest}", connections_max=1)
    database.open()
    with closing(database), database.connection() as db:
        assert db.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.slow
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


@pytest.mark.parametrize("silence", ["busy", "stopped", "commit"])
def test_server_that_does_not_answer_is_not_waited_for(
    postgres: Postgres, database: Database, monkeypatch: pytest.MonkeyPatch, silence: str
) -> None:
    """A machine that lost its power says nothing, and a commit may wait for a replica for ever."""
    statement = (
        "INSERT INTO boards (name, settings) VALUES ('z', '{}')"
        " ON CONFLICT (name) DO UPDATE SET settings = excluded.settings"
    )
    with ExitStack() as afterwards:
        if silence == "commit":
            afterwards.enter_context(commits_that_wait_for_nobody(postgres))
        monkeypatch.setattr(databases.Connection, "answer_wait_s_max", 0.2)
        used = []

        def ask() -> None:
            with database.connection() as db:
                used.append(db)
                if silence == "stopped":
                    os.kill(db.info.backend_pid, signal.SIGSTOP)
                    afterwards.callback(os.kill, db.info.backend_pid, signal.SIGCONT)
                db.execute("SELECT pg_sleep(60)" if silence == "busy" else statement)

        def ask_until_it_is_silent() -> None:
            """The server's checkpointer makes commits wait for a replica, and takes its time."""
            for _ in range(10_000):
                ask()

        with pytest.raises(StoreUnavailable) as refusal:
            ask_until_it_is_silent()
        assert "no answer" in str(refusal.value.__cause__)
        assert used[-1].closed
    assert eventually(lambda: takes_writes(database))


@contextmanager
def commits_that_wait_for_nobody(postgres: Postgres) -> Iterator[None]:
    """As they do while the replica that shall have them is gone."""
    with psycopg.connect(postgres.superuser_url, autocommit=True) as admin:

        def waits_for(replica: str) -> bool:
            return admin.execute("SHOW synchronous_standby_names").fetchone() == (replica,)

        admin.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        admin.execute("SELECT pg_reload_conf()")
        try:
            assert eventually(lambda: waits_for("nobody"))
            yield
        finally:
            admin.execute("ALTER SYSTEM RESET synchronous_standby_names")
            admin.execute("SELECT pg_reload_conf()")
            assert eventually(lambda: waits_for(""))


def test_server_that_takes_a_connection_and_says_nothing_is_unavailable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(databases, "CONNECTION_WAIT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        database = Database(f"postgresql://nobody:x@127.0.0.1:{mute.getsockname()[1]}/nothing")
        database.open()
        with pytest.raises(StoreUnavailable), database.connection():
            pass
        database.close()


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("SET statement_timeout = 1; SELECT pg_sleep(60)", "57014"),
        ("DO $$BEGIN RAISE SQLSTATE '55P03'; END$$", "55P03"),  # a lock that was not had in time
        ("DO $$BEGIN RAISE SQLSTATE '53100'; END$$", "53100"),  # its disk is full
    ],
)
def test_error_of_the_server_is_an_answer_and_leaves_the_connection_open(
    database: Database, statement: str, code: str
) -> None:
    with pytest.raises(StoreUnavailable) as refusal, database.connection() as db:
        db.execute(statement)
    assert isinstance(refusal.value.__cause__, psycopg.OperationalError)
    assert refusal.value.__cause__.sqlstate == code
    assert not db.closed


def test_wait_that_has_a_limit_of_its_own_closes_nothing(database: Database) -> None:
    """A program that listens waits for a while, and then again."""
    with database.connection() as db:
        assert list(db.notifies(timeout=0.01)) == []
        assert db.execute("SELECT 1").fetchone() == (1,)


def takes_writes(database: Database) -> bool:
    try:
        with database.transaction() as db:
            db.execute("INSERT INTO boards (name, settings) VALUES ('w', '{}')")
            db.execute("DELETE FROM boards WHERE name = 'w'")
    except StoreUnavailable:
        return False
    return True


def test_database_without_tables_says_what_brings_them(empty_database_url: str) -> None:
    """To a command in a line: it was a traceback."""
    database = Database(empty_database_url, connections_max=1)
    database.open()
    try:
        with (
            pytest.raises(TablesDiffer, match="`stillboard migrate` brings them"),
            database.connection() as db,
        ):
            boards.list_all(db)
    finally:
        database.close()
