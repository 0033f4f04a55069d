"""The board's own programs as services: writer, workers, catch-up pass."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import IO

import redis

from deploy import forking
from deploy.embedded.service import (
    Identity,
    Process,
    Renewal,
    Service,
    http_answers,
    identity_without_root,
    socket_answers,
)
from imageboard.queue import connections, queues
from imageboard.queue.queues import MEDIA_QUEUE, PUBLISH_QUEUE, PUSH_QUEUE
from monitoring import readiness
from monitoring.readiness import Readiness

GUNICORN_ARGUMENTS = ["-c", str(Path(__file__).with_name("gunicorn.py")), "writer.app:get_app()"]
#: What would keep a program from working shows within so long of its start.
PROBATION_S = 2.0


class Program(Service):
    """A Python module of the board, run by the interpreter that runs us.

    `is_ready` is asked with the process id; without it a program counts as ready once it runs.
    `takes_over` is asked of one that is to replace another, besides.
    """

    #: Whether it is forked from us where that can be (see forking.py): what is on the disk is the
    #: version that we are. A successor is there to be another one.
    is_forked = False

    renewal: Renewal = "beside"

    def __init__(
        self,
        name: str,
        module: list[str],
        *,
        environment: Mapping[str, str],
        log: Path,
        is_ready: Callable[[int], bool] | None = None,
        takes_over: Callable[[int], bool] | None = None,
    ) -> None:
        super().__init__(name, log)
        self._module = module
        self._environment = environment
        self._is_ready = is_ready
        self._takes_over = takes_over
        self.probation_s = 0.0 if is_ready or takes_over else PROBATION_S

    def command(self) -> list[str]:
        """-P: the working folder is the caller's, and none of ours to import from."""
        return [sys.executable, "-P", "-m", *self._module]

    def environment(self) -> Mapping[str, str]:
        """Everything that the program will know."""
        return self._environment

    def _started(self, log: IO[bytes] | None) -> Process:
        if not (self.is_forked and forking.can_fork()):
            return super()._started(log)
        return forking.ForkedProgram(
            self._module,
            environment=self._environment,
            log=log,
            identity=self.identity(),
            death_signal=self.death_signal,
        )

    def successor(self) -> Program:
        """Of the version on the disk."""
        fresh = super().successor()
        fresh.is_forked = False
        return fresh

    def identity(self) -> Identity:
        """Without root's rights: these programs read what strangers send, or what came of it.

        Where root can't give them up and keep the data folder, it stays root.
        """
        identity = identity_without_root()
        return "own" if identity == "nobody" else identity

    def ready(self) -> bool:
        """It lives, and whatever `is_ready` asks."""
        if self.pid is None or self.poll() is not None:
            return False
        return self._is_ready is None or self._is_ready(self.pid)

    def takes_over(self) -> bool:
        """And whatever `takes_over` asks."""
        if not self.ready() or self.pid is None:
            return False
        return self._takes_over is None or self._takes_over(self.pid)


class Writer(Program):
    """gunicorn with the write API, on a Unix socket."""

    # When we are killed: "quick" rather than "graceful". A request that is cut off had not been
    # answered, and one that was answered had been committed.
    death_signal = signal.SIGQUIT
    # As long as gunicorn lets a post come to its end, and a little longer.
    retire_wait_s = 35.0
    ready_wait_s = 60.0

    def __init__(
        self, socket: Path, *, environment: Mapping[str, str], log: Path, number: int = 1
    ) -> None:
        """`socket` leads to that of the writer which is to be asked; each has one of its own."""
        own = socket.with_name(f"writer-{number}.sock")
        bind = {"STILLBOARD_WRITER_BIND": f"unix:{own}"}
        if folder := environment.get("PROMETHEUS_MULTIPROC_DIR"):
            bind["PROMETHEUS_MULTIPROC_DIR"] = f"{folder}/{number}"
        super().__init__(
            "writer",
            ["gunicorn", *GUNICORN_ARGUMENTS],
            environment={**environment, **bind},
            log=log,
            is_ready=lambda _pid: socket_answers(own),
            takes_over=lambda _pid: http_answers(own, "/healthz"),
        )
        self._socket, self._own = socket, own
        self._given = environment
        self._number = number
        self._is_in_front = True

    def prepare(self) -> None:
        """Lead there, unless another is to be asked until this one comes forward."""
        if self._is_in_front:
            self.come_forward()

    def come_forward(self) -> None:
        """From one moment to the next: each new connection goes to the one or the other."""
        self._is_in_front = True
        fresh = self._socket.with_name("writer.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(self._own.name)
        fresh.replace(self._socket)

    def successor(self) -> Writer:
        """With a socket and figures of its own; there are never more than two."""
        assert self.log is not None
        fresh = Writer(self._socket, environment=self._given, log=self.log, number=3 - self._number)
        fresh._is_in_front = False
        return fresh


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


def publisher(*, redis_url: str, environment: Mapping[str, str], log: Path) -> Program:
    """The worker of the second stage. No post waits for it, so nobody does, but who replaces it."""
    return Program(
        "publisher",
        ["renderer.worker", "publish"],
        environment=environment,
        log=log,
        takes_over=lambda pid: pid in worker_pids(redis_url, PUBLISH_QUEUE),
    )


def developer(*, redis_url: str, environment: Mapping[str, str], log: Path) -> Program:
    """The worker that makes files of slow kinds ready; they wait where it is not."""
    return Program(
        "developer",
        ["writer.developer"],
        environment=environment,
        log=log,
        takes_over=lambda pid: pid in worker_pids(redis_url, MEDIA_QUEUE),
    )


def courier(*, redis_url: str, environment: Mapping[str, str], log: Path) -> Program:
    """The worker that tells readers of replies; they are told later where it is not."""
    return Program(
        "courier",
        ["writer.courier"],
        environment=environment,
        log=log,
        takes_over=lambda pid: pid in worker_pids(redis_url, PUSH_QUEUE),
    )


def backup_wal(*, environment: Mapping[str, str], log: Path) -> Program:
    """What streams the WAL and new pictures to the backup store.

    From a replication slot, which has room for one.
    """
    stream = Program("backup-wal", ["cli", "backup", "wal"], environment=environment, log=log)
    stream.renewal = "after"
    return stream


class CatchUp(Program):
    """The pass that wakes boards which were left behind.

    No post waits for it, so nobody does, but who replaces it: until it has made a pass.
    """

    def __init__(self, *, sockets: Path, environment: Mapping[str, str], log: Path) -> None:
        self._readiness = Readiness(sockets / "catch-up.ready")
        super().__init__(
            "catch-up",
            ["renderer.keeper"],
            environment={**environment, readiness.VARIABLE: str(self._readiness.place)},
            log=log,
            takes_over=self._readiness.is_told_by,
        )

    def prepare(self) -> None:
        self._readiness.listen()

    def kill(self) -> None:
        super().kill()
        self._readiness.close()


def connect(redis_url: str) -> redis.Redis:
    """For a question that is asked again, or not at all: no patience, no second try."""
    return connections.connect(redis_url, connect_wait_s=1, answer_wait_s=1)


def worker_pids(redis_url: str, queue_name: str) -> set[int]:
    """The process ids of the workers that RQ lists for a queue; none when Valkey is not there."""
    try:
        with closing(connect(redis_url)) as queue:
            return queues.worker_pids(queue, queue_name)
    except redis.RedisError:
        return set()
