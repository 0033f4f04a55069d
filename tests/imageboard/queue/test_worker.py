"""A job that meets an outage of the database, or whose worker is killed, is no failed one; every
other fault is.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
import redis
from rq import Queue
from rq.serializers import JSONSerializer

from deploy.embedded.valkey import Valkey
from deploy.environment import ROOT
from imageboard.errors import ImageboardError, StoreDamaged, StoreUnavailable
from imageboard.queue import queues
from imageboard.queue.queues import QUEUE
from imageboard.queue.worker import worker_of
from monitoring import metrics

FAULTS: dict[str, ImageboardError] = {
    "away": StoreUnavailable(part="database"),
    "damaged": StoreDamaged(part="database", sqlstate="XX001"),
}


def meet(fault: str) -> None:
    """A job."""
    if fault == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    raise FAULTS[fault]


def called_for(queue: redis.Redis, fault: str) -> Queue:
    """A queue in which a job waits that will meet this fault."""
    calls = Queue(QUEUE, connection=queue, serializer=JSONSerializer)
    calls.enqueue_call(f"{__name__}.meet", args=(fault,), failure_ttl=60)
    return calls


def failed_after(queue: redis.Redis, fault: str) -> int:
    """Jobs that count as failed once one has met this fault."""
    worker_of(called_for(queue, fault)).work(burst=True)
    return queues.state(queue, QUEUE).failed


@pytest.mark.slow
def test_job_does_not_fail_of_a_database_that_is_away(queue: redis.Redis) -> None:
    counted = metrics.part_failures.labels("database")._value.get
    before = counted()
    assert failed_after(queue, "away") == 0
    assert counted() == before + 1


@pytest.mark.slow
def test_job_fails_of_a_database_that_is_damaged(queue: redis.Redis) -> None:
    assert failed_after(queue, "damaged") == 1


#: As a program that listens.
LISTENS = f"import sys; from imageboard.queue import worker; worker.listen(sys.argv[1], {QUEUE!r})"


@pytest.mark.slow
def test_job_of_a_killed_worker_is_forgotten_by_the_next(
    queue: redis.Redis, valkey_server: Valkey
) -> None:
    """As soon as it would have taken too long: so much time passes here at once."""
    calls = called_for(queue, "killed")
    command = [sys.executable, "-P", "-c", LISTENS, valkey_server.url]
    killed = subprocess.run(command, env={"PYTHONPATH": str(ROOT)}, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert queues.state(queue, QUEUE).running == 1
    for job in queue.zrange(f"rq:wip:{QUEUE}", 0, -1):
        queue.zadd(f"rq:wip:{QUEUE}", {job: 1})
    worker_of(calls).work(burst=True)
    state = queues.state(queue, QUEUE)
    assert (state.waiting, state.running, state.failed) == (0, 0, 0)
    assert list(queue.scan_iter("rq:job:*")) == []
