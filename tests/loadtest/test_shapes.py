"""How many users are at it: shapes are functions of time, tried at the moments that matter."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from loadtest import shapes
from loadtest.programme import SCENARIOS
from tests.tables import for_each


@for_each(
    ("at_s", "seconds", "expected"),
    [
        (0, 60, 33),
        (2, 60, 100),
        (5, 60, 200),
        (59, 60, 200),
        # The ramp of hours is half a minute all the same.
        (14, 14_400, 100),
        (29, 14_400, 200),
        # A run that has no time for one.
        (0, 5, 200),
    ],
)
def test_steady_rises_within_a_tenth_and_stays(at_s: float, seconds: float, expected: int) -> None:
    assert shapes.steady(at_s, 200, seconds) == expected


@for_each(
    ("at_s", "seconds", "expected"),
    [
        (59, 180, 30),
        (60, 180, 300),
        (119, 180, 300),
        (120, 180, 30),
        # A minute in the middle of an hour; a third of what is shorter than three.
        (1769, 3600, 30),
        (1770, 3600, 300),
        (1830, 3600, 30),
        (6, 20, 30),
        (7, 20, 300),
        (14, 20, 30),
    ],
)
def test_spike_is_ten_times_for_a_minute(at_s: float, seconds: float, expected: int) -> None:
    assert shapes.spike(at_s, 30, seconds) == expected


def test_rising_load_takes_ten_steps_each_half_as_high_again() -> None:
    users = [shapes.rising(at_s, 20, 100) for at_s in range(100)]
    assert list(dict.fromkeys(users)) == [20, 30, 45, 68, 101, 152, 228, 342, 513, 769]
    assert all(users.count(level) == 10 for level in set(users))


@given(
    name=st.sampled_from(sorted(SCENARIOS)),
    users=st.integers(1, 10_000),
    seconds=st.floats(1, 100_000),
    share=st.floats(0, 1),
)
def test_somebody_is_at_it_all_the_time(
    name: str, users: int, seconds: float, share: float
) -> None:
    assert SCENARIOS[name].shape(share * seconds, users, seconds) >= 1
