"""`stillboard loadtest`: what it refuses, each with one line and exit status 2."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from loadtest.programme import SCENARIOS
from tests.cli.boards import RunningBoard, call, call_here
from tests.house_rules.repository import ROOT
from tests.walk.board_process import BoardProcess

pytestmark = pytest.mark.slow


def test_list_names_every_scenario() -> None:
    said = call_here("loadtest", "list").stdout
    assert [line.split()[0] for line in said.splitlines()] == list(SCENARIOS)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_explains_itself(scenario: str) -> None:
    said = call_here("loadtest", scenario, "--help").stdout
    assert f"Example: ./stillboard loadtest {scenario}" in said


def test_command_waits_for_no_library_that_only_reports_need() -> None:
    """They take half a second each to load."""
    code = (
        "import sys, cli.loadtest, loadtest.report, loadtest.compare; "
        "heavy = {'numpy', 'scipy', 'matplotlib', 'locust'} & sys.modules.keys(); "
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("mixed --host http://board.example", "is not on this machine"),
        ("mixed --host http://192.0.2.1:8080", "is not on this machine"),
        ("mixed --host board", "is no address of a board"),
        ("mixed --master --worker 127.0.0.1 --host http://127.0.0.1:9", "either --master or"),
        ("mixed --master --host http://127.0.0.1:9", "--workers N"),
        ("staff --host http://127.0.0.1:9", "--staff-name"),
        ("readers --host http://127.0.0.1:9 --time 2s", "no board answers"),
        ("readers", "no board is up"),
    ],
)
def test_wrong_call_is_refused_in_one_line(arguments: str, said: str, tmp_path: Path) -> None:
    places = ("--data", str(tmp_path / "none"), "--out", str(tmp_path / "out"))
    done = call_here("loadtest", *arguments.split(), *places)
    assert done.returncode == 2, done.stdout
    assert said in done.stderr.splitlines()[-1]
    assert done.stdout == ""


def test_comparison_of_what_is_no_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text("{}")
    done = call("loadtest", "compare", str(path), str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not the result of a load test" in done.stderr


@pytest.mark.board
def test_board_with_limits_is_not_loaded_from_one_address(board_with_limits: RunningBoard) -> None:
    done = call("loadtest", "mixed", "--data", str(board_with_limits.data))
    assert done.returncode == 2
    assert "start it with ./stillboard up --no-limits" in done.stderr


@pytest.mark.board
def test_limits_are_noticed_where_nobody_can_look_them_up(
    board_with_limits: RunningBoard, tmp_path: Path
) -> None:
    """The first posts are refused: the run ends at once, with the same advice."""
    done = call(
        *("loadtest", "posters", "--host", board_with_limits.url, "--time", "30s"),
        *("--data", str(tmp_path / "none"), "--out", str(tmp_path)),
    )
    assert done.returncode == 2
    assert "start it with ./stillboard up --no-limits" in done.stderr


@pytest.mark.board
def test_board_that_is_not_there_is_named(loaded_board: BoardProcess) -> None:
    done = call("loadtest", "readers", "--data", str(loaded_board.data), "--board", "nowhere")
    assert done.returncode == 2
    assert "there is no board /nowhere/" in done.stderr
