"""What searches cost those who post.

    python -m loadtest.searching --word kettle --word the    (of words that the board's posts have)

Replies are sent at an even pace (loadtest.paced), in turns without a search and beside twenty
searches a second, each for one of the words or two of them, its page fetched as a reader would.
When a search comes is by chance, within its twentieth of a second: as even as posts, it would come
the same moment after each post of a whole turn, and beside a search once is beside one always. Who
comes first changes from round to round. Printed are both medians of the answer and of sent to
visible, and the ratio of each round. Run it against a board that was started with --no-limits, and
as large as yours: ./stillboard import, or seed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from urllib.parse import urlencode

from loadtest import paced
from loadtest.connection import Connection
from loadtest.percentiles import percentiles_ms
from loadtest.sustained import fill

#: So many are on their way at once where the board is that slow.
_SEARCHERS = 8
#: From one turn to the next: what is drawn later has been drawn.
_REST_S = 4.0


@dataclass
class Searched:
    """Seconds of each search that was answered, and how many were not."""

    answer_s: list[float] = field(default_factory=list)
    refused: int = 0


@contextmanager
def searches(url: str, words: Sequence[str], rate: float) -> Iterator[Searched]:
    """`rate` a second for as long as this is open; what they came to is told at its end.

    By a process of their own: whoever posts waits for the board alone, and not for who searches.
    """
    told, is_over = Searched(), multiprocessing.Event()
    results: Queue[Searched] = multiprocessing.Queue()
    process = multiprocessing.Process(target=_search_on, args=(url, words, rate, is_over, results))
    process.start()
    try:
        yield told
    finally:
        is_over.set()
        found = results.get()
        process.join()
        told.answer_s, told.refused = found.answer_s, found.refused


def _search_on(
    url: str, words: Sequence[str], rate: float, is_over: Event, results: Queue[Searched]
) -> None:
    told, numbers = Searched(), count()
    began_s = time.perf_counter()

    def searcher() -> None:
        with Connection(url) as asking:
            due_s = began_s + moment_s(number := next(numbers), rate)
            while not is_over.wait(max(0.0, due_s - time.perf_counter())):
                _search(asking, sought(words, number), told)
                due_s = began_s + moment_s(number := next(numbers), rate)

    searchers = [threading.Thread(target=searcher) for _ in range(_SEARCHERS)]
    for one in searchers:
        one.start()
    for one in searchers:
        one.join()
    results.put(told)


def moment_s(number: int, rate: float) -> float:
    """When it is sent: by chance within its share of a second; the same for the same number."""
    chance = random.Random(f"moment of {number}")  # noqa: S311 -- repeatable is the point
    return (number + chance.random()) / rate


def sought(words: Sequence[str], number: int) -> str:
    """'kettle', or 'kettle pump'; the same for the same number."""
    chance = random.Random(number)  # noqa: S311 -- repeatable is the point
    return " ".join(chance.sample(words, k=min(len(words), 1 + number % 2)))


def _search(asking: Connection, query: str, told: Searched) -> None:
    sent_s = time.perf_counter()
    status, _ = asking.get(f"/search?{urlencode({'q': query})}")
    if status == HTTPStatus.OK:
        told.answer_s.append(time.perf_counter() - sent_s)
    else:
        told.refused += 1


@dataclass(frozen=True)
class Turn:
    """Medians of one turn, in milliseconds."""

    answer_ms: float
    visible_ms: float


def turn(pace: paced.Pace) -> Turn:
    """Raises RuntimeError: a post was refused, or not seen."""
    seen = paced.send(pace)
    if seen.refused or seen.missing:
        raise RuntimeError(f"{seen.refused} posts were refused, {seen.missing} not seen")
    return Turn(percentiles_ms(seen.answer_s)["p50"], percentiles_ms(seen.visible_s)["p50"])


def measure(pace: paced.Pace, words: Sequence[str], rate: float, rounds: int) -> dict[str, object]:
    """What is printed."""
    alone, beside, told = list[Turn](), list[Turn](), Searched()
    for number in range(rounds):
        for is_alone in (True, False) if number % 2 == 0 else (False, True):
            time.sleep(_REST_S)
            if is_alone:
                alone.append(turn(pace))
                continue
            with searches(pace.url, words, rate) as searched:
                beside.append(turn(pace))
            told.answer_s += searched.answer_s
            told.refused += searched.refused
    return {
        "searches": len(told.answer_s),
        "searches_refused": told.refused,
        "search_ms": percentiles_ms(told.answer_s),
        "answer": ratios([each.answer_ms for each in alone], [each.answer_ms for each in beside]),
        "visible": ratios(
            [each.visible_ms for each in alone], [each.visible_ms for each in beside]
        ),
    }


def ratios(alone: Sequence[float], beside: Sequence[float]) -> dict[str, object]:
    """{'alone_ms', 'beside_ms': medians, 'ratio': the median, 'ratios': each round's}."""
    each = [round(with_them / without, 2) for without, with_them in zip(alone, beside, strict=True)]
    return {
        "alone_ms": statistics.median(alone),
        "beside_ms": statistics.median(beside),
        "ratio": statistics.median(each),
        "ratios": each,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--board", default="b")
    parser.add_argument("--word", action="append", required=True, help="to be searched; several")
    parser.add_argument("--searches", type=float, default=20.0, help="a second")
    parser.add_argument("--rate", type=float, default=20.0, help="posts a second")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each turn")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()

    threads = fill(options.url, options.board, 20, 50)
    pace = paced.Pace(options.url, options.board, threads, options.rate, options.seconds)
    told = measure(pace, options.word, options.searches, options.rounds)
    print(json.dumps(told, indent=2))
    return 1 if told["searches_refused"] else 0


if __name__ == "__main__":
    sys.exit(main())
