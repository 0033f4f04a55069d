"""Times of queries, added up from what several parts tell."""

from __future__ import annotations

import pytest

from deploy.query_times import QueryTimes
from tests.tables import for_each

TOLD = """# HELP stillboard_query_seconds Time.
# TYPE stillboard_query_seconds histogram
stillboard_query_seconds_bucket{le="0.001"} 50.0
stillboard_query_seconds_bucket{le="0.01"} 98.0
stillboard_query_seconds_bucket{le="+Inf"} 100.0
stillboard_query_seconds_count 100.0
stillboard_query_seconds_sum 0.4
# TYPE stillboard_render_steps counter
stillboard_render_steps_total 7.0
"""


def told(times: int) -> QueryTimes:
    found = QueryTimes()
    for _ in range(times):
        found.add(TOLD)
    return found


def test_parts_are_added_up() -> None:
    assert (told(2).queries, told(2).seconds, told(2).buckets[0.001]) == (200, 0.8, 100)


def test_mean_is_that_of_what_came_between() -> None:
    meanwhile = told(3).since(told(1))
    assert meanwhile.queries == 200
    assert meanwhile.mean_ms() == pytest.approx(4.0)


@for_each(("share", "ms"), [(0.25, 0.5), (0.5, 1.0), (0.74, 5.5), (0.98, 10.0), (0.99, 10.0)])
def test_quantiles_lie_on_lines_between_the_bounds(share: float, ms: float) -> None:
    assert told(1).quantile_ms(share) == pytest.approx(ms)


def test_nothing_told_is_no_time() -> None:
    assert QueryTimes().quantile_ms(0.99) == 0.0
