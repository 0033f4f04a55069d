"""Which allowances a post takes, and of whom."""

from __future__ import annotations

import ipaddress

import pytest

from imageboard.allowances import HELD_OF_STRANGERS, Allowance, Allowances, Of, refusal
from imageboard.settings import BoardSettings, Settings
from tests.builders import CLOAK
from tests.tables import for_each


def of_post(
    address: str, *, is_thread: bool = False, environ: dict[str, str] | None = None, **board: int
) -> tuple[Allowance, ...]:
    made = Allowances(Settings.read(environ or {}), CLOAK)
    settings = BoardSettings(**board)  # type: ignore[arg-type]
    return made.of_post(ipaddress.ip_address(address), "b", settings, is_thread=is_thread)


def keys(address: str) -> dict[Of, list[bytes]]:
    found: dict[Of, list[bytes]] = {}
    for allowance in of_post(address, is_thread=True):
        found.setdefault(allowance.of, []).append(allowance.key)
    return found


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("192.0.2.1", "192.0.2.1", 2),
        ("192.0.2.1", "192.0.2.255", 1),
        ("192.0.2.1", "192.0.3.1", 0),
        ("2001:db8::1", "2001:db8::ffff:0:0:1", 3),
        ("2001:db8::1", "2001:db8:0:ff::1", 2),
        ("2001:db8::1", "2001:db8:0:100::1", 1),
        ("2001:db8::1", "2001:db8:1::1", 0),
    ],
)
def test_addresses_share_what_their_networks_may(one: str, other: str, shared: int) -> None:
    """Threads are counted of the address itself too; of the board by all."""
    ours, theirs = keys(one), keys(other)
    threads = set(ours[Of.NETWORK_THREADS]) & set(theirs[Of.NETWORK_THREADS])
    assert len(threads) == shared
    posts = set(ours[Of.NETWORK_POSTS]) & set(theirs[Of.NETWORK_POSTS])
    assert len(posts) == min(shared, len(ours[Of.NETWORK_POSTS]))
    assert ours[Of.BOARD_POSTS] == theirs[Of.BOARD_POSTS]


def test_network_can_not_be_told_from_its_key() -> None:
    found = of_post("192.0.2.1", is_thread=True)
    assert len({allowance.key for allowance in found}) == len(found)
    assert all(len(allowance.key) == 16 for allowance in found)
    other = Allowances(Settings.read({}), type(CLOAK)(b"o" * 32))
    theirs = other.of_post(ipaddress.ip_address("192.0.2.1"), "b", BoardSettings(), is_thread=True)
    assert {each.key for each in found}.isdisjoint({each.key for each in theirs})


def per_period(allowance: Allowance) -> tuple[Of, int, float]:
    return allowance.of, int(allowance.room_s / allowance.cost_s), allowance.room_s


def test_network_may_as_much_as_so_many_addresses() -> None:
    found = of_post("2001:db8::1", is_thread=True, reply_wait_s=15)
    assert [per_period(each) for each in found] == [
        (Of.NETWORK_POSTS, 8, 60),
        (Of.NETWORK_POSTS, 16, 60),
        (Of.BOARD_POSTS, 300, 60),
        (Of.NETWORK_THREADS, 10, 3600),
        (Of.NETWORK_THREADS, 15, 3600),
        (Of.NETWORK_THREADS, 15, 3600),
        (Of.BOARD_THREADS, 30, 3600),
    ]


@pytest.mark.parametrize(
    ("board", "counts"),
    [
        ({"threads_per_hour_max": 0}, [10, 100]),
        ({"threads_per_hour_max": 500}, [10, 100]),
        ({"threads_per_hour_max": 50}, [10, 25]),
        ({"threads_per_hour_max": 5}, [10, 10]),
        ({"threads_per_hour_of_address_max": 1}, [1, 10]),
    ],
)
def test_no_network_starts_more_than_half_of_a_boards_threads(
    board: dict[str, int], counts: list[int]
) -> None:
    """Or else one that somebody holds would keep all others from starting any."""
    threads = [
        per_period(each)[1]
        for each in of_post("192.0.2.1", is_thread=True, **board)
        if each.of is Of.NETWORK_THREADS
    ]
    assert threads == counts


def test_slow_board_lets_a_network_post_as_often_as_its_addresses() -> None:
    """Whose wait is longer than the minute in which posts are counted."""
    assert per_period(of_post("192.0.2.1", reply_wait_s=600)[0]) == (Of.NETWORK_POSTS, 10, 600)


@for_each("count", range(1, 400))
def test_as_many_fit_as_are_said(count: int) -> None:
    """Of seven in a minute, the seventh too: parts of a second are rounded in its favour."""
    (allowance,) = of_post("192.0.2.1", reply_wait_s=0, posts_per_minute_max=count)
    assert round(allowance.cost_s * 1e6) * count <= allowance.room_s * 1e6


@pytest.mark.parametrize(
    ("board", "environ", "kinds"),
    [
        ({"reply_wait_s": 0}, {}, {"board_posts", "board_threads", "network_threads"}),
        ({"posts_per_minute_max": 0}, {}, {"network_posts", "board_threads", "network_threads"}),
        ({"threads_per_hour_max": 0}, {}, {"network_posts", "board_posts", "network_threads"}),
        (
            {"threads_per_hour_of_address_max": 0},
            {},
            {"network_posts", "board_posts", "board_threads"},
        ),
        (
            {},
            {"STILLBOARD_IPV4_24_ADDRESSES": "0"},
            {"board_posts", "board_threads", "network_threads"},
        ),
        ({}, {"STILLBOARD_LIMITS": "off"}, set()),
    ],
)
def test_each_can_be_switched_off(
    board: dict[str, int], environ: dict[str, str], kinds: set[str]
) -> None:
    found = of_post("192.0.2.1", is_thread=True, environ=environ, **board)
    assert {each.of.value for each in found} == kinds


def test_reply_takes_nothing_of_threads() -> None:
    assert {each.of for each in of_post("192.0.2.1")} == {Of.NETWORK_POSTS, Of.BOARD_POSTS}


@for_each("of", list(Of))
def test_each_has_a_sentence_that_says_how_long_to_wait(of: Of) -> None:
    assert "wait 7 seconds and" in refusal(of, 7).sentence
    assert "wait 1 second and" in refusal(of, 0).sentence


def test_post_that_waits_counts_for_its_address_and_its_networks() -> None:
    made = Allowances(Settings.read({}), CLOAK)
    one, same_48, other = (
        made.held_shares(ipaddress.ip_address(address), is_stranger=False)
        for address in ("2001:db8::1", "2001:db8:0:ffff::1", "2001:db8:1::1")
    )
    assert [share.most for share in one] == [20, 40, 80]
    assert len({*one} & {*same_48}) == 1
    assert not {*one} & {*other}
    off = Allowances(Settings.read({"STILLBOARD_LIMITS": "off"}), CLOAK)
    assert off.held_shares(ipaddress.ip_address("192.0.2.1"), is_stranger=True) == ()


def test_strangers_share_places_whatever_their_networks() -> None:
    made = Allowances(Settings.read({}), CLOAK)
    one, other = (
        made.held_shares(ipaddress.ip_address(address), is_stranger=True)
        for address in ("2001:db8::1", "192.0.2.1")
    )
    ((_, most),) = {*one} & {*other}
    assert most == HELD_OF_STRANGERS
