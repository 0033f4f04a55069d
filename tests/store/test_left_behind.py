"""What a test leaves in the servers of its process reaches no other test unseen."""

from __future__ import annotations

from functools import partial

import psycopg
import pytest
import redis

from deploy.embedded.postgres import Postgres
from deploy.embedded.valkey import Valkey
from tests.left_behind import in_postgres, in_valkey, nothing_left
from tests.tables import for_each


def test_server_that_a_test_asks_for_is_empty(
    lasting_valkey: Valkey, request: pytest.FixtureRequest
) -> None:
    with redis.Redis.from_url(lasting_valkey.url) as queue:
        queue.set("left", 1)
        request.getfixturevalue("valkey_server")
        assert queue.dbsize() == 0


@pytest.mark.slow
@for_each(
    ("leave", "set_back", "left"),
    [
        (
            "ALTER SYSTEM SET work_mem = '7MB'",
            "ALTER SYSTEM RESET work_mem",
            "setting work_mem is '7MB' and was 'not there'",
        ),
        (
            "ALTER ROLE stillboard CONNECTION LIMIT 7",
            "ALTER ROLE stillboard CONNECTION LIMIT -1",
            "role stillboard is",
        ),
        ("CREATE ROLE another", "DROP ROLE another", "role another is"),
        (
            "ALTER ROLE stillboard SET work_mem = '7MB'",
            "ALTER ROLE stillboard RESET work_mem",
            "work_mem=7MB",
        ),
        (
            "SELECT pg_create_physical_replication_slot('left')",
            "SELECT pg_drop_replication_slot('left')",
            "slot left is 'physical' and was 'not there'",
        ),
        ("CREATE DATABASE left_there", "DROP DATABASE left_there", "database left_there is"),
        (
            "ALTER DATABASE stillboard CONNECTION LIMIT 7",
            "ALTER DATABASE stillboard CONNECTION LIMIT -1",
            "database stillboard is",
        ),
    ],
)
def test_what_is_left_of_a_whole_postgres_is_named(
    postgres: Postgres, leave: str, set_back: str, left: str
) -> None:
    """At the end of the process, with its last test."""
    look = partial(in_postgres, postgres.superuser_url)
    with psycopg.connect(postgres.superuser_url, autocommit=True) as db:
        with nothing_left(look):
            db.execute(leave)
            db.execute(set_back)
        with pytest.raises(AssertionError, match=left), nothing_left(look):
            db.execute(leave)
        db.execute(set_back)


def test_what_is_left_of_a_whole_valkey_is_named(valkey_server: Valkey, queue: redis.Redis) -> None:
    before = queue.config_get("slowlog-max-len")
    with (
        pytest.raises(AssertionError, match="setting slowlog-max-len is '7' and was"),
        nothing_left(partial(in_valkey, valkey_server.url)),
    ):
        queue.config_set("slowlog-max-len", 7)
    queue.config_set("slowlog-max-len", before["slowlog-max-len"])
    with (
        pytest.raises(AssertionError, match="user another is"),
        nothing_left(partial(in_valkey, valkey_server.url)),
    ):
        queue.acl_setuser("another")
    queue.acl_deluser("another")
