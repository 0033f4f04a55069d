"""The figures of a run: each name that targets.toml may speak of, and how it is reckoned.

    run = replace(run, figures=figures.of(run))

All are pure functions of the run's other fields. What the run could not know has no figure: no
post was sent, nobody watched the processes. Absent is not zero; the verdict says "not measured".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from loadtest.results import KINDS, ProcessSamples, Requests, Run

#: Parts of a board whose memory has a figure of its own.
PARTS = (
    "writer",
    "darkroom",
    "renderer",
    "publisher",
    "catch_up",
    "postgres",
    "valkey",
    "nginx",
)
_CUTS = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


class Figure(NamedTuple):
    """What a figure is measured in, its words in a sentence, and who must have looked for it."""

    unit: str
    words: str
    #: "clients" see theirs in every run that asks for such a thing; the board's own machine is
    #: seen only from that machine.
    seen_by: Literal["clients", "machine"] = "clients"


_KIND_WORDS = {
    "page": "HTML pages",
    "json": "JSON pages",
    "asset": "style sheets and scripts",
    "image": "pictures",
    "post": "posts until the answer",
    "staff": "staff pages",
    "visible": "sent to visible",
}

FIGURES: dict[str, Figure] = {
    **{
        f"{kind}_{cut}_ms": Figure("ms", f"{_KIND_WORDS[kind]}, {cut}")
        for kind in KINDS
        for cut in (*_CUTS, "max")
    },
    "requests_per_s": Figure("/s", "requests answered in a second, on average"),
    "posts_per_s": Figure("/s", "posts acknowledged in a second, on average"),
    "failures": Figure("", "requests that failed"),
    "failures_percent": Figure("%", "requests that failed, of all"),
    "acknowledged": Figure("", "posts that were acknowledged"),
    "missing": Figure("", "acknowledged posts that their page did not show"),
    "torn": Figure("", "pages that did not end in </html>"),
    "backward": Figure("", "pages older than the same reader had seen before"),
    "wrong_status": Figure("", "answers with a status that they should not have"),
    "refused_wrongly": Figure("", "posts refused that should have been taken"),
    "doubled": Figure("", "posts that are on their page twice"),
    "rss_mb_max": Figure("MB", "memory of the largest process of the board", "machine"),
    **{
        f"{part}_rss_mb_max": Figure("MB", f"memory of the largest {part} process", "machine")
        for part in PARTS
    },
    **{f"{part}_cpu_s": Figure("s", f"processor time of {part}", "machine") for part in PARTS},
    "generator_cpu_cores": Figure(
        "cores", "processor that the load generator itself used", "machine"
    ),
    "query_mean_ms": Figure("ms", "queries to PostgreSQL, on average", "machine"),
    "query_p99_ms": Figure("ms", "queries to PostgreSQL, 99 of 100 are faster", "machine"),
}


def of(run: Run) -> dict[str, float]:
    """All that can be reckoned from the run; what it was given beside that stays."""
    return {
        **run.figures,
        **_times(run.requests, run.histograms),
        **_rates(run),
        **_correctness(run),
        **_processes(run.processes),
    }


def quantile(histogram: Sequence[tuple[float, int]], share: float) -> float:
    """The bound of the bucket in which `share` of all lies; [] has none: ValueError.

    [(1.0, 98), (20.0, 2)] at 0.99 -> 20.0
    """
    total = sum(count for _le, count in histogram)
    if not total:
        raise ValueError("an empty histogram has no quantile")
    so_far = 0
    for le_ms, count in histogram:
        so_far += count
        if so_far >= share * total:
            return le_ms
    return histogram[-1][0]


def merged(histograms: Iterable[Sequence[tuple[float, int]]]) -> list[tuple[float, int]]:
    """One histogram of all, bounds rising."""
    counts: dict[float, int] = {}
    for histogram in histograms:
        for le_ms, count in histogram:
            counts[le_ms] = counts.get(le_ms, 0) + count
    return sorted(counts.items())


def _times(
    requests: Sequence[Requests], histograms: Mapping[str, Sequence[tuple[float, int]]]
) -> dict[str, float]:
    figures: dict[str, float] = {}
    for kind in KINDS:
        rows = [row for row in requests if row.kind == kind]
        histogram = merged(histograms.get(row.name, ()) for row in rows)
        if not sum(count for _le, count in histogram):
            continue
        figures |= {f"{kind}_{cut}_ms": quantile(histogram, share) for cut, share in _CUTS.items()}
        figures[f"{kind}_max_ms"] = max(row.max_ms for row in rows)
    return figures


def _rates(run: Run) -> dict[str, float]:
    sent = [row for row in run.requests if row.kind != "visible"]
    count = sum(row.count for row in sent)
    failures = sum(row.failures for row in sent)
    if not count or not run.seconds:
        return {}
    return {
        "requests_per_s": (count - failures) / run.seconds,
        "posts_per_s": run.correctness.acknowledged / run.seconds,
        "failures": float(failures),
        "failures_percent": 100 * failures / count,
    }


def _correctness(run: Run) -> dict[str, float]:
    """Of a run that asked for nothing, none: silence is no proof."""
    if not any(row.count for row in run.requests):
        return {}
    seen = run.correctness
    return {
        "acknowledged": float(seen.acknowledged),
        "missing": float(seen.missing),
        "torn": float(seen.torn),
        "backward": float(seen.backward),
        "wrong_status": float(seen.wrong_status),
        "refused_wrongly": float(seen.refused_wrongly),
        "doubled": float(seen.doubled),
    }


def _processes(processes: Sequence[ProcessSamples]) -> dict[str, float]:
    board = [process for process in processes if not process.is_generator and process.rss_mb]
    figures = {}
    if board:
        figures["rss_mb_max"] = max(max(process.rss_mb) for process in board)
    for part in PARTS:
        mine = [process for process in board if process.name == part]
        if mine:
            figures[f"{part}_rss_mb_max"] = max(max(process.rss_mb) for process in mine)
            figures[f"{part}_cpu_s"] = sum(process.cpu_s for process in mine)
    generator = [process for process in processes if process.is_generator and process.at_s]
    seconds = max((process.at_s[-1] - process.at_s[0] for process in generator), default=0.0)
    if seconds:
        figures["generator_cpu_cores"] = sum(process.cpu_s for process in generator) / seconds
    return figures
