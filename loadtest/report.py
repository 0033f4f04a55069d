"""A run as one HTML page: the answer on top, then figures, plots, and how to repeat it.

The page is self-contained: no script, nothing fetched from anywhere, so that it can be kept, sent
and opened years later. `report.html.j2` is its frame; `plots` draws.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from loadtest import compare, figures, plots
from loadtest.compare import Difference
from loadtest.machine import SHOWN_SETTINGS
from loadtest.plots import Line, Plot
from loadtest.results import KINDS, ProcessSamples, Run, Second
from loadtest.verdict import Verdict, with_unit

_TEMPLATE = "report.html.j2"
_TABLE_ROWS_MAX = 24
#: Of the requests, for latency by percentile.
_SHARES = (0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995, 0.999, 0.9995, 0.9999)


@dataclass(frozen=True, slots=True)
class _Part:
    """All processes of one name together."""

    name: str
    processes: int
    rss_mb_max: float
    cpu_s: float
    is_generator: bool


@dataclass(frozen=True, slots=True)
class _Earlier:
    """How the run differs from one before it."""

    run: Run
    differences: list[Difference]
    warnings: list[str]


def write_html(run: Run, verdict: Verdict, path: Path, earlier: Run | None = None) -> None:
    """Write the report of `run` to `path`, compared with an earlier run if there is one.

    Raises:
        Incomparable: the earlier run is of another scenario.
    """
    path.write_text(html(run, verdict, earlier), encoding="utf-8")


def html(run: Run, verdict: Verdict, earlier: Run | None = None) -> str:
    """The page."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = plots.number
    environment.filters["svg"] = lambda plot, name: Markup(plots.svg(plot, name))  # noqa: S704
    environment.globals["with_unit"] = with_unit
    return environment.get_template(_TEMPLATE).render(
        run=run,
        verdict=verdict,
        words={name: figure.words for name, figure in figures.FIGURES.items()},
        plots=[plot for plot in all_plots(run) if not plot.is_empty],
        table_of=table_of,
        parts=_parts(run.processes),
        settings={name: run.settings[name] for name in SHOWN_SETTINGS if name in run.settings},
        command=command(run),
        earlier=_against(earlier, run),
    )


def all_plots(run: Run) -> list[Plot]:
    """In the order of the page; some of them empty, when nothing was seen of it."""
    board = [process for process in run.processes if not process.is_generator]
    return [
        _over_time(
            "Time to answer, second by second",
            "milliseconds",
            run.timeline,
            {
                "p50": lambda second: second.p50_ms,
                "p95": lambda second: second.p95_ms,
                "p99": lambda second: second.p99_ms,
            },
            log=True,
        ),
        Plot(
            "Time to answer, by percentile",
            "share of requests answered within",
            "milliseconds",
            _percentile_lines(run),
            x_scale="share",
            y_scale="log",
        ),
        _over_time(
            "Sent to visible, p95 of the posts seen in a second",
            "milliseconds",
            run.timeline,
            {"p95": lambda second: second.visible_p95_ms},
        ),
        _over_time(
            "Requests and failures",
            "a second",
            run.timeline,
            {
                "requests": lambda second: float(second.requests),
                "failures": lambda second: float(second.failures),
            },
        ),
        _over_time("Users", "users", run.timeline, {"users": lambda second: float(second.users)}),
        Plot(
            "Memory, the largest process of each part",
            "seconds",
            "MB resident",
            _part_lines(board, lambda process: process.rss_mb, max),
        ),
        Plot(
            "Processor, all processes of each part",
            "seconds",
            "cores",
            _part_lines(run.processes, lambda process: process.cpu_cores, sum),
        ),
    ]


def table_of(plot: Plot) -> list[list[str]]:
    """The plot as a table: a heading, then at most 24 rows of x and each line's value there."""
    of_line = [dict(line.points) for line in plot.lines]
    places = sorted({x for points in of_line for x in points})
    step = -(-len(places) // _TABLE_ROWS_MAX) or 1  # rounded up
    heading = [plot.x_label, *(line.label for line in plot.lines)]
    rows = [
        [
            f"{100 * x:g} %" if plot.x_scale == "share" else plots.number(x),
            *(plots.number(points[x]) if x in points else "" for points in of_line),
        ]
        for x in places[::step]
    ]
    return [heading, *rows]


def command(run: Run) -> str:
    """What to type to run it again."""
    return (
        f"./stillboard loadtest {run.scenario} --host {run.host} --users {run.users}"
        f" --time {run.seconds:.0f}s --seed {run.seed}"
    )


def _over_time(
    title: str,
    y_label: str,
    timeline: Sequence[Second],
    lines: dict[str, Callable[[Second], float | None]],
    *,
    log: bool = False,
) -> Plot:
    rows: list[Line] = []
    for label, read in lines.items():
        values = [(second.at_s, read(second)) for second in timeline]
        rows.append(Line(label, [(at_s, value) for at_s, value in values if value is not None]))
    return Plot(title, "seconds", y_label, rows, y_scale="log" if log else "linear")


def _percentile_lines(run: Run) -> list[Line]:
    lines = []
    for kind in KINDS:
        names = [row.name for row in run.requests if row.kind == kind]
        histogram = figures.merged(run.histograms.get(name, ()) for name in names)
        count = sum(each for _le, each in histogram)
        # A share of which less than one request is left says nothing.
        shares = [share for share in _SHARES if count * (1 - share) >= 1]
        if shares:
            points = [(share, figures.quantile(histogram, share)) for share in shares]
            lines.append(Line(kind, points))
    return lines


def _part_lines(
    processes: Sequence[ProcessSamples],
    read: Callable[[ProcessSamples], list[float]],
    joined: Callable[[list[float]], float],
) -> list[Line]:
    """A line for each name; what its processes show at the same second is joined."""
    values: dict[str, dict[float, list[float]]] = defaultdict(lambda: defaultdict(list))
    for process in processes:
        for at_s, value in zip(process.at_s, read(process), strict=True):
            values[process.name][float(round(at_s))].append(value)
    return [
        Line(name, [(at_s, joined(at_once)) for at_s, at_once in sorted(of_name.items())])
        for name, of_name in sorted(values.items())
    ]


def _parts(processes: Sequence[ProcessSamples]) -> list[_Part]:
    """The board's parts by name, the load generator last."""
    by_name: dict[str, list[ProcessSamples]] = defaultdict(list)
    for process in processes:
        by_name[process.name].append(process)
    parts = [
        _Part(
            name=name,
            processes=len(mine),
            rss_mb_max=max(max(process.rss_mb) for process in mine),
            cpu_s=sum(process.cpu_s for process in mine),
            is_generator=mine[0].is_generator,
        )
        for name, mine in by_name.items()
    ]
    return sorted(parts, key=lambda part: (part.is_generator, part.name))


def _against(earlier: Run | None, run: Run) -> _Earlier | None:
    if earlier is None:
        return None
    return _Earlier(
        run=earlier,
        differences=compare.compare([earlier], [run]),
        warnings=compare.warnings([earlier], [run]),
    )
