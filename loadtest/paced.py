"""What a post costs, and when it is seen, at the pace that boards really have.

    python -m loadtest.paced --up PID --rate 20 --threads 20 --replies 50 --seconds 30 --json

Replies are sent at an even pace, each to the next thread; whoever sent one looks for it on its
thread's page until it is there: after two milliseconds, and then after a tenth of the time that it
has waited. `--up` is the process of `stillboard up`: the processor time of all that it started, by
program, is divided by the posts. Run it against a board that was started with --no-limits.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from pathlib import Path

import psutil

from loadtest import texts
from loadtest.connection import Connection
from loadtest.percentiles import percentiles_ms
from loadtest.sustained import fill, post

#: More than are on their way at once, unless a board falls behind by a second.
_SENDERS = 64
_LOOK_AFTER_S = 0.002
_VISIBLE_WAIT_S_MAX = 10.0
#: Of the threads that were filled before: then what a board does later is over.
_REST_S = 4.0


@dataclass(frozen=True)
class Pace:
    """What is to be sent."""

    url: str
    board: str
    threads: Sequence[str]
    rate: float
    seconds: float


@dataclass
class Seen:
    """Seconds from sending, of each post."""

    answer_s: list[float] = field(default_factory=list)
    visible_s: list[float] = field(default_factory=list)
    #: How much later than it should have been it was sent: the generator, or the board, is full.
    late_s: list[float] = field(default_factory=list)
    refused: int = 0
    missing: int = 0


def send(pace: Pace) -> Seen:
    """Send at this pace; return when each post was seen, or was not after ten seconds."""
    seen = Seen()
    numbers = count()
    began_s = time.perf_counter() + 0.1
    posts = int(pace.rate * pace.seconds)

    def sender() -> None:
        with Connection(pace.url) as posting, Connection(pace.url) as reading:
            # The next number is taken under Python's lock.
            while (number := next(numbers)) < posts:
                due_s = began_s + number / pace.rate
                time.sleep(max(0.0, due_s - time.perf_counter()))
                seen.late_s.append(time.perf_counter() - due_s)
                _send_one(pace, number, posting, reading, seen)

    senders = [threading.Thread(target=sender) for _ in range(_SENDERS)]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    return seen


def _send_one(
    pace: Pace, number: int, posting: Connection, reading: Connection, seen: Seen
) -> None:
    """Send it, and look for it."""
    thread = pace.threads[number % len(pace.threads)]
    sent_s = time.perf_counter()
    status, answer = post(posting, pace.board, thread, f"{texts.ONE_TEXT} {number}")
    if status != HTTPStatus.OK:
        seen.refused += 1
        return
    seen.answer_s.append(time.perf_counter() - sent_s)
    mark = f'id="{answer["id"]}"'.encode()
    page = f"/{pace.board}/res/{thread}.html"
    while mark not in (reading.get_changed(page) or b""):
        waited_s = time.perf_counter() - sent_s
        if waited_s > _VISIBLE_WAIT_S_MAX:
            seen.missing += 1
            return
        time.sleep(max(_LOOK_AFTER_S, waited_s / 10))
    seen.visible_s.append(time.perf_counter() - sent_s)


def used_s(up: int) -> dict[str, float]:
    """{program: processor time} of `up` and all below it, those that have ended too."""
    used = dict[str, float]()
    root = psutil.Process(up)
    for process in (root, *root.children(recursive=True)):
        try:
            times = process.cpu_times()
            name = program(process)
            spent_s = times.user + times.system + times.children_user + times.children_system
            used[name] = used.get(name, 0.0) + spent_s
        except psutil.NoSuchProcess:
            continue  # its parent has its time
    return used


def program(process: psutil.Process) -> str:
    """'postgres', 'nginx', 'renderer.worker render', 'gunicorn', …"""
    line = process.cmdline() or [process.name()]
    if "-m" in line:
        words = line[line.index("-m") + 1 :][:2]
        return " ".join(word for word in words if not word.startswith("-"))
    first = Path(line[0].split(":")[0].split()[0]).name
    if first.startswith("python") and len(line) > 1:
        return next((Path(word).name for word in line[1:] if not word.startswith("-")), first)
    return first


def figures(seen: Seen, used: Mapping[str, float], seconds: float) -> dict[str, object]:
    """What is printed; `used` while it was sent and drawn."""
    posts = len(seen.visible_s)
    per_post = {
        name: round(1000 * used[name] / posts, 2)
        for name in sorted(used, key=used.__getitem__, reverse=True)
        if used[name]
    }
    return {
        "posts": posts,
        "posts_per_s": round(posts / seconds, 1),
        "refused": seen.refused,
        "missing": seen.missing,
        "late_ms": percentiles_ms(seen.late_s),
        "answer_ms": percentiles_ms(seen.answer_s),
        "visible_ms": percentiles_ms(seen.visible_s),
        "cpu_ms_per_post": round(1000 * sum(used.values()) / posts, 2),
        "cpu_ms_per_post_of": per_post,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--up", type=int, required=True, help="process id of `stillboard up`")
    parser.add_argument("--board", default="b")
    parser.add_argument("--rate", type=float, default=20.0, help="posts a second")
    parser.add_argument("--threads", type=int, default=20, help="threads that are replied to")
    parser.add_argument("--replies", type=int, default=50, help="replies that each has before")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--json", action="store_true", help="figures for a program")
    options = parser.parse_args()

    threads = fill(options.url, options.board, options.threads, options.replies)
    time.sleep(_REST_S)
    before = used_s(options.up)
    began_s = time.perf_counter()
    seen = send(Pace(options.url, options.board, threads, options.rate, options.seconds))
    took_s = time.perf_counter() - began_s
    # What a board does later for a post belongs to it.
    time.sleep(_REST_S)
    used = {name: spent - before.get(name, 0.0) for name, spent in used_s(options.up).items()}
    told = figures(seen, used, took_s)
    asked = {name: getattr(options, name) for name in ("rate", "threads", "replies", "seconds")}
    if options.json:
        print(json.dumps({"asked": asked, **told}))
    else:
        for name, value in (asked | told).items():
            print(f"{name:20} {value}")
    return 1 if seen.missing or seen.refused else 0


if __name__ == "__main__":
    sys.exit(main())
