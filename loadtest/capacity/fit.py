"""What a read and a post cost, from runs of load tests: writes measured.toml to stdout.

    ./stillboard up --no-limits; ./stillboard seed …      (boards of short and of long threads)
    ./stillboard loadtest readers --out runs …
    ./stillboard loadtest posters --board c --out runs …
    python -m loadtest.capacity.fit runs/readers….json runs/posters….json=200/40 … \\
        --public public --check runs/flood….json=90/100 > loadtest/capacity/measured.toml

Each run is followed by the board that it posts to: the replies of its threads (of those that are
posted to, on average) and how many threads it has, which is how long its catalog is. A part's
processor time is taken to be a sum of what it does: idling, reads, posts, by replies, by threads;
the costs are those that fit all runs best, none below zero. Processor time is little disturbed by
what else the machine does, unlike the time on a clock.

`--check` takes a run that was *not* used, and says (on stderr) how well it is foretold.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy

from loadtest.results import Run

_READS = {"page", "json", "asset", "image"}
_POST_ID = re.compile(rb' id="\d+"')


@dataclass(frozen=True, slots=True)
class Observed:
    """What a run asked for, and the processor time that each part took for it."""

    name: str
    seconds: float
    reads: int
    posts: int
    pictures: int
    #: Posts times the replies of the threads that they went to.
    posts_by_replies: float
    #: Posts times the threads of their board.
    posts_by_threads: float
    cpu_s: dict[str, float]

    @classmethod
    def of(cls, path: Path, replies: float, threads: float) -> Observed:
        run = Run.read(path)
        posts = run.correctness.acknowledged
        return cls(
            name=f"{run.scenario}, {run.users} users, {threads:g} threads of {replies:g} replies",
            seconds=run.seconds,
            reads=sum(row.count for row in run.requests if row.kind in _READS),
            posts=posts,
            pictures=sum(
                row.count for row in run.requests if row.kind == "post" and "picture" in row.name
            ),
            posts_by_replies=posts * replies,
            posts_by_threads=posts * threads,
            cpu_s={
                name.removesuffix("_cpu_s"): value
                for name, value in run.figures.items()
                if name.endswith("_cpu_s")
            },
        )


class Term(NamedTuple):
    """One thing that costs a part time: the parameter's name, and how often a run did it."""

    parameter: str
    times: Callable[[Observed], float]


#: What each part's time is made of. Milliseconds, but for idling, which is in cores.
TERMS: dict[str, list[Term]] = {
    "nginx": [
        Term("nginx_cpu_ms_per_read", lambda run: run.reads),
        Term("nginx_cpu_ms_per_post", lambda run: run.posts),
    ],
    "writer": [
        Term("idle_cores", lambda run: 1000 * run.seconds),
        Term("writer_cpu_ms_per_post", lambda run: run.posts),
    ],
    "postgres": [
        Term("idle_cores", lambda run: 1000 * run.seconds),
        Term("postgres_cpu_ms_per_post", lambda run: run.posts),
    ],
    "valkey": [
        Term("idle_cores", lambda run: 1000 * run.seconds),
        Term("valkey_cpu_ms_per_post", lambda run: run.posts),
    ],
    "darkroom": [Term("darkroom_cpu_ms_per_picture", lambda run: run.pictures)],
    "renderer": [
        Term("renderer_cpu_ms_per_post", lambda run: run.posts),
        Term("renderer_cpu_ms_per_post_and_reply", lambda run: run.posts_by_replies),
        Term("renderer_cpu_ms_per_post_and_thread", lambda run: run.posts_by_threads),
    ],
    "catch_up": [Term("idle_cores", lambda run: 1000 * run.seconds)],
}


class Fit(NamedTuple):
    """Each part's costs, by the names of its terms."""

    costs: dict[str, dict[str, float]]

    def parameters(self) -> dict[str, float]:
        """As measured.toml has them: what parts use when nothing happens is one number."""
        found: dict[str, float] = {}
        for costs in self.costs.values():
            for name, value in costs.items():
                found[name] = found.get(name, 0.0) + value
        return found

    def cpu_s(self, part: str, run: Observed) -> float:
        """What the part should take for such a run."""
        return (
            sum(self.costs[part][term.parameter] * term.times(run) for term in TERMS[part]) / 1000
        )


