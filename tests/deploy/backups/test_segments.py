"""The WAL's segments are counted as PostgreSQL counts them, and a hole among them is seen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deploy.backups import segments
from deploy.backups.segments import Segment
from tests.tables import for_each


def names(*positions: int, timeline: int = 1) -> list[str]:
    return [Segment(timeline, position).name for position in positions]


@for_each(
    ("name", "segment"),
    [
        ("000000010000000000000001", Segment(1, 1)),
        ("000000010000000A000000FF", Segment(1, 10 * 256 + 255)),
        ("0000000B0000000B00000000", Segment(11, 11 * 256)),
        ("000000010000000000000001.partial", Segment(1, 1)),
        ("00000002.history", None),
        ("000000010000000000000001.00000028.backup", None),
        ("reached.json", None),
    ],
)
def test_name_says_timeline_and_position(name: str, segment: Segment | None) -> None:
    assert segments.parse(name) == segment


def test_position_after_the_last_of_a_log_is_the_first_of_the_next() -> None:
    assert names(255, 256) == ["0000000100000000000000FF", "000000010000000100000000"]


@given(st.integers(1, 2**32 - 1), st.integers(0, 2**40 - 1))
def test_name_and_segment_are_the_same(timeline: int, position: int) -> None:
    segment = Segment(timeline, position)
    assert segments.parse(segment.name) == segment


@for_each(
    ("there", "lacking"),
    [
        (names(5, 6, 7), []),
        (names(3, 4, 5, 6), []),
        (names(5, 7), names(6)),
        (names(6, 7), names(5)),
        (names(5, 9), names(6, 7, 8)),
        ([*names(5, 6), f"{names(7)[0]}.partial"], []),
        ([*names(5), f"{names(6)[0]}.partial", *names(7)], names(6)),
        # The server went on as timeline 2 within segment 6.
        ([*names(5, 6), *names(6, 7, timeline=2), "00000002.history"], []),
        ([*names(5), f"{names(6)[0]}.partial", *names(6, 7, timeline=2)], []),
        ([*names(5, 6), *names(6, 8, timeline=2)], names(7, timeline=2)),
    ],
)
def test_hole_is_seen(there: list[str], lacking: list[str]) -> None:
    assert segments.missing(there, names(5)[0]) == lacking


@given(st.integers(0, 300), st.integers(2, 40), st.data())
def test_any_segment_that_is_taken_away_is_missed(
    first: int, count: int, data: st.DataObject
) -> None:
    there = names(*range(first, first + count))
    gone = data.draw(st.sampled_from(there[:-1]))
    assert segments.missing([name for name in there if name != gone], there[0]) == [gone]


def test_recovery_is_given_what_it_may_ask_for() -> None:
    there = [*names(4, 5, 6, 7, 8), "00000002.history", "reached.json"]
    assert segments.between(there, names(5)[0], None) == [*names(5, 6, 7, 8), "00000002.history"]
    assert segments.between(there, names(5)[0], names(6)[0]) == [*names(5, 6), "00000002.history"]
