"""Words of the interface are gathered for translators, all of them and as they are now."""

from __future__ import annotations

import re
from gettext import c2py

import pytest
from babel.messages.catalog import Catalog

from tests.house_rules import words

pytestmark = pytest.mark.slow

#: '{limit}', '{count:,}' and '%(no)s'; '{{' and '%%' are characters.
_BLANK = re.compile(r"\{\{|\}\}|%%|\{(\w+)[^}]*\}|%\((\w+)\)s")


def blanks(sentence: str) -> set[str]:
    return {found[1] or found[2] for found in _BLANK.finditer(sentence)} - {None}


def test_template_holds_every_word_and_no_other() -> None:
    """Otherwise: python -m tests.house_rules.words"""
    assert words.keys(words.template()) == words.keys(words.gathered())


def test_words_of_templates_and_of_code_are_gathered() -> None:
    found = words.keys(words.gathered())
    assert ("Pinned", None) in found
    assert ("The thread is sticky now.", None) in found
    assert (("{count:,} reply", "{count:,} replies"), None) in found


def test_blanks_have_names() -> None:
    """A translator may put them in another order."""
    for sentence, _context in words.keys(words.gathered()):
        for side in sentence if isinstance(sentence, tuple) else (sentence,):
            assert not re.search(r"\{\}|\{[0-9]|%[sd]", side), side


def test_every_catalog_is_compiled_and_fills_the_blanks_it_should() -> None:
    """There may be none: English needs no catalog."""
    for path in words.languages():
        language = words.language(path)
        assert path.with_suffix(".mo").read_bytes() == words.compiled(language), path
        code = path.parts[-3]
        of_scripts = (words.OF_SCRIPTS / f"{code}.js").read_text()
        assert of_scripts == words.module(code, language), path
        assert words.keys(language) <= words.keys(words.gathered()), path
        assert wrong(language) == [], path


def test_catalogs_say_all_that_readers_posters_and_staff_see() -> None:
    """Otherwise: python -m tests.house_rules.words names what they lack."""
    for path in words.languages():
        assert words.lacking(words.language(path)) == [], path


def test_script_knows_the_form_of_every_number() -> None:
    """It is told of 200 numbers, and takes those of the last two digits for the rest."""
    for path in words.languages():
        catalog = words.language(path)
        form, told = c2py(catalog.plural_expr), words.forms(catalog)
        for number in (*range(2_500), *range(999_900, 1_000_200)):
            known = number if number < 200 else 100 + number % 100
            assert int(told[known]) == form(number), (path, number)


def wrong(language: Catalog) -> list[str]:
    """Translations with a blank that nothing fills, without one that is there, or with other tags.

    "One reply" needs no blank for its number.
    """
    return [
        said
        for message in words.translated(language)
        for said in (message.string if isinstance(message.string, tuple) else (message.string,))
        if not blanks(said) <= blanks("".join(message.id))
        or (isinstance(message.id, str) and blanks(said) != blanks(message.id))
        or tags(said) != tags(message.id if isinstance(message.id, str) else message.id[0])
    ]


def tags(sentence: str) -> list[str]:
    """'<a href="%(url)s">thread</a>' -> ['<a href="%(url)s">', '</a>']"""
    return re.findall("<[^<>]*>", sentence)


def test_translation_with_another_blank_is_wrong() -> None:
    language = Catalog(locale="de")
    language.add("The board {board}", "Das Brett {board}")
    language.add("Thread %(no)s", "Faden %(nr)s")
    language.add(("{count} post", "{count} posts"), ("Ein Beitrag", "{number} Beiträge"))
    language.add("100 %% and {{x}}", "100 %% und {{y}}")
    language.add("Post {no} of {board}", "Beitrag {no}")
    language.add('<a href="%(url)s">Read</a>', '<a href="/%(url)s">Lesen</a>')
    assert wrong(language) == [
        "Faden %(nr)s",
        "{number} Beiträge",
        "Beitrag {no}",
        '<a href="/%(url)s">Lesen</a>',
    ]
