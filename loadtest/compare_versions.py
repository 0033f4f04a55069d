"""Two versions of the board on one machine, each figure as the ratio of the two.

    python -m loadtest.compare_versions HEAD~20              (checked out beside, for this once)
    python -m loadtest.compare_versions --other ../before    (a checkout that is there already)
    python -m loadtest.compare_versions HEAD~20 --short      (what holds on a busy machine)
    python -m loadtest.compare_versions HEAD~20 --only at_rest --only redrawn

A machine is half as fast again from one hour to the next: single figures say little, ratios of
what was measured within a minute say more. Both boards are up the whole time (`up --no-limits`,
each in a folder of its own, filled alike); one question after the other is put to both, in turns,
round after round, each to a board at rest beside one that rests. All load is made by this
checkout. The ratio is this checkout's figure to the other's, for each round; the median counts, and
the spread says what it is worth. Beside it stands the same ratio of the machine itself
(calibration.py): where that is not near 1, it was the machine that changed.

Exit status 1 when a median is more than 1.25 times worse.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from loadtest import machine, upkeep
from loadtest.calibration import Calibration, calibrate
from loadtest.connection import Connection
from loadtest.ports import free_port

HERE = Path(__file__).resolve().parents[1]
WORST = 1.25
BOARD = "b"
_READY = re.compile(r"^ready: (\S+)$")
_STOP_WAIT_S = 120
_THREAD_LINK = re.compile(rb'href="(/b/res/\d+\.html)"')


@dataclass(frozen=True)
class Version:
    """One side: a checkout, and the Python whose packages it is run with."""

    name: str
    checkout: Path
    python: str

    @classmethod
    def at(cls, name: str, checkout: Path) -> Version:
        """With packages of its own if it has them, else with ours."""
        own = checkout / ".venv/bin/python"
        return cls(name, checkout.absolute(), str(own) if own.exists() else sys.executable)


@dataclass(frozen=True)
class RunningBoard:
    """A version that is up."""

    version: Version
    data: Path
    url: str
    pid: int

    def call(self, *arguments: str) -> None:
        """One of its commands, as it is typed, to its end."""
        subprocess.run(
            _command(self.version, *arguments, "--data", str(self.data)),
            env=_environment(self.version),
            cwd=self.data.parent,
            stdout=subprocess.DEVNULL,
            check=True,
        )

    def asked(self, module: str, *arguments: str) -> Any:
        """What a probe of this checkout says of it."""
        done = subprocess.run(
            [sys.executable, "-P", "-m", f"loadtest.{module}", "--url", self.url, *arguments],
            cwd=HERE,
            env={"PYTHONPATH": str(HERE)},
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        return json.loads(done.stdout)


@dataclass(frozen=True)
class Figure:
    """A row of the table; its name says the unit."""

    name: str
    more_is_better: bool = False
    #: A count, or a time of processors, which hold on a machine that is busy with something else.
    is_steady: bool = False


class Scale(NamedTuple):
    """How much of each is measured at a time."""

    #: What both boards are filled with, and redraw: so many threads of 50 replies.
    threads: int
    rest_s: float
    posts: int
    crowd_s: float


LONG = Scale(threads=200, rest_s=20, posts=100, crowd_s=12)
SHORT = Scale(threads=60, rest_s=10, posts=40, crowd_s=6)

Values = Mapping[str, float]


@dataclass(frozen=True)
class Question:
    """What is put to a board, and the figures that come of it."""

    name: str
    figures: tuple[Figure, ...]
    ask: Callable[[RunningBoard, Scale], Values]

    @property
    def is_steady(self) -> bool:
        return any(figure.is_steady for figure in self.figures)


# --- Questions ----------------------------------------------------------------------------------


def _at_rest(board: RunningBoard, scale: Scale) -> Values:
    rest = upkeep.at_rest(board.pid, scale.rest_s)
    return {
        "at rest: processes": rest.processes,
        "at rest: memory, MB": rest.pss_mb,
        "at rest: processor, ms a second": rest.processor_ms_per_s,
    }


def _bytes_of_pages(board: RunningBoard, _scale: Scale) -> Values:
    """Of the board's first page, its catalog, and the threads to which the first page leads."""
    with Connection(board.url) as connection:
        _, page = connection.get(f"/{BOARD}/")
        threads = dict.fromkeys(_THREAD_LINK.findall(page))
        places = [f"/{BOARD}/", f"/{BOARD}/catalog.html", *(link.decode() for link in threads)]
        bodies = [connection.get(place, encoding="br") for place in places]
    return {"pages at rest, brotli: bytes": sum(len(body) for _, body in bodies)}


