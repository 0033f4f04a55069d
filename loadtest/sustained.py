"""What a board takes when many post at once, and whether it forgets any of it.

    python -m loadtest.sustained --clients 16 --threads 20 --replies 50 --seconds 30
    python -m loadtest.sustained --clients 8 --threads 1 --readers 1     (one hot thread)

Clients reply to the same threads as fast as they are answered; a watcher polls the threads' pages
ten times a second and notes when each post appears; readers, if asked for, poll whole pages fifty
times a second and look for torn pages and steps backwards. Two seconds after the end every
acknowledged post must be on its page. Run it against a board that was started with --no-limits.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event

from loadtest import forms, page_checks, texts
from loadtest.connection import Connection
from loadtest.percentiles import percentiles_ms

_POST_ID = re.compile(rb' id="(\d+)"')
_WATCH_EVERY_S = 0.1
_READ_EVERY_S = 0.02
_PROCESSES = 2
_GRACE_S = 2.0


@dataclass
class Sent:
    """What the clients of one process were answered. Times are of one clock for all processes."""

    answer_s: list[float] = field(default_factory=list)
    #: (thread, post): when it was sent.
    posts: dict[str, tuple[str, float]] = field(default_factory=dict)
    refused: int = 0


@dataclass
class Seen:
    """What watcher and readers saw."""

    #: When each post was first seen.
    posts: dict[str, float] = field(default_factory=dict)
    reads: int = 0
    torn: int = 0
    backward: int = 0


@dataclass(frozen=True)
class Wish:
    """What is to be run."""

    url: str
    board: str
    threads: list[str]
    clients: int
    readers: int
    rate: float
    seconds: float
    #: Threads that the watcher looks at, the first ones: it takes the processor from the board.
    watched: int | None = None


def post(
    connection: Connection, board: str, thread: str | None, text: str
) -> tuple[int, dict[str, str]]:
    """Send a text post; the status and the JSON answer."""
    form = forms.urlencoded(forms.post_fields(board, thread, text))
    status, body = connection.post(form.body, form.headers)
    return status, json.loads(body) if status == HTTPStatus.OK else {}


def _client(wish: Wish, number: int, sent: Sent, until_s: float) -> None:
    connection = Connection(wish.url)
    interval_s = wish.clients / wish.rate if wish.rate else 0.0
    next_s = time.perf_counter()
    count = 0
    while time.perf_counter() < until_s:
        thread = wish.threads[(number + count) % len(wish.threads)]
        count += 1
        sent_s = time.perf_counter()
        status, answer = post(connection, wish.board, thread, f"{texts.ONE_TEXT} {number}.{count}")
        if status == HTTPStatus.OK:
            sent.answer_s.append(time.perf_counter() - sent_s)
            sent.posts[answer["id"]] = (thread, sent_s)
        else:
            sent.refused += 1
        next_s = max(next_s + interval_s, time.perf_counter() - 1)
        time.sleep(max(0.0, next_s - time.perf_counter()))


def _watcher(wish: Wish, seen: Seen, until: Event) -> None:
    """Look at each thread, again and again."""
    reader = Connection(wish.url)
    while not until.is_set():
        began_s = time.perf_counter()
        for thread in wish.threads[: wish.watched]:
            for no in _new_posts(reader, f"/{wish.board}/res/{thread}", seen):
                seen.posts[no] = time.perf_counter()
        time.sleep(max(0.0, _WATCH_EVERY_S - (time.perf_counter() - began_s)))


def _new_posts(reader: Connection, thread: str, seen: Seen) -> set[str]:
    """What a thread shows that was not seen before; the page of its last replies is enough to
    tell, if it begins with one that was.
    """
    page = reader.get_changed(f"{thread}+50.html")
    shown = [match.decode() for match in _POST_ID.findall(page or b"")]
    if page is None or shown[1] not in seen.posts:
        page = reader.get_changed(f"{thread}.html")
        shown += [match.decode() for match in _POST_ID.findall(page or b"")]
    return {no for no in shown if no not in seen.posts}


def _page_reader(wish: Wish, seen: Seen, until: Event) -> None:
    """Read whole pages and check that each ends, and shows no fewer posts than the last."""
    connection = Connection(wish.url)
    newest = dict.fromkeys(wish.threads, 0)
    while not until.is_set():
        for thread in wish.threads:
            began_s = time.perf_counter()
            _, page = connection.get(f"/{wish.board}/res/{thread}.html")
            seen.reads += 1
            if not page_checks.is_whole_page(page):
                seen.torn += 1
                continue
            last = max(int(no) for no in _POST_ID.findall(page))
            seen.backward += last < newest[thread]
            newest[thread] = max(newest[thread], last)
            time.sleep(max(0.0, _READ_EVERY_S - (time.perf_counter() - began_s)))


def _clients(wish: Wish, number: int, results: Queue[Sent]) -> None:
    """One process: a share of the clients."""
    sent = Sent()
    until_s = time.perf_counter() + wish.seconds
    mine = range(number, wish.clients, _PROCESSES)
    _run_together([lambda n=n: _client(wish, n, sent, until_s) for n in mine])  # type: ignore[misc]
    results.put(sent)


def _onlookers(wish: Wish, until: Event, results: Queue[Seen]) -> None:
    """Another process: the watcher and the readers."""
    seen = Seen()
    readers = [lambda: _page_reader(wish, seen, until) for _ in range(wish.readers)]
    _run_together([lambda: _watcher(wish, seen, until), *readers])
    results.put(seen)


def _run_together(work: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=one) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _missing(wish: Wish, sent: dict[str, tuple[str, float]]) -> int:
    """Acknowledged posts that are not on their page."""
    shown: dict[str, set[str]] = {}
    with Connection(wish.url) as reader:
        for thread in wish.threads:
            page = reader.get_changed(f"/{wish.board}/res/{thread}.html") or b""
            shown[thread] = {match.decode() for match in _POST_ID.findall(page)}
    return sum(no not in shown[thread] for no, (thread, _) in sent.items())


def fill(url: str, board: str, threads: int, replies: int) -> list[str]:
    """New threads with that many replies; their numbers."""
    made = []
    with Connection(url) as connection:
        for _ in range(threads):
            status, answer = post(connection, board, None, f"{texts.ONE_TEXT} thread")
            if status != HTTPStatus.OK:
                sys.exit(f"the board refused a thread ({status}): was it started with --no-limits?")
            made.append(answer["thread"])
            for number in range(replies):
                post(connection, board, made[-1], f"{texts.ONE_TEXT} {number}")
    return made


def run(wish: Wish) -> dict[str, object]:
    """Run it and return the figures."""
    sent_by: Queue[Sent] = multiprocessing.Queue()
    seen_by: Queue[Seen] = multiprocessing.Queue()
    is_over = multiprocessing.Event()
    clients = [
        multiprocessing.Process(target=_clients, args=(wish, number, sent_by))
        for number in range(_PROCESSES)
    ]
    onlookers = multiprocessing.Process(target=_onlookers, args=(wish, is_over, seen_by))
    onlookers.start()
    began_s = time.perf_counter()
    for process in clients:
        process.start()
    shares = [sent_by.get() for _ in clients]
    took_s = time.perf_counter() - began_s
    time.sleep(_GRACE_S)
    is_over.set()
    seen = seen_by.get()
    for process in (*clients, onlookers):
        process.join()
    answers = [s for share in shares for s in share.answer_s]
    posts = {no: post for share in shares for no, post in share.posts.items()}
    visible = [seen.posts[no] - sent_s for no, (_, sent_s) in posts.items() if no in seen.posts]
    return {
        "posts": len(answers),
        "posts_per_s": round(len(answers) / took_s, 1),
        "refused": sum(share.refused for share in shares),
        "answer_ms": percentiles_ms(answers),
        "visible_ms": percentiles_ms(visible),
        "seen_by_watcher": len(visible),
        "missing_at_the_end": _missing(wish, posts),
        "reads": seen.reads,
        "torn": seen.torn,
        "backward": seen.backward,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--board", default="b")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--threads", type=int, default=20, help="threads that are replied to")
    parser.add_argument("--replies", type=int, default=50, help="replies that each has before")
    parser.add_argument("--readers", type=int, default=0, help="readers of whole pages")
    parser.add_argument("--rate", type=float, default=0.0, help="posts a second; 0: all they can")
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    threads = fill(options.url, options.board, options.threads, options.replies)
    wish = Wish(
        url=options.url,
        board=options.board,
        threads=threads,
        clients=options.clients,
        readers=options.readers,
        rate=options.rate,
        seconds=options.seconds,
    )
    figures = run(wish)
    asked = {k: v for k, v in asdict(wish).items() if k != "threads"} | {"threads": len(threads)}
    print(json.dumps({"asked": asked, **figures}, indent=1))
    failed = figures["missing_at_the_end"] or figures["torn"] or figures["backward"]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
