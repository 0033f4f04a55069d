"""The queue is found through real sentinels, also after they have named another primary."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
import redis

from deploy.parts import worker_pids
from imageboard.queue import connections
from imageboard.queue.wake_up import WakeUp, connect
from tests.deploy.stand_ins import eventually
from tests.ha.conftest import WatchedQueue


@pytest.fixture
def client(watched: WatchedQueue) -> Iterator[redis.Redis]:
    """Once the sentinels know each other and the replica: before, they name no other primary."""
    with closing(connect(watched.url)) as client:
        sentinel = client.connection_pool.sentinel_manager.sentinels[0]

        def agree() -> bool:
            told = sentinel.sentinel_master("stillboard")
            return (told["num-other-sentinels"], told["num-slaves"]) == (2, 1)

        assert eventually(agree)
        yield client


@pytest.mark.crash
def test_callers_find_the_new_primary_by_themselves(
    watched: WatchedQueue, client: redis.Redis
) -> None:
    wake_up = WakeUp(client)
    assert wake_up.ask_for_render("b")
    before = client.connection_pool.master_address
    watched.primary.kill()
    assert not wake_up.ask_for_render("c")
    assert eventually(lambda: wake_up.ask_for_render("c"))
    assert client.connection_pool.master_address != before
    assert client.info("replication")["role"] == "master"


def test_interrupted_connection_is_not_used_again(watched: WatchedQueue) -> None:
    """A worker is told to stop while it listens; the next command must not get that answer."""
    with closing(connections.connect(watched.url)) as client, interrupted_after(0.2):
        with pytest.raises(Interrupted):
            client.blpop(["nothing"], timeout=2)
        assert client.set("key", "value")
        assert client.get("key") == b"value"


class Interrupted(Exception):
    """What a signal's handler raises."""


@contextmanager
def interrupted_after(wait_s: float) -> Iterator[None]:
    def interrupt(*_: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, wait_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_nobody_to_ask_is_a_dead_queue() -> None:
    url = "redis+sentinel://:x@/0?master=stillboard&sentinels=127.0.0.1:1,127.0.0.1:2"
    with closing(connect(url)) as client:
        assert not WakeUp(client).ask_for_render("b")
    assert worker_pids(url, "render") == set()
