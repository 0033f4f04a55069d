"""The queue is found through real sentinels, also after they have named another primary."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
import redis

from deploy.parts import worker_pids
from imageboard.queue import connections
from imageboard.queue.wake_up import WakeUp, connect
from tests.deploy.stand_ins import WAIT_S, eventually
from tests.ha.conftest import WatchedQueue


@pytest.fixture
def client(watched: WatchedQueue) -> Iterator[redis.Redis]:
    """Once the sentinels know each other and the replica: before, they name no other primary."""
    with closing(connect(watched.url)) as client:
        sentinel = client.connection_pool.sentinel_manager.sentinels[0]

        def agree() -> bool:
            try:
                told = sentinel.sentinel_master("stillboard")
            except redis.RedisError:
                return False  # nobody waits long for one of three
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


@pytest.mark.slow
def test_interrupted_connection_is_not_used_again(watched: WatchedQueue) -> None:
    """A worker is told to stop while it listens; the next command must not get that answer."""
    with (
        closing(connections.connect(watched.url)) as client,
        closing(connections.connect(watched.url)) as onlooker,
        interrupted_once(lambda: onlooker.info("clients")["blocked_clients"] == 1),
    ):
        with pytest.raises(Interrupted):
            client.blpop(["nothing"], timeout=int(WAIT_S))
        assert client.set("key", "value")
        assert client.get("key") == b"value"


class Interrupted(Exception):
    """What a signal's handler raises."""


@contextmanager
def interrupted_once(condition: Callable[[], object]) -> Iterator[None]:
    """This thread is, by a signal, as soon as it is so."""

    def interrupt(*_: object) -> None:
        raise Interrupted

    here = threading.get_ident()
    before = signal.signal(signal.SIGALRM, interrupt)
    watcher = threading.Thread(
        target=lambda: eventually(condition) and signal.pthread_kill(here, signal.SIGALRM)
    )
    watcher.start()
    try:
        yield
    finally:
        watcher.join()
        signal.signal(signal.SIGALRM, before)


def test_nobody_to_ask_is_a_dead_queue() -> None:
    url = "redis+sentinel://:x@/0?master=stillboard&sentinels=127.0.0.1:1,127.0.0.1:2"
    with closing(connect(url)) as client:
        assert not WakeUp(client).ask_for_render("b")
    assert worker_pids(url, "render") == set()
