"""A purge is either taken by the CDN or fails in a way that says what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdn.purger import (
    CALLS_PER_S,
    URGENT_CALLS_PER_S,
    URGENT_CALLS_SAVED,
    URLS_PER_CALL_MAX,
    URLS_PER_S_ON_FREE_PLAN,
    CloudflarePurger,
    Pace,
    PurgeFailed,
    Purger,
    PurgeRefused,
    PurgeTooFast,
    PurgeUnreachable,
    urls_of,
)
from imageboard import retry_after
from imageboard.errors import BadSetting
from imageboard.settings import Settings
from tests.cdn.purge_api import TOKEN, ZONE, PurgeApi, Reply
from tests.deploy.stand_ins import WAIT_S, eventually
from tests.edge_twin.purgers import EdgeTwinPurger, RecordingPurger
from tests.servers import nobody_listens
from tests.tables import for_each

NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
URLS = ("https://example.org/b/", "https://example.org/b/res/1+50.html")


@pytest.fixture
def api() -> Iterator[PurgeApi]:
    with PurgeApi() as running:
        yield running


def a_purger(api: PurgeApi, **values: Any) -> CloudflarePurger:
    chosen: dict[str, Any] = {"zone_id": ZONE, "api_token": TOKEN, "api_url": api.url}
    return CloudflarePurger(**(chosen | {"now": lambda: NOW, "timeout_s": WAIT_S} | values))


# --- what every purger promises ---


@pytest.fixture(params=["cloudflare", "recording", "edge twin"])
def purger(request: pytest.FixtureRequest, api: PurgeApi, tmp_path: Path) -> Purger:
    purgers: dict[str, Purger] = {
        "cloudflare": a_purger(api),
        "recording": RecordingPurger(),
        "edge twin": EdgeTwinPurger(tmp_path),
    }
    return purgers[request.param]


@pytest.mark.parametrize("count", [0, 1, URLS_PER_CALL_MAX])
def test_up_to_a_hundred_urls_go_in_one_call(purger: Purger, count: int) -> None:
    purger.purge([f"https://example.org/b/res/{no}.html" for no in range(count)])


def test_more_urls_than_a_call_may_hold_are_a_bug(purger: Purger) -> None:
    with pytest.raises(AssertionError):
        purger.purge(["https://example.org/"] * (URLS_PER_CALL_MAX + 1))


def test_purging_what_is_not_kept_is_no_error(purger: Purger) -> None:
    for _ in range(2):
        purger.purge(URLS)


# --- a failure, and the next try ---


@dataclass(frozen=True)
class Fault:
    reply: Reply
    failure: type[PurgeFailed]
    says: str


FAULTS = {
    "too fast": Fault(
        Reply.refusal(429, 971, "throttled", Retry_After="7"), PurgeTooFast, "left alone for 7.0 s"
    ),
    "no such token": Fault(
        Reply.refusal(401, 1000, "Invalid API Token"), PurgeRefused, "Invalid API Token (1000)"
    ),
    "not this token": Fault(
        Reply.refusal(403, 10000, "Authentication error"), PurgeRefused, "status 403"
    ),
    "bad call": Fault(
        Reply.refusal(400, 1016, "Unable to purge that URL"), PurgeRefused, "Unable to purge"
    ),
    "broken": Fault(Reply(500, b"oops"), PurgeUnreachable, "status 500"),
    "resting": Fault(Reply(503, b""), PurgeUnreachable, "status 503"),
    "elsewhere": Fault(
        Reply(302, b"", {"Location": "http://127.0.0.1:9/"}), PurgeUnreachable, "status 302"
    ),
    "not done": Fault(Reply.refusal(200, 1, "not today"), PurgeUnreachable, "not today (1)"),
    "garbage": Fault(Reply(200, b"<html>"), PurgeUnreachable, "no reason given"),
    "not utf-8": Fault(Reply(200, b"\xff\xfe\x00"), PurgeUnreachable, "no reason given"),
    "a list": Fault(Reply(200, b"[true]"), PurgeUnreachable, "no reason given"),
    "odd errors": Fault(Reply(400, b'{"errors": ["no"]}'), PurgeRefused, "no reason given"),
    "half an answer": Fault(
        Reply(200, b'{"succ', claims_bytes=100), PurgeUnreachable, "ProtocolError"
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_first_try_fails_and_the_second_works(api: PurgeApi, name: str) -> None:
    fault = FAULTS[name]
    purger = a_purger(api)
    api.replies.append(fault.reply)

    with pytest.raises(fault.failure) as failed:
        purger.purge(URLS)
    assert fault.says in str(failed.value)
    assert api.calls == []

    purger.purge(URLS)
    assert api.calls == [URLS]


@pytest.mark.slow
def test_silence_is_given_up_and_a_later_try_works(api: PurgeApi) -> None:
    purger = a_purger(api, timeout_s=0.5)
    api.replies.append(Reply(hangs=True))
    with pytest.raises(PurgeUnreachable, match="ReadTimeoutError"):
        purger.purge(URLS)

    def is_purged() -> bool:
        # A busy machine may take longer than that for any answer.
        with suppress(PurgeUnreachable):
            purger.purge(URLS)
            return True
        return False

    assert eventually(is_purged)
    assert set(api.calls) == {URLS}


def test_recorder_fails_as_it_is_told_to_and_then_works() -> None:
    purger = RecordingPurger()
    purger.failures.append(PurgeTooFast(retry_after_s=3.0))
    with pytest.raises(PurgeTooFast):
        purger.purge(URLS)
    purger.purge(URLS)
    assert list(purger.calls) == [URLS]


def test_nobody_there_is_unreachable() -> None:
    with nobody_listens() as port, pytest.raises(PurgeUnreachable):
        CloudflarePurger(ZONE, TOKEN, f"http://127.0.0.1:{port}").purge(URLS)


@pytest.mark.parametrize(
    ("values", "status"),
    [({"api_token": "another"}, 403), ({"zone_id": "no/such zone"}, 404)],
)
def test_wrong_token_and_wrong_zone_are_refused(
    api: PurgeApi, values: dict[str, str], status: int
) -> None:
    with pytest.raises(PurgeRefused, match=f"status {status}"):
        a_purger(api, **values).purge(URLS)


def test_token_is_in_no_message_and_no_repr(api: PurgeApi) -> None:
    purger = a_purger(api)
    api.replies.extend(fault.reply for fault in FAULTS.values())
    told = repr(purger)
    while api.replies:
        with pytest.raises(PurgeFailed) as failed:
            purger.purge(URLS)
        told += f"{failed.value!r} {failed.value.__cause__!r}"
    assert TOKEN not in told


@pytest.mark.parametrize(
    ("value", "wait_s"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 30 ", 30.0),
        ("Tue, 24 Nov 2026 12:00:09 GMT", 9.0),
        ("Tue, 24 Nov 2026 11:59:00 GMT", 0.0),
        ("Tue, 24 Nov 2026 13:00:00 +0100", 0.0),
        ("Tue, 24 Nov 2026 12:00:02 -0000", 2.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", retry_after.WAIT_S_MAX),
        ("9" * 400, retry_after.WAIT_S_MAX),
        ("-5", 5.0),
        ("soon", 5.0),
        ("", 5.0),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_bounded(
    api: PurgeApi, value: str, wait_s: float
) -> None:
    api.replies.append(Reply.refusal(429, 971, "throttled", Retry_After=value))
    with pytest.raises(PurgeTooFast) as too_fast:
        a_purger(api).purge(URLS)
    assert too_fast.value.retry_after_s == wait_s


def test_too_fast_without_a_time_still_means_to_wait(api: PurgeApi) -> None:
    api.replies.append(Reply.refusal(429, 971, "throttled"))
    with pytest.raises(PurgeTooFast) as too_fast:
        a_purger(api).purge(URLS)
    assert too_fast.value.retry_after_s == 5.0


# --- which URLs ---


@for_each(
    ("path", "urls"),
    [
        ("index.html", ["/", "/index.html"]),
        ("b/index.html", ["/b/", "/b/index.html"]),
        ("b/archive/index.html", ["/b/archive/", "/b/archive/index.html"]),
        ("b/2.html", ["/b/2.html"]),
        ("b/res/1.html", ["/b/res/1.html"]),
        ("b/res/1+50.html", ["/b/res/1+50.html"]),
        ("b/res/1.json", ["/b/res/1.json", "/b/thread/1.json"]),
        ("b/res/1-tail.json", ["/b/res/1-tail.json", "/b/thread/1-tail.json"]),
        ("b/res/1.changes.json", ["/b/res/1.changes.json"]),
        ("b/0.json", ["/b/0.json"]),
        ("b/src/1700000000000.jpg", ["/b/src/1700000000000.jpg"]),
        ("boards.json", ["/boards.json"]),
        ("b/a b%.html", ["/b/a%20b%25.html"]),
        ("b/größe.html", ["/b/gr%C3%B6%C3%9Fe.html"]),
    ],
)
@for_each("base_url", ["https://example.org", "https://example.org/"])
def test_file_is_purged_at_every_url_it_is_read_at(
    path: str, urls: list[str], base_url: str
) -> None:
    assert urls_of(path, base_url) == tuple(f"https://example.org{url}" for url in urls)


# --- how fast ---


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def test_first_batch_after_a_quiet_time_goes_at_once() -> None:
    clock = Clock()
    pace = Pace(clock=clock)
    assert pace.take(100) == 0.0
    clock.now_s += 60
    assert pace.take(100) == 0.0


@pytest.mark.slow
@given(
    batches=st.lists(
        st.tuples(st.integers(1, URLS_PER_CALL_MAX), st.floats(0, 3), st.booleans()),
        min_size=1,
        max_size=200,
    ),
    urls_per_s=st.sampled_from([1, 30, 800, 3000]),
)
def test_no_second_holds_more_than_the_plan_allows(
    batches: list[tuple[int, float, bool]], urls_per_s: int
) -> None:
    """Whoever waits as told stays, over any time, below the rate and what was saved up."""
    clock = Clock()
    pace = Pace(urls_per_s=urls_per_s, clock=clock)
    started_at = clock.now_s
    urls_sent = 0
    for calls_sent, (urls, idle_s, is_urgent) in enumerate(batches, start=1):
        clock.now_s += idle_s
        clock.now_s += pace.take(urls, is_urgent=is_urgent)
        urls_sent += urls
        elapsed_s = clock.now_s - started_at
        burst = max(urls_per_s, urls)
        assert urls_sent <= urls_per_s * elapsed_s + burst + URLS_PER_CALL_MAX + 1e-6
        saved = CALLS_PER_S + URGENT_CALLS_SAVED
        assert calls_sent <= (CALLS_PER_S + URGENT_CALLS_PER_S) * elapsed_s + saved + 1e-6


def test_a_backlog_is_purged_as_fast_as_the_plan_allows() -> None:
    """8,000 URLs on the free plan: the calls are what limits."""
    clock = Clock()
    pace = Pace(URLS_PER_S_ON_FREE_PLAN, clock=clock)
    for _ in range(80):
        clock.now_s += pace.take(100)
    assert clock.now_s - 1000 == pytest.approx((80 - CALLS_PER_S) / CALLS_PER_S)


def test_what_is_urgent_has_calls_saved_up_for_it() -> None:
    """After a backlog that took all others; and then it goes on as everything does."""
    clock = Clock()
    pace = Pace(clock=clock)
    for _ in range(20):
        clock.now_s += pace.take(10)
    waits_s = [pace.take(10, is_urgent=True) for _ in range(URGENT_CALLS_SAVED)]
    assert set(waits_s) == {0.0}
    assert pace.take(10, is_urgent=True) > 0


def test_rest_holds_everything_back_and_then_ends() -> None:
    clock = Clock()
    pace = Pace(clock=clock)
    pace.rest(7)
    pace.rest(2)
    assert pace.take(1) == 7.0
    clock.now_s += 7
    assert pace.take(1) == 0.0


# --- settings ---

GIVEN = {"CDN_ZONE_ID": ZONE, "CDN_API_TOKEN": TOKEN, "CDN_BASE_URL": "https://files.example.org"}


def test_settings_of_the_cdn_are_read_and_the_token_is_secret() -> None:
    settings = Settings.read(GIVEN)
    assert (settings.cdn_zone_id, settings.cdn_api_token) == (ZONE, TOKEN)
    assert settings.cdn_urls_per_s == URLS_PER_S_ON_FREE_PLAN
    assert TOKEN not in repr(settings)


@pytest.mark.parametrize("missing", GIVEN)
def test_half_a_cdn_stops_the_start(missing: str) -> None:
    given = {name: value for name, value in GIVEN.items() if name != missing}
    with pytest.raises(BadSetting, match=missing):
        Settings.read(given)


def test_token_that_could_not_be_sent_is_named_and_not_shown() -> None:
    with pytest.raises(BadSetting, match="CDN_API_TOKEN") as bad:
        Settings.read(GIVEN | {"CDN_API_TOKEN": "secret\nHost: evil"})
    assert "evil" not in str(bad.value)
