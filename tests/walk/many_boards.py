"""Many boards that are posted to at once, and several render workers: who waits for whom.

`python -m tests.walk.many_boards --boards 20 --workers 1,2,4,8 --seconds 10` prints a line for each
number of workers; exit status 1 when a worker waited for the site's lock, or a post is missing.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import httpx
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.deploy.stand_ins import WAIT_S
from tests.monitoring.servers import get
from tests.walk.board_process import BoardProcess, a_board_process


@dataclass
class Outcome:
    """What a run came to."""

    workers: int
    posts: int
    posts_per_s: float
    #: From a post's commit to its thread's page standing, of 99 in 100 of them.
    seen_p99_s: float
    #: Waits of all workers for the right to write a board's files, and the site's.
    board_waits: float
    site_waits: float
    #: How often the site's pages were drawn.
    site_drawings: float
    #: From the last post until the front page showed it.
    site_seen_after_s: float

    def line(self) -> str:
        return (
            f"{self.workers} workers: {self.posts_per_s:.0f} posts/s, 99 of 100 seen within"
            f" {self.seen_p99_s:.2f} s, front page drawn"
            f" {self.site_drawings:.0f} times, seen {self.site_seen_after_s:.2f} s after the last;"
            f" waits for a board {self.board_waits:.0f}, for the site {self.site_waits:.0f}"
        )


def run(
    *,
    boards: int,
    workers: int,
    seconds: float = math.inf,
    posts_each: float = math.inf,
    pause_s: float = 0.0,
) -> Outcome:
    """One run on a site of its own, with a pause after each post of a poster.

    It lasts so long, or until each board got so many posts.

    Raises AssertionError when a post is on no page.
    """
    names = [f"b{number}" for number in range(boards)]
    with a_board_process("--renderers", str(workers)) as site:
        for name in names:
            site.cli("board", "add", name)
        threads = {name: site.post(board=name, body="opening")["thread"] for name in names}
        site.settle()
        before = _visible(site)
        began_s = time.monotonic()
        counts = _post_everywhere(site, threads, seconds, posts_each, pause_s)
        took_s = time.monotonic() - began_s
        site.settle()
        visible = _visible(site)
        visible.subtract(before)
        last = site.post(board=names[0], thread=threads[names[0]], body="the very last words")
        seen_after_s = _seconds_until_on_front_page(site, "the very last words")
        site.settle()
        for name, thread in threads.items():
            shown = site.read(f"/{name}/res/{thread}.json")["posts"]
            expected = 1 + counts[name] + (name == names[0])
            assert len(shown) == expected, f"/{name}/ shows {len(shown)} of {expected}"
        assert last["id"]
        return Outcome(
            workers=workers,
            posts=sum(counts.values()),
            posts_per_s=sum(counts.values()) / took_s,
            seen_p99_s=quantile(visible, 0.99),
            board_waits=_metric(site, "stillboard_render_lock_waits_total", lock="board"),
            site_waits=_metric(site, "stillboard_render_lock_waits_total", lock="site"),
            site_drawings=_metric(site, "stillboard_site_drawings_total"),
            site_seen_after_s=seen_after_s,
        )


def _post_everywhere(
    site: BoardProcess,
    threads: dict[str, str],
    seconds: float,
    posts_each: float,
    pause_s: float,
) -> dict[str, int]:
    """One person at each board, who posts whenever they are answered; posts by board."""
    until_s = time.monotonic() + seconds
    counts = dict.fromkeys(threads, 0)
    faults: list[BaseException] = []

    def be_poster(name: str, number: int) -> None:
        try:
            with httpx.Client(base_url=site.url, timeout=WAIT_S) as http:
                while counts[name] < posts_each and time.monotonic() < until_s:
                    fields = {"board": name, "thread": threads[name], "body": f"{counts[name]}"}
                    headers = {
                        "Accept": "application/json",
                        "X-Forwarded-For": f"198.51.100.{number}",
                    }
                    answer = http.post("/post", data=fields, headers=headers)
                    assert answer.status_code == httpx.codes.OK, answer.text
                    counts[name] += 1
                    time.sleep(pause_s)
        except BaseException as ex:
            faults.append(ex)

    posters = [
        threading.Thread(target=be_poster, args=(name, number))
        for number, name in enumerate(threads, 1)
    ]
    for poster in posters:
        poster.start()
    for poster in posters:
        poster.join()
    if faults:
        raise faults[0]
    return counts


def _seconds_until_on_front_page(site: BoardProcess, words: str) -> float:
    began_s = time.monotonic()
    while words not in site.http.get("/").text:
        assert time.monotonic() - began_s < WAIT_S, "the front page stands still"
        time.sleep(0.02)
    return time.monotonic() - began_s


def _metric(site: BoardProcess, name: str, **labels: str) -> float:
    """The sum over all programs that draw pages."""
    return sum(
        sample.value
        for sample in _samples(site)
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def _visible(site: BoardProcess) -> Counter[float]:
    """{bound: posts that were seen within so long}, of all who draw pages together."""
    counts: Counter[float] = Counter()
    for sample in _samples(site):
        if sample.name == "stillboard_change_to_visible_seconds_bucket":
            counts[float(sample.labels["le"])] += int(sample.value)
    return counts


def quantile(counts: Counter[float], share: float) -> float:
    """Within what that share was seen; as Prometheus has it, evenly between two bounds."""
    wanted, below, before = share * counts[math.inf], 0.0, 0
    for bound in sorted(counts):
        if counts[bound] >= wanted and bound < math.inf:
            return below + (bound - below) * (wanted - before) / (counts[bound] - before)
        below, before = bound, counts[bound]
    return math.inf


def _samples(site: BoardProcess) -> Iterator[Sample]:
    parts = json.loads(site.cli("status", "--json"))["parts"]
    for part in parts:
        if part["name"].startswith("renderer"):
            # The board is up before the last of its workers is.
            text = get(part["metrics"], "/metrics")
            for family in text_string_to_metric_families(text):
                yield from family.samples


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--boards", type=int, default=20)
    parser.add_argument("--workers", default="1,2,4,8", help="how many, one run for each")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--pause-s", type=float, default=0, help="of a poster after each post")
    options = parser.parse_args(argv)
    outcomes = []
    for workers in options.workers.split(","):
        outcome = run(
            boards=options.boards,
            workers=int(workers),
            seconds=options.seconds,
            pause_s=options.pause_s,
        )
        print(outcome.line(), flush=True)
        outcomes.append(outcome)
    return 1 if any(outcome.site_waits for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
