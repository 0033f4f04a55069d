"""Whom a ban hits and for how long, as it is typed."""

from __future__ import annotations

import ipaddress
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imageboard import bans
from imageboard.cloaks import Address
from imageboard.errors import BadField
from tests.tables import for_each

HOUR_S, DAY_S = 3600, 86_400


@for_each(
    ("typed", "seconds"),
    [
        ("12h", 12 * HOUR_S),
        ("3d", 3 * DAY_S),
        (" 1w 2d ", 9 * DAY_S),
        ("1D12H", 36 * HOUR_S),
        ("1y", 365 * DAY_S),
        ("2 days", 2 * DAY_S),
        ("1 hour", HOUR_S),
        ("30m", 1800),
        ("1mo", 30 * DAY_S),
        ("1 year", 365 * DAY_S),
        ("1h30m", 5400),
        ("1 week 2 days", 9 * DAY_S),
        ("1 Week, 2 Days and 3 hours", 9 * DAY_S + 3 * HOUR_S),
        ("90 min", 5400),
        ("3600 seconds", HOUR_S),
        ("2mon 1wk", 67 * DAY_S),
        ("a month", 30 * DAY_S),
        ("an hour", HOUR_S),
        ("+1 week", 7 * DAY_S),
        ("1y2mo3w4d5h6m", 450 * DAY_S + 5 * HOUR_S + 360),
        ("\u202a3d\u200b", 3 * DAY_S),
        ("1m", 60),
        ("10y", 3650 * DAY_S),
        ("never", None),
        ("Never", None),
        ("permanent", None),
        (" Forever ", None),
        ("for good", None),
        ("", None),
        ("  ", None),
    ],
)
def test_duration_is_read(typed: str, seconds: int | None) -> None:
    assert bans.read_duration(typed) == seconds


@for_each(
    "typed",
    [
        *["3", "d", "-3d", "3.5d", "0h", "59s", "11y", "99999999y", "3d!", "٣d", "1h" * 50],
        *["1 2d", "3 fortnights", "2 days ago", "tomorrow", "never 3d", "1h-2h", ","],
    ],
)
def test_duration_that_is_none_is_refused_rather_than_guessed(typed: str) -> None:
    with pytest.raises(BadField) as refusal:
        bans.read_duration(typed)
    assert refusal.value.field == "duration"


@given(st.text(max_size=60))
def test_duration_of_any_text_is_read_or_refused(typed: str) -> None:
    try:
        seconds = bans.read_duration(typed)
    except BadField:
        return
    assert seconds is None or bans.DURATION_S_MIN <= seconds <= bans.DURATION_S_MAX


