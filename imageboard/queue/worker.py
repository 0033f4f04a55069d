"""RQ's worker that does not fork, as the programs that listen to a queue run it.

A fork for each job costs more than most jobs, and what the process keeps in memory would be lost
with it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar

import redis
from redis.client import Pipeline
from rq import Queue, SimpleWorker, worker_registration
from rq.exceptions import AbandonedJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker.base import StopRequested

from imageboard.errors import StoreUnavailable
from imageboard.queue import connections
from monitoring import logs, metrics
from monitoring.logs import get_logger

log = get_logger(__name__)

QUEUE_TRIED_EVERY_S = 1.0
#: A worker says that it is there each half minute, and when it takes a job; one that was killed is
#: known a minute longer than it said. RQ's own seven minutes are long for an alert.
TOLD_EVERY_S = 30
KNOWN_FOR_S = TOLD_EVERY_S + 75


class Call(Job):  # type: ignore[misc]  # we follow no imports of RQ
    """RQ's job, which does not fail because the database is away.

    What it was made for waits there, and catch-up calls again. As a failed one it would stand for
    an hour among what somebody has to look at.
    """

    def perform(self) -> Any:
        try:
            return super().perform()
        except StoreUnavailable as ex:
            metrics.part_failures.labels(ex.part).inc()
            log.warning("call_without_database", call=self.func_name)
            return None


class Worker(SimpleWorker):  # type: ignore[misc]
    """RQ's, which lets a job end before it stops; ours are told to come to an end."""

    job_class = Call
    #: The pause between tries to reach the queue doubles; RQ's own bound is a minute, and a worker
    #: would sleep long after the queue is back.
    max_connection_wait_time = 2.0
    #: Of the process, whose workers follow each other.
    told_to_stop: ClassVar[bool] = False
    #: Brings the job that runs to an end; a render job is always about to.
    end_job: ClassVar[Callable[[], None]] = staticmethod(lambda: None)

    def handle_warm_shutdown_request(self) -> None:
        """Called within the signal's handler."""
        Worker.told_to_stop = True
        super().handle_warm_shutdown_request()
        Worker.end_job()

    def set_shutdown_requested_date(self) -> None:
        """Called within the signal's handler: a job must not fail of it."""
        with suppress(redis.RedisError):
            super().set_shutdown_requested_date()

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """RQ's, and who we are: a queue that has lost its data would know of no worker."""
        super().heartbeat(timeout, pipeline)
        connection = self.connection if pipeline is None else pipeline
        connection.hset(self.key, "pid", str(self.pid))
        worker_registration.register(self, pipeline)

    def perform_job(self, job: Job, *rest: Any) -> bool:
        """Its log lines name the request that called for it."""
        with logs.working_for(str(job.get_meta(refresh=False).get("request_id", ""))):
            return bool(super().perform_job(job, *rest))


def listen(redis_url: str, queue_name: str) -> None:
    """Work off a queue until told to stop."""
    # Without the short time-outs of a poster's call: a worker may wait as long as it likes.
    connection = connections.connect(redis_url, connect_wait_s=5)
    work(Queue(queue_name, connection=connection, serializer=JSONSerializer))


def work(queue: Queue) -> None:
    """Work off the queue until told to stop.

    RQ's worker gives up when the queue is lost at an unlucky moment, and can't begin without it.
    This process waits for it: what it keeps in memory is worth more than a new start.
    """
    with suppress(StopRequested):
        while True:
            _work_until_lost(queue)
            if Worker.told_to_stop:
                return
            log.warning("queue_lost")
            time.sleep(QUEUE_TRIED_EVERY_S)


def _work_until_lost(queue: Queue) -> None:
    with suppress(redis.RedisError):
        worker_of(queue).work(logging_level="WARNING")


def forget_if_killed(job: Job, kind: type[BaseException], *_: object) -> None:
    """RQ asks this of each job before it counts as failed, for an hour as a rule.

    Of one whose worker was killed it finds out ten minutes later, when catch-up has long called
    again for what it was made for. The kill is told of by whoever runs the worker.
    """
    if kind is AbandonedJobError:
        log.warning("call_without_worker", call=job.func_name)
        job.failure_ttl = 0


def worker_of(queue: Queue) -> Worker:
    """One that listens to `queue` alone."""
    return Worker(
        [queue],
        exception_handlers=[forget_if_killed],
        connection=queue.connection,
        serializer=JSONSerializer,
        log_job_description=False,
        worker_ttl=KNOWN_FOR_S - 60,  # RQ adds a minute, and speaks 15 seconds before its end
        default_result_ttl=0,
    )
