"""All that one poster wrote is deleted by one press, while others post: when is it gone, and where?

`python -m tests.walk.takedown --posts 500 --threads 50 --rate 100` prints figures; exit status 1
when something of it was still found, came back, or took longer than it may (ORIGIN_S_MAX,
EDGE_S_MAX).

Each of the posts has a picture; one thread in ten is the poster's own, and goes whole. What showed
any of it before the press is asked for at the origin, in the bucket and at an edge that had a copy
of all of it, again and again until it is gone; and all of them once more at the end.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import os
import random
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe

import psutil
from PIL import Image

from loadtest import paced, sustained
from tests.cdn.purge_api import TOKEN, ZONE
from tests.cli.debts import owed
from tests.walk.board_process import BoardProcess, Upload, a_board_process
from tests.walk.forgetting_edge import ForgettingEdge
from tests.walk.holdings import files_of
from tests.walk.hot_thread import a_bucket
from tests.walk.looker import Gone, Line, Looker, Place, Removed
from tests.walk.proofs import findings, seconds_until_settled

#: From the press: gone at the origin, and then in the bucket and at the edge.
ORIGIN_S_MAX, EDGE_S_MAX = 2.0, 5.0
#: Connections to the bucket, which answers one after the other on each, and to the edge, which
#: fetches an address from the bucket when somebody asks for it first.
CLOUD_LINES = 4
#: In each of the poster's texts, and in nobody else's.
_MARK = "unmistakable"
_POSTER = "198.51.100.66"
_POSTERS_AT_ONCE = 4
_SEARCH = f"/search?board=b&json=1&q={_MARK}"
#: The crowd is at its pace before the press, and stays until all is gone.
_CROWD_FIRST_S = 3.0
_CROWD_WATCHES = 2
#: How often it is asked whether the board still owes anything.
_ASKED_EVERY_S = 1.0
#: Of the clock that the processor's time is counted by.
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Wish:
    """What is to be run."""

    posts: int
    threads: int
    posts_per_s: float
    crowd_s: float
    seed: int


@dataclass
class Outcome:
    """What a run came to."""

    wish: Wish
    #: Addresses that showed something of it.
    addresses: int
    shown: dict[str, int]
    #: Until the desk answered.
    pressed_s: float
    #: Until nothing of it was found, by place.
    gone_s: dict[str, float]
    #: Until the CDN had been told of each address once: what follows is the look.
    told_s: float
    #: What it was looked for with.
    requests: dict[str, int]
    #: Of the processor meanwhile: the board's by program, and all others'.
    used_s: dict[str, float]
    others_used_s: dict[str, float]
    purged_urls: int
    purge_calls: int
    crowd: dict[str, object]
    load: float
    problems: list[str]

    def lines(self) -> list[str]:
        return [
            (
                f"{self.wish.posts} posts with pictures in {self.wish.threads} threads,"
                f" {self.addresses} addresses that showed them; {self.load:.1f} of"
                f" {psutil.cpu_count()} cores wanted by all"
            ),
            f"others meanwhile: {json.dumps(self.crowd)}",
            f"the desk answered after {self.pressed_s:.2f} s",
            *(
                f"gone at the {place} after {took_s:.2f} s; {self.shown[place]} addresses showed"
                f" it, {self.requests[place]} requests to see it go"
                for place, took_s in self.gone_s.items()
            ),
            f"the CDN had been told of each after {self.told_s:.2f} s",
            f"the CDN was told to forget {self.purged_urls} addresses, in {self.purge_calls} calls",
            f"processor: {json.dumps(self.used_s)}",
            f"of others: {json.dumps(self.others_used_s)}",
            *(self.problems or ["nothing of it is found anywhere, and none came back"]),
        ]

    def slow(self) -> list[str]:
        """What took longer than it may; a matter of the machine too."""
        most_s = {"origin": ORIGIN_S_MAX, "bucket": EDGE_S_MAX, "edge": EDGE_S_MAX}
        return [
            f"{place}: {self.gone_s[place]:.2f} s, {most_s[place]:.0f} at most"
            for place in most_s
            if self.gone_s[place] > most_s[place]
        ]


def run(wish: Wish) -> Outcome:
    """One run on a board of its own, to its end. Nothing of it is left running."""
    with (
        a_bucket() as bucket,
        ForgettingEdge(f"{bucket.url}/{bucket.bucket}") as edge,
        a_board_process(
            S3_ENDPOINT_URL=bucket.url,
            R2_BUCKET_NAME=bucket.bucket,
            R2_ACCESS_KEY=bucket.access_key,
            R2_SECRET_KEY=bucket.secret_key,
            CDN_ZONE_ID=ZONE,
            CDN_API_TOKEN=TOKEN,
            CDN_BASE_URL=edge.url,
            STILLBOARD_CDN_API_URL=f"{edge.url}/client/v4",
        ) as board,
    ):
        return _Takedown(wish, board, f"{bucket.url}/{bucket.bucket}", edge).carry_out()


class _Takedown:
    def __init__(
        self, wish: Wish, board: BoardProcess, bucket_url: str, edge: ForgettingEdge
    ) -> None:
        self.wish = wish
        self.board = board
        self.edge = edge
        self.places = (
            Place.of("origin", board.url, has_folders=True),
            Place.of("bucket", bucket_url, has_folders=False, lines=CLOUD_LINES),
            Place.of("edge", edge.url, has_folders=False, lines=CLOUD_LINES),
        )
        self.problems: list[str] = []
        self.removed: Removed

    def carry_out(self) -> Outcome:
        board, wish = self.board, self.wish
        quiet = sustained.fill(board.url, "b", threads=20, replies=20) if wish.posts_per_s else []
        first = self._write()
        board.settle()
        addresses = self._addresses()
        desk = board.staff_desk()
        crowd = _Crowd(wish, board, quiet)
        looker = Looker(self.places, self.removed, addresses)
        with _at_work(looker) as (process, told, shown), crowd.at_work():
            before = self._used_s(process.pid)
            purged = self.edge.purged_urls, self.edge.purge_calls
            self.edge.told_at_s.clear()
            # Whoever presses has the page before them.
            press = desk.opened(f"/mod/b/{first}")
            began_s = time.monotonic()
            press(deed="delete_all", where="site", since="all")
            pressed_s = time.monotonic() - began_s
            gone = self._gone(told)
            used = _difference(before, self._used_s(process.pid))
            load = psutil.getloadavg()[0]
        desk.close()
        told_s = dict(self.edge.told_at_s)
        if not self.problems:
            ended_s = time.monotonic()
            seconds_until_settled(board, "pages", ended_s, self.problems)
            seconds_until_settled(board, "cloud", ended_s, self.problems)
            self._look_again(addresses)
        return Outcome(
            wish=wish,
            addresses=len(addresses),
            shown=shown,
            pressed_s=pressed_s,
            gone_s={place: one.at_s - began_s for place, one in gone.items()},
            told_s=max(told_s.get(address, began_s) for address in addresses) - began_s,
            requests={place: one.requests for place, one in gone.items()},
            used_s=used["board"],
            others_used_s=used["others"],
            purged_urls=self.edge.purged_urls - purged[0],
            purge_calls=self.edge.purge_calls - purged[1],
            crowd=crowd.figures,
            load=load,
            problems=self.problems,
        )

    def _gone(self, told: Pipe) -> dict[str, Gone]:
        """Waits for it; but no longer than the board owes anything: it takes all for done then."""
        while not told.poll(_ASKED_EVERY_S):
            if not owed(self.board.running.settings):
                told.send("The board is done.")
                break
        gone: dict[str, Gone] = told.recv()
        self.problems += [
            f"still at the {place}: {path}" for place, one in gone.items() for path in one.left
        ]
        return gone

    def _used_s(self, looker: int | None) -> dict[str, dict[str, float]]:
        """Of the processor so far, of the board's programs and of all that is none of it."""
        here = psutil.Process()
        others = {"edge and this": sum(here.cpu_times()[:2])}
        boards = self.board.running.process.pid
        for process in here.children(recursive=True):
            try:
                name = "crowd"
                if process.pid == looker:
                    name = "looker"
                elif "weed" in process.name():
                    name = "bucket"
                elif boards in (process.pid, *(parent.pid for parent in process.parents())):
                    continue
                others[name] = others.get(name, 0.0) + sum(process.cpu_times()[:2])
            except psutil.NoSuchProcess:
                continue  # it ended meanwhile
        return {"board": paced.used_s(self.board.running.process.pid), "others": others}

    def _write(self) -> int:
        """All that is to go; the number of one of them."""
        draw = random.Random(self.wish.seed)
        threads, posts = [], []
        for number in range(self.wish.threads):
            is_own = number % 10 == 0
            told = self._post(draw, None) if is_own else self.board.post(board="b", body="Others.")
            threads.append(int(told["thread"]))
            posts += [int(told["id"])] * is_own
            # Somebody answers whom the poster quotes.
            self.board.post(board="b", thread=threads[-1], body=f"As said in >>{threads[0]}")
        left = self.wish.posts - len(posts)
        with ThreadPoolExecutor(_POSTERS_AT_ONCE) as pool:
            draws = [random.Random(f"{self.wish.seed} {number}") for number in range(left)]
            told_of = pool.map(
                lambda number: self._post(draws[number], threads[number % len(threads)]),
                range(left),
            )
            posts += [int(told["id"]) for told in told_of]
        return posts[-1]

    def _post(self, draw: random.Random, thread: int | None) -> dict[str, object]:
        place = {} if thread is None else {"thread": thread}
        words = "".join(draw.choices("etaoinshrdlu ", k=40))
        return self.board.post(
            board="b",
            body=f"{_MARK} {words}",
            files=[Upload("a.png", _picture(draw))],
            address=_POSTER,
            **place,
        )

    def _addresses(self) -> list[str]:
        """Of all that shows something of it: pages, JSON, feeds, pictures."""
        bodies = self._bodies()
        tims = {
            post["tim"].encode()
            for path, body in bodies.items()
            if _MARK.encode() in body and re.fullmatch(r"/b/res/[0-9]+\.json", path)
            for post in json.loads(body)["posts"]
            if _MARK in post.get("com", "") and "tim" in post
        }
        assert len(tims) == self.wish.posts, f"{len(tims)} pictures"
        self.removed = Removed(_MARK.encode(), frozenset(tims))
        return sorted(path for path, body in bodies.items() if self.removed.is_shown(path, body))

    def _look_again(self, addresses: Sequence[str]) -> None:
        """None of it came back, and nothing else shows it."""
        for place in self.places:
            with Line(place) as line:
                back = line.still_shown(self.removed, addresses)
            self.problems += [f"back at the {place.name}: {path}" for path in back]
        found = self.board.read(_SEARCH)["total"]
        self.problems += [f"the search finds {found}"] * bool(found)
        left = (path for path, body in self._bodies().items() if self.removed.is_shown(path, body))
        self.problems += [f"in the web root: {path}" for path in left]
        self.problems += findings(self.board)

    def _bodies(self) -> dict[str, bytes]:
        """Of all that stands in the web root, but for its compressed siblings."""
        web_root = self.board.web_root
        return {
            f"/{path.relative_to(web_root)}": body
            for path, body in files_of(web_root)
            if not path.name.endswith((".br", ".gz"))
        }