@for_each(
    ("typed", "target"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 192.0.2.7/32 ", "192.0.2.7"),
        ("192.0.2.7/24", "192.0.2.0/24"),
        ("10.0.0.0/12", "10.0.0.0/12"),
        ("2001:db8::7", "2001:db8::7"),
        # One subscriber has a /64 at least: within it, a range is one poster.
        ("2001:db8::/64", "2001:db8::"),
        ("2001:db8::7/96", "2001:db8::"),
        ("2001:db8::/48", "2001:db8::/48"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ("64:ff9b::192.0.2.0/120", "192.0.2.0/24"),
        ("2002:c000:200::/40", "192.0.2.0/24"),
        ("2002:c000:207::/48", "192.0.2.7"),
        ("2002:c000:207:5::/64", "192.0.2.7"),
        ("192.0.2.*", "192.0.2.0/24"),
        ("192.0.*.*", "192.0.0.0/16"),
        ("192.0.*", "192.0.0.0/16"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("[2001:db8::]/32", "2001:db8::/32"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("192.0.2.7:51234", "192.0.2.7"),
        ("2001:db8:1:*", "2001:db8:1::/48"),
        ("2001:DB8:*:*:*:*:*:*", "2001:db8::/32"),
        ("192.0.2.0/255.255.255.0", "192.0.2.0/24"),
        ("192.0.2.0-192.0.2.255", "192.0.2.0/24"),
        ("192.0.2.0 \u2013 192.0.3.255", "192.0.2.0/23"),
        ("192.0.2.7-192.0.2.7", "192.0.2.7"),
        ("2001:db8:: - 2001:db8:0:ffff:ffff:ffff:ffff:ffff", "2001:db8::/48"),
        ("\u202a192.0.2.7\u200b", "192.0.2.7"),
    ],
)
def test_target_is_one_poster_or_a_range(typed: str, target: str) -> None:
    expected = ipaddress.ip_network(target) if "/" in target else ipaddress.ip_address(target)
    assert bans.read_target(typed) == expected


@for_each(
    "typed",
    [
        *["", "everyone", "192.0.2", "192.0.2.7/33", "fe80::1%eth0", "192.0.2.1-x", "1"],
        *["\0", "*", "*.*.*.*", "192.0.2.*.*", "192.*.2.7", "192.0.2.1*", "300.0.2.*", "[x]"],
        *["2001:db8::*", "[192.0.2.7", "192.0.2.*/24", "192.0.2.7:x"],
    ],
)
def test_target_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(BadField, match="An address or a range is expected"):
        bans.read_target(typed)


@for_each(
    ("typed", "said"),
    [
        ("192.0.2.1-192.0.2.4", "several ranges.*: 192.0.2.1/32, 192.0.2.2/31, 192.0.2.4/32"),
        ("10.0.0.1-10.255.255.254", "several ranges.*/32, .*, …"),
        ("192.0.2.9-192.0.2.1", "ends before it begins"),
        ("192.0.2.0/24-192.0.3.0/24", "from one address to another"),
        ("192.0.2.1-2001:db8::", "from one address to another"),
        ("0.0.0.0-255.255.255.255", "too wide"),
    ],
)
def test_span_that_is_not_one_range_is_refused_with_what_would_be(typed: str, said: str) -> None:
    with pytest.raises(BadField) as refusal:
        bans.read_target(typed)
    assert re.search(said, str(refusal.value.message)), str(refusal.value.message)


@for_each(
    "typed", ["0.0.0.0/0", "10.0.0.0/8", "10.*", "2001:*", "192.0.0.0/11", "::/0", "2001::/23"]
)
def test_range_that_would_shut_out_a_continent_is_refused(typed: str) -> None:
    with pytest.raises(BadField, match="too wide"):
        bans.read_target(typed)


@pytest.mark.parametrize(
    ("address", "ranges"),
    [
        ("192.0.2.7", ("192.0.2.0/24", "192.0.0.0/20", "192.0.0.0/16")),
        ("2001:db8:1:2::7", ("2001:db8:1::/56", "2001:db8:1::/48", "2001:db8::/32")),
    ],
)
def test_ranges_that_are_offered_hold_the_address_and_may_be_banned(
    address: str, ranges: tuple[str, ...]
) -> None:
    offered = bans.offered_ranges(ipaddress.ip_address(address))
    assert offered == ranges
    for each in offered:
        assert str(bans.read_target(each)) == each


@pytest.mark.parametrize("typed", ["", "   ", "\u200b\u3164", "x" * 501])
def test_reason_is_a_line_of_at_most_500_characters(typed: str) -> None:
    with pytest.raises(BadField):
        bans.read_reason(typed)
    assert bans.read_reason(" Spam \n again ") == "Spam   again"


@for_each(
    ("first", "last", "parts"),
    [
        ("192.0.2.66", "192.0.2.66", "192.0.2.66"),
        ("198.51.100.0", "198.51.100.255", "198.51.100.0/24"),
        ("192.0.2.3", "192.0.2.9", "192.0.2.3 192.0.2.4/30 192.0.2.8/31"),
        ("0.0.0.0", "255.255.255.255", "0.0.0.0/0"),
        ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::/32"),
        ("2001:db8::1", "2001:db8::5", "2001:db8::"),
    ],
)
def test_interval_of_another_engine_is_several_bans(first: str, last: str, parts: str) -> None:
    found = bans.whole_interval(ipaddress.ip_address(first), ipaddress.ip_address(last))
    assert list(map(str, found)) == parts.split()


def test_longest_interval_is_no_more_than_it_says() -> None:
    version_6: list[Address] = [ipaddress.IPv6Address(1), ipaddress.IPv6Address(2**128 - 2)]
    version_4: list[Address] = [ipaddress.IPv4Address(1), ipaddress.IPv4Address(2**32 - 2)]
    assert len(bans.whole_interval(*version_4)) == 62
    assert len(bans.whole_interval(*version_6)) == 128
