"""Every word on a page is said in the page's language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from imageboard.stored_words import FILE_LOST
from imageboard.words import ENGLISH, N_, NN_, NP_, Language, Message
from templates import languages, pages
from templates.engine import environment
from templates.fragments import post_html
from tests.tables import for_each
from tests.templates.builders import a_board, a_file, a_post, a_site
from tests.templates.parsed import parse
from tests.templates.pseudo_language import PSEUDO, bare_words, forget, written_to
from tests.templates.sample_pages import KINDS, every_page


@pytest.fixture(autouse=True, scope="module")
def _made_up_language(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("locale")
    written_to(folder)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(languages, "LOCALE_FOLDER", folder)
        yield
    languages.catalog.cache_clear()
    forget()


@pytest.mark.slow
@for_each("kind", KINDS)
def test_no_word_of_a_page_is_outside_the_catalog(kind: str) -> None:
    page = every_page("· 7 ·", PSEUDO)[kind]
    assert bare_words(page) == []


@pytest.mark.slow
@for_each("kind", KINDS)
def test_page_says_its_language_and_direction(kind: str) -> None:
    page = parse(every_page(language=PSEUDO)[kind])
    assert (page.get("lang"), page.get("dir")) == ("en-XA", "rtl")
    assert parse(every_page()[kind]).attrib == {"lang": "en"}


def test_bare_words_are_found_wherever_they_are_read() -> None:
    page = (
        '<!DOCTYPE html><html lang="en-XA"><head><title>One</title></head><body>'
        '<p title="two">⟦three ⟦four⟧⟧ five <i>six</i></p><img src="x.jpg" alt="seven">'
        '<p>⟦eight <a href="/b/">nine</a>⟧ /b/ UTC</p></body></html>'
    )
    assert bare_words(page) == ["One", "five", "six", "two", "seven"]


def test_nothing_kept_in_one_language_is_shown_in_another() -> None:
    """Boards of one site may differ in language, and pages of both are drawn in turn."""
    english = a_board()
    other = replace(english, language=PSEUDO)
    site = a_site(english)
    in_turn = [pages.board_page(site, board, [], 1, 1) for board in (english, other) * 2]
    assert in_turn[0] == in_turn[2]
    assert in_turn[1] == in_turn[3]
    assert "⟦" not in in_turn[0].decode()
    assert bare_words(in_turn[1].decode()) == []


@pytest.mark.parametrize(
    ("message", "english", "other"),
    [
        (N_("Pinned"), "Pinned", "⟦Pinned⟧"),
        (
            NN_("{count:,} reply", "{count:,} replies").filled(count=1200),
            "1,200 replies",
            "⟦1,200 replies⟧",
        ),
        (NN_("{count:,} reply", "{count:,} replies").filled(count=1), "1 reply", "⟦1 reply⟧"),
        (
            Message("{role} of /{board}/").filled(role=N_("admin"), board="b"),
            "admin of /b/",
            "⟦⟦admin⟧ of /b/⟧",
        ),
        (Message("{words}").filled(words="{x} %s"), "{x} %s", "{x} %s"),
        (NP_("a verb that nobody uses", "Board"), "Board", "Board"),
        (Message("In no catalog"), "In no catalog", "In no catalog"),
    ],
)
def test_message_is_said_in_the_language_asked_for(
    message: Message, english: str, other: str
) -> None:
    assert languages.say(message, ENGLISH) == str(message) == english
    assert languages.say(message, PSEUDO) == other


@pytest.mark.parametrize(
    ("source", "english", "other"),
    [
        ("{% trans %}Boards{% endtrans %}", "Boards", "⟦Boards⟧"),
        ("{% trans %}Thread {{ no }}{% endtrans %}", "Thread 7&lt;", "⟦Thread 7&lt;⟧"),
        ("{% trans no=1 + 1 %}Thread {{ no }}{% endtrans %}", "Thread 2", "⟦Thread 2⟧"),
        ("{% trans %}100 % & {{ no }}{% endtrans %}", "100 % & 7&lt;", "100 % & 7&lt;"),
        ("{{ 'x' }}{% trans %}Top{% endtrans %}{{ 'y' }}", "xTopy", "x⟦Top⟧y"),
        ("{{ 'No reason given.' | stored | said }}", "No reason given.", "⟦No reason given.⟧"),
        ("{{ 'Pinned {x} <i>' | stored | said }}", *["Pinned {x} &lt;i&gt;"] * 2),
        ("{% if no %}{% trans %}Top{% endtrans %}{% endif %}!", "Top!", "⟦Top⟧!"),
    ],
)
def test_words_of_a_template_are_said_and_what_fills_them_is_escaped(
    source: str, english: str, other: str
) -> None:
    assert environment(ENGLISH).from_string(source).render(no="7<") == english
    assert environment(PSEUDO).from_string(source).render(no="7<") == other


def test_sentence_that_was_stored_is_said_on_the_page_of_its_post() -> None:
    lost = a_file(is_removed=True, removed_because=str(FILE_LOST))
    html = post_html(replace(a_board(), language=PSEUDO), a_post(files=(lost,)), "")
    assert "⟦It was lost.⟧" in html


def test_language_without_a_catalog_is_none() -> None:
    with pytest.raises(FileNotFoundError):
        languages.catalog(Language("xx"))


def test_catalogs_hold_what_is_read(tmp_path: Path) -> None:
    written_to(tmp_path)
    assert (tmp_path / "en-XA" / "LC_MESSAGES" / "stillboard.mo").stat().st_size > 1000
