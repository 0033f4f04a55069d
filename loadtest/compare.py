"""Two runs, or two folders of runs: what changed, and what is noise.

A run is a row of seconds. Each second is held against the same second of the other run, as the
logarithm of their ratio, so that a spike meets a spike and a stall counts once. Neighbouring
seconds resemble each other; their means over batches hardly do, and Student's t is asked of those
(the method of batch means, as for any simulation's output). With more than one run a side, each
run is one value and the spread between runs decides, which is the better question: two runs of the
same board differ by more than their seconds tell.

A difference is told only when it is unlikely to be chance (all figures together, one comparison in
20 tells one falsely) and large enough to matter. What must not happen is not a matter of chance:
one more is worse.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from loadtest.results import Run, Second

#: Chance of telling any difference of two runs of the same board, as reckoned; short runs, whose
#: batches still resemble each other a little, make it some 4 % (test_compare.py counts it).
FALSE_ALARMS = 0.03
#: Smaller ones are not told, however sure they are.
EFFECT_MIN = 0.05
_BATCH_S = 10
_BATCHES_MAX = 20
#: Fewer tell nothing: a run of 40 s has four.
_BATCHES_MIN = 4

Change = Literal[
    "noise",
    "faster",
    "slower",
    "lighter",
    "heavier",
    "worse correctness",
    "better correctness",
    "too short to tell",
]


class Incomparable(Exception):
    """Two sides that are not of one scenario; its message says of which they are."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure on both sides; `ratio` is b to a, None where there is none to tell."""

    figure: str
    a: float
    b: float
    ratio: float | None
    change: Change
    #: The chance of such a difference between two runs of the same board.
    p: float | None = None


@dataclass(frozen=True, slots=True)
class _Series:
    """A figure that each second has: how it is read, and what more of it means."""

    figure: str
    value: Callable[[Second], float | None]
    #: Values below are counted as this: the logarithm of nothing has no end.
    least: float
    more: Change
    less: Change


_SERIES = (
    _Series("p50_ms", lambda second: second.p50_ms, 0.1, "slower", "faster"),
    _Series("p95_ms", lambda second: second.p95_ms, 0.1, "slower", "faster"),
    _Series("p99_ms", lambda second: second.p99_ms, 0.1, "slower", "faster"),
    _Series("visible_p95_ms", lambda second: second.visible_p95_ms, 0.1, "slower", "faster"),
    _Series("requests_per_s", lambda second: float(second.requests), 1.0, "faster", "slower"),
)
#: What should be the same on both sides.
_CONDITIONS: dict[str, Callable[[Run], str]] = {
    "users": lambda run: f"{run.users}",
    "length": lambda run: f"{run.seconds:.0f} s",
    "seed": lambda run: f"{run.seed}",
    "processor": lambda run: f"{run.machine.get('processor', 'unknown')}",
    "cores": lambda run: f"{run.machine.get('cores', 'unknown')}",
    "settings": lambda run: ", ".join(f"{k}={v}" for k, v in sorted(run.settings.items())),
}
_CORRECTNESS = ("missing", "torn", "backward", "wrong_status", "refused_wrongly", "doubled")
#: Of processor time and memory, of which a run has one value each.
_COST_EFFECT_MIN = 0.15


def read_side(path: Path) -> list[Run]:
    """The run of a file, or all runs of a folder, oldest first.

    Raises:
        NotARun: the file is none, or one of the folder's.
        Incomparable: the folder has none.
    """
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files:
        raise Incomparable(f"{path} holds no run: a run is a .json file")
    return sorted((Run.read(file) for file in files), key=lambda run: run.started_at)


def compare(a: Sequence[Run], b: Sequence[Run]) -> list[Difference]:
    """Differences of `b` from `a`, correctness first.

    Raises:
        Incomparable: they are not all of one scenario.
    """
    scenarios = sorted({run.scenario for run in (*a, *b)})
    if len(scenarios) != 1:
        raise Incomparable(f"runs of different scenarios: {' and '.join(scenarios)}")
    known = [series for series in _SERIES if _is_known(series, a) and _is_known(series, b)]
    return [
        *_correctness(a, b),
        *(_difference(series, a, b, FALSE_ALARMS / len(known)) for series in known),
        *_costs(a, b),
    ]


def warnings(a: Sequence[Run], b: Sequence[Run]) -> list[str]:
    """What makes the two sides less alike than a comparison would have them; a sentence each."""
    said = []
    for what, of in _CONDITIONS.items():
        seen = [sorted({of(run) for run in side}) for side in (a, b)]
        if seen[0] != seen[1]:
            said.append(f"not the same {what}: {'; '.join(seen[0])} and {'; '.join(seen[1])}")
    if len(a) == len(b) == 1:
        said.append(
            "one run a side: how much two runs of the same board differ is not known; "
            "folders of three runs or more tell it"
        )
    return said


def as_table(differences: Sequence[Difference]) -> str:
    """Lines for a terminal."""
    lines = [f"{'':24}{'a':>12}{'b':>12}{'':>9}"]
    for each in differences:
        percent = "" if each.ratio is None else f"{100 * (each.ratio - 1):+.1f} %"
        lines.append(f"{each.figure:24}{each.a:12,.1f}{each.b:12,.1f}{percent:>9}  {each.change}")
    return "\n".join(lines)


def as_json(differences: Sequence[Difference]) -> str:
    """A list of objects with the fields of Difference."""
    return json.dumps([asdict(each) for each in differences], indent=1)


