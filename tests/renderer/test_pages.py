"""What stands at which path: the files of a board, drawn from one moment of the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
import pytest

from imageboard.markers import Removed, shown, tims_of
from imageboard.parts import Part
from imageboard.store import posts, threads
from imageboard.store.database import Database, snapshot
from renderer.drawing import whole_board
from renderer.fragments import Fragment
from renderer.kept_threads import KeptThreads
from renderer.pages.kind import Drawn, LinkedMedia, Page, ThreadKind
from renderer.pages.threads import thread_title
from renderer.render_loop import RenderLoop
from renderer.web_root import WebRoot
from tests.builders import a_board, a_file, a_post, names_of_first
from tests.renderer.page_names import ALL_MEDIA, CATALOG, LEFTOVERS, board_page, medium, thread

Draw = Callable[[Page], dict[str, bytes | None]]


@pytest.fixture
def drawn(database: Database, loop: RenderLoop) -> Draw:
    """{path: body} of a page of /b/, as of now."""

    def draw_now(page: Page) -> dict[str, bytes | None]:
        return {file.path: file.body for file in draw(database, loop, page)}

    return draw_now


def draw(database: Database, loop: RenderLoop, page: Page) -> list[Any]:
    """What is drawn of a page of /b/."""
    with database.connection() as db, snapshot(db):
        return list(loop.kinds[page.kind].draw(loop.view(db, "b"), page.key))


def test_thread_is_four_files_drawn_in_one_go(database: Database, drawn: Draw) -> None:
    a_post(database, a_board(database))
    files = drawn(thread(1))
    assert {path: body is not None for path, body in files.items()} == {
        "b/res/1.html": True,
        "b/res/1.json": True,
        "b/res/1+50.html": False,
        "b/res/1-tail.json": False,
    }


def test_files_of_a_thread_that_is_gone_are_nothing(database: Database, drawn: Draw) -> None:
    a_board(database)
    assert drawn(thread(7)) == {
        "b/res/7.html": None,
        "b/res/7.json": None,
        "b/res/7+50.html": None,
        "b/res/7-tail.json": None,
    }


@pytest.mark.slow
def test_long_thread_has_its_last_fifty_replies_as_json_and_says_which_one_is_before_them(
    database: Database, drawn: Draw
) -> None:
    """As 4chan's: a client that has that one need not fetch the whole thread."""
    board = a_board(database)
    for no in range(1, 102):
        a_post(database, board, thread=1 if no > 1 else None)
    files = drawn(thread(1))
    op, *replies = orjson.loads(files["b/res/1-tail.json"] or b"")["posts"]
    assert (op["no"], op["replies"], op["tail_size"], op["tail_id"]) == (1, 100, 50, 51)
    whole = orjson.loads(files["b/res/1.json"] or b"")["posts"]
    assert replies == whole[-50:]
    assert op.items() >= whole[0].items()


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
        files = drawn(board_page(number))
        assert len(files) == 2
        assert {body is not None for body in files.values()} == {is_there}, f"page {number}"


def test_board_page_shows_the_last_replies_and_counts_the_rest(
    database: Database, drawn: Draw
) -> None:
    board = a_board(database, preview_replies=2)
    a_post(database, board)
    for no in range(2, 7):
        a_post(database, board, thread=1, files=(a_file(),) if no in (2, 6) else ())
    page = orjson.loads(drawn(board_page(1))["b/0.json"] or b"")
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
    page = orjson.loads(drawn(board_page(1))["b/0.json"] or b"")
    assert [post["no"] for post in page["threads"][0]["posts"]] == [1, 5]


def test_catalog_pages_are_the_board_pages(database: Database, drawn: Draw) -> None:
    board = a_board(database, threads_per_page=2)
    for _ in range(3):
        a_post(database, board)
    files = drawn(CATALOG)
    catalog = orjson.loads(files["b/catalog.json"] or b"")
    assert [[op["no"] for op in page["threads"]] for page in catalog] == [[3, 2], [1]]
    threads = orjson.loads(files["b/threads.json"] or b"")
    assert [page["page"] for page in threads] == [0, 1]


