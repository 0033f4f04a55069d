"""What stands at which path: the files of a board, drawn from one moment of the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from imageboard import staleness
from imageboard.staleness import StaleFile
from imageboard.store import posts, threads
from imageboard.store.database import Database, snapshot
from renderer import drawings
from renderer.drawings import Drawn, LinkedMedia
from renderer.fragments import Fragment
from renderer.kept_threads import KeptThreads
from renderer.render_loop import RenderLoop
from renderer.web_root import WebRoot
from tests.builders import a_board, a_file, a_post

Draw = Callable[[StaleFile], dict[str, bytes | None]]


@pytest.fixture
def drawn(database: Database, loop: RenderLoop) -> Draw:
    """{path: body} of a stale file of /b/, as of now."""

    def draw_now(file: StaleFile) -> dict[str, bytes | None]:
        with database.connection() as db, snapshot(db):
            return dict(loop.drawing(db, "b").draw(file))

    return draw_now


def media(database: Database, loop: RenderLoop, names: list[str] | None) -> list[Any]:
    with database.connection() as db, snapshot(db):
        return list(loop.drawing(db, "b").media(names))


def test_thread_is_three_files_drawn_in_one_go(database: Database, drawn: Draw) -> None:
    a_post(database, a_board(database))
    files = drawn(staleness.ThreadFiles(1))
    assert {path: body is not None for path, body in files.items()} == {
        "b/res/1.html": True,
        "b/res/1.json": True,
        "b/res/1+50.html": False,
    }


def test_files_of_a_thread_that_is_gone_are_nothing(database: Database, drawn: Draw) -> None:
    a_board(database)
    assert drawn(staleness.ThreadFiles(7)) == {
        "b/res/7.html": None,
        "b/res/7.json": None,
        "b/res/7+50.html": None,
    }


@pytest.mark.parametrize(
    ("threads", "pages"), [(0, [True, False]), (2, [True, False]), (3, [True, True, False])]
)
def test_board_has_as_many_pages_as_its_threads_fill(
    database: Database, drawn: Draw, threads: int, pages: list[bool]
) -> None:
    board = a_board(database, threads_per_page=2)
    for _ in range(threads):
        a_post(database, board)
    for number, is_there in enumerate(pages, start=1):
        files = drawn(staleness.BoardPage(number))
        assert len(files) == 2
        assert {body is not None for body in files.values()} == {is_there}, f"page {number}"


def test_board_page_shows_the_last_replies_and_counts_the_rest(
    database: Database, drawn: Draw
) -> None:
    board = a_board(database, preview_replies=2)
    a_post(database, board)
    for no in range(2, 7):
        a_post(database, board, thread=1, files=(a_file(),) if no in (2, 6) else ())
    page = orjson.loads(drawn(staleness.BoardPage(1))["b/0.json"] or b"")
    op, *replies = page["threads"][0]["posts"]
    assert [reply["no"] for reply in replies] == [5, 6]
    assert (op["replies"], op["omitted_posts"]) == (5, 3)
    assert (op["images"], op["omitted_images"]) == (2, 1)


def test_sticky_thread_shows_fewer_replies(database: Database, drawn: Draw) -> None:
    board = a_board(database, preview_replies=3, preview_replies_sticky=1)
    a_post(database, board)
    for _ in range(4):
        a_post(database, board, thread=1)
    with database.transaction() as db:
        posts.mark_thread(db, "b", 1, is_sticky=True)
    page = orjson.loads(drawn(staleness.BoardPage(1))["b/0.json"] or b"")
    assert [post["no"] for post in page["threads"][0]["posts"]] == [1, 5]


def test_catalog_pages_are_the_board_pages(database: Database, drawn: Draw) -> None:
    board = a_board(database, threads_per_page=2)
    for _ in range(3):
        a_post(database, board)
    files = drawn(staleness.Catalog())
    catalog = orjson.loads(files["b/catalog.json"] or b"")
    assert [[op["no"] for op in page["threads"]] for page in catalog] == [[3, 2], [1]]
    threads = orjson.loads(files["b/threads.json"] or b"")
    assert [page["page"] for page in threads] == [0, 1]


def test_whole_board_is_every_thread_every_page_it_may_have_and_the_catalog(
    database: Database, loop: RenderLoop
) -> None:
    board = a_board(database, pages_max=3)
    a_post(database, board)
    with database.connection() as db, snapshot(db):
        there = set(loop.drawing(db, "b").there())
        everything = set(loop.drawing(db, "b").everything())
    assert there == {staleness.ThreadFiles(1), staleness.BoardPage(1), staleness.Catalog()}
    assert everything == there | {*map(staleness.BoardPage, (2, 3))}


def test_media_are_linked_where_a_post_holds_them_and_nothing_where_none_does(
    database: Database, loop: RenderLoop
) -> None:
    stored = a_post(database, a_board(database), files=(a_file(),))
    src, thumb = stored.media[0].names
    links = [
        LinkedMedia(f"b/{src}", "0" * 32, False, a_file().sha256),
        LinkedMedia(f"b/{thumb}", "0" * 32, True, a_file().sha256),
    ]
    gone = Drawn("b/src/1.png", None)
    assert media(database, loop, [src, thumb, "src/1.png"]) == [*links, gone]
    assert media(database, loop, None) == links


# --- what a removal changes elsewhere ---


def test_thread_that_goes_takes_its_backlinks_out_of_other_threads(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    board = a_board(database)
    a_post(database, board)
    a_post(database, board, body=">>1")
    loop.render("b")
    assert b"/b/res/2.html#2" in (web_root.read("b/res/1.html") or b"")
    with database.transaction() as db:
        posts.remove(db, "b", 2)
    loop.render("b")
    assert b"/b/res/2.html#2" not in (web_root.read("b/res/1.html") or b"")


def test_last_page_that_goes_is_no_longer_linked_from_the_others(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    board = a_board(database, threads_per_page=1)
    for _ in range(3):
        a_post(database, board)
    loop.render("b")
    assert b"/b/3.html" in (web_root.read("b/index.html") or b"")
    with database.transaction() as db:
        posts.remove(db, "b", 1)
    loop.render("b")
    assert web_root.read("b/3.html") is None
    assert b"/b/3.html" not in (web_root.read("b/index.html") or b"")


# --- titles ---


def a_fragment(database: Database, **fields: Any) -> Fragment:
    board = a_board(database)
    a_post(database, board, **fields)
    with database.connection() as db, snapshot(db):
        thread = threads.get(db, "b", 1)
        assert thread is not None
        return KeptThreads().of_thread(db, board, frozenset("b"), thread).op


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({"subject": "Kettles", "body": "Which one?"}, "Kettles"),
        ({"body": "Which one?\n\nThe blue one."}, "Which one? The blue one."),
        ({"body": "", "files": (a_file(),)}, "No. 1"),
        ({"body": "word " * 40}, "word word word word word word word word word word word word…"),
        ({"body": "x" * 200}, "x" * 60 + "…"),
    ],
)
def test_thread_is_titled_by_its_subject_its_text_or_its_number(
    database: Database, fields: dict[str, Any], title: str
) -> None:
    assert drawings.thread_title(a_fragment(database, **fields).as_op) == title


# --- where they stand ---


def test_paths_that_a_file_is_looked_up_at_are_those_it_is_drawn_at(
    database: Database, loop: RenderLoop, drawn: Draw
) -> None:
    """The ledger is asked before anything is drawn: a path that is missed looks like a new file."""
    a_post(database, a_board(database))
    with database.connection() as db, snapshot(db):
        drawing = loop.drawing(db, "b")
        for file in (staleness.ThreadFiles(1), staleness.BoardPage(1), staleness.Catalog()):
            assert set(drawing.paths_of(file)) == drawn(file).keys()
