"""The board's own programs as services: writer, render workers, publisher, catch-up pass."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from deploy.embedded.service import Service, socket_answers

GUNICORN_SETTINGS = Path(__file__).with_name("gunicorn.py")


class Program(Service):
    """A Python module of the board, run by the interpreter that runs us."""

    def __init__(
        self,
        name: str,
        module: list[str],
        *,
        environment: Mapping[str, str],
        log: Path,
        is_ready: Callable[[int], bool] = lambda _pid: True,
    ) -> None:
        super().__init__(name, log)
        self._module = module
        self._environment = environment
        self._is_ready = is_ready

    def command(self) -> list[str]:
        """-P: the working folder is the caller's, and none of ours to import from."""
        return [sys.executable, "-P", "-m", *self._module]

    def environment(self) -> Mapping[str, str]:
        """Everything that the program will know."""
        return self._environment

    def ready(self) -> bool:
        """It lives, and whatever `is_ready` asks."""
        return self.pid is not None and self.poll() is None and self._is_ready(self.pid)


class Writer(Program):
    """gunicorn with the write API, on a Unix socket."""

    # When we are killed: "quick" rather than "graceful". A request that is cut off had not been
    # answered, and one that was answered had been committed.
    death_signal = signal.SIGQUIT

    def __init__(self, socket: Path, *, environment: Mapping[str, str], log: Path) -> None:
        super().__init__(
            "writer",
            ["gunicorn", "-c", str(GUNICORN_SETTINGS), "writer.app:get_app()"],
            environment={**environment, "STILLBOARD_WRITER_BIND": f"unix:{socket}"},
            log=log,
            is_ready=lambda _pid: socket_answers(socket),
        )


def render_worker(
    number: int, *, redis_url: str, environment: Mapping[str, str], log: Path
) -> Program:
    """The `number`th worker (from 1), ready once the queue knows it."""
    return Program(
        f"renderer-{number}",
        ["renderer.worker", "render"],
        environment=environment,
        log=log,
        is_ready=lambda pid: pid in worker_pids(redis_url, "render"),
    )


def publisher(*, environment: Mapping[str, str], log: Path) -> Program:
    """The worker of the second stage. No post waits for it, so nobody does."""
    return Program("publisher", ["renderer.worker", "publish"], environment=environment, log=log)


def catch_up(*, environment: Mapping[str, str], log: Path) -> Program:
    """The pass that wakes boards which were left behind."""
    return Program("catch-up", ["renderer.catch_up"], environment=environment, log=log)


def connect(redis_url: str) -> redis.Redis:
    """For a question that is asked again, or not at all: no patience, no second try."""
    return redis.Redis.from_url(redis_url, socket_timeout=1, retry=Retry(NoBackoff(), 0))


def worker_pids(redis_url: str, queue_name: str) -> set[int]:
    """The process ids of the workers that RQ lists for a queue; none when Valkey is not there.

    Read from RQ's own keys, since importing RQ takes longer than starting a worker may.
    """
    try:
        with closing(connect(redis_url)) as queue:
            workers = queue.smembers(f"rq:workers:{queue_name}")
            pids = [queue.hget(key, "pid") for key in workers]
    except redis.RedisError:
        return set()
    return {int(pid) for pid in pids if pid is not None}
