"""The developer: a file that waits is worked on to its end, whoever dies on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
import redis
from prometheus_client import REGISTRY
from rq import Queue
from rq.serializers import JSONSerializer

from deploy.embedded.valkey import Valkey
from deploy.environment import ROOT
from imageboard.media import MediaLimits
from imageboard.parts import Part
from imageboard.queue.queues import MEDIA_QUEUE, QUEUE
from imageboard.queue.wake_up import MEDIA_JOB, WakeUp, connect
from imageboard.store import pending_files, posts, threads
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from imageboard.threads import PostFile
from tests.builders import a_board, a_file, a_post
from tests.deploy.stand_ins import WAIT_S, eventually
from tests.writer.media.hostile import a_png
from writer.developer import jobs
from writer.developer.developing import TRIES_MAX, Developer
from writer.media.darkroom import Darkroom

pytestmark = pytest.mark.slow

#: What is not known of a file before it has been worked on.
UNKNOWN = dict.fromkeys(("width", "height", "thumb_extension", "thumb_width", "thumb_height"), None)


@pytest.fixture
def uploads(tmp_path: Path) -> UploadStore:
    return UploadStore(tmp_path / "uploads")


@pytest.fixture
def developer(
    database: Database, queue: redis.Redis, uploads: UploadStore, tmp_path: Path
) -> Iterator[Developer]:
    (tmp_path / "scratch").mkdir()
    darkroom = Darkroom(MediaLimits(), tmp_path / "scratch")
    yield Developer(database, darkroom, uploads, WakeUp(queue))
    darkroom.close()


def a_waiting_post(database: Database, uploads: UploadStore, sent: bytes, name: str = "b") -> int:
    """The OP of a board, whose one file waits as it was sent; its number."""
    folder = uploads.original("0" * 32).parents[1]
    folder.mkdir(exist_ok=True)
    (folder / "sent").write_bytes(sent)
    file = a_file(stored_as=uploads.take(folder / "sent", None), is_pending=True, **UNKNOWN)
    return a_post(database, a_board(database, name), files=(file,)).no


def file_of(database: Database) -> PostFile:
    with database.connection() as db:
        return threads.posts_by_no(db, "b", [1])[0].files[0]


def tries(database: Database) -> list[int]:
    with database.connection() as db:
        return [file.tries for file in pending_files.waiting(db, 10)]


def originals(uploads: UploadStore) -> list[Path]:
    folder = uploads.original("0" * 32).parents[1]
    return [path for path in folder.rglob("*") if path.is_file() and not path.suffix]


def waiting_upload(database: Database, uploads: UploadStore) -> Path:
    """Where the file that waits lies, as it was sent."""
    with database.connection() as db:
        (file,) = pending_files.waiting(db, 10)
    return uploads.original(file.stored_as)


def calls(queue: redis.Redis, name: str) -> int:
    return Queue(name, connection=queue, serializer=JSONSerializer).count


def tried(how: str) -> float:
    name = "stillboard_pending_files_tried_total"
    return REGISTRY.get_sample_value(name, {"how": how}) or 0.0


def held_uploads(database: Database, uploads: UploadStore) -> list[bytes]:
    """Of all originals those that a post holds; the others are swept."""
    names = [path.name for path in originals(uploads)]
    with database.connection() as db:
        return [uploads.original(name).read_bytes() for name in posts.stored_names(db, names)]


def test_file_that_waited_is_shown_and_what_was_sent_is_nobodys(
    database: Database, developer: Developer, uploads: UploadStore, queue: redis.Redis
) -> None:
    sent = a_png() + b"where I live"
    a_waiting_post(database, uploads, sent)
    before = tried("ready")
    assert developer.develop_next() == "ready"
    file = file_of(database)
    assert (file.is_there, file.extension, file.original_name) == (True, ".png", "cat")
    assert file.thumb_extension is not None
    (body,) = held_uploads(database, uploads)
    assert len(body) == file.bytes
    assert b"where I live" not in body
    assert calls(queue, QUEUE) == 1, "the renderer is called"
    assert tried("ready") == before + 1
    assert developer.develop_next() is None


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"\x00\x01 no picture at all", "is of no kind that can be shown"),
        (a_png()[:60], "damaged or did not arrive whole"),
        (a_png() + b"PK\x03\x04\x14\x00\x00\x00\x08\x00", "something else than the image"),
    ],
)
def test_file_that_can_not_be_shown_goes_and_its_post_says_why(
    database: Database, developer: Developer, uploads: UploadStore, sent: bytes, reason: str
) -> None:
    a_waiting_post(database, uploads, sent)
    assert developer.develop_next() == "failed"
    file = file_of(database)
    assert file.is_removed
    assert reason in (file.removed_because or "")
    assert held_uploads(database, uploads) == []


def test_file_that_the_store_has_lost_does_not_wait_for_ever(
    database: Database, developer: Developer, uploads: UploadStore
) -> None:
    a_waiting_post(database, uploads, a_png())
    waiting_upload(database, uploads).unlink()
    assert developer.develop_next() == "failed"
    assert file_of(database).removed_because == "It was lost."


def test_file_that_is_removed_meanwhile_leaves_nothing(
    database: Database, developer: Developer, uploads: UploadStore, tmp_path: Path
) -> None:
    """The post goes in the middle of the work; nobody waits for the other."""
    a_waiting_post(database, uploads, a_png())
    remove = database

    class Remover(Darkroom):
        def develop(self, *args: object, **named: object) -> object:  # type: ignore[override]
            image = super().develop(*args, **named)  # type: ignore[arg-type]
            with remove.transaction() as db:
                assert posts.remove(db, "b", 1)
            return image

    room = Remover(MediaLimits(), tmp_path / "scratch")
    assert replace(developer, darkroom=room).develop_next() == "gone"
    room.close()
    assert len(originals(uploads)) == 1, "what was sent, until it is swept"
    assert held_uploads(database, uploads) == []


def test_darkroom_that_can_not_be_used_is_not_the_files_fault(
    database: Database, developer: Developer, uploads: UploadStore
) -> None:
    a_waiting_post(database, uploads, a_png())
    developer.darkroom.scratch.rmdir()
    for _ in range(TRIES_MAX + 2):
        assert developer.develop_next() == "unavailable"
    assert tries(database) == [0]
    developer.darkroom.scratch.mkdir()
    assert developer.develop_next() == "ready"


def test_the_next_is_called_for_before_the_first_is_done(
    database: Database, developer: Developer, uploads: UploadStore, queue: redis.Redis
) -> None:
    a_waiting_post(database, uploads, a_png())
    a_waiting_post(database, uploads, a_png(), "c")
    assert developer.develop_next() == "ready"
    assert calls(queue, MEDIA_QUEUE) == 1
    queue.flushall()
    assert developer.develop_next() == "ready"
    assert calls(queue, MEDIA_QUEUE) == 0


# --- the worker as a process ---


class Process:
    """`python -m writer.developer`, and a file that it reads for as long as the test likes."""

    def __init__(self, database_url: str, redis_url: str, data: Path) -> None:
        environment = {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "STILLBOARD_DATA": str(data),
        }
        self._popen = subprocess.Popen(
            [sys.executable, "-P", "-m", "writer.developer"], env=environment
        )

    def end(self, number: signal.Signals) -> int:
        self._popen.send_signal(number)
        return self._popen.wait(WAIT_S)


@pytest.fixture
def held(database: Database, uploads: UploadStore) -> Path:
    """A file that waits, whose bytes don't come: where they are to be written."""
    a_waiting_post(database, uploads, a_png())
    upload = waiting_upload(database, uploads)
    upload.unlink()
    os.mkfifo(upload)
    return upload


