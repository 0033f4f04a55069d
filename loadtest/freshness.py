"""How long a post takes: until it is answered, and until a reader sees it.

    python -m loadtest.freshness --url http://127.0.0.1:8080 --replies 50
    python -m loadtest.freshness --picture            (each with a JPEG of 200 KB; 4: with four)
    python -m loadtest.freshness --film --posts 20    (each with a WebM of 3 MB and a minute)

One client, one connection. It fills threads to the given number of replies, then posts ten more
to each; after every answer it fetches the thread's page through nginx, again and again, until
the post is on it. Run it against a board that was started with --no-limits.
"""

from __future__ import annotations

import argparse
import gzip
import json
import platform
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from loadtest import films, forms, pictures, texts
from loadtest.connection import Connection
from loadtest.percentiles import percentiles_ms

#: Measured posts per thread: few, so that its length hardly changes under the measurement.
PER_THREAD = 10
_VISIBLE_WAIT_S_MAX = 10.0
_GZIP = b"\x1f\x8b"
_THUMBNAIL = re.compile(rb'src="(/[a-z0-9]+/thumb/[^"]+)"')


@dataclass(frozen=True)
class Attached:
    """Files that go with a measured post: never the same twice."""

    #: 'JPEG of 200 KB'.
    what: str
    #: As its poster calls it.
    name: str
    #: Of the n-th post.
    made: Callable[[int], tuple[bytes, ...]]
    #: Its thumbnail is there when its post is seen; that of a film follows.
    has_thumbnail: bool = True


def jpegs(count: int) -> Attached:
    return Attached(
        f"{count} JPEG of 200 KB",
        "picture.jpg",
        lambda number: tuple(pictures.jpeg(seed=number * count + n) for n in range(count)),
    )


def webms() -> Attached:
    return Attached(
        "a WebM of 3 MB", "film.webm", lambda number: (films.webm(number),), has_thumbnail=False
    )


@dataclass
class Client:
    """One poster with one connection, and one reader with another."""

    url: str
    board: str
    attached: Attached | None = None
    _posting: Connection = field(init=False)
    _reading: Connection = field(init=False)
    _sent: int = 0

    def __post_init__(self) -> None:
        self._posting = Connection(self.url)
        self._reading = Connection(self.url)

    def form(self, thread: str | None, *, with_files: bool = False) -> forms.Encoded:
        """The next post's."""
        self._sent += 1
        fields = forms.post_fields(
            self.board, thread, f"{texts.ONE_TEXT} number {self._sent} it is."
        )
        if not (with_files and self.attached):
            return forms.urlencoded(fields)
        return forms.multipart(fields, *self.attached.made(self._sent), name=self.attached.name)

    def post(self, form: forms.Encoded) -> dict[str, str]:
        """Send it and return the JSON answer."""
        status, text = self._posting.post(form.body, form.headers)
        if status != HTTPStatus.OK:
            sys.exit(f"the board refused a post ({status}): {text.decode()[:300]}")
        answer: dict[str, str] = json.loads(text)
        return answer

    def wait_until_visible(self, thread: str, no: str, *, with_files: bool = False) -> None:
        """Until the page shows the post, and its first thumbnail can be fetched if it has one."""
        mark = f'id="{no}"'.encode()
        deadline = time.perf_counter() + _VISIBLE_WAIT_S_MAX
        page = self._page(thread)
        while mark not in page:
            if time.perf_counter() > deadline:
                sys.exit(f"post {no} is not on its page after {_VISIBLE_WAIT_S_MAX:.0f} s")
            page = self._page(thread)
        if with_files and self.attached and self.attached.has_thumbnail:
            thumbnail = _THUMBNAIL.search(page, page.index(mark))
            if thumbnail is None or not self._get(thumbnail[1].decode()):
                sys.exit(f"the thumbnail of post {no} is not there")

    def _page(self, thread: str) -> bytes:
        return self._get(f"/{self.board}/res/{thread}.html")

    def _get(self, path: str) -> bytes:
        """As a browser asks for it. Plain and over loopback a page of 61 to 65 KB comes now and
        then 40 ms late: 33 of 15,500 reads, and none with nginx' `tcp_nopush off`. Who draws has
        no part in it.
        """
        status, body = self._reading.get(path, encoding="gzip")
        if status != HTTPStatus.OK:
            return b""
        return gzip.decompress(body) if body.startswith(_GZIP) else body


@dataclass(frozen=True)
class Times:
    """Seconds from sending: to the answer, and to the page that shows the post."""

    answer_s: list[float]
    visible_s: list[float]


def measure(client: Client, *, replies: int, posts: int) -> Times:
    """Times of `posts` replies to threads of `replies` replies."""
    times = Times([], [])
    while len(times.answer_s) < posts:
        thread = client.post(client.form(None))["thread"]
        for _ in range(replies):
            last = client.post(client.form(thread))
        client.wait_until_visible(thread, last["id"] if replies else thread)
        for _ in range(min(PER_THREAD, posts - len(times.answer_s))):
            form = client.form(thread, with_files=True)
            began_s = time.perf_counter()
            answer = client.post(form)
            times.answer_s.append(time.perf_counter() - began_s)
            client.wait_until_visible(thread, answer["id"], with_files=True)
            times.visible_s.append(time.perf_counter() - began_s)
    return times


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--board", default="b")
    parser.add_argument("--replies", type=int, default=50, help="replies that a thread has before")
    parser.add_argument("--posts", type=int, default=200, help="posts that are measured")
    attached = parser.add_mutually_exclusive_group()
    attached.add_argument(
        "--picture",
        dest="attached",
        metavar="COUNT",
        nargs="?",
        type=lambda count: jpegs(int(count)),
        const=jpegs(1),
        help="with so many JPEGs of 200 KB",
    )
    attached.add_argument(
        "--film", dest="attached", action="store_const", const=webms(), help="with a WebM of 3 MB"
    )
    parser.add_argument("--json", action="store_true", help="figures for a program")
    options = parser.parse_args()

    client = Client(options.url, options.board, options.attached)
    times = measure(client, replies=options.replies, posts=options.posts)
    figures = {"answer": percentiles_ms(times.answer_s), "visible": percentiles_ms(times.visible_s)}
    if options.json:
        print(json.dumps({"replies": options.replies, "posts": options.posts, "ms": figures}))
        return 0
    what = f"replies with {options.attached.what}" if options.attached else "replies"
    print(f"{options.posts} {what} to threads of {options.replies}, {platform.machine()}:")
    for name, row in figures.items():
        print(f"  {name:8}" + "".join(f"  {cut} {value:7.2f} ms" for cut, value in row.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
