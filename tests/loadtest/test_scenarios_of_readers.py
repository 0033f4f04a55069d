"""Some seconds of each scenario that mostly reads, with its targets but those of time."""

from __future__ import annotations

import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.cli.boards import call, command, surroundings
from tests.loadtest.runs import Told, a_run, told
from tests.walk.board_process import BoardProcess

pytestmark = pytest.mark.board


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds the run of `readers`."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def readers(loaded_board: BoardProcess, kept: Path) -> Told:
    """One run, at which two tests look."""
    return a_run(loaded_board.data, "readers", "--users", "20", "--time", "8s", "--out", str(kept))


def test_readers_find_every_kind_of_page(readers: Told) -> None:
    ran = readers
    assert ran.faults == [], ran
    assert {row.name for row in ran.run.requests} == {
        *("front page", "board page", "catalog", "thread"),
        *("thread.json", "threads.json", "catalog.json", "asset", "thumbnail"),
    }


@pytest.mark.usefixtures("readers")
def test_report_is_made_again_from_figures(kept: Path) -> None:
    (figures,) = kept.glob("*.json")
    report = figures.with_suffix(".html")
    before = report.read_text()
    report.unlink()
    done = call("loadtest", "report", str(figures))
    assert done.returncode == 0, done.stderr
    assert report.read_text() == before


def test_mixed_posts_once_for_a_thousand_reads(loaded_board: BoardProcess) -> None:
    ran = a_run(loaded_board.data, "mixed", "--users", "40", "--time", "8s")
    assert ran.faults == [], ran
    reads = sum(row.count for row in ran.run.requests if row.kind not in ("post", "visible"))
    # The first is due at once.
    assert ran.run.correctness.acknowledged == pytest.approx(1 + reads // 1000, abs=1)
    # Told by the parts that run: this board has no publisher.
    assert ran.run.figures["query_p99_ms"] > 0


def test_spike_is_ten_times_as_many_and_back(loaded_board: BoardProcess) -> None:
    ran = a_run(loaded_board.data, "spike", "--users", "4", "--time", "15s")
    assert ran.faults == [], ran
    users = [second.users for second in ran.run.timeline]
    peak = users.index(max(users))
    assert users[peak] == 40
    assert 4 in users[:peak]
    assert 4 in users[peak:]


def test_breakpoint_says_how_far_each_step_came(loaded_board: BoardProcess) -> None:
    ran = a_run(loaded_board.data, "breakpoint", "--users", "4", "--time", "10s")
    assert ran.faults == [], ran
    *before, last = ran.run.steps
    assert all(not step.missed for step in before)
    # A machine that is busy may miss a target at once, or look up when a step is over.
    assert last.missed or last.users >= 14
    levels = [step.users for step in ran.run.steps if step.users <= 14]
    assert levels == [level for level in (4, 6, 9, 14) if level in levels]


def test_soak_that_is_interrupted_reports_what_it_saw(loaded_board: BoardProcess) -> None:
    """Ctrl-C after the first of four hours' seconds that is told of."""
    arguments = ("--users", "20", "--time", "4h", "--data", str(loaded_board.data), "--json")
    with subprocess.Popen(
        command("loadtest", "soak", *arguments),
        env=surroundings(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        # Where the machine is busy the first that it tells of may be its third.
        next(line for line in process.stderr if re.match(r" *[1-9]\d* s ", line))
        process.send_signal(signal.SIGINT)
        said, complaints = process.communicate()
    ran = told(subprocess.CompletedProcess([], process.returncode, said, complaints))
    assert ran.faults == [], ran
    assert 1 <= ran.run.seconds < 3600