@pytest.fixture
def start(
    database_url: str, queue: redis.Redis, valkey_server: Valkey, tmp_path: Path
) -> Iterator[list[Process]]:
    """One process that has been called; more may be added."""
    assert WakeUp(queue).ask_for_media()
    processes = [Process(database_url, valkey_server.url, tmp_path)]
    yield processes
    for process in processes:
        process.end(signal.SIGKILL)


def being_read(upload: Path) -> int:
    """Waits until somebody has begun to read the FIFO; the end that holds them."""
    return os.open(upload, os.O_WRONLY)


def release(upload: Path) -> None:
    """From now on it is an ordinary file."""
    upload.unlink()
    upload.write_bytes(a_png())


@pytest.mark.crash
def test_killed_developer_leaves_its_file_to_the_next(
    database: Database, developer: Developer, held: Path, start: list[Process]
) -> None:
    fd = being_read(held)
    assert developer.develop_next() is None, "it is claimed"
    start[0].end(signal.SIGKILL)
    release(held)
    os.close(fd)
    outcomes = []
    assert eventually(lambda: outcomes.append(developer.develop_next()) or outcomes[-1])
    assert outcomes[-1] == "ready"
    left = [path.stat().st_size for path in developer.darkroom.scratch.iterdir()]
    assert left in ([], [0] * len(Part)), "of the one that was killed; swept later"


