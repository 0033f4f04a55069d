"""Addresses and passwords, kept so that the database betrays neither."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imageboard.cloaks import Address, Cloak, parse_address, poster_of
from tests.tables import for_each

CLOAK = Cloak(b"k" * 32)
OTHER = Cloak(b"o" * 32)
#: What the database lets through: CHECK (octet_length(address_sealed) <= 64).
SEALED_BYTES_MAX = 64


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        # Behind a translator, as which servers without IPv4 hear all of it.
        ("64:ff9b::192.0.2.1", "192.0.2.1"),
        # 6to4: whoever has the IPv4 address has this /48.
        ("2002:c000:201:7::9", "192.0.2.1"),
        ("2001:db8:0:0::1", "2001:db8::1"),
        ("64:ff9b:1::192.0.2.1", "64:ff9b:1::c000:201"),
        ("::192.0.2.1", "::c000:201"),
    ],
)
def test_address_has_one_spelling(text: str, expected: str) -> None:
    assert str(parse_address(text)) == expected


@for_each("text", ["", "localhost", "192.0.2", "192.0.2.256", "192.0.2.1, 10.0.0.1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_address(text)


@for_each(
    ("one", "other", "are_one_poster"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("192.0.2.1", "64:ff9b::c000:201", True),
        ("64:ff9b::192.0.2.1", "64:ff9b::192.0.2.2", False),
        ("192.0.2.1", "2002:c000:201:ffff::1", True),
        ("2002:c000:201::1", "2002:c000:202::1", False),
        ("2001:db8::1", "2001:db8::ffff:1:2:3", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
    ],
)
def test_one_ipv6_subscriber_is_one_poster(one: str, other: str, are_one_poster: bool) -> None:
    addresses = parse_address(one), parse_address(other)
    hashes = {CLOAK.hash_address(address) for address in addresses}
    assert (len(hashes) == 1) is are_one_poster
    assert (len({poster_of(address) for address in addresses}) == 1) is are_one_poster


@given(st.ip_addresses())
def test_sealed_address_is_opened_by_its_own_key_alone(address: Address) -> None:
    sealed = CLOAK.seal_address(address)
    assert CLOAK.open_address(sealed) == address
    assert OTHER.open_address(sealed) is None
    assert address.packed not in sealed
    assert len(sealed) <= SEALED_BYTES_MAX


def test_two_seals_of_one_address_differ() -> None:
    """Else who reads the table sees which posts are of one address after the hash is gone."""
    address = ipaddress.ip_address("192.0.2.1")
    assert CLOAK.seal_address(address) != CLOAK.seal_address(address)


def test_damaged_seal_is_not_opened() -> None:
    sealed = bytearray(CLOAK.seal_address(ipaddress.ip_address("192.0.2.1")))
    sealed[-1] ^= 1
    assert CLOAK.open_address(bytes(sealed)) is None


def test_hash_needs_the_key() -> None:
    address = ipaddress.ip_address("192.0.2.1")
    assert len(CLOAK.hash_address(address)) == 16
    assert CLOAK.hash_address(address) != OTHER.hash_address(address)
    assert CLOAK.hash_password("192.0.2.1")[:16] != CLOAK.hash_address(address), "keys are apart"


@for_each(
    ("typed", "kept", "matches"),
    [
        ("hunter2", CLOAK.hash_password("hunter2"), True),
        ("Hunter2", CLOAK.hash_password("hunter2"), False),
        ("", CLOAK.hash_password("hunter2"), False),
        ("hunter2", None, False),
        # A post without a password is nobody's, also for who types none.
        ("", None, False),
        ("", CLOAK.hash_password(""), False),
        ("hunter2", OTHER.hash_password("hunter2"), False),
    ],
)
def test_password_deletes_only_what_was_posted_with_it(
    typed: str, kept: bytes | None, matches: bool
) -> None:
    assert CLOAK.password_matches(typed, kept) is matches


def test_what_was_kept_with_a_former_key_is_known_again() -> None:
    """And what is made anew is made with the one that counts."""
    rotated, address = Cloak(b"n" * 32, [b"o" * 32, b"k" * 32]), parse_address("192.0.2.1")
    assert rotated.open_address(CLOAK.seal_address(address)) == address
    assert rotated.open_secret(CLOAK.seal_secret(b"secret", "alice"), "alice") == b"secret"
    assert rotated.open_secret(CLOAK.seal_secret(b"secret", "alice"), "bob") is None
    assert rotated.open_for_board(CLOAK.seal_for_board(b"salt", "b"), "b") == b"salt"
    assert rotated.password_matches("tea", CLOAK.hash_password("tea"))
    assert not rotated.password_matches("tea", CLOAK.hash_password("coffee"))
    assert rotated.former_hashes(address) == [c.hash_address(address) for c in (OTHER, CLOAK)]
    assert rotated.hash_address(address) == Cloak(b"n" * 32).hash_address(address)
    assert CLOAK.open_address(rotated.seal_address(address)) is None
