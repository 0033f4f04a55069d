"""Looks at threads' pages until each new post is on its page, or each deleted one is not.

One greenlet for each thread that something is awaited in, however many posts that is: what the
looking costs the board depends on its threads, not on its posters.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass
from http import HTTPStatus

import gevent
from geventhttpclient.client import HTTPClient
from locust.event import Events

from loadtest import page_checks
from loadtest.counts import VISIBLE
from loadtest.tally import Tally

#: What takes longer is late, which is a failure; whether it is lost is for the last look to say.
WAIT_S_MAX = 10.0
#: The next look is after a fifth of the time that the newest post has waited, within these bounds:
#: so each time is too long by a fifth at most, and a board that is slow is not asked for ever more.
_LOOK_EVERY_S_MIN = 0.004
_LOOK_EVERY_S_MAX = 0.1
_CONNECTIONS = 8
_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Awaited:
    """A post, and since when its page should show it, or show it no more."""

    no: int
    since_s: float
    name: str
    is_to_be_shown: bool

    def has_come_about(self, page: bytes) -> bool:
        return page_checks.shows(page, self.no) == self.is_to_be_shown


class TooLate(Exception):
    """Not on its page after WAIT_S_MAX, or still on it."""


class Lookout:
    """Times from sending to visible, told to Locust as requests of the kind "visible"."""

    def __init__(self, host: str, board: str, tally: Tally, events: Events) -> None:
        self._board = board
        self._tally = tally
        self._events = events
        self._http = HTTPClient.from_url(
            host,
            concurrency=_CONNECTIONS,
            connection_timeout=_TIMEOUT_S,
            network_timeout=_TIMEOUT_S,
            insecure=True,
        )
        self._awaited: defaultdict[int, list[Awaited]] = defaultdict(list)
        self._followed: set[int] = set()

    @property
    def waiting(self) -> int:
        """Posts that are awaited just now."""
        return sum(map(len, self._awaited.values()))

    def watch_for(self, thread: int, no: int, *, since_s: float, name: str) -> None:
        """A new post, sent at `since_s` of time.perf_counter."""
        self._watch(thread, Awaited(no, since_s, name, is_to_be_shown=True))

    def watch_go(self, thread: int, no: int, *, since_s: float, name: str) -> None:
        """A post whose deletion was sent then; whether it was ever shown matters no more."""
        self._awaited[thread] = [each for each in self._awaited.get(thread, []) if each.no != no]
        self._watch(thread, Awaited(no, since_s, name, is_to_be_shown=False))

    def settle(self) -> None:
        """Wait until nothing is awaited any more: WAIT_S_MAX at most, and one look."""
        while self.waiting:
            gevent.sleep(_LOOK_EVERY_S_MAX)

    def _watch(self, thread: int, awaited: Awaited) -> None:
        self._awaited[thread].append(awaited)
        if thread not in self._followed:
            self._followed.add(thread)
            gevent.spawn(self._follow, thread)

    def _follow(self, thread: int) -> None:
        """Until nothing is awaited in the thread."""
        page: bytes | None = None
        etag = ""
        while self._awaited[thread]:
            fresh, etag = self._read(thread, etag)
            now_s = time.perf_counter()
            page = page if fresh is None else fresh
            # Also a page that is as it was: what is awaited may have come onto it before.
            self._settle(thread, page, now_s)
            gevent.sleep(self._pause_s(thread, now_s))
        del self._awaited[thread]
        self._followed.remove(thread)

    def _pause_s(self, thread: int, now_s: float) -> float:
        newest_s = max((each.since_s for each in self._awaited[thread]), default=now_s)
        return min(_LOOK_EVERY_S_MAX, max(_LOOK_EVERY_S_MIN, (now_s - newest_s) / 5))

    def _settle(self, thread: int, page: bytes | None, now_s: float) -> None:
        """None: nobody has been able to read the page yet."""
        still = []
        for awaited in self._awaited[thread]:
            waited_s = now_s - awaited.since_s
            if page is not None and awaited.has_come_about(page):
                self._tell(awaited, waited_s, None)
                self._tally.shown_threads.add(thread)
            elif waited_s > WAIT_S_MAX:
                self._tally.late += 1
                self._tell(awaited, waited_s, TooLate())
            else:
                still.append(awaited)
        self._awaited[thread] = still

    def _tell(self, awaited: Awaited, waited_s: float, fault: Exception | None) -> None:
        self._events.request.fire(
            request_type=VISIBLE,
            name=awaited.name,
            response_time=waited_s * 1000,
            response_length=0,
            exception=fault,
            context={},
        )

    def _read(self, thread: int, etag: str) -> tuple[bytes | None, str]:
        """The page and its ETag; None: it is as it was, or could not be read. b'': it is gone."""
        headers = {"If-None-Match": etag} if etag else {}
        try:
            response = self._http.request(
                "GET", f"/{self._board}/res/{thread}.html", headers=headers
            )
            body = bytes(response.read())
        except Exception:
            return None, etag
        status = response.get_code()
        if status == HTTPStatus.NOT_FOUND:
            return b"", ""
        if status != HTTPStatus.OK:
            return None, etag
        return body, str(response.get("etag") or "")
