"""What staff write: pages, announcements and news, of a board and of the whole site."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from imageboard.errors import BadPage
from imageboard.store import written
from imageboard.store.database import Connection, Database
from imageboard.store.uploads import UploadStore
from imageboard.written_pages import ANNOUNCEMENT, PAGES_MAX
from renderer.render_loop import RenderLoop
from renderer.verify import Finding, Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board, a_post

pytestmark = pytest.mark.slow


@pytest.fixture
def write(
    database: Database, loop: RenderLoop
) -> Callable[[Callable[[Connection], list[str]]], list[str]]:
    """Write something, and draw what is stale for it."""

    def draw(deed: Callable[[Connection], list[str]]) -> list[str]:
        with database.transaction() as db:
            stale = deed(db)
        for board in stale:
            loop.render(board)
        loop.site_pages.render()
        return stale

    return draw


Write = Callable[[Callable[[Connection], list[str]]], list[str]]


@pytest.fixture
def site(database: Database, loop: RenderLoop) -> None:
    """/b/ with a thread, and /tea/; all drawn."""
    a_post(database, a_board(database))
    a_board(database, "tea")
    for board in ("b", "tea"):
        loop.render(board)
    loop.site_pages.render()


@pytest.fixture
def is_proven(
    database: Database, web_root: WebRoot, uploads: UploadStore, loop: RenderLoop
) -> Callable[[], bool]:
    verifier = Verifier(database, web_root, uploads, "Stillboard", captcha=loop.captcha)
    return lambda: list(verifier.verify()) == []


def text(web_root: WebRoot, path: str) -> str:
    return (web_root.read(path) or b"").decode()


@pytest.mark.usefixtures("site")
def test_page_of_a_board_stands_at_its_address_and_its_lists_lead_there(
    web_root: WebRoot, write: Write, is_proven: Callable[[], bool]
) -> None:
    assert write(lambda db: written.set_page(db, "b", "rules", "House rules", "Be *kind*.")) == [
        "b"
    ]
    assert "<h1" in text(web_root, "b/rules.html")
    assert "Be <em>kind</em>." in text(web_root, "b/rules.html")
    for lists in ("b/index.html", "b/catalog.html"):
        assert '<a href="/b/rules.html" dir="auto">House rules</a>' in text(web_root, lists)
    assert "rules.html" not in text(web_root, "tea/index.html")
    boards = {each["board"]: each for each in json.loads(text(web_root, "boards.json"))["boards"]}
    assert boards["b"]["written_pages"] == [
        {"name": "rules", "title": "House rules", "url": "/b/rules.html"}
    ]
    assert boards["tea"]["written_pages"] == []
    assert is_proven()
    write(lambda db: written.set_page(db, "b", "rules", "House rules", "Be kinder."))
    assert "Be kinder." in text(web_root, "b/rules.html")
    write(lambda db: written.remove_page(db, "b", "rules"))
    assert web_root.read("b/rules.html") is None
    assert "rules.html" not in text(web_root, "b/index.html")
    assert is_proven()


@pytest.mark.usefixtures("site")
def test_page_of_the_site_draws_nothing_of_any_board(
    web_root: WebRoot, write: Write, is_proven: Callable[[], bool]
) -> None:
    assert write(lambda db: written.set_page(db, None, "faq", "Questions", "Why?")) == []
    assert "Why?" in text(web_root, "faq.html")
    assert '<a href="/faq.html" dir="auto">Questions</a>' in text(web_root, "index.html")
    assert is_proven()
    write(lambda db: written.remove_page(db, None, "faq"))
    assert web_root.read("faq.html") is None
    assert is_proven()


@pytest.mark.usefixtures("site")
def test_announcement_stands_above_the_threads_of_its_board_or_of_all(
    web_root: WebRoot, write: Write, is_proven: Callable[[], bool]
) -> None:
    thread_before = text(web_root, "b/res/1.html")
    write(lambda db: written.set_page(db, "b", ANNOUNCEMENT, "-", "Tea is **out**."))
    stale = write(lambda db: written.set_page(db, None, ANNOUNCEMENT, "-", "We move."))
    assert stale == ["b", "tea"]
    shown = {
        path: [words in text(web_root, path) for words in ("Tea is <strong>out", "We move.")]
        for path in ("index.html", "b/index.html", "b/catalog.html", "tea/index.html")
    }
    assert shown == {
        "index.html": [False, True],
        "b/index.html": [True, True],
        "b/catalog.html": [True, True],
        "tea/index.html": [False, True],
    }
    assert web_root.read("announcement.html") is None
    assert text(web_root, "b/res/1.html") == thread_before
    assert is_proven()
    write(lambda db: written.remove_page(db, None, ANNOUNCEMENT))
    assert "We move." not in text(web_root, "index.html") + text(web_root, "tea/index.html")


@pytest.mark.usefixtures("site")
def test_news_stand_in_full_on_their_page_and_in_one_line_above_the_threads(
    web_root: WebRoot, write: Write, is_proven: Callable[[], bool]
) -> None:
    write(lambda db: written.add_news(db, None, "New servers", "They are *fast*.")[1])
    write(lambda db: written.add_news(db, "tea", "New pots", "")[1])
    assert "They are <em>fast</em>." in text(web_root, "news.html")
    assert "They are <em>fast</em>." in text(web_root, "index.html")
    assert '<a href="/news.html#news-1" dir="auto">New servers</a>' in text(
        web_root, "b/index.html"
    )
    tea = text(web_root, "tea/index.html")
    assert tea.index("New pots") < tea.index("New servers")
    assert "New pots" in text(web_root, "tea/news.html")
    assert "New pots" not in text(web_root, "b/index.html") + text(web_root, "index.html")
    assert is_proven()
    write(lambda db: written.remove_news(db, 1))
    write(lambda db: written.remove_news(db, 2))
    assert web_root.read("news.html") is web_root.read("tea/news.html") is None
    assert "New servers" not in text(web_root, "tea/index.html")
    assert is_proven()


@pytest.mark.usefixtures("site")
def test_page_that_somebody_defaced_is_found_and_mended(
    database: Database, web_root: WebRoot, uploads: UploadStore, loop: RenderLoop, write: Write
) -> None:
    write(lambda db: written.set_page(db, "b", "rules", "Rules", "Be kind."))
    write(lambda db: written.set_page(db, None, "faq", "Questions", "Why?"))
    for path in ("b/rules.html", "faq.html"):
        (web_root.folder / path).write_text("Be rude.")
    verifier = Verifier(
        database, web_root, uploads, "Stillboard", captcha=loop.captcha, repair=True
    )
    assert list(verifier.verify()) == [
        Finding("differing", "b/rules.html"),
        Finding("differing", "faq.html"),
    ]
    assert list(verifier.verify()) == []


def test_there_are_no_more_pages_than_may_be(database: Database) -> None:
    a_board(database)
    with database.transaction() as db:
        for number in range(PAGES_MAX):
            written.set_page(db, "b", f"p{number}", "x", "x")
        written.set_page(db, "b", "p0", "x", "anew")
        written.set_page(db, None, "faq", "x", "of the site")
        with pytest.raises(BadPage, match="50 pages"):
            written.set_page(db, "b", "one-more", "x", "x")


@pytest.mark.parametrize("board", ["b", None])
def test_what_is_not_there_can_not_be_removed(database: Database, board: str | None) -> None:
    a_board(database)
    with database.connection() as db:
        with pytest.raises(BadPage), db.transaction():
            written.remove_page(db, board, "rules")
        with pytest.raises(BadPage), db.transaction():
            written.remove_news(db, 7)


@pytest.mark.usefixtures("site")
def test_site_says_how_to_post_in_our_words_until_staff_write_their_own(
    web_root: WebRoot, write: Write, is_proven: Callable[[], bool]
) -> None:
    ours = "What is kept of you"
    write(lambda _db: [])
    assert ours in text(web_root, "help.html")
    write(lambda db: written.set_page(db, None, "help", "Help", "Ask the staff."))
    assert "Ask the staff." in text(web_root, "help.html")
    assert ours not in text(web_root, "help.html").partition("<footer")[0]
    write(lambda db: written.remove_page(db, None, "help"))
    assert ours in text(web_root, "help.html")
    assert is_proven()
