"""How long a post takes: until it is answered, and until a reader sees it.

    python -m loadtest.freshness --url http://127.0.0.1:8080 --replies 50
    python -m loadtest.freshness --picture            (each with a JPEG of 200 KB; 4: with four)

One client, one connection. It fills threads to the given number of replies, then posts ten more
to each; after every answer it fetches the thread's page through nginx, again and again, until
the post is on it. Run it against a board that was started with --no-limits.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import sys
import time
from dataclasses import dataclass, field
from http import HTTPStatus

from loadtest import forms, pictures, texts
from loadtest.connection import Connection
from loadtest.percentiles import percentiles_ms

#: Measured posts per thread: few, so that its length hardly changes under the measurement.
_PER_THREAD = 10
_VISIBLE_WAIT_S_MAX = 10.0
_THUMBNAIL = re.compile(rb'src="(/[a-z0-9]+/thumb/[^"]+)"')


@dataclass
class Client:
    """One poster with one connection, and one reader with another."""

    url: str
    board: str
    #: JPEGs that go with each measured post.
    pictures: tuple[bytes, ...] = ()
    _posting: Connection = field(init=False)
    _reading: Connection = field(init=False)
    _sent: int = 0

    def __post_init__(self) -> None:
        self._posting = Connection(self.url)
        self._reading = Connection(self.url)

    def post(self, thread: str | None, *, with_pictures: bool = False) -> dict[str, str]:
        """Send a post and return the JSON answer."""
        self._sent += 1
        fields = forms.post_fields(
            self.board, thread, f"{texts.ONE_TEXT} number {self._sent} it is."
        )
        form = forms.urlencoded(fields)
        if with_pictures and self.pictures:
            form = forms.multipart(fields, *self.pictures)
        status, text = self._posting.post(form.body, form.headers)
        if status != HTTPStatus.OK:
            sys.exit(f"the board refused a post ({status}): {text.decode()[:300]}")
        answer: dict[str, str] = json.loads(text)
        return answer

    def wait_until_visible(self, thread: str, no: str, *, with_pictures: bool = False) -> None:
        """Until the page shows the post, and its first thumbnail can be fetched if it has one."""
        mark = f'id="{no}"'.encode()
        deadline = time.perf_counter() + _VISIBLE_WAIT_S_MAX
        page = self._page(thread)
        while mark not in page:
            if time.perf_counter() > deadline:
                sys.exit(f"post {no} is not on its page after {_VISIBLE_WAIT_S_MAX:.0f} s")
            page = self._page(thread)
        if with_pictures and self.pictures:
            thumbnail = _THUMBNAIL.search(page, page.index(mark))
            if thumbnail is None or not self._get(thumbnail[1].decode()):
                sys.exit(f"the thumbnail of post {no} is not there")

    def _page(self, thread: str) -> bytes:
        return self._get(f"/{self.board}/res/{thread}.html")

    def _get(self, path: str) -> bytes:
        status, body = self._reading.get(path)
        return body if status == HTTPStatus.OK else b""


@dataclass(frozen=True)
class Times:
    """Seconds from sending: to the answer, and to the page that shows the post."""

    answer_s: list[float]
    visible_s: list[float]


def measure(client: Client, *, replies: int, posts: int) -> Times:
    """Times of `posts` replies to threads of `replies` replies."""
    times = Times([], [])
    while len(times.answer_s) < posts:
        thread = client.post(None)["thread"]
        for _ in range(replies):
            last = client.post(thread)
        client.wait_until_visible(thread, last["id"] if replies else thread)
        for _ in range(min(_PER_THREAD, posts - len(times.answer_s))):
            began_s = time.perf_counter()
            answer = client.post(thread, with_pictures=True)
            times.answer_s.append(time.perf_counter() - began_s)
            client.wait_until_visible(thread, answer["id"], with_pictures=True)
            times.visible_s.append(time.perf_counter() - began_s)
    return times


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--board", default="b")
    parser.add_argument("--replies", type=int, default=50, help="replies that a thread has before")
    parser.add_argument("--posts", type=int, default=200, help="posts that are measured")
    parser.add_argument(
        "--picture", nargs="?", type=int, const=1, default=0, help="with so many JPEGs of 200 KB"
    )
    parser.add_argument("--json", action="store_true", help="figures for a program")
    options = parser.parse_args()

    sent = tuple(pictures.jpeg(seed=number) for number in range(1, options.picture + 1))
    client = Client(options.url, options.board, sent)
    times = measure(client, replies=options.replies, posts=options.posts)
    figures = {"answer": percentiles_ms(times.answer_s), "visible": percentiles_ms(times.visible_s)}
    if options.json:
        print(json.dumps({"replies": options.replies, "posts": options.posts, "ms": figures}))
        return 0
    what = f"replies with {len(sent)} JPEG of {len(sent[0]) // 1024} KB" if sent else "replies"
    print(f"{options.posts} {what} to threads of {options.replies}, {platform.machine()}:")
    for name, row in figures.items():
        print(f"  {name:8}" + "".join(f"  {cut} {value:7.2f} ms" for cut, value in row.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
