"""A job that meets an outage of the database is no failed one; every other fault is."""

from __future__ import annotations

import pytest
import redis
from rq import Queue
from rq.serializers import JSONSerializer

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
    raise FAULTS[fault]


def failed_after(queue: redis.Redis, fault: str) -> int:
    """Jobs that count as failed once one has met this fault."""
    calls = Queue(QUEUE, connection=queue, serializer=JSONSerializer)
    calls.enqueue_call(f"{__name__}.meet", args=(fault,), failure_ttl=60)
    worker_of(calls).work(burst=True)
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
