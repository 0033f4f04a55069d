"""One write per key and second, and nobody waits who need not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdn.key_pace import KeyPace


def test_a_quiet_key_is_written_at_once() -> None:
    assert KeyPace().wait_s("b/index.html", now_s=5.0) == 0


def test_a_key_that_was_written_waits_and_others_do_not() -> None:
    pace = KeyPace(interval_s=1.0)
    pace.wrote("b/index.html", now_s=5.0)
    assert pace.wait_s("b/index.html", now_s=5.25) == pytest.approx(0.75)
    assert pace.wait_s("b/catalog.html", now_s=5.25) == 0
    assert pace.wait_s("b/index.html", now_s=6.0) == 0


def test_a_429_outlasts_the_interval_and_is_not_shortened_by_a_write() -> None:
    pace = KeyPace(interval_s=1.0)
    pace.hold("b/index.html", now_s=5.0, wait_s=30.0)
    pace.wrote("b/index.html", now_s=5.0)
    assert pace.wait_s("b/index.html", now_s=5.0) == pytest.approx(30.0)


def test_the_next_free_key_is_known() -> None:
    pace = KeyPace(interval_s=1.0)
    assert pace.next_free_s(now_s=0.0) is None
    pace.wrote("a", now_s=0.0)
    pace.wrote("b", now_s=0.5)
    assert pace.next_free_s(now_s=0.75) == pytest.approx(0.25)
    assert pace.next_free_s(now_s=2.0) is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 3)), max_size=60))
def test_no_key_is_written_twice_within_its_interval(wishes: list[tuple[str, float]]) -> None:
    """Whatever the order of wishes: those that have to wait are left out here."""
    pace = KeyPace(interval_s=1.0)
    now_s = 1000.0
    last_s: dict[str, float] = {}
    for key, pause_s in wishes:
        now_s += pause_s
        if pace.wait_s(key, now_s) == 0:
            assert now_s - last_s.get(key, 0.0) >= 1.0
            pace.wrote(key, now_s)
            last_s[key] = now_s
