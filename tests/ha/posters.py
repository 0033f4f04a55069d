"""Clients that post at a steady rate and retry nothing, and a reader of the pages they fill."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

import httpx

from tests.deploy.stand_ins import WAIT_S

BOARD = "b"
THREADS = 10
#: More than can be waiting at once: a refusal comes within seconds, a post within milliseconds.
CLIENTS = 24
#: Stands for a status when the connection broke.
NO_ANSWER = 0
_READ_EVERY_S = 0.1


class Sent(NamedTuple):
    """One post and what became of it; times are of time.monotonic()."""

    sent_s: float
    answered_s: float
    status: int
    thread: int
    text: str
    #: 0: not acknowledged.
    no: int

    @property
    def is_acknowledged(self) -> bool:
        return self.status == httpx.codes.OK


class FailedRead(NamedTuple):
    """A page that a reader did not get whole."""

    at_s: float
    path: str
    what: str


@dataclass
class Posters:
    """Sends `posts_per_s` to ten threads, each post once."""

    url: str
    posts_per_s: float
    sent: list[Sent] = field(default_factory=list)
    #: {number of a post: when a reader first saw it}
    seen_s: dict[int, float] = field(default_factory=dict)
    reads: int = 0
    failed_reads: list[FailedRead] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _read_enough: threading.Event = field(default_factory=threading.Event)
    _next_s: float = 0.0
    _faults: list[BaseException] = field(default_factory=list)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """They post and read while the block lasts."""
        with httpx.Client(base_url=self.url, timeout=WAIT_S, verify=False) as http:
            for _ in range(THREADS):
                sent = self._post(http, None)
                assert sent.is_acknowledged, f"no thread to begin with: {sent}"
                self.threads.append(sent.no)
            for thread in self.threads:
                _wait_for_page(http, thread)
        self._next_s = time.monotonic()
        clients = [
            threading.Thread(target=self._guarded, args=(self._be_client, number))
            for number in range(CLIENTS)
        ]
        reader = threading.Thread(target=self._guarded, args=(self._be_reader,))
        for thread in (*clients, reader):
            thread.start()
        try:
            yield
        finally:
            self._stopped.set()
            for client in clients:
                client.join()
            self._read_enough.set()
            reader.join()
        if self._faults:
            raise self._faults[0]

    def _guarded(self, work: Callable[..., None], *arguments: object) -> None:
        try:
            work(*arguments)
        except BaseException as ex:
            self._faults.append(ex)
            self._stopped.set()

    def _be_client(self, client: int) -> None:
        with httpx.Client(base_url=self.url, timeout=WAIT_S, verify=False) as http:
            while not self._stopped.wait(self._next_turn_s()):
                thread = self.threads[client % THREADS]
                self._post(http, thread)

    def _next_turn_s(self) -> float:
        """How long to wait; turns that nobody could take are not made up for."""
        with self._lock:
            now_s = time.monotonic()
            self._next_s = max(now_s, self._next_s + 1 / self.posts_per_s)
            return self._next_s - now_s

    def _post(self, http: httpx.Client, thread: int | None) -> Sent:
        text = f"Post {next(self._numbers)} of the drill."
        fields = {"board": BOARD, "body": text}
        if thread is not None:
            fields["thread"] = str(thread)
        sent_s = time.monotonic()
        status, no = _answer(http, fields)
        sent = Sent(sent_s, time.monotonic(), status, thread or no, text, no)
        self.sent.append(sent)
        return sent

    def _be_reader(self) -> None:
        """One thread after the other, as JSON and as HTML."""
        with httpx.Client(base_url=self.url, timeout=WAIT_S, verify=False) as http:
            for thread in itertools.cycle(self.threads):
                if self._read_enough.wait(_READ_EVERY_S):
                    return
                self._read_html(http, thread)
                self._note_seen(http, thread)

    def _read_html(self, http: httpx.Client, thread: int) -> None:
        for path in (f"/{BOARD}/res/{thread}.html", f"/{BOARD}/"):
            page = self._read(http, path)
            if page is not None and not page.content.rstrip().endswith(b"</html>"):
                self.failed_reads.append(FailedRead(time.monotonic(), path, "is torn"))

    def _note_seen(self, http: httpx.Client, thread: int) -> None:
        page = self._read(http, f"/{BOARD}/res/{thread}.json")
        if page is not None:
            now_s = time.monotonic()
            for post in page.json()["posts"]:
                self.seen_s.setdefault(post["no"], now_s)

    def _read(self, http: httpx.Client, path: str) -> httpx.Response | None:
        self.reads += 1
        try:
            page = http.get(path)
        except httpx.TransportError as ex:
            self.failed_reads.append(FailedRead(time.monotonic(), path, repr(ex)))
            return None
        if page.status_code != httpx.codes.OK:
            self.failed_reads.append(FailedRead(time.monotonic(), path, str(page.status_code)))
            return None
        return page


def _answer(http: httpx.Client, fields: dict[str, str]) -> tuple[int, int]:
    """(status, number of the post): (NO_ANSWER, 0) when the connection broke."""
    try:
        answer = http.post("/post", data=fields, headers={"Accept": "application/json"})
    except httpx.TransportError:
        return NO_ANSWER, 0
    if answer.status_code != httpx.codes.OK:
        return answer.status_code, 0
    return answer.status_code, int(answer.json()["id"])


def _wait_for_page(http: httpx.Client, thread: int) -> None:
    deadline = time.monotonic() + WAIT_S
    while http.get(f"/{BOARD}/res/{thread}.json").status_code != httpx.codes.OK:
        assert time.monotonic() < deadline, f"thread {thread} has no page"
        time.sleep(_READ_EVERY_S)