def test_empty_board_has_its_first_page_in_every_list(database: Database, drawn: Draw) -> None:
    """Clients ask what stands on a board's first page, and there is one (vichan has it too)."""
    a_board(database)
    files = drawn(CATALOG) | drawn(board_page(1))
    assert orjson.loads(files["b/0.json"] or b"") == {"threads": []}
    for path in ("b/catalog.json", "b/threads.json"):
        assert orjson.loads(files[path] or b"") == [{"page": 0, "threads": []}]


def test_whole_board_is_all_media_every_thread_every_page_and_what_is_left_over(
    database: Database, loop: RenderLoop
) -> None:
    board = a_board(database, pages_max=3)
    a_post(database, board)
    with database.connection() as db, snapshot(db):
        view = loop.view(db, "b")
        whole = whole_board(view)
        might = [
            kind.page(key) for kind in loop.kinds.values() for key in kind.might_be_there(view)
        ]
    assert whole[:2] == [ALL_MEDIA, thread(1)]
    of_threads = {kind.name for kind in loop.kinds.values() if isinstance(kind, ThreadKind)}
    its_pages = whole[1 : whole.index(board_page(1))]
    assert {page.kind for page in its_pages} == of_threads, "they are drawn of one reading"
    assert {page.key for page in its_pages} == {1}
    assert CATALOG in whole
    assert whole[-1] == LEFTOVERS
    assert might == [board_page(2), board_page(3)]


def test_media_are_linked_where_a_post_holds_them_and_nothing_where_none_does(
    database: Database, loop: RenderLoop
) -> None:
    stored = a_post(database, a_board(database), files=(a_file(),))
    src, thumb = names_of_first(stored)
    links = [
        LinkedMedia(f"b/{src}", "0" * 32, Part.ORIGINAL, a_file().sha256, a_file().bytes),
        LinkedMedia(f"b/{thumb}", "0" * 32, Part.THUMBNAIL, a_file().sha256, a_file().bytes),
    ]
    for name, link in zip((src, thumb), links, strict=True):
        assert draw(database, loop, medium(name)) == [link]
    assert draw(database, loop, medium("src/1.png")) == [Drawn("b/src/1.png", None)]
    assert draw(database, loop, ALL_MEDIA) == links


# --- what a removal changes elsewhere ---


@pytest.mark.slow
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


@pytest.mark.slow
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
    assert thread_title(a_fragment(database, **fields).as_op) == title


# --- where they stand ---


def test_paths_that_a_page_is_looked_up_at_are_those_it_is_drawn_at(
    database: Database, loop: RenderLoop
) -> None:
    """The ledger is asked before anything is drawn: a path that is missed looks like a new file."""
    a_post(database, a_board(database), files=(a_file(),))
    with database.connection() as db, snapshot(db):
        view = loop.view(db, "b")
        for page in whole_board(view):
            kind = loop.kinds[page.kind]
            drawn = [file.path for file in kind.draw(view, page.key)]
            assert sorted(kind.paths(view, page.key)) == sorted(drawn), page


@pytest.mark.slow
def test_where_something_stands_is_known_without_drawing_it(
    database: Database, loop: RenderLoop
) -> None:
    """Else what is there would be taken for left over, or what is left over for there."""
    board = a_board(database)
    a_post(database, board, files=(a_file(),))
    for _ in range(100):
        a_post(database, board, thread=1)
    a_post(database, board)
    with database.connection() as db, snapshot(db):
        view = loop.view(db, "b")
        drawn = {
            file.path
            for page in whole_board(view)
            for file in loop.kinds[page.kind].draw(view, page.key)
            if isinstance(file, LinkedMedia) or file.body is not None
        }
        assert view.paths_there() == drawn


