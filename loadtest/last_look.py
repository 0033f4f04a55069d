"""The last look: is every acknowledged post on its page, once, and every deleted one gone?"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from loadtest import page_checks
from loadtest.connection import Connection
from loadtest.tally import Acknowledged, Place, Tally

#: For so long the board may go on publishing after the last user has stopped.
PATIENCE_S = 10.0
_LOOK_EVERY_S = 0.25


@dataclass(frozen=True, slots=True)
class LastLook:
    """Posts that are not as they should be."""

    missing: Sequence[Acknowledged]
    doubled: Sequence[Acknowledged]
    still_there: Sequence[Place]


def look(
    host: str,
    board: str,
    tally: Tally,
    *,
    patience_s: float = PATIENCE_S,
    sleep: Callable[[float], None] = time.sleep,
) -> LastLook:
    """Read the page of each thread that was posted to, until all is well or patience ends."""
    deadline = time.monotonic() + patience_s
    deleted = set(tally.deleted)
    wanted = [post for post in tally.acknowledged if Place(post.thread, post.no) not in deleted]
    with Connection(host) as connection:
        while True:
            pages = _Pages(connection, board, tally.shown_threads)
            found = _compare(pages, wanted, tally.deleted)
            is_well = not (found.missing or found.still_there)
            if is_well or time.monotonic() > deadline:
                return found
            # What was found stays found: only what is amiss is looked at again.
            wanted = [post for post in wanted if post in set(found.missing)] + list(found.doubled)
            sleep(_LOOK_EVERY_S)


class _Pages:
    """Threads' pages, each read once."""

    def __init__(self, connection: Connection, board: str, shown_threads: set[int]) -> None:
        self._connection = connection
        self._board = board
        self._shown_threads = shown_threads
        self._pages: dict[int, bytes | None] = {}

    def of(self, thread: int) -> bytes | None:
        """b'': not there, though it should be; None: pruned, as full boards do with old threads."""
        if thread not in self._pages:
            self._pages[thread] = self._read(thread)
        return self._pages[thread]

    def _read(self, thread: int) -> bytes | None:
        status, body = self._connection.get(f"/{self._board}/res/{thread}.html")
        if status == HTTPStatus.OK:
            return body
        was_shown = thread in self._shown_threads
        is_gone = status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
        return None if is_gone and was_shown and self._board_is_full() else b""

    def _board_is_full(self) -> bool:
        """Whether each new thread pushes one off the board's last page."""
        _, boards = self._connection.get("/boards.json")
        _, pages = self._connection.get(f"/{self._board}/threads.json")
        settings = next(
            each for each in json.loads(boards)["boards"] if each["board"] == self._board
        )
        threads = sum(len(page["threads"]) for page in json.loads(pages))
        return bool(threads >= settings["pages"] * settings["per_page"])


def _compare(pages: _Pages, wanted: Iterable[Acknowledged], deleted: Iterable[Place]) -> LastLook:
    by_thread: defaultdict[int, list[Acknowledged]] = defaultdict(list)
    for post in wanted:
        by_thread[post.thread].append(post)
    missing, doubled = [], []
    for thread, posts in by_thread.items():
        page = pages.of(thread)
        if page is None:
            continue
        missing += [post for post in posts if not page_checks.shows(page, post.no)]
        doubled += [post for post in posts if page_checks.times_said(page, post.mark) > 1]
    still_there = [
        place for place in deleted if page_checks.shows(pages.of(place.thread) or b"", place.no)
    ]
    return LastLook(missing, doubled, still_there)
