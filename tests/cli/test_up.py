"""`./stillboard up`: the whole board comes up, stays up, and goes without a trace."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.embedded.valkey import Valkey
from tests.cli.boards import UNPRESSED, RunningBoard, a_running_board, call
from tests.deploy.stand_ins import WAIT_S, eventually, is_alive
from tests.tables import for_each

pytestmark = pytest.mark.board


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBoard]:
    """One that is up for all tests of this module that leave it so; at a path with a space."""
    data = tmp_path_factory.mktemp("a board") / "data"
    with a_running_board(data, has_cluster=False, **UNPRESSED) as board:
        yield board


def test_the_first_start_makes_a_board_and_says_the_password_once(board: RunningBoard) -> None:
    login = board.data / "first-login.txt"
    password = re.search(r"password: (\S+)", board.said)
    assert password
    assert login.read_text() == f"name: admin\npassword: {password[1]}\n"
    assert stat.S_IMODE(login.stat().st_mode) == 0o600
    assert "/b/" in board.get("")


@for_each(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("localhost", 200),
        ("[::1]", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example", 421),
    ],
)
def test_a_name_that_the_board_does_not_have_is_refused(
    board: RunningBoard, host: str, status: int
) -> None:
    """Or any site could lead its own name here and read and post as if it were the board."""
    answer = httpx.get(board.url, headers={"Host": f"{host}:{board.port}"}, timeout=WAIT_S)
    assert answer.status_code == status


def test_a_second_up_on_the_same_data_is_one_line(board: RunningBoard) -> None:
    done = call("up", "--data", str(board.data), "--port", "1")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"stillboard: a board is up already on {board.data}")
    assert done.stderr.count("\n") == 1


def test_a_taken_port_is_one_line(board: RunningBoard, tmp_path: Path) -> None:
    done = call("up", "--data", str(tmp_path), "--port", str(board.port))
    assert done.returncode == 1
    assert done.stderr == (
        f"stillboard: port {board.port} is taken: stop what listens on it, "
        "or choose another with --port\n"
    )


def test_status_sees_every_part(board: RunningBoard) -> None:
    now = status(board)
    assert now["is_up"]
    assert now["url"] == board.url
    names = ["postgres", "valkey", "renderer-1", "catch-up", "writer", "nginx"]
    assert [part["name"] for part in now["parts"]] == names
    assert all(part["is_alive"] for part in now["parts"])
    # A board is ready before its workers have said who they are; one that was killed is known for
    # a while.
    assert eventually(lambda: status(board)["queue"]["workers"] >= 1)


def status(board: RunningBoard) -> dict[str, Any]:
    now: dict[str, Any] = json.loads(call("status", "--json", "--data", str(board.data)).stdout)
    return now


def doctor(board: RunningBoard) -> subprocess.CompletedProcess[str]:
    return call("doctor", "--data", str(board.data))


def is_well(board: RunningBoard) -> bool:
    """Soon: whoever has just come has not all done yet that the doctor looks for."""
    return eventually(lambda: doctor(board).stdout == "nothing is wrong\n", look_every_s=0.2)


def test_doctor_finds_nothing_wrong_with_a_board_that_is_up(board: RunningBoard) -> None:
    assert is_well(board), doctor(board).stdout
    assert doctor(board).returncode == 0


def test_doctor_names_what_is_wrong_and_its_mend(board: RunningBoard) -> None:
    keys = board.data / "keys.json"
    keys.chmod(0o644)
    try:
        done = doctor(board)
    finally:
        keys.chmod(0o600)
    assert done.returncode == 1
    assert done.stdout == f"wrong: others may read {keys}\n mend: chmod 600 '{keys}'\n"


@pytest.mark.crash
@for_each("part", ["postgres", "valkey", "renderer-1", "catch-up", "writer", "nginx"])
def test_a_part_that_is_killed_comes_back(board: RunningBoard, part: str) -> None:
    with board.brought_back(part):
        os.kill(board.pids()[part], signal.SIGKILL)
    assert f"{part} was killed by SIGKILL; starting it again" in board.complaints
    assert is_well(board), doctor(board).stdout


@pytest.mark.crash
def test_whatever_ends_it_nothing_is_left_running_and_the_next_start_goes_on(
    board: RunningBoard,
) -> None:
    """In order by a signal, or killed: at once. By SIGTERM: test_with_r2.py, a start less."""
    for number in (signal.SIGINT, signal.SIGKILL):
        pids = board.pids().values()
        status = board.stop(number)
        if number != signal.SIGKILL:
            assert status == 0
            assert not any(is_alive(pid) for pid in pids)
            assert not (board.data / "run.json").exists()
        assert board.start() == f"ready: {board.url}\n"
        assert not any(is_alive(pid) for pid in pids)
        assert "/b/" in board.get("")


def test_servers_of_the_operator_s_own_are_used_in_place_of_ours(
    tmp_path: Path, database_url: str, valkey_server: Valkey
) -> None:
    environ = {"DATABASE_URL": database_url, "REDIS_URL": valkey_server.url}
    with a_running_board(tmp_path / "data", **environ) as board:
        assert not {"postgres", "valkey"} & board.pids().keys()
        assert "/b/" in board.get("")
    assert not (tmp_path / "data" / "postgres").exists()


def test_no_limits_is_refused_in_production(tmp_path: Path) -> None:
    done = call("up", "--no-limits", "--data", str(tmp_path), ENVIRONMENT="production")
    assert done.returncode == 1
    assert done.stderr.startswith("stillboard: STILLBOARD_LIMITS: can't be off")


def test_a_wrong_setting_stops_the_start_with_its_name(tmp_path: Path) -> None:
    done = call("up", "--data", str(tmp_path), LOG_LEVEL="LOUD")
    assert done.returncode == 1
    assert done.stderr.startswith("stillboard: LOG_LEVEL: is not one of DEBUG")
    assert not (tmp_path / "postgres").exists()


def test_status_and_doctor_work_while_the_board_is_down(tmp_path: Path) -> None:
    now = json.loads(call("status", "--json", "--data", str(tmp_path)).stdout)
    assert not now["is_up"]
    assert "PostgreSQL" in now["versions"]
    done = call("doctor", "--data", str(tmp_path))
    assert done.returncode == 1
    assert done.stdout == (
        "not looked at: no board is up: its database, queue, programs and pages\n"
        " mend: start it: ./stillboard up\n"
    )
