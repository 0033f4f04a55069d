"""Connections to Valkey (or Redis), which is named by its address or found through its sentinels.

With sentinels the address is one of our own, which Settings makes of REDIS_SENTINELS and the rest:

    redis+sentinel://:PASSWORD@/0?master=stillboard&sentinels=one:26379,two:26379,three:26379

Each new connection asks a sentinel where the primary is; one that was lost, or finds itself at a
server that takes no writes any more, asks again. The sentinels want the servers' password too.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelManagedConnection, SentinelManagedSSLConnection

from imageboard.errors import QueueIsCluster

SENTINEL_SCHEMES = ("redis+sentinel", "rediss+sentinel")
#: How long each sentinel may take: the next one knows as well.
SENTINEL_WAIT_S = 0.5

#: A worker waits at an open connection for minutes. A primary that vanished from the network is
#: found out after 11 s.
_KEEPALIVE = {
    getattr(socket, name): value
    for name, value in (("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 2), ("TCP_KEEPCNT", 3))
    if hasattr(socket, name)
}


class _Interruptible:
    """A connection that was left in the middle of an answer is closed, as redis-py's others are.

    The sentinels' ones are not in redis-py 8.1 (https://github.com/redis/redis-py/pull/4292): the
    next command would read the last one's answer, and a worker that is told to stop would hang.
    """

    def read_response(self, *arguments: Any, **named: Any) -> Any:
        read_response = super().read_response  # type: ignore[misc]  # of the class beside it
        return read_response(*arguments, **{"disconnect_on_error": True} | named)


class _Connection(_Interruptible, SentinelManagedConnection):
    pass


class _TlsConnection(_Interruptible, SentinelManagedSSLConnection):
    pass


def connect(
    url: str, *, connect_wait_s: float | None = None, answer_wait_s: float | None = None
) -> redis.Redis:
    """A client that tries once; a connection is made when it is first used.

    The waits are in seconds; None: as long as the system waits.
    """
    limits = {
        "socket_connect_timeout": connect_wait_s,
        "socket_timeout": answer_wait_s,
        "retry": Retry(NoBackoff(), 0),
        # PERF: what to call the client and its version would be read from the disk for each
        # connection, and told in two commands more.
        "driver_info": None,
    }
    if urlsplit(url).scheme in SENTINEL_SCHEMES:
        return _through_sentinels(url, limits)
    return redis.Redis.from_url(url, **limits)


def refuse_cluster(connection: redis.Redis) -> None:
    """A call and its key are of two slots: a cluster refuses the two together, and nobody is woken.

    A server that can't be asked is no cluster: the board starts without its queue.

    Raises:
        QueueIsCluster
    """
    with suppress(redis.RedisError):
        if connection.info("cluster").get("cluster_enabled"):
            raise QueueIsCluster(part="queue")


def _through_sentinels(url: str, limits: dict[str, Any]) -> redis.Redis:
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    has_tls = parts.scheme == "rediss+sentinel"
    password = unquote(parts.password or "") or None
    sentinels = Sentinel(  # type: ignore[no-untyped-call]  # redis-py's, as the next
        [_host_and_port(place) for place in query["sentinels"][0].split(",")],
        sentinel_kwargs={
            "password": password,
            "ssl": has_tls,
            "socket_connect_timeout": SENTINEL_WAIT_S,
            "socket_timeout": SENTINEL_WAIT_S,
            "retry": Retry(NoBackoff(), 0),
        },
    )
    client: redis.Redis = sentinels.master_for(  # type: ignore[no-untyped-call]
        query["master"][0],
        db=int(parts.path.strip("/") or 0),
        socket_keepalive=True,
        socket_keepalive_options=_KEEPALIVE,
        connection_class=_TlsConnection if has_tls else _Connection,
        username=unquote(parts.username or "") or None,
        password=password,
        **limits,
    )
    return client


def _host_and_port(place: str) -> tuple[str, int]:
    """'[::1]:26379' -> ('::1', 26379)"""
    host, _, port = place.rpartition(":")
    return host.strip("[]"), int(port)
