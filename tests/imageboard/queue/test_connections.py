"""Where the queue is: an address, or sentinels that know it."""

from __future__ import annotations

from contextlib import closing

import pytest
from redis.connection import SSLConnection

from deploy.embedded.valkey import Valkey
from imageboard.queue import connections


def test_sentinels_are_asked_with_the_servers_password() -> None:
    url = "redis+sentinel://:a%2Fb@/3?master=m&sentinels=one%3A1%2C%5B%3A%3A1%5D%3A2"
    with closing(connections.connect(url)) as client:
        pool = client.connection_pool
        asked = [one.connection_pool.connection_kwargs for one in pool.sentinel_manager.sentinels]
    assert pool.service_name == "m"
    assert [(one["host"], one["port"]) for one in asked] == [("one", 1), ("::1", 2)]
    assert {one["password"] for one in asked} == {"a/b"}
    assert pool.connection_kwargs["password"] == "a/b"
    assert pool.connection_kwargs["db"] == 3


@pytest.mark.parametrize(
    ("scheme", "is_encrypted"), [("redis+sentinel", False), ("rediss+sentinel", True)]
)
def test_tls_is_for_servers_and_sentinels(scheme: str, is_encrypted: bool) -> None:
    with closing(connections.connect(f"{scheme}://@/0?master=m&sentinels=one:1")) as client:
        pool = client.connection_pool
    sentinel = pool.sentinel_manager.sentinels[0]
    for connection_class in (pool.connection_class, sentinel.connection_pool.connection_class):
        assert issubclass(connection_class, SSLConnection) == is_encrypted


def test_plain_address_is_a_server() -> None:
    with closing(connections.connect("redis://:x@one:6379/2", answer_wait_s=1.0)) as client:
        told = client.connection_pool.connection_kwargs
    assert (told["host"], told["db"], told["socket_timeout"]) == ("one", 2, 1.0)


def test_a_connection_costs_no_words_about_the_client(valkey_server: Valkey) -> None:
    """Its name and version would be looked up on the disk for each, and told in two commands."""
    with closing(connections.connect(valkey_server.url)) as client:
        assert client.client_info()["lib-name"] == ""
