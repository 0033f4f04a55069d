"""The overboard: threads of all boards together, at a pace, and gone from it what was removed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from imageboard.markers import Removed, shown
from imageboard.store import boards, posts, site_moment
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from renderer.pages import overboard
from renderer.render_loop import RenderLoop
from renderer.site_pages import SitePages
from renderer.verify import Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board, a_file, a_post, seconds_later
from tests.templates.parsed import elements, parse

pytestmark = pytest.mark.slow


def read(web_root: WebRoot, path: str) -> str:
    return (web_root.read(path) or b"").decode()


def listed(web_root: WebRoot, folder: str = "overboard") -> list[str]:
    """['b/1', …], as the list in JSON has them."""
    pages: list[dict[str, Any]] = json.loads(read(web_root, f"{folder}/threads.json"))
    return [f"{op['board']}/{op['no']}" for page in pages for op in page["threads"]]


@pytest.fixture
def site(database: Database, loop: RenderLoop) -> None:
    """/b/, /tea/, which is safe for work, and /off/, which keeps out; each has a thread 1."""
    a_board(database, "b")
    a_board(database, "tea", worksafe=True)
    a_board(database, "off", in_overboard=False, worksafe=True)
    with database.connection() as db:
        found = {board.name: board for board in boards.list_all(db)}
    for at_s, (name, thread) in enumerate(
        [("b", None), ("tea", None), ("off", None), ("b", None), ("tea", 1), ("b", 2)]
    ):
        a_post(database, found[name], thread=thread, at=seconds_later(at_s), body=f"{name} {at_s}")
    loop.site_pages.render()


@pytest.mark.usefixtures("site")
def test_threads_of_all_boards_stand_by_their_bumps_and_say_of_which_they_are(
    web_root: WebRoot,
) -> None:
    assert listed(web_root) == ["b/2", "tea/1", "b/1"]
    assert listed(web_root, "overboard/sfw") == ["tea/1"]
    page = read(web_root, "overboard/index.html")
    assert page.index("b 5") < page.index("tea 4") < page.index("b 0")
    assert '<section class="thread" id="thread_tea-1" data-board="tea"' in page
    posts_told = json.loads(read(web_root, "overboard/0.json"))["threads"][0]["posts"]
    assert [(post["board"], post["no"]) for post in posts_told] == [("b", 2), ("b", 3)]
    (catalog,) = json.loads(read(web_root, "overboard/catalog.json"))
    assert [op["board"] for op in catalog["threads"]] == ["b", "tea", "b"]
    assert catalog["threads"][0]["last_replies"][0]["board"] == "b"
    assert "off 2" not in page + read(web_root, "overboard/catalog.html")
    assert "/tea/ - " in read(web_root, "overboard/index.rss")


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("path", ["overboard/index.html", "overboard/catalog.html"])
def test_two_boards_with_posts_of_one_number_share_no_anchor(web_root: WebRoot, path: str) -> None:
    ids = [
        each.attrib["id"] for each in elements(parse(read(web_root, path))) if "id" in each.attrib
    ]
    assert len(ids) == len(set(ids))
    assert 'class="delete"' not in read(web_root, path)


def test_it_has_as_many_pages_as_it_needs(
    database: Database, loop: RenderLoop, web_root: WebRoot, uploads: UploadStore
) -> None:
    board = a_board(database)
    for _ in range(overboard.PER_PAGE + 1):
        a_post(database, board)
    loop.render("b")
    loop.site_pages.render()
    assert len(listed(web_root)) == overboard.PER_PAGE + 1
    assert read(web_root, "overboard/2.html").endswith("</html>\n")
    assert web_root.read("overboard/3.html") is web_root.read("overboard/2.json") is None
    with database.transaction() as db:
        posts.remove(db, "b", 1)
    loop.render("b")
    assert web_root.read("overboard/2.html") is web_root.read("overboard/1.json") is None
    loop.site_pages.render()
    assert (
        list(Verifier(database, web_root, uploads, "Stillboard", captcha=loop.captcha).verify())
        == []
    )


# --- at a pace ---


def are_due(loop: RenderLoop) -> bool:
    return loop.site_pages.is_due()


def let_pass(database: Database, seconds: float) -> None:
    with database.transaction() as db:
        db.execute(
            "UPDATE site_pages_shown SET drawn_at = drawn_at - make_interval(secs => %s)",
            (seconds,),
        )


def test_posts_within_its_pace_are_shown_by_one_drawing_that_comes_at_the_end(
    database: Database, loop: RenderLoop, web_root: WebRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However long a busy machine takes: its time comes when the test says so.
    monkeypatch.setattr(overboard.KIND, "pace_s", 3600.0)
    board = a_board(database)
    a_post(database, board, body="the first")
    pages = loop.site_pages
    assert pages.render_unless_somebody_does() > 0
    a_post(database, board, thread=1, body="the second")
    a_post(database, board, thread=1, body="the third")
    assert pages.render_unless_somebody_does() > 0
    assert "the third" in read(web_root, "index.html"), "the front page keeps no pace"
    assert "the second" not in read(web_root, "overboard/index.html")
    assert not are_due(loop)
    with database.connection() as db:
        assert site_moment.is_behind(db)
    let_pass(database, overboard.KIND.pace_s)
    assert are_due(loop), "so catch-up calls, though nobody posts any more"
    pages.render_unless_somebody_does()
    assert "the third" in read(web_root, "overboard/index.html")
    with database.connection() as db:
        assert not site_moment.is_behind(db)
    assert not are_due(loop)


def test_clock_that_was_set_back_keeps_nobody_waiting(database: Database, loop: RenderLoop) -> None:
    board = a_board(database)
    loop.site_pages.render()
    a_post(database, board)
    let_pass(database, -3600)
    assert are_due(loop)


def test_reply_draws_no_file_more_on_its_own_board(database: Database, loop: RenderLoop) -> None:
    board = a_board(database)
    a_post(database, board)
    loop.render("b")
    loop.site_pages.render()
    a_post(database, board, thread=1)
    loop.render("b")
    with database.connection() as db:
        (moment,) = {each.moment for each in site_moment.shown(db).values()}
        assert moment != site_moment.now(db), "the step of the board left them all alone"


def test_kind_that_an_upgrade_brings_is_drawn_by_itself(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    a_post(database, a_board(database))
    pages = loop.site_pages
    of_before = {name: kind for name, kind in pages.kinds.items() if name != "overboard"}
    SitePages(database, web_root, pages.uploads, "Stillboard", kinds=of_before).render()
    assert web_root.read("overboard/index.html") is None
    assert are_due(loop)
    pages.render_unless_somebody_does()
    assert listed(web_root) == ["b/1"]


# --- what is removed ---


@pytest.mark.usefixtures("site")
def test_removed_post_is_gone_from_it_in_the_same_step_and_its_copies_are_looked_at(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    for name in ("b", "tea", "off"):
        loop.render(name)
    loop.site_pages.render()
    with database.transaction() as db:
        posts.remove(db, "tea", 2)
    loop.render("tea")
    assert "tea 4" not in read(web_root, "overboard/index.html")
    assert "tea 4" not in read(web_root, "overboard/sfw/0.json")
    with database.connection() as db:
        (paths,) = db.execute("SELECT paths FROM takedowns").fetchone() or ([],)
    assert {"overboard/index.html", "overboard/catalog.json", "overboard/sfw/0.json"} <= set(paths)


@pytest.mark.usefixtures("site")
def test_removal_of_what_it_does_not_show_leaves_it_alone(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    """Else each thread that falls off any board would have it drawn, in the board's own step."""
    loop.render("off")
    loop.site_pages.render()
    with database.transaction() as db:
        posts.remove(db, "off", 1)
        before = site_moment.shown(db)["overboard"].moment
    loop.render("off")
    with database.connection() as db:
        kinds = site_moment.shown(db)
        assert kinds["overboard"].moment == before
        assert kinds["front_page"].moment == site_moment.now(db)
        (paths,) = db.execute("SELECT paths FROM takedowns").fetchone() or ([],)
    assert not any(path.startswith("overboard/") for path in paths)


