"""Targets are read strictly, and a yes means that each was looked at and met."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from loadtest import programme, targets, verdict
from loadtest.results import Correctness, Run
from loadtest.targets import BadTargets
from loadtest.verdict import Verdict
from tests.loadtest.synthetic_runs import a_run
from tests.tables import for_each

A_TARGET = '[board.missing]\nmax = 0\nunit = ""\nwhy = "It is a promise."\n'


def judged(run: Run) -> Verdict:
    return verdict.judge(run, targets.read())


def missed_figures(run: Run) -> set[str]:
    return {each.target.figure for each in judged(run).missed}


def read(text: str, folder: Path) -> list[targets.Target]:
    path = folder / "targets.toml"
    path.write_text(text)
    return targets.read(path)


# --- the file ---


@for_each("scenario", programme.SCENARIOS)
def test_every_scenario_has_targets_and_correctness_is_among_them(scenario: str) -> None:
    of_scenario = targets.of_scenario(targets.read(), scenario)
    figures = [target.figure for target in of_scenario if target.source != "guide"]
    assert {"missing", "torn", "backward", "wrong_status", "doubled"} <= set(figures)
    assert len(figures) == len(set(figures))


def test_the_guides_targets_are_there_as_it_gives_them() -> None:
    guide = {target.figure: target.bound for target in targets.read() if target.source == "guide"}
    assert guide == {
        "page_p99_ms": 1000,
        "json_p95_ms": 100,
        "post_p95_ms": 500,
        "staff_p95_ms": 500,
        "query_mean_ms": 50,
        "rss_mb_max": 512,
    }


@for_each(
    ("text", "fault"),
    [
        ("[board", "targets.toml: "),
        (A_TARGET.replace("missing", "missed"), r"\[board.missed\]: there is no figure"),
        (A_TARGET.replace("board", "bored"), r"\[bored\] is no section"),
        (A_TARGET.replace("max = 0", ""), "either max or min"),
        (A_TARGET + "min = 0\n", "either max or min"),
        (A_TARGET.replace("max = 0", 'max = "none"'), "max is no number"),
        (A_TARGET.replace("max = 0", "max = true"), "max is no number"),
        (A_TARGET.replace('unit = ""', 'unit = "ms"'), 'missing is measured in ""'),
        (A_TARGET.replace("It is a promise.", " "), "it says no why"),
        (A_TARGET + "maximum = 3\n", "and nothing else"),
        (A_TARGET + 'scenarios = ["mixt"]\n', "'mixt' is no scenario"),
        (A_TARGET.replace("board", "mixed") + 'scenarios = ["flood"]\n', "for mixed alone"),
        ("board = 1", r"\[board\] holds no targets"),
        ("[board]\nmissing = 0\n", "a target has max, min"),
    ],
)
def test_targets_that_cant_be_meant_so_are_refused(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(BadTargets, match=fault):
        read(text, tmp_path)


def test_a_file_of_targets_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadTargets, match="No such file"):
        targets.read(tmp_path / "targets.toml")


def test_a_scenarios_own_bound_takes_the_place_of_the_boards_and_not_of_the_guides(
    tmp_path: Path,
) -> None:
    table = '[{}.page_p99_ms]\nmax = {}\nunit = "ms"\nwhy = "So."\n'
    every = read(
        "".join(table.format(*row) for row in (("guide", 1000), ("board", 300), ("flood", 800))),
        tmp_path,
    )
    bounds = {
        scenario: [target.bound for target in targets.of_scenario(every, scenario)]
        for scenario in ("flood", "mixed")
    }
    assert bounds == {"flood": [1000, 800], "mixed": [1000, 300]}


# --- the answer ---


def test_a_healthy_run_is_a_yes() -> None:
    answer = judged(a_run(1))
    assert answer.is_yes
    assert answer.sentences()[0].startswith("mixed: yes, all ")


@pytest.mark.parametrize(
    ("figure", "value", "sentence"),
    [
        ("visible_p99_ms", 1600.0, "sent to visible, p99: 1,600 ms, at most 1,500 ms"),
        ("post_p99_ms", 1001.0, "posts until the answer, p99: 1,001 ms, at most 1,000 ms"),
        ("page_p99_ms", 300.4, "HTML pages, p99: 300.4 ms, at most 300 ms"),
        ("failures_percent", 0.14, "requests that failed, of all: 0.14 %, at most 0.1 %"),
    ],
)
def test_a_missed_target_is_told_in_one_sentence(figure: str, value: float, sentence: str) -> None:
    run = a_run(1)
    answer = judged(replace(run, figures=run.figures | {figure: value}))
    (told,) = (each.sentence for each in answer.missed)
    assert told == f"{sentence} (this board's target)"
    assert f"missed: {told}" in answer.sentences()
    assert answer.sentences()[0].startswith("mixed: no, 1 of ")


def test_the_bound_itself_is_met() -> None:
    run = a_run(1)
    assert judged(replace(run, figures=run.figures | {"post_p99_ms": 1000.0})).is_yes


def test_a_board_that_is_a_second_slower_in_any_part_is_a_no() -> None:
    for part, target in (("page", "page_p99_ms"), ("post", "post_p99_ms")):
        figures = a_run(1).figures
        slow = {
            name: value + 1000 for name, value in figures.items() if name.startswith(f"{part}_p")
        }
        assert target in missed_figures(replace(a_run(1), figures=figures | slow))
    for name in ("spike", "flood", "soak", "posters"):
        run = a_run(1, scenario=name)
        slow = {cut: run.figures[cut] + 1000 for cut in ("visible_p50_ms", "visible_p99_ms")}
        assert missed_figures(replace(run, figures=run.figures | slow)) & set(slow)


@for_each("fault", ["missing", "torn", "backward", "wrong_status", "refused_wrongly", "doubled"])
def test_one_fault_is_a_no(fault: str) -> None:
    run = a_run(1, correctness=Correctness(acknowledged=120, **{fault: 1}))
    assert missed_figures(run) == {fault}


def test_a_run_in_which_nobody_asked_for_anything_is_a_no() -> None:
    silent = replace(a_run(1), figures={})
    assert {"missing", "page_p99_ms", "acknowledged"} <= missed_figures(silent)


def test_what_only_the_boards_own_machine_could_tell_is_said_to_be_unknown() -> None:
    """And neither taken for met nor held against a run from elsewhere."""
    far_away = a_run(1, processes=False)
    answer = judged(far_away)
    assert answer.is_yes
    assert "could be measured" in answer.sentences()[0]
    told = [sentence for sentence in answer.sentences() if sentence.startswith("not judged: ")]
    assert any("memory of the largest process of the board: not measured" in s for s in told)
    assert not any(each.is_met for each in answer.not_measured)


def test_a_scenario_without_targets_is_no_yes() -> None:
    with pytest.raises(ValueError, match="no targets for mixed"):
        verdict.judge(a_run(1), [])


@for_each(
    ("value", "unit", "text"),
    [
        (1240.0, "ms", "1,240 ms"),
        (4.62, "ms", "4.6 ms"),
        (0.0, "", "0"),
        (0.14, "%", "0.14 %"),
        (502.25, "/s", "502.2/s"),
        (0.0004, "%", "0 %"),
    ],
)
def test_figures_are_told_with_the_digits_that_mean_something(
    value: float, unit: str, text: str
) -> None:
    assert verdict.with_unit(value, unit) == text
