"""Twenty people on twenty addresses, who read, post now and then, and keep to the rules."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

import httpx

from tests.deploy.stand_ins import WAIT_S
from tests.walk.board_process import BoardProcess
from tests.walk.posters import NO_ANSWER

PEOPLE = 20
#: Seconds between two pages that one of them opens, and between two posts: uniform in these.
_READS_S = (0.2, 0.8)
_POSTS_S = (11.0, 15.0)


#: What one of them does until it is over: reading, or posting.
_Way = Callable[[int, httpx.Client, random.Random], None]


class Posted(NamedTuple):
    """A post that the board took."""

    thread: int
    no: int
    text: str
    took_s: float


@dataclass
class Refused:
    """Why a form was not taken, in the board's words."""

    status: int
    sentence: str
    sent_s: float
    answered_s: float


@dataclass
class HonestPeople:
    """Each has a thread of their own, an address in a network of their own."""

    board: BoardProcess
    board_name: str
    seed: int
    reads_s: list[float] = field(default_factory=list)
    #: {status, or NO_ANSWER: pages that did not come}
    bad_reads: Counter[int] = field(default_factory=Counter)
    posted: list[Posted] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def arrive(self) -> None:
        """Each begins a thread, before the siege is laid."""
        for number in range(PEOPLE):
            told = self.board.post(
                board=self.board_name,
                body=f"Somebody honest, number {number}.",
                address=_address(number),
            )
            self.threads.append(int(told["thread"]))

    @contextmanager
    def at_home(self) -> Iterator[None]:
        """They read and post while the block lasts."""
        people = [
            threading.Thread(target=self._live, args=(number, live))
            for number in range(PEOPLE)
            for live in (self._read_on, self._post_on)
        ]
        for one in people:
            one.start()
        try:
            yield
        finally:
            self._over.set()
            for one in people:
                one.join()
        if self.faults:
            raise self.faults[0]

    def _live(self, number: int, live: _Way) -> None:
        draw = random.Random(f"{self.seed} {live.__name__} {number}")
        try:
            with httpx.Client(base_url=self.board.url, timeout=WAIT_S) as http:
                live(number, http, draw)
        except BaseException as ex:
            self.faults.append(ex)

    def _read_on(self, number: int, http: httpx.Client, draw: random.Random) -> None:
        name, thread = self.board_name, self.threads[number]
        pages = ("/", f"/{name}/", f"/{name}/catalog.html", f"/{name}/res/{thread}.html")
        headers = {"X-Forwarded-For": _address(number), "Accept-Encoding": "br"}
        while not self._over.wait(draw.uniform(*_READS_S)):
            began_s = time.perf_counter()
            try:
                status = http.get(draw.choice(pages), headers=headers).status_code
            except httpx.TransportError:
                status = NO_ANSWER
            self.reads_s.append(time.perf_counter() - began_s)
            if status != httpx.codes.OK:
                self.bad_reads[status] += 1

    def _post_on(self, number: int, http: httpx.Client, draw: random.Random) -> None:
        headers = {"X-Forwarded-For": _address(number), "Accept": "application/json"}
        count = 0
        while not self._over.wait(draw.uniform(*_POSTS_S)):
            count += 1
            text = f"Post {count} of somebody honest, number {number}."
            form = {"board": self.board_name, "thread": self.threads[number], "body": text}
            sent_s = time.monotonic()
            try:
                answer = http.post("/post", data=form, headers=headers)
            except httpx.TransportError as ex:
                self.refused.append(Refused(NO_ANSWER, repr(ex), sent_s, time.monotonic()))
                continue
            answered_s = time.monotonic()
            if answer.status_code == httpx.codes.OK:
                told = answer.json()
                thread, no = int(told["thread"]), int(told["id"])
                self.posted.append(Posted(thread, no, text, answered_s - sent_s))
            else:
                sentence = answer.json()["error"]
                self.refused.append(Refused(answer.status_code, sentence, sent_s, answered_s))


def _address(number: int) -> str:
    """Each in a /24 of its own."""
    return f"100.64.{number + 1}.7"
