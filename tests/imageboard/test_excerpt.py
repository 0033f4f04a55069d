"""How a post begins, in plain text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from imageboard import markup
from tests.tables import for_each


@for_each(
    ("text", "expected"),
    [
        ("", ""),
        ("one\ntwo\n\nthree", "one two three"),
        ("'''Bold''' and ''slanted''", "Bold and slanted"),
        ("==Heading==\n>green\n>>12", "Heading >green >>12"),
        ("He is **the butler** himself", "He is ███ ██████ himself"),
        ("**'''all''' of it**", "███ ██ ██"),
        ("[code]x = 1\ny = 2[/code] so", "x = 1 y = 2 so"),
        ("see https://example.org/a now", "see https://example.org/a now"),
        ("a word that is left out", "a word that is left…"),
        ("x" * 50, "x" * 20 + "…"),
    ],
)
def test_excerpt(text: str, expected: str) -> None:
    assert markup.excerpt(markup.parse(text), 20 if expected.endswith("…") else 300) == expected


@for_each(
    ("text", "expected"),
    [
        ("", ""),
        ("one\ntwo\n\nthree", "one<br>two<br>three"),
        (">told\n <b> & __so__", '<span class="quote">&gt;told</span><br>&lt;b&gt; &amp; so'),
        ("==Heading==\n>>12", '<span class="heading">Heading</span><br>&gt;&gt;12'),
        ("[code]x = 1\ny = 2[/code] so", "x = 1<br>y = 2<br>so"),
        ("**the\nbutler**\n||is\nit||", "**the<br>butler**<br>██<br>██"),
        ("a word that is left out\nand more", "a word that is left…"),
        (">one two\nthree four five six", '<span class="quote">&gt;one two</span><br>three four…'),
    ],
)
def test_excerpt_of_tiles_keeps_lines_and_their_colours(text: str, expected: str) -> None:
    assert (
        markup.excerpt_html(markup.parse(text), 20 if expected.endswith("…") else 300) == expected
    )


def test_spoiler_that_is_cut_is_hidden_to_its_last_letter() -> None:
    """A mark that is closed far behind the cut still hides what stands before it."""
    text = "**" + "secret " * 400 + "end**"
    assert "secret" not in markup.excerpt(markup.parse(text), 60)


@for_each(
    ("text", "expected"),
    [
        ("\u202bمرحبا\u202c and so", "\u202bمرحبا\u202c and so"),
        ("see \u2067**שלום\u2069** there", "see \u2067████\u2069 there"),
        ("see \u2067one two three four\u2069", "see one two three…"),
        ("\u202d1234\u202c and \u202dmore and more\u202c", "1234 and more…"),
        ("\u2068" + "x" * 30 + "\u2069", "x" * 19 + "…"),
    ],
)
def test_excerpt_turns_around_nothing_that_follows_it(text: str, expected: str) -> None:
    """It stands in titles and tiles, before words that are not the poster's."""
    assert markup.excerpt(markup.parse(text), 20) == expected


@given(st.text(max_size=400), st.integers(1, 80))
def test_excerpt_is_one_line_of_bounded_length(text: str, chars_max: int) -> None:
    shown = markup.excerpt(markup.parse(text), chars_max)
    assert len(shown) <= chars_max + 1
    assert len(shown.splitlines()) <= 1
