"""What may stand in a text field of the form."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imageboard.errors import BadField
from imageboard.plain_text import COMBINING_MARKS_MAX, clean_body, clean_line

ACUTE = "\u0301"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("  Anon  ", "Anon"),
        ("two\r\nlines", "two lines"),
        ("tab\tand\n\nline ends", "tab and line ends"),
        ("tea##two  spaces", "tea##two  spaces"),
        ("line\u2028separator", "line separator"),
        (" \n\t ", ""),
    ],
)
def test_a_line_is_one_line(typed: str, kept: str) -> None:
    assert clean_line(typed, "name") == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("a\r\nb\rc\nd\u2029e", "a\nb\nc\nd\ne"),
        ("\n \n\t\n    indented", "    indented"),
        ("end  \n \n\n", "end  "),
        ("a\n\n\n\nb", "a\n\n\n\nb"),
        ("blanks  \nkept", "blanks  \nkept"),
        (" \n \n", ""),
        ("   ", ""),
    ],
)
def test_a_body_loses_only_the_blank_lines_around_it(typed: str, kept: str) -> None:
    assert clean_body(typed, "body") == kept


@pytest.mark.parametrize(
    "text",
    [
        "Straße, Größe …",
        "Å is not A\u030a: no normalisation",
        "\u212b",
        "שלום \u200f4-20 mA\u200e",
        "السلام عليكم",
        "👩\u200d🔬🧪 👍🏽 ❤️",
        "断熱材の厚さは",
        "one \u2067שלום\u2069 line",
        "ทดสอบ ที่นี่ น้ำ",
        "a" + ACUTE * COMBINING_MARKS_MAX,
    ],
)
def test_living_scripts_come_back_as_typed(text: str) -> None:
    assert clean_line(text, "name") == text
    assert clean_body(text, "body") == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\0b", "control character (U+0000)"),
        ("a\x0bb", "control character (U+000B)"),
        ("a\x1bb", "control character (U+001B)"),
        ("a\x7fb", "control character (U+007F)"),
        ("a\x85b", "control character (U+0085)"),
        ("a\ud800b", "half of a character (U+D800)"),
        ("a\udfffb", "half of a character (U+DFFF)"),
        ("a\u202eb", "right-to-left override, U+202E"),
        ("a\u202ab", "left-to-right embedding, U+202A"),
        ("a\ufffeb", "not a character (U+FFFE)"),
        ("a\ufdd0b", "not a character (U+FDD0)"),
        ("a\U0010ffffb", "not a character (U+10FFFF)"),
        ("a\u2067b", "unevenly"),
        ("a\u2069b", "unevenly"),
        ("a\u2069\u2067b", "unevenly"),
        ("a" + ACUTE * (COMBINING_MARKS_MAX + 1), "more than 8 marks"),
        ("a" + "\u0301\u20dd" * 5, "more than 8 marks"),
    ],
)
@pytest.mark.parametrize("clean", [clean_line, clean_body])
def test_what_harms_a_reader_is_refused_with_a_sentence(
    clean: Callable[[str, str], str], text: str, said: str
) -> None:
    with pytest.raises(BadField) as refused:
        clean(text, "subject")
    assert said in refused.value.sentence
    assert refused.value.field == "subject"


def test_isolates_are_paired_within_each_line() -> None:
    with pytest.raises(BadField):
        clean_body("one \u2067\ntwo \u2069", "body")


@settings(deadline=None)
@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    for clean in (clean_line, clean_body):
        try:
            kept = clean(text, "body")
        except BadField:
            continue
        assert clean(kept, "body") == kept


@pytest.mark.parametrize("piece", [" \n", "\n", "\r", "\t", "a" + ACUTE * 8, "\u2067\u2069"])
def test_every_long_text_is_cleaned(piece: str) -> None:
    assert clean_body(piece * 20_000 + "z", "body").endswith("z")