def is_worse(differences: Sequence[Difference]) -> bool:
    """Whether anything is told that nobody wants."""
    return any(each.change in ("slower", "heavier", "worse correctness") for each in differences)


def _is_known(series: _Series, side: Sequence[Run]) -> bool:
    return all(any(series.value(second) is not None for second in run.timeline) for run in side)


def _difference(
    series: _Series, a: Sequence[Run], b: Sequence[Run], false_alarms: float
) -> Difference:
    of_a, of_b = (_geometric_mean(series, side) for side in (a, b))
    logs = _paired_logs(series, a[0], b[0]) if len(a) == len(b) == 1 else None
    p = _p_of_batches(logs) if logs is not None else _p_of_runs(series, a, b)
    ratio = math.exp(statistics.fmean(logs)) if logs else of_b / of_a
    change: Change = "noise"
    if p is None:
        change = "too short to tell"
    elif p < false_alarms and abs(math.log(ratio)) > math.log1p(EFFECT_MIN):
        change = series.more if ratio > 1 else series.less
    return Difference(series.figure, round(of_a, 3), round(of_b, 3), ratio, change, p)


def _log(series: _Series, second: Second) -> float | None:
    value = series.value(second)
    return None if value is None else math.log(max(value, series.least))


def _logs(series: _Series, run: Run) -> list[float]:
    return [log for second in run.timeline if (log := _log(series, second)) is not None]


def _geometric_mean(series: _Series, side: Sequence[Run]) -> float:
    return math.exp(statistics.fmean(statistics.fmean(_logs(series, run)) for run in side))


def _paired_logs(series: _Series, a: Run, b: Run) -> list[float]:
    """ln(b / a) of each second that both have."""
    of_a = {round(second.at_s): _log(series, second) for second in a.timeline}
    pairs = [(of_a.get(round(second.at_s)), _log(series, second)) for second in b.timeline]
    return [later - before for before, later in pairs if before is not None and later is not None]


def _p_of_batches(logs: Sequence[float]) -> float | None:
    """How likely a mean so far from 0 is by chance; None when there are too few seconds."""
    batches = min(_BATCHES_MAX, len(logs) // _BATCH_S)
    if batches < _BATCHES_MIN:
        return None
    length = len(logs) // batches
    means = [statistics.fmean(logs[n * length : (n + 1) * length]) for n in range(batches)]
    error = statistics.stdev(means) / math.sqrt(batches)
    return _p(statistics.fmean(means), error, batches - 1)


def _p_of_runs(series: _Series, a: Sequence[Run], b: Sequence[Run]) -> float | None:
    """The same from whole runs, their spread taken from both sides together."""
    sides = [[statistics.fmean(_logs(series, run)) for run in side] for side in (a, b)]
    freedom = len(a) + len(b) - 2
    squares = sum((value - statistics.fmean(values)) ** 2 for values in sides for value in values)
    error = math.sqrt(squares / freedom * (1 / len(a) + 1 / len(b)))
    return _p(statistics.fmean(sides[1]) - statistics.fmean(sides[0]), error, freedom)


def _p(difference: float, error: float, freedom: int) -> float:
    if error == 0:
        return 1.0 if difference == 0 else 0.0
    return two_sided_p(difference / error, freedom)


def two_sided_p(t: float, freedom: int) -> float:
    """The chance of Student's |T| >= |t|; two_sided_p(2.776, 4) -> 0.05."""
    from scipy.special import stdtr  # a third of a second, for who compares alone

    return float(2 * stdtr(freedom, -abs(t)))


def _correctness(a: Sequence[Run], b: Sequence[Run]) -> list[Difference]:
    differences = []
    for figure in _CORRECTNESS:
        of_a, of_b = (
            statistics.fmean(float(getattr(run.correctness, figure)) for run in side)
            for side in (a, b)
        )
        change: Change = (
            "worse correctness" if of_b > of_a else "better correctness" if of_b < of_a else "noise"
        )
        differences.append(Difference(figure, of_a, of_b, None, change))
    return differences


def _costs(a: Sequence[Run], b: Sequence[Run]) -> list[Difference]:
    """Processor time and memory of each part: one value a run, so a plain, wider bound."""
    differences = []
    of_a, of_b = (_mean_costs(side) for side in (a, b))
    for figure in of_a:
        if of_a[figure] > 0 and of_b.get(figure, 0) > 0:
            ratio = of_b[figure] / of_a[figure]
            change: Change = "noise"
            if abs(math.log(ratio)) > math.log1p(_COST_EFFECT_MIN):
                change = "heavier" if ratio > 1 else "lighter"
            differences.append(Difference(figure, of_a[figure], of_b[figure], ratio, change))
    return differences


def _mean_costs(side: Sequence[Run]) -> dict[str, float]:
    """{'writer_cpu_s_per_1000': 1.2, 'writer_rss_mb_max': 74.0 …} of what every run has."""
    costs = [_run_costs(run) for run in side]
    shared = [figure for figure in costs[0] if all(figure in each for each in costs)]
    return {figure: statistics.fmean(each[figure] for each in costs) for figure in shared}


def _run_costs(run: Run) -> dict[str, float]:
    thousands = sum(row.count for row in run.requests if row.kind != "visible") / 1000
    costs = {}
    for figure, value in run.figures.items():
        if figure.endswith("_rss_mb_max"):
            costs[figure] = value
        elif figure.endswith("_cpu_s") and thousands:
            costs[f"{figure}_per_1000"] = value / thousands
    return costs
