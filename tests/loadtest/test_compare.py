"""A comparison tells a change from noise, and seldom calls noise a change."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from loadtest import compare
from loadtest.compare import Difference, Incomparable, two_sided_p
from loadtest.results import Correctness
from tests.loadtest.synthetic_runs import a_run
from tests.tables import for_each


def by_figure(differences: list[Difference]) -> dict[str, Difference]:
    return {each.figure: each for each in differences}


def told(differences: list[Difference]) -> set[str]:
    return {each.figure for each in differences if each.change != "noise"}


def test_two_runs_of_the_same_board_differ_by_noise() -> None:
    assert told(compare.compare([a_run(3)], [a_run(4)])) == set()


def test_a_run_does_not_differ_from_itself() -> None:
    differences = compare.compare([a_run(1)], [a_run(1)])
    assert {each.ratio for each in differences if each.ratio is not None} == {1.0}
    assert told(differences) == set()


@pytest.mark.slow
@for_each(("slower", "change"), [(1.2, "slower"), (0.8, "faster")])
@for_each("seed", range(10))
def test_a_fifth_is_told(slower: float, change: str, seed: int) -> None:
    a, b = a_run(seed, seconds=120), a_run(seed + 100, seconds=120, slower=slower)
    differences = by_figure(compare.compare([a], [b]))
    assert differences["p50_ms"].change == change
    assert differences["p50_ms"].ratio == pytest.approx(slower, rel=0.15)
    assert differences["requests_per_s"].change == "noise"


@pytest.mark.slow
def test_at_most_one_comparison_in_twenty_tells_what_is_not_there() -> None:
    """Each with seconds that resemble their neighbours, as real ones do."""
    false = sum(bool(told(compare.compare([a_run(2 * n)], [a_run(2 * n + 1)]))) for n in range(200))
    assert false <= 200 * 0.05


def test_three_runs_a_side_are_held_against_the_spread_between_runs() -> None:
    """Runs that differ among themselves by a tenth say nothing about a tenth."""
    dice = random.Random(1)
    a, b = ([a_run(n, slower=dice.uniform(0.9, 1.1)) for n in range(3)] for _ in "ab")
    assert told(compare.compare(a, b)) == set()
    slowed = [a_run(10 + n, slower=1.5) for n in range(3)]
    assert {"p50_ms", "p95_ms", "p99_ms"} <= told(compare.compare(a, slowed))


@pytest.mark.slow
def test_small_differences_are_not_told_however_sure_they_are() -> None:
    steady = [a_run(n, drift=0.0001, seconds=600) for n in (1, 2)]
    slower = a_run(3, drift=0.0001, seconds=600, slower=1.03)
    assert by_figure(compare.compare(steady, [slower]))["p50_ms"].change == "noise"


def test_a_short_run_tells_no_times() -> None:
    differences = by_figure(compare.compare([a_run(1, seconds=35)], [a_run(2, seconds=35)]))
    assert differences["p99_ms"].change == "too short to tell"


@pytest.mark.slow
@for_each("fault", ["missing", "torn", "backward", "wrong_status", "refused_wrongly", "doubled"])
def test_one_fault_more_is_worse_correctness(fault: str) -> None:
    faulty = a_run(2, correctness=Correctness(acknowledged=120, **{fault: 1}))
    differences = compare.compare([a_run(1)], [faulty])
    assert by_figure(differences)[fault].change == "worse correctness"
    assert compare.is_worse(differences)
    assert by_figure(compare.compare([faulty], [a_run(1)]))[fault].change == "better correctness"


def test_a_part_that_needs_half_as_much_again_is_heavier() -> None:
    run = a_run(1)
    heavy = replace(run, figures=run.figures | {"writer_cpu_s": run.figures["writer_cpu_s"] * 1.5})
    assert told(compare.compare([run], [heavy])) == {"writer_cpu_s_per_1000"}


def test_runs_of_different_scenarios_are_refused() -> None:
    with pytest.raises(Incomparable, match="flood and mixed"):
        compare.compare([a_run(1)], [a_run(1, scenario="flood")])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"users": 100}, "not the same users: 200; and 100"),
        ({"seconds": 30.0}, "not the same length: 60 s; and 30 s"),
        ({"machine": {"processor": "a processor", "cores": 8}}, "not the same cores: 2; and 8"),
    ],
)
def test_sides_that_are_not_alike_are_warned_of(change: dict[str, object], sentence: str) -> None:
    other = replace(a_run(1), **change)  # type: ignore[arg-type]
    assert sentence.replace(";", "") in "\n".join(compare.warnings([a_run(1)], [other]))


def test_one_run_a_side_is_warned_of() -> None:
    assert "one run a side" in compare.warnings([a_run(1)], [a_run(1)])[-1]
    assert compare.warnings([a_run(1)] * 3, [a_run(1)] * 3) == []


@pytest.mark.slow
def test_a_side_is_a_file_or_a_folder(tmp_path: Path) -> None:
    for seed in (3, 1, 2):
        a_run(seed).write(tmp_path / f"{seed % 2}-{seed}.json")
    assert [run.seed for run in compare.read_side(tmp_path)] == [1, 2, 3]
    assert [run.seed for run in compare.read_side(tmp_path / "1-3.json")] == [3]
    (tmp_path / "empty").mkdir()
    with pytest.raises(Incomparable, match="holds no run"):
        compare.read_side(tmp_path / "empty")


def test_differences_are_told_as_a_table_and_as_json() -> None:
    differences = compare.compare([a_run(1)], [a_run(2, slower=2.0)])
    row = next(line for line in compare.as_table(differences).splitlines() if "p50_ms" in line)
    assert row.endswith("%  slower")
    assert {each["figure"] for each in json.loads(compare.as_json(differences))} == {
        each.figure for each in differences
    }


@for_each(
    ("t", "freedom", "p"),
    [(12.706, 1, 0.05), (4.303, 2, 0.05), (2.228, 10, 0.05), (9.925, 2, 0.01), (0.0, 5, 1.0)],
)
def test_students_t_is_that_of_the_tables(t: float, freedom: int, p: float) -> None:
    assert two_sided_p(t, freedom) == pytest.approx(p, rel=2e-3)
    assert two_sided_p(-t, freedom) == two_sided_p(t, freedom)
