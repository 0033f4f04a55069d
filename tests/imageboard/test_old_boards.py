"""IDs and passwords of boards that came from another engine: with values that it made itself."""

from __future__ import annotations

import ipaddress

from imageboard import old_passwords, tripcodes
from imageboard.old_boards import OldBoard
from tests.builders import CLOAK
from tests.tables import for_each

#: Of the board on which vichan 5.2.1 made what is below.
VICHAN = OldBoard("vichan", {"secure_trip_salt": "x", "secure_password_salt": "y"}, 5)


@for_each(
    ("address", "thread", "poster_id"),
    [
        ("192.0.2.16", 3, "09277"),
        ("192.0.2.12", 3, "d9b03"),
        ("198.51.100.14", 1, "f4f34"),
        ("2001:db8::3:18", 4, "616d8"),
    ],
)
def test_id_is_the_one_that_vichan_gave(address: str, thread: int, poster_id: str) -> None:
    assert VICHAN.poster_id(ipaddress.ip_address(address), thread) == poster_id


@for_each(
    ("old", "thread"),
    [
        (VICHAN, None),
        (OldBoard("vichan", {}, 5), 3),
        (OldBoard("vichan", VICHAN.secrets, None), 3),
    ],
    ids=("a new thread", "a salt that was not brought along", "a board without IDs"),
)
def test_id_is_ours_where_none_can_go_on(old: OldBoard, thread: int | None) -> None:
    assert old.poster_id(ipaddress.ip_address("192.0.2.16"), thread) is None


def test_secure_tripcode_stays_the_same_on_the_board_that_it_came_with() -> None:
    assert VICHAN.trip_salt() == tripcodes.Salt("x", "vichan")
    assert OldBoard("jschan").trip_salt() is None


_JSCHAN = {"postPasswordSecret": "z"}


@for_each(
    ("scheme", "secrets", "kept_there", "right", "wrong"),
    [
        (
            "vichan",
            VICHAN.secrets,
            "f35cd8b552e460726c241096b531891a2ad8126d2206980a4a51c2a26d59fe92",
            "lab-pass-14",
            "lab-pass-1",
        ),
        ("jschan", _JSCHAN, "rYnHLvLWdohR+Z4GgdFLTAsmMNdAkTPiqW3MyXGYvJE=", "secret", "secret "),
        ("lynxchan", {}, "12345678", "12345678", "1234567"),
        ("lynxchan", {}, "12345678", "123456789", "023456789"),
        ("plain", {}, " with blanks ", " with blanks ", "with blanks"),
        ("plain", {}, "p" * 300, "p" * 300, "p" * 299),
        (None, {}, "ours", " ours ", "Ours"),
    ],
)
def test_password_of_an_old_post_is_its_own_alone(
    scheme: str | None, secrets: dict[str, str], kept_there: str, right: str, wrong: str
) -> None:
    stored = CLOAK.hash_password(kept_there)
    tries = [right, wrong, "", kept_there if scheme == "vichan" else wrong]
    assert [old_passwords.matches(CLOAK, typed, stored, scheme, secrets) for typed in tries] == [
        True,
        False,
        False,
        False,
    ]


@for_each(
    ("scheme", "secrets"),
    [("of a later version", {}), ("vichan", {})],
    ids=("a scheme that nobody knows", "a salt that was not brought along"),
)
def test_password_that_can_not_be_checked_is_nobodys(scheme: str, secrets: dict[str, str]) -> None:
    stored = CLOAK.hash_password("tea")
    assert not old_passwords.matches(CLOAK, "tea", stored, scheme, secrets)


def test_half_a_character_is_no_password() -> None:
    assert not old_passwords.matches(CLOAK, "\ud800", b"", "vichan", VICHAN.secrets)
