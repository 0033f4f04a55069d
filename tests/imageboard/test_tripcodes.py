"""Tripcodes are vichan's, bit for bit."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imageboard import libcrypt, tripcodes
from imageboard.old_boards import OldBoard
from imageboard.tripcodes import Salt, Signature, split_name
from tests.tables import for_each

#: The `secure_trip_salt` of the vichan board that the secure ones were posted on.
SECRET = Salt("x")

# passlib's own name for what it does instead hashes with one round more.
pytestmark = pytest.mark.filterwarnings("ignore:the method passlib:DeprecationWarning")


def classic(password: str) -> str:
    """The ten characters of a classic tripcode."""
    tripcode = split_name(f"#{password}", SECRET).tripcode
    assert tripcode is not None
    return tripcode.removeprefix("!")


@for_each(
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


@for_each("name", ["", "Anonymous", "лаборант", "名無しさん", "Anon#", "#"])
def test_a_name_without_a_secret_is_shown_as_it_is(name: str) -> None:
    assert split_name(name, SECRET) == Signature(name, None)


def test_blanks_between_name_and_mark_are_not_shown() -> None:
    assert split_name("tantalum #tea", SECRET).name == "tantalum"


@for_each(
    ("typed", "name"),
    [
        ("Anon !WokonZwxw2", "Anon WokonZwxw2"),
        ("Anon!WokonZwxw2", "AnonWokonZwxw2"),
        ("Anon !!x2SCf2jjrk", "Anon x2SCf2jjrk"),
        ("Anon ！WokonZwxw2", "Anon WokonZwxw2"),
        ("Anon ‼x2SCf2jjrk", "Anon x2SCf2jjrk"),
        ("Anon ǃWokonZwxw2", "Anon WokonZwxw2"),
        ("Anon ❗\ufe0fWokonZwxw2", "Anon \ufe0fWokonZwxw2"),
        ("Anon !\u200bWokonZwxw2", "Anon \u200bWokonZwxw2"),
        ("Anon \u2067!\u2069WokonZwxw2", "Anon \u2067\u2069WokonZwxw2"),
        ("Anon !\u200aWoko\u2060nZwxw2", "Anon Woko\u2060nZwxw2"),
        ("Anon !ＷｏｋｏｎＺｗｘｗ２", "Anon ＷｏｋｏｎＺｗｘｗ２"),
        ("Anon !Wоkоn/w.w2", "Anon Wоkоn/w.w2"),  # two letters are Cyrillic
        ("!abcde!fghijklmno", "abcdefghijklmno"),
        ("Anon◆WokonZwxw", "Anon◇WokonZwxw"),
        ("◆⬥⯁⧫", "◇⬦◇◊"),
        ("Anon ♦WokonZwxw2", "Anon WokonZwxw2"),
        ("X ♯♯ Mod", "X Mod"),
        ("X ⌗\u200b⌗ Admin", "X \u200bAdmin"),
        ("\u200fWokonZwxw2!\u200f Anon", "\u200fWokonZwxw2\u200f Anon"),
        ("\u202bAnon WokonZwxw2!\u202c", "\u202bAnon WokonZwxw2\u202c"),
    ],
)
def test_typed_name_never_looks_like_a_tripcode_or_a_capcode(typed: str, name: str) -> None:
    assert split_name(typed, SECRET) == Signature(name, None)
    assert split_name(f"{typed}#tea", SECRET) == Signature(name, "!WokonZwxw2")


def test_capcode_in_wide_signs_is_a_tripcode_before_a_name_or_gone() -> None:
    assert split_name("X ＃＃ Mod", SECRET) == split_name("X ## Mod", SECRET)
    assert split_name("X ＃﹟ Mod#tea", SECRET).name == "X Mod"


@for_each(
    "name",
    [
        "Hello! World",
        "wow!",
        "wow! incredibly",
        "Hey!you",
        "¡Hola!",
        "!",
        "!!",
        "Привет!Незнакомец",
        "Hello!!!",
        "C♯ and D♯",
        "C♯♯",
        "♦ Queen ♦",
        "Yahoo!知恵袋",
        "שלום!",
        "No. 5 / 7",
    ],
)
def test_name_with_marks_of_its_own_stays(name: str) -> None:
    assert split_name(name, SECRET) == Signature(name, None)


@for_each(
    ("typed", "same_as"),
    [
        ("Anon＃tea", "Anon#tea"),
        ("Anon＃＃tea", "Anon##tea"),
        ("＃tea", "#tea"),
        ("名無し ＃tea", "名無し#tea"),
        ("Anon﹟tea", "Anon#tea"),
    ],
)
def test_wide_sign_of_a_japanese_keyboard_signs_too(typed: str, same_as: str) -> None:
    """Its secret would stand in the name for all to read."""
    assert split_name(typed, SECRET) == split_name(same_as, SECRET)


@pytest.mark.parametrize(
    ("typed", "name"), [("Anon＃1#tea", "Anon＃1"), ("Anon＃#tea", "Anon＃"), ("Anon#tea", "Anon")]
)
def test_wide_sign_beside_a_narrow_one_is_text_as_on_vichan(typed: str, name: str) -> None:
    assert split_name(typed, SECRET) == Signature(name, "!WokonZwxw2")


def test_direction_around_name_and_secret_is_open_in_neither() -> None:
    assert split_name("\u202bAnon#tea\u202c", SECRET) == Signature("Anon", "!WokonZwxw2")
    assert split_name("\u2067Anon\u2069#tea", SECRET).name == "\u2067Anon\u2069"


looks_like_a_tripcode = re.compile(r"[!！][./0-9A-Za-z]{10}|◆")


@given(st.text(st.sampled_from("!！◆ab/0\u200b א")))
def test_no_text_comes_out_as_a_tripcode(typed: str) -> None:
    name = split_name(typed, SECRET).name
    assert looks_like_a_tripcode.search(name.replace("\u200b", "")) is None
    assert split_name(name, SECRET).name == name


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
    assert split_name("a##b", Salt("x")).tripcode != split_name("a##b", Salt("y")).tripcode
    assert split_name("a#b", Salt("x")).tripcode == split_name("a#b", Salt("y")).tripcode


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


@pytest.mark.slow
@settings(deadline=None)
@given(passwords)
def test_both_ways_to_hash_agree_on_classic_tripcodes(password: str) -> None:
    encoded = password.encode("shift_jis")
    in_c = libcrypt.crypt(encoded, "ab")
    assert in_c in (None, tripcodes._crypt_in_python(encoded, "ab"))


@pytest.mark.slow
@settings(max_examples=2, deadline=None)
@given(passwords)
def test_both_ways_to_hash_agree_on_secure_tripcodes(password: str) -> None:
    encoded = password.encode("shift_jis")
    in_c = libcrypt.crypt(encoded, "_..A.abcd")
    assert in_c in (None, tripcodes._crypt_in_python(encoded, "_..A.abcd"))


@pytest.mark.slow
def test_tripcodes_do_not_need_a_c_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libcrypt, "_crypt_r", None)
    assert split_name("tantalum#tea", SECRET).tripcode == "!WokonZwxw2"
    assert split_name("z2c##julia", SECRET).tripcode == "!!x2SCf2jjrk"


@pytest.mark.slow
@settings(deadline=None)
@given(passwords)
def test_a_tripcode_is_a_mark_and_ten_characters(password: str) -> None:
    assert len(classic("a" + password.replace("#", ""))) == 10


def test_a_board_of_jschan_signs_as_it_did() -> None:
    """What its own tests expect (lib/post/name.test.js, whose secret is 'changeme')."""
    salt = OldBoard("jschan", {"tripcodeSecret": "changeme"}).trip_salt()
    assert salt is not None
    assert split_name("##test", salt) == ("", "!!4XzKAGoCE=")
    assert split_name("test#12345", salt) == ("test", "!CSZ6G0yP9Q")


def test_what_a_secret_begins_with_chooses_no_scheme() -> None:
    """A site whose secret is '$jschan$x' signs as every site of ours."""
    assert split_name("##test", Salt("$jschan$changeme")).tripcode != "!!4XzKAGoCE="