@contextmanager
def _at_work(
    looker: Looker,
) -> Iterator[tuple[multiprocessing.process.BaseProcess, Pipe, dict[str, int]]]:
    """It has seen at how many addresses something is there, and tells when all is gone."""
    method = multiprocessing.get_context("spawn")
    told, tells = method.Pipe()
    process = method.Process(target=looker.look, args=(tells,))
    process.start()
    tells.close()
    try:
        yield process, told, told.recv()
    finally:
        told.close()
        process.join()


def _difference(
    before: dict[str, dict[str, float]], now: dict[str, dict[str, float]]
) -> dict[str, dict[str, float]]:
    """What was used between, the most first."""
    return {
        group: {
            name: round(spent - before[group].get(name, 0.0), 2)
            for name, spent in sorted(
                used.items(), key=lambda one: before[group].get(one[0], 0.0) - one[1]
            )
            if spent - before[group].get(name, 0.0) >= _TICK_S
        }
        for group, used in now.items()
    }


class _Crowd:
    """Others, who reply to threads of their own at an even pace, in processes of their own."""

    def __init__(self, wish: Wish, board: BoardProcess, threads: list[str]) -> None:
        self.figures: dict[str, object] = {}
        self._wish = sustained.Wish(
            url=board.url,
            board="b",
            threads=threads,
            clients=8,
            readers=0,
            rate=wish.posts_per_s,
            seconds=wish.crowd_s,
            watched=_CROWD_WATCHES,
        )

    def at_work(self) -> AbstractContextManager[object]:
        return _AtWork(self._post) if self._wish.rate else nullcontext()

    def _post(self) -> None:
        self.figures = {
            name: value
            for name, value in sustained.run(self._wish).items()
            if name in ("posts", "posts_per_s", "refused", "answer_ms", "visible_ms")
        }


class _AtWork:
    def __init__(self, work: Callable[[], None]) -> None:
        self._thread = threading.Thread(target=work)

    def __enter__(self) -> None:
        self._thread.start()
        time.sleep(_CROWD_FIRST_S)

    def __exit__(self, *_: object) -> None:
        self._thread.join()


def _picture(draw: random.Random) -> bytes:
    """No two are alike."""
    out = io.BytesIO()
    image = Image.new("RGB", (320, 240), (draw.randrange(256), draw.randrange(256), 90))
    image.putpixel((draw.randrange(320), draw.randrange(240)), (1, 2, 3))
    image.save(out, "png")
    return out.getvalue()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--posts", type=int, default=500)
    parser.add_argument("--threads", type=int, default=50)
    parser.add_argument("--rate", type=float, default=100, help="posts of others a second")
    parser.add_argument("--seconds", type=float, default=15, help="for how long others post")
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    outcome = run(Wish(chosen.posts, chosen.threads, chosen.rate, chosen.seconds, chosen.seed))
    print("\n".join(outcome.lines() + [f"slow: {one}" for one in outcome.slow()]))
    return 1 if outcome.problems or outcome.slow() else 0


if __name__ == "__main__":
    sys.exit(main())
