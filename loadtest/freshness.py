"""How long a post takes: until it is answered, and until a reader sees it.

    python -m loadtest.freshness --url http://127.0.0.1:8080 --replies 50
    python -m loadtest.freshness --picture            (each with a JPEG of 200 KB)

One client, one connection. It fills threads to the given number of replies, then posts ten more
to each; after every answer it fetches the thread's page through nginx, again and again, until
the post is on it. Run it against a board that was started with --no-limits.
"""

from __future__ import annotations

import argparse
import http.client
import io
import json
import platform
import random
import re
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from PIL import Image

#: Measured posts per thread: few, so that its length hardly changes under the measurement.
_PER_THREAD = 10
_VISIBLE_WAIT_S_MAX = 10.0
_THUMBNAIL = re.compile(rb'src="(/[a-z0-9]+/thumb/[^"]+)"')

TEXT = (
    "The kettle on the second hob took four minutes and ten seconds from cold, lid on, a litre "
    "of water at nineteen degrees. Without the lid it was five and a half. Nobody had noted the "
    "pressure, so"
)


@dataclass
class Client:
    """One poster with one connection, and one reader with another."""

    host: str
    board: str
    #: A JPEG that goes with each measured post; None: text alone.
    picture: bytes | None = None
    _posting: http.client.HTTPConnection = field(init=False)
    _reading: http.client.HTTPConnection = field(init=False)
    _sent: int = 0

    def __post_init__(self) -> None:
        self._posting = http.client.HTTPConnection(self.host, timeout=30)
        self._reading = http.client.HTTPConnection(self.host, timeout=30)

    def post(self, thread: str | None, *, with_picture: bool = False) -> dict[str, str]:
        """Send a post and return the JSON answer."""
        self._sent += 1
        fields = {
            "board": self.board,
            "body": f"{TEXT} number {self._sent} it is.",
            "post": "New Reply" if thread else "New Topic",
            "json_response": "1",
        }
        if thread:
            fields["thread"] = thread
        body: str | bytes = urlencode(fields)
        content_type = "application/x-www-form-urlencoded"
        if with_picture and self.picture is not None:
            body, content_type = multipart(fields, self.picture)
        self._posting.request("POST", "/post", body, {"Content-Type": content_type})
        response = self._posting.getresponse()
        text = response.read()
        if response.status != http.HTTPStatus.OK:
            sys.exit(f"the board refused a post ({response.status}): {text.decode()[:300]}")
        answer: dict[str, str] = json.loads(text)
        return answer

    def wait_until_visible(self, thread: str, no: str, *, with_picture: bool = False) -> None:
        """Until the page shows the post, and its thumbnail can be fetched if it has one."""
        mark = f'id="{no}"'.encode()
        deadline = time.perf_counter() + _VISIBLE_WAIT_S_MAX
        page = self._page(thread)
        while mark not in page:
            if time.perf_counter() > deadline:
                sys.exit(f"post {no} is not on its page after {_VISIBLE_WAIT_S_MAX:.0f} s")
            page = self._page(thread)
        if with_picture and self.picture is not None:
            thumbnail = _THUMBNAIL.search(page, page.index(mark))
            if thumbnail is None or not self._get(thumbnail[1].decode()):
                sys.exit(f"the thumbnail of post {no} is not there")

    def _page(self, thread: str) -> bytes:
        return self._get(f"/{self.board}/res/{thread}.html")

    def _get(self, path: str) -> bytes:
        self._reading.request("GET", path)
        response = self._reading.getresponse()
        body = response.read()
        return body if response.status == http.HTTPStatus.OK else b""


@dataclass(frozen=True)
class Times:
    """Seconds from sending: to the answer, and to the page that shows the post."""

    answer_s: list[float]
    visible_s: list[float]


def multipart(fields: dict[str, str], picture: bytes) -> tuple[bytes, str]:
    """The form with a file, and its Content-Type."""
    boundary = "one-part-of-the-form-ends-here"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = 'Content-Disposition: form-data; name="file"; filename="picture.jpg"'
    parts.append(f"--{boundary}\r\n{head}\r\n\r\n".encode() + picture)
    parts.append(f"\r\n--{boundary}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"


def a_picture() -> bytes:
    """A JPEG of 1600 x 1200 pixels and about 200 KB, the same each time."""
    grain = random.Random(1).randbytes(100 * 75)  # noqa: S311 -- repeatable is the point
    coarse = Image.frombytes("L", (100, 75), grain)
    out = io.BytesIO()
    coarse.resize((1600, 1200)).convert("RGB").save(out, "JPEG", quality=76)
    return out.getvalue()


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
            answer = client.post(thread, with_picture=True)
            times.answer_s.append(time.perf_counter() - began_s)
            client.wait_until_visible(thread, answer["id"], with_picture=True)
            times.visible_s.append(time.perf_counter() - began_s)
    return times


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """{'p50': …, 'p95': …, 'p99': …} in milliseconds."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {
        name: round(cuts[cut - 1] * 1000, 2)
        for name, cut in (("p50", 50), ("p95", 95), ("p99", 99))
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--board", default="b")
    parser.add_argument("--replies", type=int, default=50, help="replies that a thread has before")
    parser.add_argument("--posts", type=int, default=200, help="posts that are measured")
    parser.add_argument("--picture", action="store_true", help="with a JPEG of 200 KB")
    parser.add_argument("--json", action="store_true", help="figures for a program")
    options = parser.parse_args()

    picture = a_picture() if options.picture else None
    client = Client(urlsplit(options.url).netloc, options.board, picture)
    times = measure(client, replies=options.replies, posts=options.posts)
    figures = {"answer": percentiles(times.answer_s), "visible": percentiles(times.visible_s)}
    if options.json:
        print(json.dumps({"replies": options.replies, "posts": options.posts, "ms": figures}))
        return 0
    what = f"replies with a JPEG of {len(picture) // 1024} KB" if picture else "replies"
    print(f"{options.posts} {what} to threads of {options.replies}, {platform.machine()}:")
    for name, row in figures.items():
        print(f"  {name:8}" + "".join(f"  {cut} {value:7.2f} ms" for cut, value in row.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
