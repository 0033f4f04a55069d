"""Times, sizes and counts as a page writes them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.wording import counted, human_bytes, megapixels, moment
from tests.tables import for_each

SECONDS_MAX = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())


@given(st.integers(0, SECONDS_MAX))
def test_moment_is_the_same_time_in_both_spellings(seconds: int) -> None:
    iso, shown = moment(seconds)
    assert datetime.fromisoformat(iso).timestamp() == seconds
    date, _weekday, clock = shown.split()
    assert iso.startswith(f"{date}T{clock}:")


@for_each(
    ("count", "shown"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KB"),
        (3200, "3.1 KB"),
        (10_189, "10 KB"),
        (204_800, "200 KB"),
        (1_023_000, "999 KB"),
        (1_048_575, "1 MB"),
        (1_300_000, "1.2 MB"),
        (10_485_760, "10 MB"),
    ],
)
def test_bytes_for_people(count: int, shown: str) -> None:
    assert human_bytes(count) == shown


@pytest.mark.parametrize(
    ("count", "what", "shown"),
    [
        (0, "reply", "0 replies"),
        (1, "reply", "1 reply"),
        (1200, "reply", "1,200 replies"),
        (1, "reply not shown", "1 reply is not shown here."),
        (2, "reported post", "2 reported posts to look at."),
    ],
)
def test_counts_agree_with_their_noun(count: int, what: str, shown: str) -> None:
    assert counted(count, what) == shown


@for_each(
    ("count", "shown"),
    [
        (200_000_000, "200 megapixels"),
        (48_771_072, "48.7711 megapixels"),
        (1_500_000, "1.5 megapixels"),
        (1_000_000, "1 megapixel"),
        (500_000, "0.5 megapixels"),
        (4096, "4,096 pixels"),
        (1, "1 pixel"),
    ],
)
def test_pixels_are_told_by_the_million(count: int, shown: str) -> None:
    assert megapixels(count) == shown
