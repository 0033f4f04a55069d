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

from tests.walk.board_process import BoardProcess
from tests.walk.posters import BOARD, NO_ANSWER

CLIENTS = 12
THREADS = 20
#: One post in so many has a picture.
PICTURE_EVERY = 5
#: After the end of the run everybody still gets an answer; only a board that is stuck needs this.
_PATIENCE_S = 120.0
_AGAIN_AFTER_S = 0.1


class Sent(NamedTuple):
    """A post that the board has said it holds."""

    thread: int
    no: int
    text: str
    has_picture: bool


@dataclass
class Crowd:
    """Sends `posts_per_s`; what was refused with 5xx, or not answered, is sent again.

    With the same Idempotency-Key, from the same address: a post that was stored without an
    answer is not stored twice. When the board is down posts come later, and no faster.
    """

    url: str
    posts_per_s: float
    acknowledged: list[Sent] = field(default_factory=list)
    #: {status, or NO_ANSWER: how often something was sent in vain}
    refusals: Counter[int] = field(default_factory=Counter)
    faults: list[BaseException] = field(default_factory=list)
    _threads: list[int] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _next_s: float = 0.0

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """They post while the block lasts; at its end all that was sent is acknowledged."""
        with httpx.Client(base_url=self.url, timeout=30) as http:
            for _ in range(THREADS):
                self._threads.append(self._post(http, next(self._numbers), 0).thread)
        self._next_s = time.monotonic()
        clients = [threading.Thread(target=self._be_client, args=(n,)) for n in range(CLIENTS)]
        for client in clients:
            client.start()
        try:
            yield
        finally:
            self._stopped.set()
            for client in clients:
                client.join()
        if self.faults:
            raise self.faults[0]

    def _be_client(self, client: int) -> None:
        try:
            with httpx.Client(base_url=self.url, timeout=30) as http:
                while not self._stopped.wait(self._next_turn_s()):
                    self._post(http, next(self._numbers), client)
        except BaseException as ex:
            self.faults.append(ex)
            self._stopped.set()

    def _next_turn_s(self) -> float:
        """How long to wait; turns that nobody could take are not made up for."""
        with self._lock:
            now_s = time.monotonic()
            self._next_s = max(now_s, self._next_s + 1 / self.posts_per_s)
            return self._next_s - now_s

    def _post(self, http: httpx.Client, number: int, client: int) -> Sent:
        text = f"Post {number} of the crowd."
        fields = {"board": BOARD, "body": text}
        if len(self._threads) == THREADS:
            fields["thread"] = str(self._threads[number % THREADS])
        parts: list[tuple[str, Any]] = [(name, (None, value)) for name, value in fields.items()]
        has_picture = number % PICTURE_EVERY == 0
        if has_picture:
            parts.append(("file", (f"{number}.png", _picture(number))))
        told = self._insist(http, parts, f"key of post {number}", client)
        sent = Sent(int(told["thread"]), int(told["id"]), text, has_picture)
        self.acknowledged.append(sent)
        return sent

    def _insist(self, http: httpx.Client, parts: Any, key: str, client: int) -> dict[str, str]:
        headers = {
            "Accept": "application/json",
            "Idempotency-Key": key,
            "X-Forwarded-For": f"192.0.2.{client + 1}",
        }
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            status, answer = _answer(http, parts, headers)
            if status == httpx.codes.OK:
                told: dict[str, str] = answer
                return told
            assert status == NO_ANSWER or status >= 500, f"{key}: {status} {answer}"
            assert time.monotonic() < deadline, f"{key}: given up after {status}"
            with self._lock:
                self.refusals[status] += 1
            time.sleep(_AGAIN_AFTER_S)


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
        posts = board.read(f"/{BOARD}/res/{thread}.json")["posts"]
        shown |= {post["no"]: post for post in posts}
        pages[thread] = board.http.get(f"/{BOARD}/res/{thread}.html").text
    wrong = []
    for sent in crowd.acknowledged:
        post = shown.get(sent.no)
        if post is None or post["com"] != sent.text or f'id="{sent.no}"' not in pages[sent.thread]:
            wrong.append(f"lost: {sent}")
        elif sent.has_picture and not _has_picture(board, post):
            wrong.append(f"without its picture: {sent}")
    times = Counter(post["com"] for post in shown.values())
    return wrong + [f"shown twice: {text}" for text, count in times.items() if count > 1]


def _has_picture(board: BoardProcess, post: dict[str, Any]) -> bool:
    path = f"/{BOARD}/src/{post.get('tim')}{post.get('ext')}"
    return board.http.head(path).status_code == httpx.codes.OK
