"""What two versions are asked, and the figures that come of it."""

from __future__ import annotations

import re
import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from loadtest import upkeep
from loadtest.connection import Connection
from loadtest.versions import RunningBoard

BOARD = "b"
_THREAD_LINK = re.compile(rb'href="(/b/res/\d+\.html)"')


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
    """All pages, by the command as it is typed: nothing to do, and all gone.

    They are set aside and not deleted: ext4 without a journal looks at each file that was deleted
    in the last minutes before it makes one, and that took a quarter of all that was measured.
    """
    pages = board.data / "public" / BOARD
    kept = _spent(board)
    with TemporaryDirectory(prefix="aside-", dir=board.data) as aside:
        for number, path in enumerate(_files_below(pages)):
            path.rename(Path(aside) / str(number))
        gone = _spent(board)
    return {
        "rerender --all, files kept: s": kept.took_s,
        "rerender --all, files kept: processor, s": kept.processor_s,
        "rerender --all, files gone: s": gone.took_s,
        "rerender --all, files gone: processor, s": gone.processor_s,
        "rerender --all: files": len(_files_below(pages)),
    }


def _files_below(folder: Path) -> list[Path]:
    """Those that are served."""
    return [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]


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
