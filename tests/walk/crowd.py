"""Many people who post at a steady rate and do not give up, one in five with a picture."""

from __future__ import annotations

import io
import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx
from PIL import Image

from tests.deploy.stand_ins import WAIT_S
from tests.walk.board_process import BoardProcess
from tests.walk.posters import BOARD, NO_ANSWER

CLIENTS = 12
THREADS = 20
#: One post in so many has a picture.
PICTURE_EVERY = 5
#: What was refused is sent again after the first of these pauses, which double up to the second:
#: soon, since most of what is wrong is over soon, and more seldom when it is not.
_AGAIN_AFTER_S = (0.1, 1.0)


class Sent(NamedTuple):
    """A post that the board has said it holds."""

    thread: int
    no: int
    text: str
    has_picture: bool
    #: When somebody wanted to send it, and when it was acknowledged, of time.monotonic.
    due_s: float
    acknowledged_s: float


@dataclass
class Crowd:
    """Sends `posts_per_s`; what was refused with 5xx, or not answered, is sent again.

    With the same Idempotency-Key, from the same address: a post that was stored without an
    answer is not stored twice. When all `clients` wait for a board that is down, posts come later
    and no faster; unless `catches_up`: then each is due at a moment of its own, as nobody wants to
    say less because the board is down, and those that are late are sent at once when it is back.
    """

    url: str
    posts_per_s: float
    clients: int = CLIENTS
    catches_up: bool = False
    board: str = BOARD
    acknowledged: list[Sent] = field(default_factory=list)
    #: {status, or NO_ANSWER: how often something was sent in vain}
    refusals: Counter[int] = field(default_factory=Counter)
    faults: list[BaseException] = field(default_factory=list)
    _threads: list[int] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _next_s: float = 0.0
    _ended_s: float = float("inf")

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """They post while the block lasts; at its end all that was sent is acknowledged, and with
        `catches_up` all that was due.
        """
        limits = httpx.Limits(max_connections=self.clients, max_keepalive_connections=self.clients)
        with httpx.Client(base_url=self.url, timeout=WAIT_S, limits=limits) as http:
            for _ in range(THREADS):
                sent = self._post(http, next(self._numbers), 0, time.monotonic())
                self._threads.append(sent.thread)
            self._next_s = time.monotonic()
            clients = [
                threading.Thread(target=self._be_client, args=(http, n))
                for n in range(self.clients)
            ]
            for client in clients:
                client.start()
            try:
                yield
            finally:
                self._ended_s = time.monotonic()
                self._stopped.set()
                for client in clients:
                    client.join()
        if self.faults:
            raise self.faults[0]

    def _be_client(self, http: httpx.Client, client: int) -> None:
        try:
            while True:
                number, due_s = self._next_turn()
                if self._stopped.wait(max(0.0, due_s - time.monotonic())) and self._is_over(due_s):
                    return
                self._post(http, number, client, due_s)
        except BaseException as ex:
            self.faults.append(ex)
            self._ended_s = float("-inf")
            self._stopped.set()

    def _next_turn(self) -> tuple[int, float]:
        """The number of a post, and when it is due."""
        with self._lock:
            due_s = self._next_s if self.catches_up else max(time.monotonic(), self._next_s)
            self._next_s = due_s + 1 / self.posts_per_s
            return next(self._numbers), due_s

    def _is_over(self, due_s: float) -> bool:
        return not self.catches_up or due_s > self._ended_s

    def _post(self, http: httpx.Client, number: int, client: int, due_s: float) -> Sent:
        text = f"Post {number} of the crowd."
        fields = {"board": self.board, "body": text}
        if len(self._threads) == THREADS:
            fields["thread"] = str(self._threads[number % THREADS])
        parts: list[tuple[str, Any]] = [(name, (None, value)) for name, value in fields.items()]
        has_picture = number % PICTURE_EVERY == 0
        if has_picture:
            parts.append(("file", (f"{number}.png", _picture(number))))
        told = self._insist(http, parts, f"key of post {number}", client)
        no, thread = int(told["id"]), int(told["thread"])
        sent = Sent(thread, no, text, has_picture, due_s, time.monotonic())
        self.acknowledged.append(sent)
        return sent

    def _insist(self, http: httpx.Client, parts: Any, key: str, client: int) -> dict[str, str]:
        headers = {
            "Accept": "application/json",
            "Idempotency-Key": key,
            "X-Forwarded-For": f"192.0.2.{client + 1}",
        }
        deadline = time.monotonic() + WAIT_S
        pause_s, pause_s_max = _AGAIN_AFTER_S
        while True:
            status, answer = _answer(http, parts, headers)
            if status == httpx.codes.OK:
                told: dict[str, str] = answer
                return told
            assert status == NO_ANSWER or status >= 500, f"{key}: {status} {answer}"
            assert time.monotonic() < deadline, f"{key}: given up after {status}"
            with self._lock:
                self.refusals[status] += 1
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, pause_s_max)


def _answer(http: httpx.Client, parts: Any, headers: dict[str, str]) -> tuple[int, Any]:
    """(NO_ANSWER, None): whether the post was stored can't be known."""
    try:
        answer = http.post("/post", files=parts, headers=headers)
    except httpx.TransportError:
        return NO_ANSWER, None
    is_json = answer.headers.get("Content-Type", "").startswith("application/json")
    return answer.status_code, answer.json() if is_json else answer.text


def _picture(number: int) -> bytes:
    """No two are alike."""
    out = io.BytesIO()
    colour = (number % 256, number // 256 % 256, 90)
    Image.new("RGB", (320, 240), colour).save(out, "png")
    return out.getvalue()


def differences(board: BoardProcess, crowd: Crowd) -> list[str]:
    """Acknowledged posts that are not on their pages as they were sent, and texts shown twice."""
    shown: dict[int, dict[str, Any]] = {}
    pages: dict[int, str] = {}
    for thread in {sent.thread for sent in crowd.acknowledged}:
        posts = board.read(f"/{crowd.board}/res/{thread}.json")["posts"]
        shown |= {post["no"]: post for post in posts}
        pages[thread] = board.http.get(f"/{crowd.board}/res/{thread}.html").text
    wrong = []
    for sent in crowd.acknowledged:
        post = shown.get(sent.no)
        if post is None or post["com"] != sent.text or f'id="{sent.no}"' not in pages[sent.thread]:
            wrong.append(f"lost: {sent}")
        elif sent.has_picture and not _has_picture(board, crowd.board, post):
            wrong.append(f"without its picture: {sent}")
    times = Counter(post["com"] for post in shown.values())
    return wrong + [f"shown twice: {text}" for text, count in times.items() if count > 1]


def _has_picture(board: BoardProcess, name: str, post: dict[str, Any]) -> bool:
    path = f"/{name}/src/{post.get('tim')}{post.get('ext')}"
    return board.http.head(path).status_code == httpx.codes.OK