@pytest.mark.crash
def test_developer_that_is_told_to_stop_lets_go_of_its_file(
    database: Database, held: Path, start: list[Process]
) -> None:
    """At once, and it is no try: whoever renews programs often must not use them up."""
    fd = being_read(held)
    assert start[0].end(signal.SIGTERM) == 0
    os.close(fd)
    assert tries(database) == [0]


def test_file_that_ends_whoever_reads_it_is_given_up(
    database: Database, developer: Developer, uploads: UploadStore
) -> None:
    """As when the machine's memory runs out: no one lives to say so."""
    a_waiting_post(database, uploads, a_png())
    with database.transaction() as db:
        db.execute("UPDATE files SET pending_tries = %s", (TRIES_MAX,))
    assert developer.develop_next() == "failed"
    assert file_of(database).removed_because == "It could not be read."


@pytest.mark.crash
def test_reader_that_dies_is_tried_again_and_then_given_up(
    database: Database, developer: Developer, held: Path
) -> None:
    for outcome in ["died"] * (TRIES_MAX - 1) + ["failed"]:
        got: list[object] = []
        thread = Thread(target=lambda got=got: got.append(developer.develop_next()))
        thread.start()
        fd = being_read(held)
        os.kill(reader_of(held), signal.SIGKILL)
        thread.join()
        os.close(fd)
        assert got == [outcome]
    assert file_of(database).removed_because == "It could not be read."


def reader_of(upload: Path) -> int:
    """The process that has the file open, other than ours."""
    found: list[int] = []

    def looked() -> bool:
        for entry in Path("/proc").glob("[0-9]*"):
            if int(entry.name) == os.getpid():
                continue
            try:
                names = {str(fd.readlink()) for fd in (entry / "fd").iterdir()}
            except OSError:
                continue
            if str(upload) in names:
                found.append(int(entry.name))
        return bool(found)

    assert eventually(looked)
    return found[0]


# --- the call ---


def test_calls_for_the_developer_fold(queue: redis.Redis) -> None:
    wake_up = WakeUp(queue)
    assert all(wake_up.ask_for_media() for _ in range(50))
    (job,) = Queue(MEDIA_QUEUE, connection=queue, serializer=JSONSerializer).jobs
    assert job.func_name == MEDIA_JOB


def test_calls_do_not_pile_up_behind_a_long_film(queue: redis.Redis) -> None:
    wake_up = WakeUp(queue)
    for _ in range(5):
        wake_up.ask_for_media()
    assert calls(queue, MEDIA_QUEUE) == 1


def test_job_that_was_called_for_nothing_finds_nothing(developer: Developer) -> None:
    jobs.prepare(developer)
    assert jobs.develop_next() == ""


def test_developer_is_not_called_through_a_dead_queue() -> None:
    assert not WakeUp(connect("redis://127.0.0.1:1/0")).ask_for_media()
