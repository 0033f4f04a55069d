"""The queues: what waits in them and who listens. RQ's own keys, read here alone.

PERF: read as they are, since importing RQ takes longer (0.15 s) than starting a worker may, or than
somebody who types `status` wants to wait; and with one round trip for a whole queue. A test holds
them to what RQ itself says.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

import redis

QUEUE = "render"
PUBLISH_QUEUE = "publish"
#: Files that wait for the developer; nobody calls where no kind of file is slow.
MEDIA_QUEUE = "media"
#: Readers who want to be told of replies; nobody calls where STILLBOARD_PUSH is off.
PUSH_QUEUE = "push"
ALL_QUEUES = (QUEUE, PUBLISH_QUEUE, MEDIA_QUEUE, PUSH_QUEUE)


class QueueState(NamedTuple):
    """What is in one queue, and who listens to it."""

    name: str
    waiting: int
    running: int
    #: Within the hour.
    failed: int
    #: Heard of within the last minutes.
    workers: int
    #: For how long the oldest call waits; 0: none does.
    oldest_s: float


def state(connection: redis.Redis, name: str) -> QueueState:
    """Raises redis.RedisError."""
    with connection.pipeline(transaction=False) as asked:
        asked.llen(f"rq:queue:{name}")
        asked.zcard(f"rq:wip:{name}")
        asked.zcard(f"rq:failed:{name}")
        _ask_for_pids(asked, name)
        asked.lindex(f"rq:queue:{name}", 0)
        waiting, running, failed, pids, oldest = asked.execute()
    oldest_s = _waits_for_s(connection, oldest.decode()) if oldest is not None else 0.0
    return QueueState(name, waiting, running, failed, len(_known(pids)), oldest_s)


def worker_pids(connection: redis.Redis, name: str) -> set[int]:
    """The process ids of the workers that listen to a queue. Raises redis.RedisError."""
    return {int(pid) for pid in _known(_ask_for_pids(connection, name))}


def _ask_for_pids(asked: redis.Redis, name: str) -> Any:
    """Of each worker that the queue lists. One that was killed stays listed; what is known of it,
    its pid too, is gone when it has not been heard of for a while (`worker.KNOWN_FOR_S`).
    """
    return asked.sort(f"rq:workers:{name}", by="nosort", get=["*->pid"])


def _known(pids: list[bytes | None]) -> list[bytes]:
    return [pid for pid in pids if pid is not None]


def _waits_for_s(connection: redis.Redis, job_id: str) -> float:
    told = connection.hget(f"rq:job:{job_id}", "enqueued_at")
    if told is None:
        return 0.0  # a worker has taken it meanwhile
    enqueued_at = datetime.fromisoformat(told.decode() if isinstance(told, bytes) else told)
    return (datetime.now(UTC) - enqueued_at).total_seconds()
