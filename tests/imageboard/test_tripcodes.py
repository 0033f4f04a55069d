"""Tripcodes are vichan's, bit for bit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imageboard import tripcodes
from imageboard.tripcodes import Signature, split_name

#: The `secure_trip_salt` of the vichan board that the secure ones were posted on.
SECRET = "x"

# passlib's own name for what it does instead hashes with one round more.
pytestmark = pytest.mark.filterwarnings("ignore:the method passlib:DeprecationWarning")


def classic(password: str) -> str:
    """The ten characters of a classic tripcode."""
    tripcode = split_name(f"#{password}", SECRET).tripcode
    assert tripcode is not None
    return tripcode.removeprefix("!")


@pytest.mark.parametrize(
    ("typed", "name", "tripcode"),
    [
        ("tantalum#tea", "tantalum", "!WokonZwxw2"),
        ("bench#meter", "bench", "!YRjsY1vd0s"),
        ("Newt#orion", "Newt", "!cq./suWZSk"),
        ("#onlytrip", "", "!cCw2XVunb6"),
        ("z2c##julia", "z2c", "!!x2SCf2jjrk"),
        ("orderdesk##solder", "orderdesk", "!!0PwA8pNWKQ"),
    ],
)
def test_posted_on_vichan(typed: str, name: str, tripcode: str) -> None:
    assert split_name(typed, SECRET) == Signature(name, tripcode)


@pytest.mark.parametrize("name", ["", "Anonymous", "лаборант", "名無しさん", "Anon#", "#"])
def test_a_name_without_a_secret_is_shown_as_it_is(name: str) -> None:
    assert split_name(name, SECRET) == Signature(name, None)


def test_blanks_between_name_and_mark_are_not_shown() -> None:
    assert split_name("tantalum #tea", SECRET).name == "tantalum"


@pytest.mark.parametrize(
    ("typed", "same_as"),
    [("a#b", "#b"), ("a##b", "c##b"), ("a#12345678", "a#123456789")],
)
def test_the_tripcode_depends_on_the_password_alone(typed: str, same_as: str) -> None:
    assert split_name(typed, SECRET).tripcode == split_name(same_as, SECRET).tripcode


def test_three_signs_are_a_secure_password_that_begins_with_one() -> None:
    name, tripcode = split_name("a###b", SECRET)
    assert name == "a"
    assert tripcode is not None
    assert tripcode.startswith("!!")
    assert tripcode != split_name("a##b", SECRET).tripcode


def test_two_signs_alone_are_a_classic_tripcode_of_one() -> None:
    assert split_name("a##", SECRET) == Signature("a", "!" + classic("#"))


def test_a_capcode_needs_more_than_typing_it() -> None:
    """'X ## Mod' from somebody who is no member of staff is a secure tripcode."""
    name, tripcode = split_name("X ## Mod", SECRET)
    assert name == "X"
    assert tripcode is not None
    assert tripcode.startswith("!!")


def test_a_plus_in_the_secure_salt_is_a_dot() -> None:
    """base64(sha1('tea31' + 'x')) begins with 'P+07', and crypt(3) has no '+'."""
    assert split_name("a##tea31", SECRET).tripcode == "!!.1UlWxdlJw"


def test_another_secret_gives_another_secure_tripcode() -> None:
    assert split_name("a##b", "x").tripcode != split_name("a##b", "y").tripcode
    assert split_name("a#b", "x").tripcode == split_name("a#b", "y").tripcode


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("～", "〜"),  # what Windows types for a wave dash
        ("－", "−"),
        ("¥", "￥"),
        ("髙🎉ж", "??ж"),
    ],
)
def test_passwords_are_hashed_in_shift_jis(one: str, other: str) -> None:
    """Characters that it lacks are question marks."""
    assert classic(one + "a") == classic(other + "a")


shift_jis = st.characters(codec="shift_jis", exclude_categories=["Cc"], exclude_characters="¥‾")
passwords = st.text(shift_jis, min_size=1)


@settings(deadline=None)
@given(passwords)
def test_both_ways_to_hash_agree_on_classic_tripcodes(password: str) -> None:
    encoded = password.encode("shift_jis")
    in_c = tripcodes._crypt_in_c(encoded, "ab")
    assert in_c in (None, tripcodes._crypt_in_python(encoded, "ab"))


@settings(max_examples=2, deadline=None)
@given(passwords)
def test_both_ways_to_hash_agree_on_secure_tripcodes(password: str) -> None:
    encoded = password.encode("shift_jis")
    in_c = tripcodes._crypt_in_c(encoded, "_..A.abcd")
    assert in_c in (None, tripcodes._crypt_in_python(encoded, "_..A.abcd"))


def test_tripcodes_do_not_need_a_c_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tripcodes, "_crypt_r", None)
    assert split_name("tantalum#tea", SECRET).tripcode == "!WokonZwxw2"
    assert split_name("z2c##julia", SECRET).tripcode == "!!x2SCf2jjrk"


@settings(deadline=None)
@given(passwords)
def test_a_tripcode_is_a_mark_and_ten_characters(password: str) -> None:
    assert len(classic("a" + password.replace("#", ""))) == 10
