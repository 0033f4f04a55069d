"""A board on a small disk that fills is read all along, says what it refuses, and comes back."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from PIL import Image

from deploy.data_folder import LOG_BYTES_MAX
from deploy.embedded.postgres import SUPERUSER
from imageboard.store.room import (
    MB,
    POSTS_FREE_FILES_MIN,
    UPLOADS_FREE_FILES_MIN,
    free_bytes,
)
from tests.cli.boards import UNPRESSED, RunningBoard, call
from tests.deploy.stand_ins import eventually
from tests.walk.board_process import BoardProcess, Upload, until_done
from tests.walk.disks import NoDisk, a_small_disk, clear, fill, fill_with_files, grow
from tests.writer.media.hostile import a_jpeg, encoded

pytestmark = [pytest.mark.board, pytest.mark.crash]

DISK_MB = 400
#: Twice what a new board takes.
FILES = 8_000
#: So many files may come and go while a disk is full: PostgreSQL, Valkey and pages make some that
#: they rename or remove again.
COME_AND_GO = 100
#: Of a disk of 400 MB.
FLOORS = {"STILLBOARD_UPLOADS_FREE_MB_MIN": "80", "STILLBOARD_POSTS_FREE_MB_MIN": "48"}
SETTINGS = FLOORS | UNPRESSED | {"STILLBOARD_TRUSTED_PROXIES": "127.0.0.1"}


def wait_s_of(answer: httpx.Response) -> int:
    return int(answer.headers["Retry-After"])


class BoardOnItsWay(RunningBoard):
    """An `up` that has not said that it is ready, and may not for a while."""

    def _read_until_ready(self) -> str:
        return ""


class Site:
    """A board on a small disk of its own; each test leaves it with room, and up.

    PERF: to start a board takes 4 s of CPU, most of what these tests do.
    """

    def __init__(self, disk: Path) -> None:
        self.disk = disk
        self._open = ExitStack()
        self.board: BoardProcess
        self.start()

    def start(self, kind: type[RunningBoard] = RunningBoard) -> BoardProcess:
        running = kind(self.disk / "data", "--no-limits", **SETTINGS)
        self.board = self._open.enter_context(until_done(running))
        return self.board

    def stop(self) -> None:
        self._open.close()

    def is_as_new(self) -> bool:
        """Whether there is room, as the board has seen, and it takes posts."""
        clear(self.disk)
        return self.board.running.process.poll() is None and eventually(
            lambda: (
                (self.board.data / "ballast").exists()
                and is_answered(lambda: self.board.send(board="b", body="There is room."))
            )
        )


class Sites:
    """The one that is there, or another where that was left by a test that failed."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._site: Site | None = None

    def as_new(self) -> Site:
        if self._site is None or not self._site.is_as_new():
            self._site = None
            self.close()
            self._site = Site(self._open.enter_context(a_small_disk(DISK_MB, files=FILES)))
            self._open.callback(self._site.stop)
            assert self._site.is_as_new()
        return self._site

    def close(self) -> None:
        self._open.close()


@pytest.fixture(scope="module")
def sites() -> Iterator[Sites]:
    sites = Sites()
    yield sites
    sites.close()


@pytest.fixture
def site(sites: Sites) -> Site:
    try:
        return sites.as_new()
    except NoDisk as ex:
        pytest.skip(str(ex))


def is_read(board: BoardProcess) -> bool:
    return all(board.http.get(path).status_code == 200 for path in ("/", "/b/", "/boards.json"))


