"""Crowds at the desk's door and with reports, while others post: does the board go on at its rate?

`python -m tests.walk.crowds --log-ins 10000 --reports 10000` prints figures, of rounds with the
crowd and without by turns; exit status 1 when a post was refused, more passwords were looked at at
once than may be, or the page of reports grew with their number.

The crowd is many: each comes from another network. Their passwords are wrong, and their reports are
all of one thread, with the limits off: so each is stored.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import psutil

from loadtest import paced
from tests.walk.board_process import BoardProcess, a_board_process
from tests.walk.posters import NO_ANSWER
from tests.walk.siege.attacks import Attacker, Target, flood_of_reports, wrong_passwords

#: So many of the crowd are there at any moment.
AT_ONCE = 24
#: Of each round of posts; there are as many rounds with a crowd as without.
POSTS = 10
#: What the page of reports may grow by, however many there are.
PAGE_BYTES_MAX = 1_000_000
_PASSWORDS = "writer.desk.password_checks"
#: PERF: each look reads of every process of the machine; every 20 ms took half of a core.
_LOOK_EVERY_S = 0.1


@dataclass
class Crowd:
    """What came of one of them."""

    name: str
    statuses: Counter[int] = field(default_factory=Counter)
    #: Until a post was answered, by rounds.
    quiet_ms: list[float] = field(default_factory=list)
    crowded_ms: list[float] = field(default_factory=list)
    posts: Counter[int] = field(default_factory=Counter)
    #: Processes that look at a password, the most at a moment.
    passwords_at_once: int = 0
    used_s: dict[str, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        quiet, crowded = map(statistics.median, (self.quiet_ms, self.crowded_ms))
        return [
            f"{self.name}: {dict(self.statuses)}",
            f"  posts beside them: {dict(self.posts)}",
            f"  answered after {crowded:.1f} ms, else {quiet:.1f}: {crowded / quiet:.2f} times",
            f"  passwords looked at at once: {self.passwords_at_once}; processor: {self.used_s}",
            *self.problems,
        ]


def run(*, log_ins: int, reports: int, seed: int) -> list[Crowd]:
    """Both crowds on a board of its own."""
    with a_board_process() as board:
        return run_on(board, log_ins=log_ins, reports=reports, seed=seed)


def run_on(board: BoardProcess, *, log_ins: int, reports: int, seed: int) -> list[Crowd]:
    """Both crowds, one after the other, on this one."""
    thread = int(board.post(board="b", body="That many report.")["thread"])
    staff = board.staff_desk()
    name = (board.data / "first-login.txt").read_text().splitlines()[0].partition(": ")[2]
    target = Target(board.url, "b", thread, "b", thread, name)
    of_log_ins = _meet(board, Crowd("log-ins"), target, wrong_passwords, log_ins, seed)
    writers = sum(_is(each, "gunicorn") for each in _all_of(board))
    if of_log_ins.passwords_at_once > writers:
        of_log_ins.problems.append(f"{of_log_ins.passwords_at_once} passwords at once")
    before = len(staff.read("/mod/reports"))
    of_reports = _meet(board, Crowd("reports"), target, flood_of_reports, reports, seed)
    grown = len(staff.read("/mod/reports")) - before
    if grown > PAGE_BYTES_MAX:
        of_reports.problems.append(f"the page of reports grew by {grown} bytes")
    staff.close()
    for crowd in (of_log_ins, of_reports):
        refused = crowd.posts.total() - crowd.posts[200]
        crowd.problems += [f"{refused} posts were not taken"] * bool(refused)
        died = crowd.statuses[NO_ANSWER] + crowd.statuses[500] + crowd.statuses[502]
        crowd.problems += [f"{died} {crowd.name} were not answered"] * bool(died)
    return [of_log_ins, of_reports]


def _meet(
    board: BoardProcess,
    crowd: Crowd,
    target: Target,
    act: Callable[[Attacker], int],
    count: int,
    seed: int,
) -> Crowd:
    """So many come; each round of posts without them is followed by one beside them."""
    left = iter(range(count))
    taking = threading.Lock()
    gate = threading.Event()

    def come(number: int) -> None:
        by = Attacker(target, random.Random(f"{seed} {crowd.name} {number}"))
        with by.http:
            while True:
                gate.wait()
                with taking:
                    if next(left, None) is None:
                        return
                try:
                    status = act(by)
                except httpx.HTTPError:
                    status = NO_ANSWER
                with taking:
                    crowd.statuses[status] += 1

    used = paced.used_s(board.running.process.pid)
    with ThreadPoolExecutor(AT_ONCE) as people, _watching(board, crowd):
        crowd.quiet_ms += _posts(board, crowd)
        everybody = [people.submit(come, number) for number in range(AT_ONCE)]
        while not all(one.done() for one in everybody):
            gate.set()
            crowd.crowded_ms += _posts(board, crowd)
            gate.clear()
            if not all(one.done() for one in everybody):
                crowd.quiet_ms += _posts(board, crowd)
        for one in everybody:
            one.result()
    crowd.used_s = {
        name: round(spent - used.get(name, 0.0), 2)
        for name, spent in paced.used_s(board.running.process.pid).items()
        if spent - used.get(name, 0.0) > 0.05
    }
    return crowd


def _posts(board: BoardProcess, crowd: Crowd) -> list[float]:
    """One after the other; milliseconds until each was answered."""
    took_ms = []
    for number in range(POSTS):
        began_s = time.monotonic()
        answer = board.send(board="b", body=f"Beside a crowd of {crowd.name}: {began_s} {number}")
        took_ms.append((time.monotonic() - began_s) * 1000)
        # Whoever is sent on to their post was taken.
        crowd.posts[200 if answer.is_redirect else answer.status_code] += 1
    return took_ms


@contextmanager
def _watching(board: BoardProcess, crowd: Crowd) -> Iterator[None]:
    """Counts who looks at passwords, all the while."""
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(_LOOK_EVERY_S):
            here = sum(_is(process, _PASSWORDS) for process in _all_of(board))
            crowd.passwords_at_once = max(crowd.passwords_at_once, here)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join()


def _all_of(board: BoardProcess) -> list[psutil.Process]:
    return psutil.Process(board.running.process.pid).children(recursive=True)


def _is(process: psutil.Process, program: str) -> bool:
    try:
        return any(program in word for word in process.cmdline()[:6])
    except psutil.NoSuchProcess:
        return False


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--log-ins", type=int, default=10_000)
    parser.add_argument("--reports", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    crowds = run(log_ins=chosen.log_ins, reports=chosen.reports, seed=chosen.seed)
    print("\n".join(line for crowd in crowds for line in crowd.lines()))
    return 1 if any(crowd.problems for crowd in crowds) else 0


if __name__ == "__main__":
    sys.exit(main())
