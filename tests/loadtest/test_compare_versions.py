"""A ratio of two versions says which of them is worse."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest

from loadtest import compare_versions
from loadtest.calibration import Calibration, calibrate
from loadtest.compare_versions import Round, is_worse, row_of
from loadtest.version_questions import QUESTIONS, SHORT, Figure
from loadtest.versions import HERE, Version, checked_out

_MACHINE = Calibration(loop_ms=10, fdatasync_ms=0.2)


def rounds(figure: Figure, *pairs: tuple[float, float]) -> list[Round]:
    return [
        Round({figure.name: ours}, {figure.name: theirs}, _MACHINE, _MACHINE)
        for ours, theirs in pairs
    ]


@pytest.mark.parametrize(
    ("figure", "pairs", "worse"),
    [
        (Figure("ms"), [(10, 10), (13, 10), (14, 10)], True),
        (Figure("ms"), [(10, 10), (10, 10), (90, 10)], False),
        (Figure("ms"), [(5, 10), (5, 10), (5, 10)], False),
        (Figure("posts/s", more_is_better=True), [(70, 100), (75, 100), (79, 100)], True),
        (Figure("posts/s", more_is_better=True), [(150, 100), (150, 100), (70, 100)], False),
        (Figure("posts/s", more_is_better=True), [(0, 100)], True),
        (Figure("bytes"), [(0, 0)], False),
        (Figure("bytes"), [(1, 0)], True),
        (Figure("MB"), [(math.nan, math.nan)], False),
    ],
)
def test_median_of_the_ratios_says_whether_a_figure_is_worse(
    figure: Figure, pairs: list[tuple[float, float]], worse: bool
) -> None:
    assert is_worse([row_of(figure, rounds(figure, *pairs))], 1.25) is worse


def test_machine_that_was_slower_for_one_side_is_shown_beside_the_ratio(tmp_path: Path) -> None:
    figure = Figure("ms")
    slow = Calibration(loop_ms=20, fdatasync_ms=0.2)
    row = row_of(figure, [Round({"ms": 20}, {"ms": 10}, slow, _MACHINE)])
    assert (row.ratio, row.loop_ratio, row.flush_ratio) == (2, 2, 1)
    assert all(value > 0 for value in calibrate(tmp_path))


def test_figures_of_a_question_are_those_that_it_is_asked_for() -> None:
    names = [figure.name for question in QUESTIONS for figure in question.figures]
    assert len(names) == len(set(names))
    assert {question.name for question in QUESTIONS if question.is_steady} >= {
        "at_rest",
        "redrawn",
    }


@pytest.mark.slow
@pytest.mark.needs("git")
def test_revision_is_checked_out_for_this_once_and_nothing_of_it_is_left() -> None:
    with checked_out("HEAD") as checkout:
        assert (checkout / "loadtest/compare_versions.py").is_file()
        assert Version.at("other", checkout).python == sys.executable
        assert str(checkout) in worktrees()
    assert not checkout.exists()
    assert str(checkout) not in worktrees()
    with pytest.raises(SystemExit, match="no-such-revision can't be checked out"):
        compare_versions.main(["no-such-revision"])


@pytest.mark.board
def test_two_checkouts_are_compared(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One with itself. PERF: a revision that was just checked out has all to compile first."""
    monkeypatch.setattr(
        compare_versions,
        "SHORT",
        SHORT._replace(threads=1, rest_s=1),
    )
    # The machine may be busy, and one of them at work when it is looked at: what is asked here is
    # whether there are figures at all.
    arguments = ["--short", "--only", "at_rest", "--only", "bytes", "--rounds", "1"]
    status = compare_versions.main(["--other", str(HERE), *arguments, "--worst", "inf"])
    lines = capsys.readouterr().out.splitlines()
    assert status == 0
    assert [line.split(":")[0] for line in lines[1:]] == ["at rest"] * 3 + ["pages at rest, brotli"]
    processes = lines[1].split()
    assert float(processes[3]) > 10


def worktrees() -> str:
    return subprocess.run(
        ["git", "-C", str(HERE), "worktree", "list"], capture_output=True, text=True, check=True
    ).stdout
