"""Boards and their threads, and which files a post changes: renderer/pages, told again.

The load tests import nothing of the board; tests/loadtest/test_capacity.py compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

THREADS_PER_PAGE = 10
#: Replies from which a thread has a page of its last 50 as well.
TAIL_FROM = 100


class File(NamedTuple):
    """A public file, by what it shows; `no` is a thread's or a board page's number."""

    kind: str
    board: int = 0
    no: int = 0

    @property
    def urls(self) -> int:
        """Addresses under which the edge keeps it (cdn/purger.py)."""
        is_index = self.kind == "front" or (self.kind == "page" and self.no == 1)
        return 2 if is_index or self.kind in ("thread.json", "thread.tail.json") else 1


FRONT_PAGE = File("front")


@dataclass
class Board:
    """One board: its threads, last bumped first, and how many replies each has."""

    number: int
    threads: list[int]
    replies: dict[int, int]
    pages_max: int
    #: Threads that fell off the last page.
    removed: int = 0
    _next_no: int = field(init=False)

    def __post_init__(self) -> None:
        self._next_no = max(self.threads, default=0) + 1

    def reply(self, place: int, *, bumps: bool) -> set[File]:
        """To the thread at that place, from 0; the files that are no longer as they were."""
        thread = self.threads[place]
        self.replies[thread] += 1
        page = place // THREADS_PER_PAGE + 1
        first = 1 if bumps else page
        if bumps:
            self.threads.insert(0, self.threads.pop(place))
        return self._thread_files(thread) | self._overviews(first, page)

    def new_thread(self) -> set[File]:
        """It heads the board; the last one falls off when the board is full."""
        thread, self._next_no = self._next_no, self._next_no + 1
        self.threads.insert(0, thread)
        self.replies[thread] = 0
        if len(self.threads) > self.pages_max * THREADS_PER_PAGE:
            del self.replies[self.threads.pop()]
            self.removed += 1
        pages = -(-len(self.threads) // THREADS_PER_PAGE)
        feeds = {File(kind, self.number) for kind in ("atom", "rss", "feed.json", "map")}
        told = {File("thread.oembed", self.number, thread)}
        return self._thread_files(thread) | told | self._overviews(1, pages) | feeds

    def _thread_files(self, thread: int) -> set[File]:
        kinds = ["thread", "thread.json", "thread.latest", "thread.changes", "thread.feed"]
        if self.replies[thread] >= TAIL_FROM:
            kinds += ["thread.tail", "thread.tail.json"]
        return {File(kind, self.number, thread) for kind in kinds}

    def _overviews(self, first: int, last: int) -> set[File]:
        pages = range(first, last + 1)
        return {
            FRONT_PAGE,
            *(File(kind, self.number, page) for page in pages for kind in ("page", "page.json")),
            *(File(kind, self.number) for kind in ("catalog", "catalog.json", "threads.json")),
        }


def zipf(count: int, exponent: float) -> list[float]:
    """Shares that add up to 1: place n has 1/n^exponent of the first one's."""
    weights = [1 / place**exponent for place in range(1, count + 1)]
    total = sum(weights)
    return [weight / total for weight in weights]


def cumulated(shares: list[float]) -> list[float]:
    """For bisection by a random number from 0 to 1."""
    return list(accumulate(shares))


def a_board(number: int, popularity: list[float], replies_mean: float, replies_max: int) -> Board:
    """A board in full swing: threads are as long as they are popular."""
    count = len(popularity)
    replies = {
        count - place: min(replies_max, round(replies_mean * count * share))
        for place, share in enumerate(popularity)
    }
    return Board(
        number=number,
        threads=list(replies),
        replies=replies,
        pages_max=-(-count // THREADS_PER_PAGE),
    )
