"""A slice of an hour, event by event: people read and post, files change, copies are used."""

from __future__ import annotations

import math
import random
from bisect import bisect
from dataclasses import dataclass

from loadtest.capacity import site
from loadtest.capacity.edge import Bucket, Edge
from loadtest.capacity.parameters import Parameters
from loadtest.capacity.site import FRONT_PAGE, THREADS_PER_PAGE, Board, File

#: What a slice may have to work through: it becomes shorter, the more people there are.
EVENTS_MAX = 40_000
_SLICE_S_MAX = 3600.0
DAY_S = 86_400.0

#: As loadtest/scenarios/readers.py weighs views.
_PAGE_KINDS = ("front", "page", "catalog", "thread")
_PAGE_WEIGHTS = (4, 18, 10, 40)
_POLL_KINDS = ("thread.json", "threads.json", "catalog.json")
_POLL_WEIGHTS = (20, 4, 4)
_FIRST_PAGE_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class Slice:
    """What was counted in so many seconds, warming up left out."""

    seconds: float
    reads: int
    misses: int
    upper_misses: int
    posts: int
    #: Of the busiest board.
    posts_of_first_board: int
    files_changed: int
    puts: int
    purged_urls: int
    folded: int
    #: Over all posts: replies that the thread had.
    replies: int


def boards_power(parameters: Parameters) -> float:
    """Boards grow with this power of the users: from those at 1,000 to those at a million."""
    growth = parameters.boards_at_1m_users / parameters.boards_at_1k_users
    return math.log(growth) / math.log(1000)


def boards_of(parameters: Parameters, users: int) -> int:
    """As many boards as that many people have."""
    times: float = (max(users, 1) / 1000) ** boards_power(parameters)
    return max(1, round(parameters.boards_at_1k_users * times))


def simulate(parameters: Parameters, users: int, level: float, seed: int) -> Slice:
    """A slice of an hour in which people do `level` times what they do on average."""
    return _Simulation(parameters, users, level, random.Random(seed)).run()  # noqa: S311


class _Simulation:
    """The state of one slice."""

    def __init__(
        self, parameters: Parameters, users: int, level: float, dice: random.Random
    ) -> None:
        self._parameters = parameters
        self._dice = dice
        per_s = users * level / DAY_S
        pages = per_s * parameters.pages_per_user_day
        self._reads_per_s = pages * (1 + parameters.polls_per_page)
        self._posts_per_s = per_s * parameters.posts_per_user_day
        self._poll_share = parameters.polls_per_page / (1 + parameters.polls_per_page)
        popularity = site.zipf(int(parameters.threads_per_board), parameters.thread_zipf)
        self._threads = site.cumulated(popularity)
        boards = boards_of(parameters, users)
        self._boards = site.cumulated(site.zipf(boards, parameters.board_zipf))
        self._places = site.cumulated(site.zipf(int(parameters.edge_places), 1.0))
        replies_mean = 1 / parameters.new_thread_share - 1
        self._site = [
            site.a_board(number, popularity, replies_mean, int(parameters.replies_max))
            for number in range(boards)
        ]
        self._bucket = Bucket(parameters.put_pace_s)
        self._edge = Edge(self._bucket, parameters.edge_fresh_s)
        self._posts = self._posts_of_first = 0
        self._files_changed = self._replies = 0

    def run(self) -> Slice:
        events_per_s = self._reads_per_s + self._posts_per_s
        warm_up_s = self._parameters.edge_fresh_s
        seconds = min(_SLICE_S_MAX, max(warm_up_s, EVENTS_MAX / events_per_s))
        now_s, counted = -warm_up_s, self._counts()
        while (now_s := now_s + self._dice.expovariate(events_per_s)) < seconds:
            if now_s < 0:
                counted = self._counts()
            if self._dice.random() * events_per_s < self._posts_per_s:
                self._post(now_s)
            else:
                self._read(now_s)
        return Slice(seconds, *(a - b for a, b in zip(self._counts(), counted, strict=True)))

    def _counts(self) -> tuple[int, ...]:
        """In the order of Slice."""
        return (
            self._edge.reads,
            self._edge.misses,
            self._edge.upper_misses,
            self._posts,
            self._posts_of_first,
            self._files_changed,
            self._bucket.puts,
            self._bucket.purged_urls,
            self._bucket.folded,
            self._replies,
        )

    def _post(self, now_s: float) -> None:
        parameters, board = self._parameters, self._a_board()
        self._posts += 1
        self._posts_of_first += board.number == 0
        if self._dice.random() < parameters.new_thread_share:
            files = board.new_thread()
        else:
            place = self._a_place(board)
            self._replies += board.replies[board.threads[place]]
            files = board.reply(place, bumps=self._bumps(board, place))
        self._files_changed += len(files)
        # In an order that is the same each time: sets of strings have none.
        for file in sorted(files):
            self._bucket.change(file, now_s)

    def _bumps(self, board: Board, place: int) -> bool:
        if board.replies[board.threads[place]] >= self._parameters.replies_max:
            return False
        return self._dice.random() >= self._parameters.sage_share

    def _read(self, now_s: float) -> None:
        board = self._a_board()
        if self._dice.random() < self._poll_share:
            (kind,) = self._dice.choices(_POLL_KINDS, _POLL_WEIGHTS)
        else:
            (kind,) = self._dice.choices(_PAGE_KINDS, _PAGE_WEIGHTS)
        self._edge.read(bisect(self._places, self._dice.random()), self._file(kind, board), now_s)

    def _file(self, kind: str, board: Board) -> File:
        if kind == "front":
            return FRONT_PAGE
        if kind.startswith("thread") and kind != "threads.json":
            return File(kind, board.number, board.threads[self._a_place(board)])
        if kind == "page":
            pages = -(-len(board.threads) // THREADS_PER_PAGE)
            is_first = self._dice.random() < _FIRST_PAGE_SHARE
            return File(kind, board.number, 1 if is_first else self._dice.randint(1, pages))
        return File(kind, board.number)

    def _a_board(self) -> Board:
        return self._site[min(bisect(self._boards, self._dice.random()), len(self._site) - 1)]

    def _a_place(self, board: Board) -> int:
        return min(bisect(self._threads, self._dice.random()), len(board.threads) - 1)
