"""Whether a page is whole, and no older than the one before: searches of bytes, no parsing.

The load generator shares the machine with the board, so what it does with each page is cheap.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import NamedTuple

_POST = b'<article class="post'
_POST_ID = re.compile(rb'<article class="post[^>]* id="(\d+)"')
_THREAD_LINK = re.compile(rb'href="/[^"/]+/res/(\d+)\.html"')
_THUMBNAIL = re.compile(rb'src="(/[^"/]+/thumb/[^"]+)"')
_ASSET = re.compile(rb'(?:href|src)="(/assets/[^"]+)"')


class Shown(NamedTuple):
    """What a thread's page shows."""

    newest: int
    posts: int


def is_whole_page(body: bytes) -> bool:
    """Whether an HTML page goes on to its end."""
    return body.endswith((b"</html>\n", b"</html>"))


def is_whole_json(body: bytes) -> bool:
    """Whether a JSON page goes on to its end."""
    return body.rstrip()[-1:] in (b"}", b"]")


def shown_on(body: bytes) -> Shown | None:
    """The number of the last post on a thread's page, and how many there are; None: no post.

    Posts stand in the order in which they came, so the last is the newest.
    """
    last = _POST_ID.match(body, max(0, body.rfind(_POST)))
    return Shown(int(last[1]), body.count(_POST)) if last else None


def shows(body: bytes, no: int) -> bool:
    """Whether the page has the post."""
    return f' id="{no}"'.encode() in body


def times_said(body: bytes, text: str) -> int:
    """How often the posts of a page say it; the page's head tells how the first begins, too."""
    return body.count(text.encode(), max(0, body.find(_POST)))


def thread_links(body: bytes) -> list[int]:
    """Threads that a page leads to, in its order, each once."""
    return list(dict.fromkeys(int(no) for no in _THREAD_LINK.findall(body)))


def thumbnails(body: bytes, count_max: int) -> list[str]:
    """Addresses of the first pictures of a page."""
    found = (match[1].decode() for match in _THUMBNAIL.finditer(body))
    return [url for url, _ in zip(found, range(count_max), strict=False)]


def assets(body: bytes) -> list[str]:
    """Addresses of style sheets, scripts and icons of a page, each once."""
    return list(dict.fromkeys(url.decode() for url in _ASSET.findall(body)))


class ReaderMemory:
    """What one reader has seen of each thread; the threads longest unseen are forgotten."""

    _THREADS_MAX = 200

    def __init__(self) -> None:
        self._seen: OrderedDict[int, Shown] = OrderedDict()

    def step_back(self, thread: int, body: bytes) -> Shown | None:
        """What this reader saw before, if this page shows an earlier state of the thread.

        Earlier: its newest post is older, or it has fewer posts. A deletion does both, so who
        asks has to know of those (see `Tally.steps_back`).
        """
        now = shown_on(body) or Shown(0, 0)
        before = self._seen.get(thread, Shown(0, 0))
        self._seen[thread] = now
        self._seen.move_to_end(thread)
        if len(self._seen) > self._THREADS_MAX:
            self._seen.popitem(last=False)
        return before if now.newest < before.newest or now.posts < before.posts else None
