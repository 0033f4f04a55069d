"""Each board's pages are in its own language, or in the site's."""

from __future__ import annotations

import json

import pytest

from imageboard.facts import BoardChanged
from imageboard.store import boards
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from imageboard.words import LANGUAGES
from renderer.render_loop import RenderLoop
from renderer.verify import Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board, a_post

pytestmark = pytest.mark.slow

OF_A_BOARD = ("index.html", "catalog.html", "archive/index.html", "res/1.html")


def languages(web_root: WebRoot, name: str) -> set[str]:
    """Of the pages of a board."""
    heads = ((web_root.folder / name / page).read_text() for page in OF_A_BOARD)
    return {head.partition('<html lang="')[2].partition('"')[0] for head in heads}


def test_board_is_drawn_anew_in_another_language_and_no_other_board_is(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    """Its posts too, which the worker keeps as they were drawn."""
    for name in ("b", "tea"):
        a_post(database, a_board(database, name))
        loop.render(name)
    with database.transaction() as db:
        assert boards.change_settings(db, "b", {"language": "ja"}) == ["b"]
    loop.render("b")
    loop.site_pages.render()
    assert (languages(web_root, "b"), languages(web_root, "tea")) == ({"ja"}, {"en"})
    page = (web_root.folder / "b/res/1.html").read_text()
    assert "レス 1 を選択" in page
    assert "Select post" not in page
    told = json.loads((web_root.folder / "boards.json").read_text())["boards"]
    assert {board["board"]: board["locale"] for board in told} == {"b": "ja", "tea": "en"}


def test_site_in_another_language_has_all_its_pages_drawn_anew(
    database: Database, loop: RenderLoop, web_root: WebRoot, uploads: UploadStore
) -> None:
    """But for those of boards that have their own."""
    both = [a_board(database, "b"), a_board(database, "en", language="en")]
    for board in both:
        a_post(database, board)
        loop.render(board.name)
    loop.site_pages.render()
    loop.language = LANGUAGES["ja"]
    with database.transaction() as db:
        assert boards.drawn_otherwise(db, loop.appearance) == ["b", "en"]
        boards.ask_again(db, "b", BoardChanged())
    loop.render("b")
    with database.connection() as db:
        loop.site_pages.draw(db, anew=True)
    assert (languages(web_root, "b"), languages(web_root, "en")) == ({"ja"}, {"en"})
    assert '<html lang="ja"' in (web_root.folder / "index.html").read_text()
    verifier = Verifier(
        database, web_root, uploads, "Stillboard", "", loop.captcha, LANGUAGES["ja"]
    )
    assert list(verifier.verify()) == []
