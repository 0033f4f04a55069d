"""A board on a small disk that fills is read all along, says what it refuses, and comes back."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

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
from tests.cli.boards import RunningBoard, call
from tests.deploy.stand_ins import eventually
from tests.walk.board_process import BoardProcess, Upload, until_done
from tests.walk.disks import NoDisk, a_small_disk, fill, fill_with_files, grow
from tests.writer.media.hostile import a_jpeg, encoded

pytestmark = [pytest.mark.board, pytest.mark.crash]

DISK_MB = 400
#: Of a disk of 400 MB.
FLOORS = {"STILLBOARD_UPLOADS_FREE_MB_MIN": "80", "STILLBOARD_POSTS_FREE_MB_MIN": "48"}
SETTINGS = FLOORS | {"STILLBOARD_TRUSTED_PROXIES": "127.0.0.1"}


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of its own."""
    try:
        with a_small_disk(DISK_MB) as disk:
            yield disk
    except NoDisk as ex:
        pytest.skip(str(ex))


@pytest.fixture
def small_disk_of_few_files() -> Iterator[Path]:
    """The same; it has twice the inodes that a new board takes."""
    try:
        with a_small_disk(2 * DISK_MB, files=8_000) as disk:
            yield disk
    except NoDisk as ex:
        pytest.skip(str(ex))


def wait_s_of(answer: httpx.Response) -> int:
    return int(answer.headers["Retry-After"])


class BoardOnItsWay(RunningBoard):
    """An `up` that has not said that it is ready, and may not for a while."""

    def _read_until_ready(self) -> str:
        return ""


@contextmanager
def a_board_on(disk: Path, kind: type[RunningBoard] = RunningBoard) -> Iterator[BoardProcess]:
    with until_done(kind(disk / "data", "--no-limits", **SETTINGS)) as board:
        yield board


def is_read(board: BoardProcess) -> bool:
    return all(board.http.get(path).status_code == 200 for path in ("/", "/b/", "/boards.json"))


def test_board_on_a_disk_that_fills_is_read_and_comes_back(small_disk: Path) -> None:
    with a_board_on(small_disk) as board:
        thread = board.post(board="b", body="Before the disk is full.")["thread"]
        board.settle()
        ballast = board.data / "ballast"
        assert eventually(ballast.exists)

        foreign = fill(small_disk, leave_mb=64)
        picture = Upload("cat.jpeg", a_jpeg())
        refused = board.send(board="b", thread=thread, body="", files=[picture], json_response=1)
        assert (refused.status_code, wait_s_of(refused)) == (507, 60)
        assert "takes no files" in refused.json()["error"]
        assert board.send(board="b", thread=thread, body="Words fit.").status_code == 303

        fill(small_disk, leave_mb=40)
        refused = board.send(board="b", thread=thread, body="Not stored.", json_response=1)
        assert (refused.status_code, wait_s_of(refused)) == (507, 60)
        assert refused.json()["code"] == "no_room"
        assert is_read(board)

        fill(small_disk, leave_mb=4)
        assert eventually(lambda: not ballast.exists())
        assert eventually(lambda: "the ballast is given up" in board.running.complaints)
        fill(small_disk)
        refused = board.send(board="b", thread=thread, body="Not stored.", json_response=1)
        assert refused.status_code == 507
        large = Upload("large.jpeg", a_jpeg() + bytes(3 * MB))
        assert board.send(board="b", body="", files=[large]).status_code == 507
        assert is_read(board)
        for part in ("postgres", "writer"):
            os.kill(board.running.pids()[part], signal.SIGKILL)
            assert eventually(lambda part=part: f"{part} was killed" in board.running.complaints)
        assert eventually(lambda: status_of_a_post(board) == 507), (
            "whether or not there is PostgreSQL"
        )
        assert is_read(board)

        foreign.unlink()
        assert eventually(ballast.exists)
        # Killed above, PostgreSQL starts again at its own pace, and until then this is a 503.
        assert eventually(lambda: status_of_a_post(board) == 200)
        number = board.post(board="b", thread=thread, body="After it.")["id"]
        board.settle()
        assert f"#{number}" in board.http.get(f"/b/res/{thread}.html").text
        assert board.running.process.poll() is None