def test_interrupted_drawing_is_not_believed(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    """Its list may be older than its pages."""
    a_post(database, a_board(database), body="gone tomorrow")
    loop.render("b")
    loop.site_pages.render()
    (web_root.folder / "overboard/threads.json").write_text("[]")
    with database.connection() as db, pytest.raises(ZeroDivisionError), loop.site_pages.holding(db):
        raise ZeroDivisionError
    with database.transaction() as db:
        posts.remove(db, "b", 1)
    loop.render("b")
    assert "gone tomorrow" not in read(web_root, "overboard/index.html")


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    "path",
    ["index.html", "catalog.html", "0.json", "catalog.json", "threads.json", "index.atom",
     "index.rss", "feed.json"],
)  # fmt: skip
def test_post_is_told_from_that_of_another_board_with_the_same_number(
    web_root: WebRoot, path: str
) -> None:
    """Else no removal on one of them could ever be proven."""
    body = web_root.read(f"overboard/sfw/{path}") or b""
    assert shown(f"overboard/sfw/{path}", body, Removed("tea", frozenset({1})))
    assert not shown(f"overboard/sfw/{path}", body, Removed("b", frozenset({1})))
    body = body.replace(b"tea", b"b")
    assert shown(f"overboard/sfw/{path}", body, Removed("b", frozenset({1})))


def test_picture_stands_on_it(database: Database, loop: RenderLoop, web_root: WebRoot) -> None:
    a_post(database, a_board(database), files=(a_file(),))
    loop.site_pages.render()
    assert '<img class="post-image" src="/b/thumb/' in read(web_root, "overboard/index.html")
