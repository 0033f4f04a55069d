"""A worker outlives its queue, and stops when it is told to."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from deploy.embedded.valkey import Valkey
from deploy.environment import ROOT
from deploy.parts import worker_pids
from imageboard.queue.queues import QUEUE
from imageboard.queue.wake_up import WakeUp
from tests.deploy.stand_ins import WAIT_S, eventually

pytestmark = pytest.mark.crash


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder whose path is short enough for Unix sockets (107 bytes)."""
    with tempfile.TemporaryDirectory(prefix="sb-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def valkey(place: Path) -> Iterator[Valkey]:
    """Not started."""
    server = Valkey(place, socket_dir=place, password="queue")
    yield server
    server.stop()


@pytest.fixture
def worker(place: Path, valkey: Valkey, database_url: str) -> Iterator[subprocess.Popen[bytes]]:
    """Started before its queue."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": database_url,
        "REDIS_URL": valkey.url,
        "STILLBOARD_DATA": str(place),
        "STILLBOARD_WEB_ROOT": str(place / "public"),
    }
    with (place / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "renderer.worker", "render"],
            env=environment,
            stderr=log,
        )
    try:
        assert eventually(lambda: complaints(place) > 0)
        yield process
    finally:
        process.kill()
        process.wait()


def complaints(place: Path) -> int:
    """How much it has said: RQ itself, or we, about a queue that is not there."""
    return (place / "worker.log").stat().st_size


def start(valkey: Valkey) -> None:
    """Empty, whatever it held before."""
    shutil.rmtree(valkey.folder, ignore_errors=True)
    valkey.start()
    valkey.wait_until_ready()


def works(valkey: Valkey) -> bool:
    """Whether a call is answered: it has left the queue. Who calls waits longer than a poster."""
    with redis.Redis.from_url(valkey.url) as queue:
        assert WakeUp(queue).ask_for_render("b")
        return eventually(lambda: not queue.llen("rq:queue:render"))


def lose(valkey: Valkey, place: Path) -> None:
    """The queue is gone, and the worker has noticed."""
    seen = complaints(place)
    valkey.kill()
    assert eventually(lambda: complaints(place) > seen)


def test_worker_waits_for_its_queue_and_comes_back_to_it(
    place: Path, valkey: Valkey, worker: subprocess.Popen[bytes]
) -> None:
    """The same process: what it keeps in memory is kept."""
    start(valkey)
    assert works(valkey)
    lose(valkey, place)
    start(valkey)
    assert works(valkey)
    assert worker.poll() is None


def test_worker_stops_when_it_is_told_to(
    place: Path, valkey: Valkey, worker: subprocess.Popen[bytes]
) -> None:
    start(valkey)
    assert works(valkey)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(WAIT_S) == 0, (place / "worker.log").read_text()


def test_worker_that_has_lost_its_queue_stops_when_it_is_told_to(
    place: Path, valkey: Valkey, worker: subprocess.Popen[bytes]
) -> None:
    start(valkey)
    assert works(valkey)
    lose(valkey, place)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(WAIT_S) == 0, (place / "worker.log").read_text()


def test_queue_that_has_forgotten_its_workers_learns_of_them_with_their_next_job(
    valkey: Valkey, worker: subprocess.Popen[bytes]
) -> None:
    start(valkey)
    assert works(valkey)
    with redis.Redis.from_url(valkey.url) as queue:
        queue.flushall()
    # While it is still at the first job it may be told directly, without another one.
    assert eventually(lambda: works(valkey) and worker.pid in worker_pids(valkey.url, QUEUE))
