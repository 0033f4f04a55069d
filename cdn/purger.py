"""Telling the CDN which of its copies are out of date.

A purge is asked for after the new bytes are stored, never before: the other way round the CDN may
fetch the old page again and keep it. Whoever calls decides what to do about a failure; nothing here
tries again by itself.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import quote

import urllib3

from imageboard import retry_after
from imageboard.errors import ImageboardError
from imageboard.words import N_

# Limits of https://developers.cloudflare.com/cache/how-to/purge-cache/ (read 2026-11-24).
URLS_PER_CALL_MAX = 100
URLS_PER_S_ON_FREE_PLAN = 800
# All of Cloudflare's API allows an account 1,200 calls in five minutes, and shuts it out for five
# more past that (https://developers.cloudflare.com/fundamentals/api/reference/limits/, read
# 2026-11-24). A little less than that, so that the operator can still use the dashboard. A part of
# them is saved up for what was removed, which then goes as fast as the plan takes URLs.
CALLS_PER_S = 3.0
URGENT_CALLS_PER_S = 0.5
URGENT_CALLS_SAVED = 30

RETRY_AFTER_S_UNSAID = 5.0
ANSWER_BYTES_MAX = 64 * 1024


class PurgeFailed(ImageboardError):
    message = N_("The CDN may still keep old copies.")


class PurgeTooFast(PurgeFailed):
    message = N_("The CDN purged nothing and wants to be left alone for {retry_after_s} s.")

    def __init__(self, *, retry_after_s: float) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(retry_after_s=retry_after_s)


class PurgeRefused(PurgeFailed):
    message = N_(
        "The CDN refuses to purge ({reason}), and will until CDN_ZONE_ID, CDN_API_TOKEN, "
        "CDN_BASE_URL or the rights of that token are mended."
    )


class PurgeUnreachable(PurgeFailed):
    message = N_("The CDN, asked to purge, did not answer that it has: {reason}.")


class Purger(Protocol):
    """Whatever keeps copies of pages and can be told to forget some."""

    def purge(self, urls: Sequence[str]) -> None:
        """Forget every copy of these absolute URLs, at most URLS_PER_CALL_MAX of them.

        Returns when the CDN has taken the order. Purging what is not kept is no error. A fetch
        that is under way may still bring the old bytes back, for as long as a page is fresh: what
        must be gone is purged again some seconds later.

        Raises:
            PurgeTooFast, PurgeRefused, PurgeUnreachable: see each.
        """


@dataclass
class CloudflarePurger:
    """Cloudflare's purge by URL.

    https://developers.cloudflare.com/api/resources/cache/methods/purge/ (read 2026-11-24). It may
    be used by several threads at once.
    """

    zone_id: str
    api_token: str = field(repr=False)
    """Needs one permission, "Cache Purge", on this zone alone."""

    api_url: str = "https://api.cloudflare.com/client/v4"
    timeout_s: float = 10.0
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __post_init__(self) -> None:
        timeout = urllib3.Timeout(connect=self.timeout_s, read=self.timeout_s)
        self._http = urllib3.PoolManager(timeout=timeout, retries=False, maxsize=8)

    def purge(self, urls: Sequence[str]) -> None:
        """See `Purger`."""
        check_batch(urls)
        if urls:
            self._check(*self._ask({"files": list(urls)}))

    def _ask(self, order: dict[str, Any]) -> tuple[int, Any, str | None]:
        """(status, the answer's JSON or None, Retry-After)."""
        try:
            # No redirect is followed: it would carry the token to wherever it points.
            answer = self._http.request(
                "POST",
                f"{self.api_url}/zones/{quote(self.zone_id, safe='')}/purge_cache",
                body=json.dumps(order).encode(),
                headers={
                    "Authorization": f"Bearer {self.api_token}",
                    "Content-Type": "application/json",
                },
                redirect=False,
                preload_content=False,
            )
            try:
                body = answer.read(ANSWER_BYTES_MAX)
            finally:
                # An answer read to its end has given its connection back already.
                answer.close()
        except urllib3.exceptions.HTTPError as ex:
            raise PurgeUnreachable(reason=type(ex).__name__) from ex
        return answer.status, _json_of(body), answer.headers.get("Retry-After")

    def _check(self, status: int, answer: Any, asked_to_wait: str | None) -> None:
        if status == 429:
            wait_s = retry_after.wait_s(asked_to_wait, self.now())
            raise PurgeTooFast(retry_after_s=RETRY_AFTER_S_UNSAID if wait_s is None else wait_s)
        if 400 <= status < 500:
            raise PurgeRefused(reason=f"status {status}: {_reason_of(answer)}")
        if status != 200:
            raise PurgeUnreachable(reason=f"status {status}")
        if not (isinstance(answer, dict) and answer.get("success") is True):
            raise PurgeUnreachable(reason=_reason_of(answer))


def urls_of(path: str, base_url: str) -> tuple[str, ...]:
    """Every URL under which the file at `path` below the web root is read.

    'b/index.html' -> https://example.org/b/ and https://example.org/b/index.html;
    'b/res/1.json' -> also /b/thread/1.json; 'b/res/1+50.html' keeps its plus, as browsers do.
    """
    *folders, name = path.split("/")
    names = [path]
    if name == "index.html":
        names.insert(0, "/".join([*folders, ""]))
    if re.fullmatch(r"[0-9]+(-tail)?\.json", name) and folders[1:] == ["res"]:
        names.append(f"{folders[0]}/thread/{name}")
    base = base_url.rstrip("/")
    return tuple(f"{base}/{quote(one, safe=_SAFE_IN_PATH)}" for one in names)


# What WHATWG's URL standard leaves alone in a path, of those that quote() would escape.
_SAFE_IN_PATH = "/+!$&'()*,;=:@"


@dataclass
class Pace:
    """How fast one may purge: URLs and calls a second, with a second's worth saved up for bursts.

    Of calls some more are saved up, which only what is urgent may take.

    It only counts; whoever asks does the waiting, several threads at once if need be.
    """

    urls_per_s: float = URLS_PER_S_ON_FREE_PLAN
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        now = self.clock()
        self._urls = _Bucket(self.urls_per_s, max(self.urls_per_s, 1.0), now)
        self._calls = _Bucket(CALLS_PER_S, CALLS_PER_S, now)
        self._urgent_calls = _Bucket(URGENT_CALLS_PER_S, URGENT_CALLS_SAVED, now)
        self._rests_until = self.clock()
        self._lock = threading.Lock()

    def take(self, urls: int, *, is_urgent: bool = False) -> float:
        """Book one call for `urls` URLs; the seconds to wait before it is made, 0.0 mostly.

        A batch larger than what may be saved up is let through and paid for by the next ones.
        """
        with self._lock:
            now = self.clock()
            takes_saved = is_urgent and self._urgent_calls.available(now) >= 1
            calls = self._urgent_calls if takes_saved else self._calls
            return max(self._urls.take(urls, now), calls.take(1, now), self._rests_until - now, 0.0)

    def rest(self, retry_after_s: float) -> None:
        """Nothing goes out for this long: what PurgeTooFast asks for."""
        with self._lock:
            self._rests_until = max(self._rests_until, self.clock() + retry_after_s)


@dataclass
class _Bucket:
    """Tokens that refill at `per_s`, up to `full`; below zero is debt."""

    per_s: float
    full: float
    counted_at: float
    tokens: float = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = self.full

    def available(self, now: float) -> float:
        # Whoever needs more than a full bucket waits for a full one.
        return min(self.full, self.tokens + (now - self.counted_at) * self.per_s)

    def take(self, count: int, now: float) -> float:
        """Take `count` tokens; how long until they would have been there."""
        available = self.available(now)
        self.counted_at = now
        self.tokens = available - count
        missing = min(count, self.full) - available
        return max(0.0, missing / self.per_s)


def check_batch(urls: Sequence[str]) -> None:
    """Each purger holds whoever calls it to the limit of one call."""
    assert len(urls) <= URLS_PER_CALL_MAX, f"{len(urls)} URLs in one call"


def _json_of(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _reason_of(answer: Any) -> str:
    """'Authentication error (10000)', out of Cloudflare's list of errors."""
    errors = answer.get("errors") if isinstance(answer, dict) else None
    if not (isinstance(errors, list) and errors and isinstance(errors[0], dict)):
        return "no reason given"
    return f"{errors[0].get('message', 'no message')} ({errors[0].get('code', 'no code')})"