def _redrawn(board: RunningBoard, _scale: Scale) -> Values:
    """All pages, by the command as it is typed: nothing to do, and all gone."""
    pages = board.data / "public" / BOARD
    kept = _spent(board)
    for path in pages.rglob("*"):
        if path.is_file() and not path.name.startswith("."):
            path.unlink()
    gone = _spent(board)
    files = sum(path.is_file() and not path.name.startswith(".") for path in pages.rglob("*"))
    return {
        "rerender --all, files kept: s": kept.took_s,
        "rerender --all, files kept: processor, s": kept.processor_s,
        "rerender --all, files gone: s": gone.took_s,
        "rerender --all, files gone: processor, s": gone.processor_s,
        "rerender --all: files": files,
    }


class _Spent(NamedTuple):
    took_s: float
    #: The command's own and that of the board's processes.
    processor_s: float


def _spent(board: RunningBoard) -> _Spent:
    upkeep.wait_for_rest(board.pid)
    before_s = upkeep.processor_s(board.pid) + _children_s()
    began_s = time.perf_counter()
    board.call("rerender", "--all")
    took_s = time.perf_counter() - began_s
    return _Spent(took_s, upkeep.processor_s(board.pid) + _children_s() - before_s)


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _one_poster(replies: int, posts_per_100: int) -> Callable[[RunningBoard, Scale], Values]:
    def ask(board: RunningBoard, scale: Scale) -> Values:
        posts = str(max(10, scale.posts * posts_per_100 // 100))
        told = board.asked("freshness", "--replies", str(replies), "--posts", posts, "--json")["ms"]
        return {
            f"thread of {replies:,}: answer p50, ms": told["answer"]["p50"],
            f"thread of {replies:,}: visible p50, ms": told["visible"]["p50"],
            f"thread of {replies:,}: visible p99, ms": told["visible"]["p99"],
        }

    return ask


def _pictures(board: RunningBoard, scale: Scale) -> Values:
    posts = str(scale.posts // 2)
    told = board.asked("freshness", "--replies", "20", "--posts", posts, "--picture", "--json")
    return {
        "JPEG of 200 KB: answer p50, ms": told["ms"]["answer"]["p50"],
        "JPEG of 200 KB: visible p50, ms": told["ms"]["visible"]["p50"],
    }


def _browsers(board: RunningBoard, scale: Scale) -> Values:
    seconds = str(scale.crowd_s / 2)
    one = board.asked("rounds", "--clients", "1", "--seconds", seconds)
    eight = board.asked("rounds", "--clients", "8", "--seconds", seconds)
    return {
        "browser's round p50, ms": one["ms"]["p50"],
        "8 browsers: rounds/s": eight["rounds_per_s"],
    }


def _crowd(board: RunningBoard, scale: Scale) -> Values:
    before_s = upkeep.processor_s(board.pid)
    told = board.asked("sustained", "--seconds", str(scale.crowd_s))
    used_ms = (upkeep.processor_s(board.pid) - before_s) * 1000
    stored = told["posts"] + told["asked"]["threads"] * 51
    return {
        "16 clients: posts/s": told["posts_per_s"],
        "16 clients: answer p50, ms": told["answer_ms"]["p50"],
        "16 clients: visible p99, ms": told["visible_ms"]["p99"],
        "16 clients: processor a post, ms": used_ms / stored,
    }


def _hot_thread(board: RunningBoard, scale: Scale) -> Values:
    crowd = ("--clients", "8", "--threads", "1", "--readers", "2")
    told = board.asked("sustained", *crowd, "--seconds", str(scale.crowd_s))
    return {"hot thread, 8 clients: posts/s": told["posts_per_s"]}


def _of_one_poster(replies: int) -> tuple[Figure, ...]:
    names = ("answer p50, ms", "visible p50, ms", "visible p99, ms")
    return tuple(Figure(f"thread of {replies:,}: {name}") for name in names)


#: In this order: what leaves the same behind on both boards first.
QUESTIONS = (
    Question(
        "at_rest",
        (
            Figure("at rest: processes", is_steady=True),
            Figure("at rest: memory, MB", is_steady=True),
            Figure("at rest: processor, ms a second", is_steady=True),
        ),
        _at_rest,
    ),
    Question("bytes", (Figure("pages at rest, brotli: bytes", is_steady=True),), _bytes_of_pages),
    Question(
        "redrawn",
        (
            Figure("rerender --all, files kept: s"),
            Figure("rerender --all, files kept: processor, s", is_steady=True),
            Figure("rerender --all, files gone: s"),
            Figure("rerender --all, files gone: processor, s", is_steady=True),
            Figure("rerender --all: files", is_steady=True),
        ),
        _redrawn,
    ),
    Question("poster_50", _of_one_poster(50), _one_poster(50, 100)),
    Question("poster_1000", _of_one_poster(1000), _one_poster(1000, 30)),
    Question("poster_3000", _of_one_poster(3000), _one_poster(3000, 20)),
    Question(
        "pictures",
        (Figure("JPEG of 200 KB: answer p50, ms"), Figure("JPEG of 200 KB: visible p50, ms")),
        _pictures,
    ),
    Question(
        "browsers",
        (
            Figure("browser's round p50, ms"),
            Figure("8 browsers: rounds/s", more_is_better=True),
        ),
        _browsers,
    ),
    Question(
        "crowd",
        (
            Figure("16 clients: posts/s", more_is_better=True),
            Figure("16 clients: answer p50, ms"),
            Figure("16 clients: visible p99, ms"),
            Figure("16 clients: processor a post, ms", is_steady=True),
        ),
        _crowd,
    ),
    Question(
        "hot_thread", (Figure("hot thread, 8 clients: posts/s", more_is_better=True),), _hot_thread
    ),
)


# --- Both boards --------------------------------------------------------------------------------


@contextmanager
def checked_out(revision: str) -> Iterator[Path]:
    """That revision of this repository, in a folder which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="sb-", dir="/tmp") as folder:
        checkout = Path(folder) / "checkout"
        added = _git("worktree", "add", "--quiet", "--detach", str(checkout), revision)
        if added:
            raise SystemExit(f"{revision} can't be checked out: {added}")
        try:
            yield checkout
        finally:
            _git("worktree", "remove", "--force", str(checkout))


def _git(*arguments: str) -> str:
    """What it complained of; '' when it went well."""
    done = subprocess.run(
        ["git", "-C", str(HERE), *arguments], capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stderr.strip()


@contextmanager
def a_board(version: Version) -> Iterator[RunningBoard]:
    """A board of that version, which is gone afterwards."""
    port = free_port()
    # A short name: the board's sockets have to fit below it.
    with tempfile.TemporaryDirectory(prefix="sb-", dir="/tmp") as folder:
        data = Path(folder) / "data"
        log = (Path(folder) / "up.log").open("w+")
        process = subprocess.Popen(
            _command(version, "up", "--no-limits", "--data", str(data), "--port", str(port)),
            env=_environment(version),
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdout is not None
        try:
            found = next((m for line in process.stdout if (m := _READY.match(line.strip()))), None)
            if found is None:
                log.seek(0)
                raise SystemExit(f"the board of {version.checkout} did not start: {log.read()}")
            yield RunningBoard(version, data, found[1].rstrip("/"), process.pid)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(_STOP_WAIT_S)
            process.stdout.close()
            log.close()


def _command(version: Version, *arguments: str) -> list[str]:
    """What ./stillboard hands over to, without looking for packages to install."""
    return [version.python, "-P", "-m", "cli", *arguments]


def _environment(version: Version) -> dict[str, str]:
    """Nothing of ours: a DATABASE_URL would lead both boards to one database."""
    return {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(version.checkout)}


# --- In turns -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Round:
    """What two boards answered within a minute, and how quick the machine was for each."""

    ours: Values
    theirs: Values
    machine_ours: Calibration
    machine_theirs: Calibration


def ask_both(
    question: Question, ours: RunningBoard, theirs: RunningBoard, scale: Scale, number: int
) -> Round:
    """Whoever comes second finds the machine otherwise: they take turns in that too."""
    told: dict[str, tuple[Values, Calibration]] = {}
    for board in (ours, theirs) if number % 2 == 0 else (theirs, ours):
        for each in (ours, theirs):
            upkeep.wait_for_rest(each.pid)
        speed = calibrate(board.data)
        told[board.version.name] = (question.ask(board, scale), speed)
    (ours_told, ours_speed), (theirs_told, theirs_speed) = told["this"], told["other"]
    return Round(ours_told, theirs_told, ours_speed, theirs_speed)


@dataclass(frozen=True)
class Row:
    """A figure of both, over all rounds."""

    figure: Figure
    ours: float
    theirs: float
    ratio: float
    ratio_min: float
    ratio_max: float
    #: This checkout's moments to the other's: of a processor's loop, and of a flush.
    loop_ratio: float
    flush_ratio: float

    @property
    def times_worse(self) -> float:
        """1.25: by a quarter; below 1: better."""
        if self.figure.more_is_better:
            return 1 / self.ratio if self.ratio else math.inf
        return self.ratio


def row_of(figure: Figure, rounds: Sequence[Round]) -> Row:
    ours = [each.ours[figure.name] for each in rounds]
    theirs = [each.theirs[figure.name] for each in rounds]
    ratios = [_ratio(our, their) for our, their in zip(ours, theirs, strict=True)]
    return Row(
        figure,
        statistics.median(ours),
        statistics.median(theirs),
        statistics.median(ratios),
        min(ratios),
        max(ratios),
        statistics.median(
            each.machine_ours.loop_ms / each.machine_theirs.loop_ms for each in rounds
        ),
        statistics.median(
            each.machine_ours.fdatasync_ms / each.machine_theirs.fdatasync_ms for each in rounds
        ),
    )


def _ratio(our: float, their: float) -> float:
    """NaN where one can't be seen; of nothing to nothing 1."""
    if their:
        return our / their
    return math.inf if our else 1.0


HEAD = (
    f"{'':42} {'this':>10} {'other':>10} {'ratio':>6} {'from':>6} {'to':>6}"
    f"   {'loop':>5} {'flush':>5}"
)


def as_line(row: Row) -> str:
    """For a person; aligned with HEAD."""
    return (
        f"{row.figure.name:42} {row.ours:10,.2f} {row.theirs:10,.2f} {row.ratio:6.2f}"
        f" {row.ratio_min:6.2f} {row.ratio_max:6.2f}   {row.loop_ratio:5.2f} {row.flush_ratio:5.2f}"
    )


def is_worse(rows: Sequence[Row], worst: float) -> bool:
    """Whether a median is more than `worst` times worse. What can't be seen is not judged."""
    return any(row.times_worse > worst for row in rows)


def compare(
    ours: Version,
    theirs: Version,
    questions: Sequence[Question],
    *,
    scale: Scale,
    rounds: int,
    only_steady: bool,
) -> Iterator[Row]:
    """Row by row, as they are known."""
    with a_board(ours) as our_board, a_board(theirs) as their_board:
        for board in (our_board, their_board):
            board.call("board", "set", BOARD, "pages_max=100")
            board.call("seed", "--threads", str(scale.threads), "--replies", "50")
        for question in questions:
            told = [
                ask_both(question, our_board, their_board, scale, number)
                for number in range(rounds)
            ]
            for figure in question.figures:
                if figure.is_steady or not only_steady:
                    yield row_of(figure, told)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each figure; 1 when one is worse."""
    options = _read(arguments)
    questions = [
        question
        for question in QUESTIONS
        if question.name in (options.only or [each.name for each in QUESTIONS])
        and (question.is_steady or not options.short)
    ]
    with ExitStack() as stack:
        other = options.other or stack.enter_context(checked_out(options.revision))
        print(json.dumps(machine.describe()), file=sys.stderr, flush=True)
        print(HEAD, flush=True)
        rows = []
        for row in compare(
            Version.at("this", HERE),
            Version.at("other", other),
            questions,
            scale=SHORT if options.short else LONG,
            rounds=options.rounds or (3 if options.short else 5),
            only_steady=options.short,
        ):
            rows.append(row)
            print(as_line(row), flush=True)
    return 1 if is_worse(rows, options.worst) else 0


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    other = parser.add_mutually_exclusive_group(required=True)
    other.add_argument("revision", nargs="?", help="of this repository")
    other.add_argument("--other", type=Path, help="a checkout that is there already")
    parser.add_argument("--rounds", type=int, help="5, or 3 where it is short")
    parser.add_argument("--short", action="store_true", help="what holds on a busy machine")
    parser.add_argument(
        "--only", action="append", choices=[each.name for each in QUESTIONS], metavar="QUESTION"
    )
    parser.add_argument("--worst", type=float, default=WORST, help="a ratio worse than this fails")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
