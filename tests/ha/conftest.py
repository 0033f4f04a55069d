"""Pairs of PostgreSQL servers, and Valkey servers with their sentinels."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from deploy.embedded.service import free_port
from imageboard.settings import Settings
from tests.ha.pair import Pair
from tests.ha.replica import PairedPostgres
from tests.ha.watched import Sentinel, WatchedValkey
from tests.servers import running

PASSWORD = "it's: a \\ secret"


@contextmanager
def a_place() -> Iterator[Path]:
    """A folder whose path is short enough for Unix sockets (107 bytes)."""
    with tempfile.TemporaryDirectory(prefix="sb-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def place() -> Iterator[Path]:
    with a_place() as folder:
        yield folder


@contextmanager
def a_pair(place: Path) -> Iterator[Pair]:
    """server_a, which server_b follows; no post waits for it."""

    def server(name: str, follows: PairedPostgres | None = None) -> PairedPostgres:
        (place / name).mkdir()
        return PairedPostgres(
            name,
            place / name,
            port=free_port(),
            password=PASSWORD,
            superuser_password="another",
            follows=follows,
            log=place / f"{name}.log",
        )

    (place / "data").mkdir()
    primary = server("server_a")
    replica = server("server_b", follows=primary)
    with running(primary), running(replica):
        yield Pair(primary, replica, place / "data")


@pytest.fixture
def pair(place: Path) -> Iterator[Pair]:
    """Of the test's own."""
    with a_pair(place) as pair:
        yield pair


@pytest.fixture(scope="module")
def _lasting_pair() -> Iterator[Pair]:
    with a_place() as place, a_pair(place) as pair:
        yield pair


@pytest.fixture
def shared_pair(_lasting_pair: Pair) -> Iterator[Pair]:
    """For tests that let the primary live: afterwards the replica follows, and nobody waits."""
    _lasting_pair.wait_until_streaming(_lasting_pair.primary)
    yield _lasting_pair
    _lasting_pair.call("async")
    if _lasting_pair.replica.poll() is not None:
        _lasting_pair.replica.start()
        _lasting_pair.replica.wait_until_ready()


class WatchedQueue(NamedTuple):
    """A primary and a replica that three sentinels watch."""

    url: str
    primary: WatchedValkey


@pytest.fixture
def watched(place: Path) -> Iterator[WatchedQueue]:
    ports = [free_port() for _ in range(2)]
    primary = WatchedValkey("valkey_a", place, port=ports[0], password="queue")
    replica = WatchedValkey("valkey_b", place, port=ports[1], password="queue", follows=ports[0])
    sentinels = [
        Sentinel(f"sentinel_{n}", place, port=free_port(), password="queue", primary_port=ports[0])
        for n in (1, 2, 3)
    ]
    with ExitStack() as stack:
        for service in (primary, replica, *sentinels):
            stack.enter_context(running(service))
        given = {
            "REDIS_SENTINELS": ",".join(f"127.0.0.1:{one.port}" for one in sentinels),
            "REDIS_PASSWORD": "queue",
        }
        yield WatchedQueue(Settings.read(given).redis_url, primary)
