"""Pages that were drawn with other templates are noticed, and drawn anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from imageboard.captchas import ShownCaptcha
from imageboard.facts import BoardChanged
from imageboard.store import boards
from imageboard.store.database import Database
from imageboard.words import LANGUAGES
from renderer import appearance as appearances
from renderer.appearance import appearance, source_files
from renderer.render_loop import RenderLoop
from tests.builders import a_board, a_post

ROOT = Path(appearances.__file__).parents[1]


def drawn_otherwise(database: Database, loop: RenderLoop) -> list[str]:
    with database.connection() as db:
        return boards.drawn_otherwise(db, loop.appearance)


def test_same_code_and_site_have_one_appearance() -> None:
    assert appearance("Stillboard", "") == appearance("Stillboard", "")


@pytest.mark.parametrize(("name", "url"), [("Other", ""), ("Still", "board"), ("", "Stillboard")])
def test_name_and_address_of_the_site_are_part_of_it(name: str, url: str) -> None:
    assert appearance(name, url) != appearance("Stillboard", "")


def test_captcha_whose_widget_pages_show_is_part_of_it() -> None:
    with_one = appearance("Stillboard", "", ShownCaptcha("recaptcha", "6Lc"))
    assert with_one != appearance("Stillboard", "")
    assert with_one != appearance("Stillboard", "", ShownCaptcha("recaptcha", "6Ld"))


def test_language_of_the_site_is_part_of_it() -> None:
    assert appearance("Stillboard", "", language=LANGUAGES["ja"]) != appearance("Stillboard", "")


def test_all_that_draws_a_page_is_looked_at() -> None:
    found = {path.relative_to(ROOT).as_posix() for path in source_files(ROOT)}
    assert {"renderer/pages/threads.py", "imageboard/markup/html.py"} <= found
    assert all((ROOT / name).is_file() for name in found)


def test_a_changed_module_changes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for source in source_files(ROOT):
        copy = tmp_path / source.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, copy)
    before = appearances.fingerprint_of(tmp_path)
    with (tmp_path / "imageboard" / "markup" / "html.py").open("a") as module:
        module.write("# another word\n")
    assert before == appearances.fingerprint_of(ROOT)
    assert appearances.fingerprint_of(tmp_path) != before


@pytest.mark.slow
def test_new_board_is_drawn_as_a_whole_and_noted(database: Database, loop: RenderLoop) -> None:
    a_board(database)
    assert drawn_otherwise(database, loop) == [], "it waits to be drawn"
    loop.render("b")
    assert drawn_otherwise(database, loop) == []


@pytest.mark.slow
def test_board_drawn_by_another_version_is_noticed_until_it_is_drawn_as_a_whole(
    database: Database, loop: RenderLoop
) -> None:
    board = a_board(database)
    loop.render("b")
    loop.site_name = "Another name"
    assert drawn_otherwise(database, loop) == ["b"]
    a_post(database, board)
    loop.render("b")
    assert drawn_otherwise(database, loop) == ["b"], "a post draws a few of the pages only"
    with database.transaction() as db:
        boards.ask_again(db, "b", BoardChanged())
    loop.render("b")
    assert drawn_otherwise(database, loop) == []
