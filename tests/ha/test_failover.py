"""Two real PostgreSQL servers: what was acknowledged survives, and roles change by command."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from imageboard.errors import StoreUnavailable
from imageboard.store.database import Database
from imageboard.store.servers import replication
from tests.deploy.stand_ins import eventually
from tests.ha.pair import Pair, note, notes

pytestmark = pytest.mark.crash


@contextmanager
def opened(pair: Pair) -> Iterator[Database]:
    """What a program of the board has: both servers are named."""
    database = Database(pair.url, connections_max=4, name="test")
    database.open()
    with closing(database):
        with database.connection() as db:
            db.execute("CREATE TABLE IF NOT EXISTS notes (text text)")
        pair.wait_until_streaming(pair.primary)
        yield database


@pytest.fixture
def database(pair: Pair) -> Iterator[Database]:
    with opened(pair) as database:
        yield database


@pytest.fixture
def shared_database(shared_pair: Pair) -> Iterator[Database]:
    with opened(shared_pair) as database:
        yield database


@contextmanager
def in_background(database: Database, text: str) -> Iterator[list[BaseException]]:
    """Somebody stores a line; yields what came of it: the error, if there was one."""
    errors: list[BaseException] = []

    def store() -> None:
        try:
            note(database, text)
        except StoreUnavailable as ex:
            errors.append(ex)

    thread = threading.Thread(target=store)
    thread.start()
    try:
        yield errors
    finally:
        thread.join()


def can_store(database: Database, text: str) -> bool:
    try:
        note(database, text)
    except StoreUnavailable:
        return False
    return True


def test_what_was_acknowledged_survives_the_primary_and_what_was_not_is_undone_there(
    pair: Pair, database: Database
) -> None:
    """From the primary's death to a pair that is whole again, by the runbook's commands."""
    assert pair.call("sync").exit_code == 0
    note(database, "acknowledged")
    pair.replica.stop()
    with in_background(database, "not acknowledged") as errors:
        pair.wait_until_somebody_waits()
        pair.primary.kill()
    assert [type(error) for error in errors] == [StoreUnavailable]

    pair.replica.start()
    pair.replica.wait_until_ready()
    with replication.server(pair.replica.url) as db:
        # As if it had been copied while posts waited for a replica: it brings that along.
        replication.confirm_by(db, ["server_a"])
    promoted = pair.call("promote")
    assert promoted.exit_code == 0, promoted
    assert f"127.0.0.1:{pair.replica.port} takes writes now" in promoted.output
    assert eventually(lambda: can_store(database, "after the failover")), "found by itself"
    with database.connection() as db:
        assert notes(db) == {"acknowledged", "after the failover"}

    pair.primary.fence()
    pair.primary.start()
    pair.primary.wait_until_ready()
    with closing(Database(pair.url, connections_max=1)) as newcomer:
        newcomer.open()
        assert eventually(lambda: can_store(newcomer, "beside a fenced server"))
    pair.primary.stop()

    pair.primary.rejoin(pair.replica)
    pair.primary.start()
    pair.primary.wait_until_ready()
    pair.wait_until_streaming(pair.replica)
    assert pair.call("sync").exit_code == 0
    note(database, "with the new replica")
    with replication.server(pair.primary.url) as db:
        assert eventually(lambda: "with the new replica" in notes(db))
        assert "not acknowledged" not in notes(db)
        assert len(notes(db)) == 4
    assert pair.call("replicas").exit_code == 0


def test_posts_wait_for_a_replica_that_is_gone_until_they_are_told_not_to(
    shared_pair: Pair, shared_database: Database
) -> None:
    assert shared_pair.call("sync").exit_code == 0
    shared_pair.replica.stop()
    with in_background(shared_database, "waits") as errors:
        shared_pair.wait_until_somebody_waits()
        assert shared_pair.call("async").exit_code == 0
    assert errors == []
    note(shared_database, "waits for nobody")
    shared_pair.wait_until_nobody_follows()
    refused = shared_pair.call("sync")
    assert refused.exit_code == 1
    assert "no replica streams from the primary" in str(refused.exception)


def test_who_is_what_is_told_with_what_is_wrong(
    shared_pair: Pair, shared_database: Database
) -> None:
    assert shared_pair.call("sync", "server_b").exit_code == 0
    told = json.loads(shared_pair.call("replicas", "--json").output)
    primary, replica = told["servers"]
    assert told["faults"] == []
    assert primary["place"] == f"127.0.0.1:{shared_pair.primary.port}"
    assert primary["standing"]["confirmed_by"] == 'ANY 1 ("server_b")'
    assert [one["name"] for one in primary["followers"]] == ["server_b"]
    assert replica["standing"]["is_primary"] is False
    assert replica["received"]["streams"] is True
    shared_pair.replica.stop()
    shared_pair.wait_until_nobody_follows()
    broken = shared_pair.call("replicas")
    assert broken.exit_code == 1
    assert f"wrong: 127.0.0.1:{shared_pair.replica.port} can't be reached" in broken.output
    assert "wrong: nobody reads from slot server_b: its replica is away" in broken.output


def test_replica_is_not_promoted_beside_a_primary_that_lives(
    shared_pair: Pair, shared_database: Database
) -> None:
    """Two primaries would each take posts, and those of one of them would be lost."""
    refused = shared_pair.call("promote")
    assert refused.exit_code == 1
    assert f"127.0.0.1:{shared_pair.primary.port} takes writes" in str(refused.exception)
    with replication.server(shared_pair.replica.url) as db:
        assert not replication.standing(db).is_primary
    with_primary = shared_pair.call("promote", "--replica", shared_pair.primary.url)
    assert "is a primary already" in str(with_primary.exception)


def test_name_of_a_replica_that_does_not_stream_is_refused(
    shared_pair: Pair, shared_database: Database
) -> None:
    """Every post would hang."""
    refused = shared_pair.call("sync", "server_x")
    assert refused.exit_code == 1
    assert "server_x does not stream" in str(refused.exception)
    note(shared_database, "waits for nobody")
