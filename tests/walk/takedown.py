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
import random
import re
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import psutil
from PIL import Image

from loadtest import paced, sustained
from loadtest.connection import Connection
from tests.cdn.purge_api import TOKEN, ZONE
from tests.walk.board_process import BoardProcess, Upload, a_board_process
from tests.walk.hot_thread import a_bucket
from tests.walk.keeping_edge import ForgettingEdge
from tests.walk.proofs import findings, seconds_until_settled

#: From the press: gone at the origin, and then in the bucket and at the edge.
ORIGIN_S_MAX, EDGE_S_MAX = 2.0, 5.0
#: In each of the poster's texts, and in nobody else's.
_MARK = "unmistakable"
_POSTER = "198.51.100.66"
_POSTERS_AT_ONCE = 4
_SEARCH = f"/search?board=b&json=1&q={_MARK}"
#: What a file's name begins with.
_TIM = re.compile(rb"[0-9]{13,}")
#: The crowd is at its pace before the press, and stays until all is gone.
_CROWD_FIRST_S = 3.0
_PATIENCE_S = 120.0
_LOOK_EVERY_S = 0.01


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
    #: Until the desk answered.
    pressed_s: float
    #: Until nothing of it was found, by place.
    gone_s: dict[str, float]
    #: Of the processor meanwhile, by program.
    used_s: dict[str, float]
    purged_urls: int
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
            *(f"gone at the {place} after {took_s:.2f} s" for place, took_s in self.gone_s.items()),
            f"the CDN was told to forget {self.purged_urls} addresses",
            f"processor: {json.dumps(self.used_s)}",
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
        self.places = {"origin": board.url, "bucket": bucket_url, "edge": edge.url}
        self.problems: list[str] = []
        self.tims: set[bytes] = set()

    def carry_out(self) -> Outcome:
        board, wish = self.board, self.wish
        quiet = sustained.fill(board.url, "b", threads=20, replies=20)
        first = self._write()
        board.settle()
        addresses = self._addresses()
        for address in addresses:
            self.edge.read(address)
        desk = board.staff_desk()
        crowd = _Crowd(wish, board, quiet)
        with crowd.at_work():
            time.sleep(_CROWD_FIRST_S)
            used, purged = paced.used_s(board.running.process.pid), self.edge.purged_urls
            watch = _Watch(self, addresses)
            began_s = time.monotonic()
            with ThreadPoolExecutor(len(self.places)) as watchers:
                seen = {
                    place: watchers.submit(watch.until_gone, place, began_s)
                    for place in self.places
                }
                desk.send(f"/mod/b/{first}", deed="delete_all", where="site", since="all")
                pressed_s = time.monotonic() - began_s
                gone_s = {place: one.result() for place, one in seen.items()}
            used_now = paced.used_s(board.running.process.pid)
            load = psutil.getloadavg()[0]
        ended_s = time.monotonic()
        desk.close()
        seconds_until_settled(board, "pages", ended_s, self.problems)
        seconds_until_settled(board, "cloud", ended_s, self.problems)
        self._look_again(addresses)
        return Outcome(
            wish=wish,
            addresses=len(addresses),
            pressed_s=pressed_s,
            gone_s=gone_s,
            used_s={
                name: round(spent - used.get(name, 0.0), 2)
                for name, spent in sorted(used_now.items(), key=lambda one: -one[1])
                if spent - used.get(name, 0.0) > 0.005
            },
            purged_urls=self.edge.purged_urls - purged,
            crowd=crowd.figures,
            load=load,
            problems=self.problems,
        )

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
        marked = {path for path, body in bodies.items() if _MARK.encode() in body}
        for path in marked:
            if re.fullmatch(r"/b/res/[0-9]+\.json", path):
                self.tims |= {
                    post["tim"].encode()
                    for post in json.loads(bodies[path])["posts"]
                    if _MARK in post.get("com", "") and "tim" in post
                }
        assert len(self.tims) == self.wish.posts, f"{len(self.tims)} pictures"
        return sorted(path for path, body in bodies.items() if self.shows(path, body))

    def shows(self, path: str, body: bytes) -> bool:
        """Whether that is one of the pictures, or a page that shows a post or a picture."""
        found = set(_TIM.findall(path.encode()))
        if path.endswith((".html", ".json", ".atom", ".rss", ".xml")):
            found |= set(_TIM.findall(body))
        return _MARK.encode() in body or not found.isdisjoint(self.tims)

    def still_shows(self, place: str, connection: Connection, path: str) -> bool:
        asked = path
        if place == "origin":
            asked = re.sub(r"/index\.html$", "/", path)
        elif place == "bucket":
            asked = urlsplit(self.places[place]).path + path
        status, body = connection.get(asked)
        return status == HTTPStatus.OK and self.shows(path, body)

    def _look_again(self, addresses: Sequence[str]) -> None:
        """None of it came back, and nothing else shows it."""
        for place, url in self.places.items():
            with Connection(url) as connection:
                self.problems += [
                    f"back at the {place}: {path}"
                    for path in addresses
                    if self.still_shows(place, connection, path)
                ]
        found = self.board.read(_SEARCH)["total"]
        self.problems += [f"the search finds {found}"] * bool(found)
        left = (path for path, body in self._bodies().items() if self.shows(path, body))
        self.problems += [f"in the web root: {path}" for path in left]
        self.problems += findings(self.board)

    def _bodies(self) -> dict[str, bytes]:
        """Of all that stands in the web root, but for its compressed siblings."""
        web_root = self.board.web_root
        return {
            f"/{path.relative_to(web_root)}": path.read_bytes()
            for path in web_root.rglob("*")
            if path.is_file() and not path.name.endswith((".br", ".gz"))
        }


@dataclass
class _Watch:
    """Looks from outside until nothing is found any more."""

    takedown: _Takedown
    addresses: Sequence[str]

    def until_gone(self, place: str, began_s: float) -> float:
        """Seconds from `began_s`."""
        left = list(self.addresses)
        with Connection(self.takedown.places[place]) as connection:
            while True:
                looked_s = time.monotonic()
                still = [
                    path for path in left if self.takedown.still_shows(place, connection, path)
                ]
                if not still:
                    return time.monotonic() - began_s
                assert looked_s - began_s < _PATIENCE_S, f"{place}: {still[:5]} of {len(still)}"
                left = still
                self._wait(place, connection, left[-1], looked_s)

    def _wait(self, place: str, connection: Connection, path: str, since_s: float) -> None:
        """Until the last of them is gone.

        PERF: all of them over and over would take the processor from the board.
        """
        while self.takedown.still_shows(place, connection, path):
            if time.monotonic() - since_s > _PATIENCE_S:
                return
            time.sleep(_LOOK_EVERY_S)


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
        )

    def at_work(self) -> _AtWork:
        return _AtWork(self._post if self._wish.rate else lambda: None)

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
