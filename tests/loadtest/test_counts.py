"""Counts out of Locust's statistics: percentiles, differences and sums."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from loadtest import counts
from loadtest.counts import Counts
from tests.tables import for_each

_TIMES = st.dictionaries(st.floats(0.01, 10_000).map(counts.round_ms), st.integers(1, 9))


def of(times: dict[float, int]) -> Counts:
    return Counts(sum(times.values()), 0, 0, times)


@for_each(
    ("ms", "rounded"),
    [(0.1234, 0.123), (12.345, 12.3), (147.6, 148.0), (3432.0, 3430.0), (0.0, 0.0)],
)
def test_times_are_kept_to_three_digits(ms: float, rounded: float) -> None:
    assert counts.round_ms(ms) == rounded


@for_each(
    ("times", "share", "expected"),
    [
        ({}, 0.5, 0.0),
        ({5.0: 1}, 0.99, 5.0),
        ({1.0: 50, 9.0: 50}, 0.5, 1.0),
        ({1.0: 50, 9.0: 50}, 0.51, 9.0),
        ({1.0: 99, 9.0: 1}, 0.99, 1.0),
        ({1.0: 98, 9.0: 2}, 0.99, 9.0),
        ({9.0: 1, 1.0: 1}, 1.0, 9.0),
    ],
)
def test_percentile_is_a_time_that_was_measured(
    times: dict[float, int], share: float, expected: float
) -> None:
    assert of(times).percentile_ms(share) == expected


@given(_TIMES, _TIMES)
def test_what_came_between_two_snapshots_is_what_was_added(
    before: dict[float, int], added: dict[float, int]
) -> None:
    earlier, more = of(before), of(added)
    assert (earlier + more) - earlier == more


def test_waiting_for_a_post_is_no_request() -> None:
    counted = {
        ("page", "thread"): of({1.0: 3}),
        (counts.VISIBLE, "reply on its page"): of({9.0: 1}),
    }
    assert counts.of_requests(counted).count == 3
    assert counts.of_kind(counted, counts.VISIBLE).count == 1


def test_names_that_nobody_asked_for_have_no_row() -> None:
    counted = {("page", "thread"): of({1.0: 3, 2.0: 1}), ("page", "catalog"): Counts()}
    (row,) = counts.rows(counted)
    assert (row.name, row.kind, row.count, row.max_ms) == ("thread", "page", 4, 2.0)
    assert counts.histograms(counted) == {"thread": [(1.0, 3), (2.0, 1)]}
