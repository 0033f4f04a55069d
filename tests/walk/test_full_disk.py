"""A board on a small disk that fills is read all along, says what it refuses, and comes back."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from imageboard.store.room import MB
from tests.cli.boards import RunningBoard
from tests.deploy.stand_ins import eventually
from tests.walk.board_process import BoardProcess, Upload, until_done
from tests.walk.disks import NoDisk, a_small_disk, fill
from tests.writer.media.hostile import a_jpeg

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


def status_of_a_post(board: BoardProcess) -> int:
    return board.send(board="b", body="Not stored.", json_response=1).status_code


def is_answered(ask: Callable[[], httpx.Response]) -> bool:
    """False: refused, or nobody listens, as in the moment in which one nginx follows another."""
    try:
        return ask().status_code < 400
    except httpx.TransportError:
        return False
