"""Of long families the short run takes a part: some cases of each kind, the same in every run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.environment import ROOT
from tests.cli.test_run_tests import pytest_on
from tests.in_part import a_part_of, rows

KINDS = {"even": range(0, 40, 2), "odd": range(1, 40, 2), "alone": [100]}


def test_a_share_of_each_kind_is_taken_and_one_at_least() -> None:
    part = a_part_of(KINDS, 0.3)
    assert [len([case for case in part if case in cases]) for cases in KINDS.values()] == [6, 6, 1]
    assert len(set(part)) == len(part)
    assert len(a_part_of(KINDS, 0.001)) == len(KINDS)
    assert a_part_of(KINDS, 1) == [*KINDS["even"], *KINDS["odd"], 100]


def test_what_is_taken_of_a_kind_stays_when_others_come_and_go() -> None:
    part = a_part_of(KINDS, 0.3)
    assert a_part_of({"new": [200], "odd": KINDS["odd"]}, 0.3) == [200, *part[6:12]]


@pytest.mark.slow
def test_the_part_is_the_same_in_another_process() -> None:
    """Whose strings have other hashes: xdist asks that all processes find the same tests."""
    asked = (
        "from tests.in_part import a_part_of\n"
        "print(a_part_of({'even': range(0, 40, 2), 'odd': range(1, 40, 2), 'alone': [100]}, 0.3))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", asked],
        env={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "12345"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(a_part_of(KINDS, 0.3))


def test_a_kind_without_a_case_is_a_mistake() -> None:
    with pytest.raises(AssertionError, match="no case of the kind 'odd'"):
        a_part_of({"even": [2], "odd": []}, 0.5)


def test_rows_are_all_there_and_those_that_are_left_out_are_marked() -> None:
    made = rows(KINDS, 0.3, str)
    assert [row.id for row in made] == [str(case) for cases in KINDS.values() for case in cases]
    assert [row.values[0] for row in made if not row.marks] == a_part_of(KINDS, 0.3)


FAMILIES = """
import pytest
from tests.in_part import Part, rows

KINDS = {kind: [f"{kind}_{number}" for number in range(10)] for kind in ("low", "high")}

@pytest.mark.parametrize("name", rows(KINDS, 0.2, str))
def test_rows(name):
    pass

def test_that_goes_through_its_cases(part: Part):
    print("taken:", len(part.of(KINDS, 0.2)))
"""


@pytest.mark.slow
@pytest.mark.parametrize("processes", ["0", "2"])
def test_what_is_left_out_is_counted_once_and_said_at_the_end(
    tmp_path: Path, processes: str
) -> None:
    (tmp_path / "test_families.py").write_text(FAMILIES)
    short = pytest_on(tmp_path, "-n", processes, "-rP").stdout
    assert "32 cases left out of the short run; --thorough runs them" in short.splitlines()
    assert "taken: 4" in short
    assert "5 passed" in short
    whole = pytest_on(tmp_path, "-n", processes, "-rP", "--thorough").stdout
    assert "left out" not in whole
    assert "taken: 20" in whole
    assert "21 passed" in whole


@pytest.mark.slow
def test_a_row_that_is_left_out_runs_when_nothing_else_is_called_for(tmp_path: Path) -> None:
    (tmp_path / "test_families.py").write_text(FAMILIES)
    names = [f"low_{number}" for number in range(10)]
    left_out = next(row.id for row in rows({"low": names}, 0.2, str) if row.marks)
    told = pytest_on(tmp_path, "-k", str(left_out)).stdout
    assert "1 passed" in told
    assert "left out" not in told