def test_disk_without_room_for_more_files_is_a_full_one(small_disk_of_few_files: Path) -> None:
    """There may be bytes left when there are no inodes; `df` says nothing of that."""
    with a_board_on(small_disk_of_few_files) as board:
        thread = board.post(board="b", body="Before the inodes are gone.")["thread"]
        board.settle()

        foreign = fill_with_files(small_disk_of_few_files, leave=UPLOADS_FREE_FILES_MIN - 1)
        picture = Upload("cat.jpeg", a_jpeg())
        refused = board.send(board="b", thread=thread, body="", files=[picture], json_response=1)
        assert (refused.status_code, wait_s_of(refused)) == (507, 60)
        assert "takes no files" in refused.json()["error"]
        last = board.post(board="b", thread=thread, files=[], body="Words fit.")["id"]
        board.settle()

        fill_with_files(small_disk_of_few_files, leave=POSTS_FREE_FILES_MIN - 1)
        refused = board.send(board="b", thread=thread, body="Not stored.", json_response=1)
        assert (refused.status_code, refused.json()["code"]) == (507, "no_room")
        said = call("doctor", "--data", str(board.data)).stdout
        assert "there is room for 999 more files" in said

        fill_with_files(small_disk_of_few_files)
        refused = board.send(board="b", thread=thread, body="Not stored.", json_response=1)
        assert refused.status_code == 507
        assert is_read(board)

        shutil.rmtree(foreign)
        assert eventually(lambda: status_of_a_post(board) == 200)
        board.settle()
        assert f'id="{last}"' in board.http.get(f"/b/res/{thread}.html").text
        assert "no difference" in board.cli("verify")


def test_board_that_stopped_on_a_full_disk_starts_on_it(small_disk: Path) -> None:
    with a_board_on(small_disk) as board:
        thread = board.post(board="b", body="Before the disk is full.")["thread"]
        board.settle()
        assert eventually((board.data / "ballast").exists)
    foreign = fill(small_disk)
    with a_board_on(small_disk) as board:
        assert is_read(board)
        fill(small_disk, leave_mb=40)
        assert board.send(board="b", thread=thread, body="Not stored.").status_code == 507
        foreign.unlink()
        assert board.post(board="b", thread=thread, body="After it.")


def test_board_whose_ballast_is_gone_too_is_read_until_there_is_room(small_disk: Path) -> None:
    with a_board_on(small_disk) as board:
        thread = board.post(board="b", body="Before the disk is full.")["thread"]
        board.settle()
        assert eventually((board.data / "ballast").exists)
    (small_disk / "data" / "ballast").unlink()
    foreign = fill(small_disk)
    with a_board_on(small_disk, BoardOnItsWay) as board:
        assert eventually(lambda: is_answered(lambda: board.http.get("/")))
        assert is_read(board)
        assert board.send(board="b", thread=thread, body="Not stored.").status_code == 503
        foreign.unlink()
        assert eventually(lambda: is_answered(lambda: board.send(board="b", body="After it.")))
        assert board.running.process.poll() is None


def test_board_fills_its_own_disk_and_is_read_and_posted_to(small_disk: Path) -> None:
    """By what people send, by what a lost follower holds back of the database, and by its logs."""
    with a_board_on(small_disk) as board:
        assert eventually((board.data / "ballast").exists)
        thread = board.post(board="b", body="Who can fill it?")["thread"]

        fill(small_disk, leave_mb=130)
        stored, refused = 0, None
        while refused is None:
            answer = board.send(board="b", thread=thread, files=[a_large_picture()], body="More.")
            if answer.status_code == 303:
                stored += 1
            else:
                refused = answer
        assert (stored > 5, refused.status_code, wait_s_of(refused)) == (True, 507, 60)
        assert "takes no files" in refused.text
        assert board.send(board="b", thread=thread, body="Words fit.").status_code == 303
        uploads_end_at = free_bytes(small_disk)
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

        grow(small_disk, 2 * DISK_MB)
        again = board.send(board="b", thread=thread, files=[a_large_picture()], body="More.")
        assert again.status_code == 303, again.text
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


def is_answered(ask: Callable[[], httpx.Response]) -> bool:
    """False: refused, or nobody listens, as in the moment in which one nginx follows another."""
    try:
        return ask().status_code < 400
    except httpx.TransportError:
        return False
