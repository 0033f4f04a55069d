"""A page that stands as it would be drawn is not drawn anew; any other is."""

from __future__ import annotations

import pytest

from imageboard import addresses
from imageboard.boards import Board
from imageboard.store import boards, posts
from imageboard.store.database import Database, snapshot
from renderer.drawing import whole_board
from renderer.pages import board_kinds
from renderer.pages.kind import Page
from renderer.redrawing import Redrawing
from renderer.render_loop import RenderLoop
from renderer.verify import Verifier
from renderer.web_root import WebRoot
from templates.pages import TAIL_MIN_REPLIES
from tests.builders import a_board, a_new_post, a_post
from tests.renderer.page_names import CATALOG, board_page, thread
from tests.tables import for_each

pytestmark = pytest.mark.slow

LONG = 3
TAIL = addresses.thread_tail_path("b", LONG)
TAIL_JSON = addresses.thread_tail_json_path("b", LONG)


@pytest.fixture
def filled(database: Database, loop: RenderLoop) -> None:
    """A board whose pages stand; one thread has a page of its last posts."""
    board = a_board(database)
    for _ in range(LONG):
        a_post(database, board)
    with database.transaction() as db:
        for _ in range(TAIL_MIN_REPLIES):
            posts.add(db, a_new_post(board, thread=LONG), limits=False)
    loop.render("b")


def not_standing(loop: RenderLoop) -> set[Page]:
    """Of the pages that are drawn, and not only looked after."""
    with loop.database.connection() as db, snapshot(db):
        view = loop.view(db, "b")
        found = Redrawing(loop).not_standing(view, whole_board(view))
    return {page for page in found if not board_kinds()[page.kind].draws_nothing}


def all_pages(loop: RenderLoop) -> set[Page]:
    with loop.database.connection() as db, snapshot(db):
        pages = whole_board(loop.view(db, "b"))
    return {page for page in pages if not board_kinds()[page.kind].draws_nothing}


def board_of(loop: RenderLoop) -> Board:
    with loop.database.connection() as db:
        return boards.get(db, "b")


@pytest.mark.usefixtures("filled")
def test_all_of_a_board_that_was_drawn_stands(loop: RenderLoop) -> None:
    assert not_standing(loop) == set()


@pytest.mark.usefixtures("filled")
@for_each(
    "path",
    ["b/res/3.html", "b/res/3.json", TAIL, TAIL_JSON],
)
def test_page_does_not_stand_whose_file_is_gone_or_cut(
    path: str, loop: RenderLoop, web_root: WebRoot
) -> None:
    place = web_root.folder / path
    body = place.read_bytes()
    for wrong in (None, body[:-1], b""):
        place.unlink(missing_ok=True)
        if wrong is not None:
            place.write_bytes(wrong)
        assert not_standing(loop) == {thread(LONG)}
    place.write_bytes(body)
    assert not_standing(loop) == set()


@pytest.mark.usefixtures("filled")
def test_page_does_not_stand_of_which_the_ledger_knows_nothing(loop: RenderLoop) -> None:
    with loop.database.transaction() as db:
        lost = [TAIL, "b/catalog.html"]
        db.execute("DELETE FROM publications WHERE path = ANY (%s)", (lost,))
    assert not_standing(loop) == {thread(LONG), CATALOG}


@pytest.mark.usefixtures("filled")
def test_page_does_not_stand_for_which_a_change_waits(loop: RenderLoop) -> None:
    a_post(loop.database, board_of(loop), thread=1)
    found = not_standing(loop)
    assert {thread(1), board_page(1), CATALOG} <= found
    assert thread(2) not in found
    loop.render("b")
    assert not_standing(loop) == set()


@pytest.mark.usefixtures("filled")
def test_nothing_stands_when_all_of_the_board_waits(loop: RenderLoop) -> None:
    with loop.database.transaction() as db:
        boards.redraw(db, "b")
    assert not_standing(loop) == all_pages(loop)


@pytest.mark.usefixtures("filled")
def test_nothing_stands_with_another_appearance(loop: RenderLoop) -> None:
    loop.site_name = "Another name"
    assert not_standing(loop) == all_pages(loop)


@pytest.mark.usefixtures("filled")
def test_nothing_stands_once_another_version_has_drawn_one_page(
    loop: RenderLoop, web_root: WebRoot
) -> None:
    """As an old renderer does beside the new one: nobody knows which page it was."""
    other = RenderLoop(loop.database, web_root, loop.uploads, "Another name", captcha=loop.captcha)
    a_post(loop.database, board_of(loop), thread=1)
    other.render("b")

    assert not_standing(loop) == all_pages(loop)
    assert not_standing(other) == all_pages(other)


@pytest.mark.usefixtures("filled")
def test_nothing_stands_once_another_version_has_drawn_a_page_anew(
    loop: RenderLoop, web_root: WebRoot
) -> None:
    other = RenderLoop(loop.database, web_root, loop.uploads, "Another name", captcha=loop.captcha)
    assert Redrawing(other).redraw("b", [thread(1)])
    assert not_standing(loop) == all_pages(loop)


@pytest.mark.usefixtures("filled")
def test_nothing_stands_once_a_proof_by_another_version_has_mended_a_page(
    loop: RenderLoop, web_root: WebRoot
) -> None:
    other = Verifier(
        loop.database, web_root, loop.uploads, "Another name", captcha=loop.captcha, repair=True
    )
    assert other.verify_page("b", thread(1))
    assert not_standing(loop) == all_pages(loop)
