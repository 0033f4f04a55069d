"""Four people who post at the same time and do not give up, and what they were told."""

from __future__ import annotations

import itertools
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

BOARD = "b"
CLIENTS = 4
#: Stands for a status when the connection broke.
NO_ANSWER = 0
#: A refused post is sent again after this: a person's finger, not a program's loop.
_AGAIN_AFTER_S = 0.05

_runs = itertools.count(1)


class Acknowledged(NamedTuple):
    """A post that the board has said it holds."""

    thread: int
    no: int
    text: str


@dataclass
class Posters:
    """Each client starts a thread and replies to it; every fifth reply goes to a common thread.

    A post that was refused with 5xx, or not answered at all, is sent again with the same
    Idempotency-Key, so that a post that was stored without an answer is not stored twice. Browsers
    send none: `has_keys`.
    """

    url: str
    posts: int = 200
    has_keys: bool = True
    board: str = BOARD
    #: Gets every fifth reply; None: one that is begun for it.
    common_thread: int | None = None
    #: Of each client, after each post.
    pause_s: float = 0.0
    acknowledged: list[Acknowledged] = field(default_factory=list)
    #: Statuses (5xx, NO_ANSWER) of what was sent in vain.
    refusals: list[int] = field(default_factory=list)
    #: {client: how many of acknowledged}
    _of_client: Counter[int] = field(default_factory=Counter)
    #: In every text and key: no run is taken for an earlier one's second try.
    _run: int = field(default_factory=lambda: next(_runs))
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _faults: list[BaseException] = field(default_factory=list)

    @contextmanager
    def at_work(self) -> Iterator[Posters]:
        """They post in the background; at the end of the block all of it is acknowledged."""
        if self.common_thread is None:
            with httpx.Client(base_url=self.url, timeout=WAIT_S) as http:
                self.common_thread = self._post(http, 0, None, "all begin").thread
        clients = [
            threading.Thread(target=self._be_client, args=(number,))
            for number in range(1, CLIENTS + 1)
        ]
        for client in clients:
            client.start()
        try:
            yield self
        except BaseException:
            self.stop()
            raise
        finally:
            for client in clients:
                client.join()
        if self._faults:
            raise self._faults[0]

    def stop(self) -> None:
        """Nobody sends anything any more."""
        self._stopped.set()

    def wait_for_posts(self, more: int) -> None:
        """Until that many more posts are acknowledged."""
        self._wait_for(lambda: len(self.acknowledged), more)

    def wait_for_each(self, more: int) -> None:
        """Until each of them got so many more: nothing is on its way any more that was."""
        for client in range(1, CLIENTS + 1):
            self._wait_for(lambda client=client: self._of_client[client], more)

    def wait_for_refusals(self, more: int) -> None:
        self._wait_for(lambda: len(self.refusals), more)

    def _wait_for(self, count: Callable[[], int], more: int) -> None:
        with self._changed:
            wanted = count() + more
            came = self._changed.wait_for(lambda: self._faults or count() >= wanted, WAIT_S)
        assert came, f"{wanted} wanted, {count()} came"

    def _be_client(self, number: int) -> None:
        try:
            with httpx.Client(base_url=self.url, timeout=WAIT_S) as http:
                thread = self._post(http, number, None, f"client {number} begins").thread
                for reply in range(1, self.posts // CLIENTS):
                    to = thread if reply % 5 else self.common_thread
                    self._post(http, number, to, f"client {number} reply {reply} here")
                    self._stopped.wait(self.pause_s)
        except _Stopped:
            return
        except BaseException as ex:
            with self._changed:
                self._faults.append(ex)
                self._changed.notify_all()

    def _post(
        self, http: httpx.Client, number: int, thread: int | None, words: str
    ) -> Acknowledged:
        text = f"Run {self._run}: {words}."
        deadline = time.monotonic() + WAIT_S
        while True:
            if self._stopped.is_set():
                raise _Stopped
            answer = self._send(http, number, thread, text)
            if answer is not None and answer.status_code < 500:
                break
            assert time.monotonic() < deadline, f"{text}: given up, {answer and answer.text}"
            with self._changed:
                self.refusals.append(NO_ANSWER if answer is None else answer.status_code)
                self._changed.notify_all()
            self._stopped.wait(_AGAIN_AFTER_S)
        assert answer.status_code == httpx.codes.OK, f"{text}: {answer.text}"
        told = answer.json()
        acknowledged = Acknowledged(int(told["thread"]), int(told["id"]), text)
        with self._changed:
            self.acknowledged.append(acknowledged)
            self._of_client[number] += 1
            self._changed.notify_all()
        return acknowledged

    def _send(
        self, http: httpx.Client, number: int, thread: int | None, text: str
    ) -> httpx.Response | None:
        """None: no answer. Whether the post was stored can't be known."""
        fields = {"board": self.board, "body": text}
        if thread is not None:
            fields["thread"] = str(thread)
        headers = {
            "Accept": "application/json",
            "X-Forwarded-For": f"192.0.2.{number + 1}",
        }
        if self.has_keys:
            headers["Idempotency-Key"] = f"key of {text}"
        try:
            return http.post("/post", data=fields, headers=headers)
        except httpx.TransportError:
            return None


class _Stopped(Exception):
    """The test wants no more posts."""


def not_shown(board: BoardProcess, posts: list[Acknowledged]) -> list[Acknowledged]:
    """Those that their threads' pages lack. A post is an element whose id is its number."""
    pages = {post.thread: board.http.get(f"/{BOARD}/res/{post.thread}.html").text for post in posts}
    return [
        post
        for post in posts
        if f'id="{post.no}"' not in pages[post.thread] or post.text not in pages[post.thread]
    ]


def shown_twice(board: BoardProcess, posts: list[Acknowledged]) -> list[str]:
    """Texts that more than one post of the board has."""
    threads = {post.thread for post in posts}
    published = Counter(
        shown["com"]
        for thread in threads
        for shown in board.read(f"/{BOARD}/res/{thread}.json")["posts"]
    )
    return [text for text, times in published.items() if times > 1]