def test_board_on_a_disk_that_fills_is_read_and_comes_back(site: Site) -> None:
    board, disk = site.board, site.disk
    thread = board.post(board="b", body="Before the disk is full.")["thread"]
    board.settle()
    ballast = board.data / "ballast"

    foreign = fill(disk, leave_mb=64)
    picture = Upload("cat.jpeg", a_jpeg())
    refused = board.send(board="b", thread=thread, body="", files=[picture], json_response=1)
    assert (refused.status_code, wait_s_of(refused)) == (507, 60)
    assert "takes no files" in refused.json()["error"]
    assert board.send(board="b", thread=thread, body="Words fit.").status_code == 303

    fill(disk, leave_mb=32)
    refused = board.send(board="b", thread=thread, body="Not stored.", json_response=1)
    assert (refused.status_code, wait_s_of(refused)) == (507, 60)
    assert refused.json()["code"] == "no_room"
    assert is_read(board)

    fill(disk, leave_mb=4)
    assert eventually(lambda: not ballast.exists())
    assert eventually(lambda: "the ballast is given up" in board.running.complaints)
    fill(disk)
    refused = board.send(board="b", thread=thread, body="Not stored.", json_response=1)
    assert refused.status_code == 507
    large = Upload("large.jpeg", a_jpeg() + bytes(3 * MB))
    assert board.send(board="b", body="", files=[large]).status_code == 507
    assert is_read(board)
    for part in ("postgres", "writer"):
        os.kill(board.running.pids()[part], signal.SIGKILL)
        assert eventually(lambda part=part: f"{part} was killed" in board.running.complaints)
    assert eventually(lambda: status_of_a_post(board) == 507), "whether or not there is PostgreSQL"
    assert is_read(board)

    foreign.unlink()
    assert eventually(ballast.exists)
    number = number_of(board, thread=thread, body="After it.")
    board.settle()
    assert f"#{number}" in board.http.get(f"/b/res/{thread}.html").text
    assert board.running.process.poll() is None


def test_disk_without_room_for_more_files_is_a_full_one(site: Site) -> None:
    """There may be bytes left when there are no inodes; `df` says nothing of that."""
    board, disk = site.board, site.disk
    thread = board.post(board="b", body="Before the inodes are gone.")["thread"]
    board.settle()

    foreign = fill_with_files(disk, leave=UPLOADS_FREE_FILES_MIN - COME_AND_GO)
    picture = Upload("cat.jpeg", a_jpeg())
    refused = board.send(board="b", thread=thread, body="", files=[picture], json_response=1)
    assert (refused.status_code, wait_s_of(refused)) == (507, 60)
    assert "takes no files" in refused.json()["error"]
    last = board.post(board="b", thread=thread, files=[], body="Words fit.")["id"]
    board.settle()

    fill_with_files(disk, leave=POSTS_FREE_FILES_MIN - COME_AND_GO)
    refused = board.send(board="b", thread=thread, body="Not stored.", json_response=1)
    assert (refused.status_code, refused.json()["code"]) == (507, "no_room")
    said = call("doctor", "--data", str(board.data)).stdout
    left = re.search(r"there is room for (\d+) more files", said)
    assert left, said
    assert int(left[1]) < POSTS_FREE_FILES_MIN

    fill_with_files(disk)
    refused = board.send(board="b", thread=thread, body="Not stored.", json_response=1)
    assert refused.status_code == 507
    assert is_read(board)

    shutil.rmtree(foreign)
    assert eventually(lambda: status_of_a_post(board) == 200)
    board.settle()
    assert f'id="{last}"' in board.http.get(f"/b/res/{thread}.html").text
    assert "no difference" in board.cli("verify")


def test_board_that_stopped_on_a_full_disk_starts_on_it(site: Site) -> None:
    thread = site.board.post(board="b", body="Before the disk is full.")["thread"]
    site.board.settle()
    site.stop()
    foreign = fill(site.disk)
    board = site.start()
    assert is_read(board)
    fill(site.disk, leave_mb=32)
    assert board.send(board="b", thread=thread, body="Not stored.").status_code == 507
    foreign.unlink()
    assert board.post(board="b", thread=thread, body="After it.")


def test_board_whose_ballast_is_gone_too_is_read_until_there_is_room(site: Site) -> None:
    thread = site.board.post(board="b", body="Before the disk is full.")["thread"]
    site.board.settle()
    site.stop()
    (site.board.data / "ballast").unlink()
    foreign = fill(site.disk)
    board = site.start(BoardOnItsWay)
    assert eventually(lambda: is_answered(lambda: board.http.get("/")))
    assert is_read(board)
    assert board.send(board="b", thread=thread, body="Not stored.").status_code == 503
    foreign.unlink()
    assert eventually(lambda: is_answered(lambda: board.send(board="b", body="After it.")))
    assert board.running.process.poll() is None