def drawn_by_all_kinds(database: Database, loop: RenderLoop) -> dict[str, bytes]:
    """{path: body} of all that is drawn of /b/ and of the site, as of now; not media."""
    with database.connection() as db, snapshot(db):
        view = loop.view(db, "b")
        of_board = (
            file
            for page in whole_board(view)
            for file in loop.kinds[page.kind].draw(view, page.key)
        )
        of_site = (
            file
            for kind in loop.site_pages.kinds.values()
            if kind.shows_posts
            for file in kind.draw(loop.site_pages.view(db))
        )
        return {
            file.path: bytes(file.body)
            for file in (*of_board, *of_site)
            if isinstance(file, Drawn) and file.body is not None
        }


def shown_in(files: Mapping[str, bytes | None], removed: Removed) -> set[str]:
    """The paths at which a reader finds it."""
    return {path for path, body in files.items() if body and shown(path, bytes(body), removed)}


@pytest.mark.slow
@pytest.mark.parametrize("no", [1, 124, 125])
def test_removed_post_is_recognised_on_every_page_that_shows_it(
    database: Database, loop: RenderLoop, drawn: Draw, no: int
) -> None:
    """The proof of a removal looks for these markers: a page that shows it is never called clean.

    1 and 125 are threads, 124 is a reply. Each says a word of its own, so a kind that is added is
    looked at too.
    """
    board = a_board(database)
    for number in range(1, 129):
        is_reply = number not in (1, 125)
        quoting = f' id="{no}" "no":{no}, >>{no} #{no}' if number > 125 else " >>12"
        a_post(database, board, thread=1 if is_reply else None, body=f"word{number}. {quoting}")

    def drawn_now() -> dict[str, bytes]:
        return drawn_by_all_kinds(database, loop)

    expected = {path for path, body in drawn_now().items() if f"word{no}.".encode() in body}
    assert (
        expected
        >= {
            1: {"b/res/1.html", "b/res/1+50.html", "b/res/1.json", "b/catalog.html"},
            124: {"b/res/1.html", "b/res/1+50.html", "b/res/1.json", "b/index.html", "b/0.json"},
            125: {"b/res/125.html", "b/res/125.json", "b/catalog.json", "index.html"},
        }[no]
    )
    # Threads by their numbers alone.
    by_number = {"b/threads.json", "b/sitemap.xml", "overboard/threads.json"}
    expected |= by_number if no != 124 else set()
    assert shown_in(drawn_now(), Removed("b", frozenset({no}))) == expected
    assert "index.html" not in shown_in(drawn_now(), Removed("a", frozenset({no})))

    with database.transaction() as db:
        posts.remove(db, "b", no)
    assert shown_in(drawn_now(), Removed("b", frozenset({no}))) == set()


def test_removed_file_is_recognised_on_every_page_that_shows_it(
    database: Database, loop: RenderLoop
) -> None:
    """The post stays, so it is the file that is looked for."""
    board = a_board(database)
    stored = a_post(database, board, files=(a_file(),))
    with database.connection() as db:
        row = db.execute("SELECT tim FROM files").fetchone()
    assert row is not None
    tim = str(row[0])
    removed = Removed("b", tims=tims_of((f"b/src/{tim}.png", "b/res/1.html")))

    before = drawn_by_all_kinds(database, loop)
    showing = shown_in(before, removed)
    assert showing == {path for path, body in before.items() if tim.encode() in body}
    assert showing >= {
        *("b/res/1.html", "b/res/1.json", "b/index.html", "b/0.json"),
        *("b/catalog.html", "b/catalog.json"),
    }
    with database.transaction() as db:
        posts.remove_files(db, "b", stored.no)
    after = drawn_by_all_kinds(database, loop)
    assert shown_in(after, removed) == set()
    assert shown_in(after, Removed("b", frozenset({stored.no}))), "the post itself stays"
