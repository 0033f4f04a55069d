"""A run that is written is read again as it was; what is no run is refused by its fault."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from loadtest import figures
from loadtest.results import Correctness, NotARun, Requests, Run, Step
from tests.loadtest.synthetic_runs import a_run
from tests.tables import for_each


def test_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    run = replace(a_run(1), steps=[Step(100, 512.5, []), Step(200, 700.0, ["too slow"])])
    run.write(tmp_path / "run.json")
    assert Run.read(tmp_path / "run.json") == run


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    """The JSON of a good run, with one thing changed."""
    folder = json.loads(json.dumps(_DOCUMENT))
    change(folder)
    return json.dumps(folder)


_DOCUMENT: dict[str, Any] = {
    "schema": 1,
    "scenario": "mixed",
    "seed": 1,
    "users": 20,
    "seconds": 20,
    "started_at": "2026-11-24T10:00:00+00:00",
    "host": "http://127.0.0.1:8080",
    "version": "0.1.0",
    "timeline": [
        {
            "at_s": 1,
            "users": 20,
            "requests": 10,
            "failures": 0,
            "p50_ms": 3,
            "p95_ms": 4,
            "p99_ms": 5,
        }
    ],
}


@for_each(
    ("text", "fault"),
    [
        ("", "it is not JSON"),
        ("[]", 'it has no "schema"'),
        ('{"scenario": "mixed"}', 'it has no "schema"'),
        (changed(lambda run: run.update(schema=2)), "its schema is 2, this reads 1"),
        (changed(lambda run: run.pop("seed")), "run lacks one of .*seed"),
        (changed(lambda run: run.update(users="many")), 'run.users is "many"'),
        (changed(lambda run: run.update(users=True)), "run.users is true"),
        (changed(lambda run: run.update(timeline={})), "run.timeline is {}"),
        (
            changed(lambda run: run["timeline"][0].update(p99_ms=None)),
            r"run\.timeline\[0\]\.p99_ms is null",
        ),
        (
            changed(lambda run: run.update(requests=[{"name": "x", "kind": "guess"}])),
            r'run\.requests\[0\]\.kind is "guess"',
        ),
        (changed(lambda run: run.update(histograms={"x": [[1, 2, 3]]})), "run.histograms.x"),
    ],
)
def test_what_is_no_run_is_refused_by_its_fault(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(text)
    with pytest.raises(NotARun, match=rf"^{path} is not the result of a load test: {fault}"):
        Run.read(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotARun, match="No such file"):
        Run.read(tmp_path / "run.json")


def test_fields_with_defaults_may_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps(_DOCUMENT))
    run = Run.read(tmp_path / "run.json")
    assert (run.correctness, run.steps) == (Correctness(), [])
    assert run.timeline[0].visible_p95_ms is None


# --- figures ---


@for_each(
    ("histogram", "share", "ms"),
    [
        ([(1.0, 98), (20.0, 2)], 0.5, 1.0),
        ([(1.0, 98), (20.0, 2)], 0.98, 1.0),
        ([(1.0, 98), (20.0, 2)], 0.99, 20.0),
        ([(5.0, 1)], 0.99, 5.0),
        ([(5.0, 1), (9.0, 0)], 1.0, 5.0),
    ],
)
def test_quantile_is_the_bound_within_which_the_share_lies(
    histogram: list[tuple[float, int]], share: float, ms: float
) -> None:
    assert figures.quantile(histogram, share) == ms


def test_nothing_has_no_quantile() -> None:
    with pytest.raises(ValueError, match="empty"):
        figures.quantile([], 0.5)


def test_figures_of_a_kind_are_of_all_its_names_together() -> None:
    run = replace(
        a_run(1),
        requests=[
            Requests("front page", "page", 99, 0, 1, 1, 1, 7.5),
            Requests("thread", "page", 1, 0, 80, 80, 80, 81.0),
        ],
        histograms={"front page": [(1.0, 99)], "thread": [(80.0, 1)]},
    )
    of_run = figures.of(replace(run, figures={}))
    assert (of_run["page_p50_ms"], of_run["page_p99_ms"], of_run["page_max_ms"]) == (1, 1, 81)
    assert "json_p50_ms" not in of_run


def test_a_run_that_asked_for_nothing_has_no_figure_of_what_it_did_not_see() -> None:
    """Absent, not zero: no page was torn, for none was read."""
    silent = replace(a_run(1, processes=False), requests=[], histograms={}, figures={})
    assert figures.of(silent) == {}


def test_every_figure_has_a_row_in_the_table_of_figures() -> None:
    assert set(figures.of(a_run(1))) <= set(figures.FIGURES)


def test_the_generator_is_not_taken_for_the_board() -> None:
    run = a_run(1)
    loud = replace(run.processes[-1], rss_mb=[9000.0] * 60)
    of_run = figures.of(replace(run, processes=[*run.processes[:-1], loud], figures={}))
    assert of_run["rss_mb_max"] < 200
    assert of_run["generator_cpu_cores"] == pytest.approx(0.12, rel=0.1)
