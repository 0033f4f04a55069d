"""Some seconds of each scenario that mostly reads, with its targets but those of time."""

from __future__ import annotations

import signal
import subprocess

import pytest

from tests.cli.boards import command, surroundings
from tests.loadtest.runs import a_run, told
from tests.walk.board_process import BoardProcess

pytestmark = pytest.mark.board


def test_readers_find_every_kind_of_page(loaded_board: BoardProcess) -> None:
    ran = a_run(loaded_board.data, "readers", "--users", "20", "--time", "8s")
    assert ran.faults == [], ran
    assert {row.name for row in ran.run.requests} == {
        *("front page", "board page", "catalog", "thread"),
        *("thread.json", "threads.json", "catalog.json", "asset", "thumbnail"),
    }


def test_mixed_posts_once_for_a_thousand_reads(loaded_board: BoardProcess) -> None:
    ran = a_run(loaded_board.data, "mixed", "--users", "40", "--time", "8s")
    assert ran.faults == [], ran
    reads = sum(row.count for row in ran.run.requests if row.kind not in ("post", "visible"))
    # The first is due at once.
    assert ran.run.correctness.acknowledged == pytest.approx(1 + reads // 1000, abs=1)
    # Told by the parts that run: this board has no publisher.
    assert ran.run.figures["query_p99_ms"] > 0


def test_spike_is_ten_times_as_many_and_back(loaded_board: BoardProcess) -> None:
    ran = a_run(loaded_board.data, "spike", "--users", "4", "--time", "10s")
    assert ran.faults == [], ran
    users = [second.users for second in ran.run.timeline]
    assert max(users) == 40
    assert users[2] == users[-2] == 4


def test_breakpoint_says_how_far_each_step_came(loaded_board: BoardProcess) -> None:
    ran = a_run(loaded_board.data, "breakpoint", "--users", "4", "--time", "10s")
    assert ran.faults == [], ran
    assert [step.users for step in ran.run.steps][:4] == [4, 6, 9, 14]
    assert all(not step.missed for step in ran.run.steps[:-1])


def test_soak_that_is_interrupted_reports_what_it_saw(loaded_board: BoardProcess) -> None:
    """Ctrl-C after six seconds of four hours."""
    arguments = ("--users", "20", "--time", "4h", "--data", str(loaded_board.data), "--json")
    with subprocess.Popen(
        command("loadtest", "soak", *arguments),
        env=surroundings(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        for line in process.stderr:
            if line.lstrip().startswith("6 s"):
                break
        process.send_signal(signal.SIGINT)
        said, complaints = process.communicate()
    ran = told(subprocess.CompletedProcess([], process.returncode, said, complaints))
    assert ran.faults == [], ran
    assert 5 <= ran.run.seconds < 120