def fit(runs: Sequence[Observed]) -> Fit:
    """The costs that fit all runs best."""
    costs = {}
    for part, terms in TERMS.items():
        seen = [run for run in runs if part in run.cpu_s]
        rows = [[term.times(run) for term in terms] for run in seen]
        times_ms = [1000 * run.cpu_s[part] for run in seen]
        found = least_squares(rows, times_ms)
        costs[part] = {term.parameter: value for term, value in zip(terms, found, strict=True)}
    return Fit(costs)


def least_squares(rows: Sequence[Sequence[float]], values: Sequence[float]) -> list[float]:
    """x >= 0 for which rows * x is nearest to values.

    The columns are scaled first: seconds and replies differ by powers of ten.
    """
    from scipy.optimize import nnls  # 0.8 s of processor time, for who fits alone

    table = numpy.array(rows)
    scale = abs(table).max(axis=0)
    scale[scale == 0] = 1.0  # what no run did
    found, _rest = nnls(table / scale, numpy.array(values))
    return [float(value) for value in found / scale]


def page_sizes(public: Path) -> dict[str, float]:
    """Bytes of pages of a filled board: of threads by their posts, as they are and as brotli."""
    pages = sorted(public.glob("*/res/*[0-9].html"))
    threads = [page for page in pages if "+" not in page.name]
    rows = [[1.0, float(len(_POST_ID.findall(page.read_bytes())))] for page in threads]
    found: dict[str, float] = {}
    for name, ending in (("thread", ""), ("thread_br", ".br")):
        sizes = [float(Path(f"{page}{ending}").stat().st_size) for page in threads]
        base, per_post = least_squares(rows, sizes)
        found |= {f"{name}_bytes": base, f"{name}_bytes_per_post": per_post}
    overviews = [path.stat().st_size for path in public.glob("*/index.html.br")]
    found["board_page_br_bytes"] = float(max(overviews, default=0))
    return found


def as_toml(parameters: dict[str, float], runs: Sequence[Observed]) -> str:
    """measured.toml."""
    lines = [
        "# Written by loadtest/capacity/fit.py. Processor time of one core, on the machine of",
        "# docs/performance.md; sizes of the pages of seeded boards. Fitted to:",
        *(f"#   {run.name}: {run.reads} reads, {run.posts} posts" for run in runs),
    ]
    for name, value in parameters.items():
        source = "pages of seeded boards" if "bytes" in name else "processor time of the runs above"
        lines += ["", f"[{name}]", f"value = {value:.4g}", f'unit = "{_unit(name)}"']
        lines += [f'from = "{source}"']
    return "\n".join(lines) + "\n"


def check(costs: Fit, run: Observed) -> list[str]:
    """How well a run that was not used is foretold: a line for each part, and one for all."""
    lines = [f"{run.name}: {run.reads} reads, {run.posts} posts; processor time, s"]
    lines += [f"{'':10}{'foretold':>10}{'measured':>10}{'error':>9}"]
    foretold = {part: costs.cpu_s(part, run) for part in TERMS if part in run.cpu_s}
    rows = {part: (value, run.cpu_s[part]) for part, value in foretold.items()}
    rows["all"] = (sum(foretold.values()), sum(run.cpu_s[part] for part in foretold))
    for part, (said, measured) in rows.items():
        error = f"{100 * (said / measured - 1):+.0f} %" if measured else ""
        lines.append(f"{part:10}{said:10.2f}{measured:10.2f}{error:>9}")
    return lines


def _unit(name: str) -> str:
    if "bytes" in name:
        return "bytes"
    return "cores" if name == "idle_cores" else "ms"


def _observed(text: str) -> Observed:
    """'runs/flood.json=90/100': that run, to threads of 90 replies on a board of 100 threads."""
    path, _, board = text.partition("=")
    replies, _, threads = (board or "20/100").partition("/")
    return Observed.of(Path(path), float(replies), float(threads))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("runs", nargs="+", metavar="RUN.json[=REPLIES/THREADS]")
    parser.add_argument("--public", type=Path, required=True, help="web root of a filled board")
    parser.add_argument(
        "--check", action="append", default=[], metavar="RUN.json[=REPLIES/THREADS]"
    )
    options = parser.parse_args()
    runs = [_observed(text) for text in options.runs]
    costs = fit(runs)
    print(as_toml(costs.parameters() | page_sizes(options.public), runs), end="")
    for text in options.check:
        print("\n".join(check(costs, _observed(text))), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