def test_board_fills_its_own_disk_and_is_read_and_posted_to(site: Site) -> None:
    """By what people send, by what a lost follower holds back of the database, and by its logs."""
    board, disk = site.board, site.disk
    thread = board.post(board="b", body="Who can fill it?")["thread"]

    fill(disk, leave_mb=100)
    stored, refused = 0, None
    while refused is None:
        answer = board.send(board="b", thread=thread, files=[a_large_picture()], body="More.")
        if answer.status_code == 303:
            stored += 1
        else:
            refused = answer
    # Not how many: PostgreSQL may take 16 MB for its log meanwhile.
    assert (stored > 0, refused.status_code, wait_s_of(refused)) == (True, 507, 60)
    assert "takes no files" in refused.text
    assert board.send(board="b", thread=thread, body="Words fit.").status_code == 303
    uploads_end_at = free_bytes(disk)
    assert uploads_end_at > int(FLOORS["STILLBOARD_POSTS_FREE_MB_MIN"]) * MB

    log = board.data / "logs" / "writer.log"
    written = LOG_BYTES_MAX + MB
    with log.open("ab") as file:
        file.write(b"one line of many\n" * (written // 17))
    assert eventually(lambda: log.stat().st_size < MB)
    (board.data / "logs" / "writer.log.1").unlink(missing_ok=True)

    assert eventually(lambda: is_answered_by_the_database(board, HOLD_BACK))
    while not is_answered_by_the_database(board, IS_LOST):
        # Where this fills the disk to its last byte, PostgreSQL ends, and is started again.
        is_answered_by_the_database(board, CHANGE_MUCH)
        assert is_read(board)
    assert eventually(lambda: status_of_a_post(board) in (200, 507))
    assert is_read(board)

    grow(disk, DISK_MB)

    def takes_files() -> bool:
        """Not while PostgreSQL starts again: until there was room nobody asked for it."""
        return is_answered(
            lambda: board.send(board="b", thread=thread, files=[a_large_picture()], body="More.")
        )

    assert eventually(takes_files)
    board.settle()
    assert board.read(f"/b/res/{thread}.json")["posts"][-1]["com"] == "More."
    assert board.running.process.poll() is None


def a_large_picture() -> Upload:
    """Of some megabytes, and no two alike."""
    noise = Image.frombytes("RGB", (1200, 1200), os.urandom(1200 * 1200 * 3))
    return Upload("noise.png", encoded(noise, "PNG"))


#: A follower that never comes.
HOLD_BACK = "SELECT pg_create_physical_replication_slot('lost', true)"
CHANGE_MUCH = "SELECT pg_logical_emit_message(true, 'much', repeat('x', 8000000)), pg_switch_wal()"
IS_LOST = "CHECKPOINT; SELECT FROM pg_replication_slots WHERE wal_status = 'lost'"


def is_answered_by_the_database(board: BoardProcess, query: str) -> bool:
    """Whether the board's own PostgreSQL finds a row, asked by whoever made it."""
    secret = json.loads((board.data / "keys.json").read_text())["POSTGRES_SUPERUSER_PASSWORD"]
    url = re.sub("//[^@]*@", f"//{SUPERUSER}:{secret}@", board.environment["DATABASE_URL"])
    try:
        with psycopg.connect(url, autocommit=True) as db:
            return bool([*db.execute(query).results()][-1].fetchone() is not None)
    except psycopg.OperationalError:
        return False


def status_of_a_post(board: BoardProcess) -> int:
    return board.send(board="b", body="Not stored.", json_response=1).status_code


def number_of(board: BoardProcess, **form: Any) -> int:
    """Of a post that is sent until it is taken.

    A PostgreSQL that was killed starts again at its own pace, and each process of the writer finds
    it by itself; until then this is a 503.
    """
    answers: list[httpx.Response] = []

    def is_taken() -> bool:
        answers.append(board.send(board="b", json_response=1, **form))
        return answers[-1].status_code == httpx.codes.OK

    assert eventually(is_taken), answers[-1].text
    return int(answers[-1].json()["id"])


def is_answered(ask: Callable[[], httpx.Response]) -> bool:
    """False: refused, or nobody listens, as in the moment in which one nginx follows another."""
    try:
        return ask().status_code < 400
    except httpx.TransportError:
        return False
