"""Pages that show several boards: behind for a moment, never for good, and in nobody's way."""

from __future__ import annotations

import json
import re
import threading
from typing import Any

import pytest
from prometheus_client import REGISTRY

from imageboard.captchas import ShownCaptcha
from imageboard.store import boards, posts, render_lock, site_moment
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from renderer.render_loop import RenderLoop
from renderer.site_pages import SITE_LOCK
from renderer.web_root import WebRoot
from tests.builders import a_board, a_file, a_post, seconds_later
from tests.deploy.stand_ins import eventually

pytestmark = pytest.mark.slow


def are_behind(loop: RenderLoop) -> bool:
    with loop.database.connection() as db:
        return site_moment.is_behind(db)


def front_page(web_root: WebRoot) -> str:
    return (web_root.read("index.html") or b"").decode()


def test_site_without_boards_has_its_pages(loop: RenderLoop, web_root: WebRoot) -> None:
    assert are_behind(loop)
    loop.site_pages.render()
    assert {"index.html", "404.html", "robots.txt", "boards.json"} <= set(web_root.paths())
    assert not are_behind(loop)


def test_post_on_any_board_leaves_them_behind_until_they_are_drawn(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    one, other = a_board(database, "b"), a_board(database, "c")
    loop.site_pages.render()
    for board in (one, other):
        a_post(database, board, body=f"news of {board.name}")
        assert are_behind(loop)
        loop.site_pages.render()
        assert not are_behind(loop)
        assert f"news of {board.name}" in front_page(web_root)


def test_what_did_not_change_is_not_written_again(database: Database, loop: RenderLoop) -> None:
    a_post(database, a_board(database))
    assert loop.site_pages.render() > 0
    assert loop.site_pages.render() == 0
    with database.connection() as db:
        assert loop.site_pages.draw(db, anew=True).written == 0


def test_front_page_lists_boards_by_group_and_place(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    a_board(database, "a", group="Drinks", title="Ales")
    a_board(database, "b", place=2, title="Bits")
    a_board(database, "c", group="Drinks", title="Cola", worksafe=True)
    a_board(database, "d", place=1, title="Dots")
    loop.site_pages.render()
    page = front_page(web_root)
    found = re.findall(r"<h3[^>]*>(\w+)|<strong>/(\w)/|(Not safe for work)", page)
    assert ["".join(each) for each in found] == [
        "d", "Not safe for work", "b", "Not safe for work",
        "Drinks", "a", "Not safe for work", "c",
    ]  # fmt: skip
    told = json.loads(web_root.read("boards.json") or b"")["boards"]
    assert [(each["board"], each["group"]) for each in told] == [
        ("a", "Drinks"), ("c", "Drinks"), ("d", ""), ("b", ""),
    ]  # fmt: skip


def test_front_page_shows_recent_pictures_and_how_many_posts_came_in_an_hour(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    board, off = a_board(database), a_board(database, "off", in_overboard=False)
    picture, spoiler = a_file(colour=0x7F8091), a_file(is_spoiler=True)
    for at_s, files in ((0, ()), (1, (picture, picture)), (3602, (spoiler,)), (3700, (picture,))):
        a_post(database, board, files=files, at=seconds_later(at_s))
    a_post(database, off, files=(picture,), at=seconds_later(3701))
    loop.site_pages.render()
    page = front_page(web_root)
    shown = r'<li><a href="([^"]*)"><img class="recent-picture r3 g4 b4" src="(/b/thumb/[^"]*)"'
    pictures = re.findall(shown, page)
    assert [url for url, _ in pictures] == ["/b/res/4.html#4", "/b/res/2.html#2"]
    assert "3 posts in the hour up to 2026-11-24 (Tue) 13:01" in page
    with database.transaction() as db:
        posts.remove(db, "b", 4)
    loop.render("b")
    assert pictures[0][1] not in front_page(web_root)


def test_programs_are_told_how_the_site_is(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    loop.site_pages.render()
    assert status(web_root) == {
        "software": "stillboard",
        "posts": 0,
        "threads": 0,
        "posts_last_hour": 0,
        "last_post": None,
        "boards": [],
    }
    board = a_board(database)
    a_post(database, board, at=seconds_later(0))
    a_post(database, board, thread=1, at=seconds_later(7200))
    with database.transaction() as db:
        boards.change_settings(db, "b", {"read_only": "on"})
    loop.site_pages.render()
    told = status(web_root)
    assert (told["threads"], told["posts"], told["posts_last_hour"]) == (1, 2, 1)
    assert told["last_post"] == int(seconds_later(7200).timestamp())
    assert told["boards"] == [
        {"board": "b", "threads": 1, "posts": 2, "read_only": 1, "captcha_for_all": 0}
    ]


def status(web_root: WebRoot) -> Any:
    return json.loads(web_root.read("status.json") or b"")


def test_frame_is_drawn_when_the_boards_change_and_not_for_a_post(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    board = a_board(database)
    loop.site_pages.render()
    (web_root.folder / "404.html").write_text("as it was")
    a_post(database, board)
    loop.site_pages.render()
    assert web_root.read("404.html") == b"as it was"
    with database.transaction() as db:
        boards.change_settings(db, "b", {"title": "Kettles"})
    (web_root.folder / "404.html").unlink()
    with database.transaction() as db:
        db.execute("DELETE FROM publications WHERE path = '404.html'")
    loop.site_pages.render()
    assert b"Kettles" in (web_root.read("404.html") or b"")


def test_clients_are_told_of_the_captcha(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    """Of each board's own: which, and when."""
    for when in ("site", "never", "threads", "pressed", "always"):
        a_board(database, when, captcha=when)

    def told(captcha: ShownCaptcha | None) -> dict[str, Any]:
        loop.captcha = captcha
        with database.connection() as db:
            loop.site_pages.draw(db, anew=True)
        boards_json = json.loads(web_root.read("boards.json") or b"")
        return {board["board"]: board["captcha"] for board in boards_json["boards"]}

    assert set(told(None).values()) == {False}
    recaptcha = {"provider": "recaptcha", "site_key": "6Lc"}
    assert told(ShownCaptcha("recaptcha", "6Lc")) == {
        "site": recaptcha | {"when": "always"},
        "never": False,
        "threads": recaptcha | {"when": "threads"},
        "pressed": recaptcha | {"when": "pressed"},
        "always": recaptcha | {"when": "always"},
    }
    altcha = told(ShownCaptcha("altcha", when="never", challenge="/captcha/altcha"))
    assert altcha["site"] is False
    assert altcha["threads"] == {
        "provider": "altcha",
        "site_key": "",
        "when": "threads",
        "challenge": "/captcha/altcha",
    }


def test_step_of_a_board_neither_draws_them_nor_waits_for_who_does(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    """Else all boards together would be as slow as one."""
    a_post(database, a_board(database))
    with database.connection() as db, render_lock.hold(db, SITE_LOCK):
        loop.render("b")
    assert web_root.read("b/res/1.html") is not None
    assert web_root.read("index.html") is None


def test_worker_that_finds_them_being_drawn_leaves_them_to_who_draws_them(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    a_post(database, a_board(database))
    with database.connection() as db, render_lock.hold(db, SITE_LOCK):
        assert loop.site_pages.render_unless_somebody_does() == 0
    assert are_behind(loop), "so catch-up calls again"
    assert loop.site_pages.render_unless_somebody_does() > 0
    assert not are_behind(loop)


def test_kind_by_kind_they_come_up_to_date_the_one_first_that_was_drawn_longest_ago(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    a_post(database, a_board(database))
    loop.site_pages.render()
    with database.transaction() as db:
        db.execute(
            "UPDATE site_pages_shown SET drawn_at = drawn_at - interval '1 hour'"
            " WHERE kind = 'overboard'"
        )
    a_post(database, a_board(database, "c"), body="news of the other")
    assert loop.site_pages.render_a_kind(), "another is left"
    assert b"news of the other" in (web_root.read("overboard/index.html") or b"")
    assert "news of the other" not in front_page(web_root)
    while loop.site_pages.render_a_kind():
        assert are_behind(loop)
    assert "news of the other" in front_page(web_root)
    assert not loop.site_pages.is_due()


def test_whoever_draws_a_kind_draws_all_of_a_site_that_is_new(
    loop: RenderLoop, web_root: WebRoot
) -> None:
    """A kind that was never drawn is owed to nobody else."""
    assert not loop.site_pages.render_a_kind(), "none is left"
    assert {"index.html", "404.html", "robots.txt", "boards.json"} <= set(web_root.paths())
    assert not are_behind(loop)


def test_whoever_draws_a_kind_draws_all_where_it_is_not_known_what_stands_there(
    loop: RenderLoop, web_root: WebRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the doubt would never end, and each kind be drawn for ever."""
    loop.site_pages.render()
    with monkeypatch.context() as broken:
        broken.setattr(site_moment, "show", _break)
        with pytest.raises(ConnectionError):
            loop.site_pages.render_a_kind()
    (web_root.folder / "404.html").write_text("half")
    assert not loop.site_pages.render_a_kind(), "none is left"
    assert b"half" not in (web_root.read("404.html") or b"half")
    assert not are_behind(loop)


def test_each_step_tells_that_they_may_be_behind(database: Database, loop: RenderLoop) -> None:
    told: list[int] = []
    loop.on_changed = lambda: told.append(1)
    a_post(database, a_board(database))
    loop.render("b")
    assert told


def test_what_is_removed_is_gone_from_them_in_the_same_step(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    """No reader may find it a moment longer, on the front page no more than elsewhere."""
    a_post(database, a_board(database), body="gone tomorrow")
    loop.render("b")
    loop.site_pages.render()
    assert "gone tomorrow" in front_page(web_root)
    with database.transaction() as db:
        posts.remove(db, "b", 1)
    loop.render("b")
    assert "gone tomorrow" not in front_page(web_root)
    with database.connection() as db:
        (paths,) = db.execute("SELECT paths FROM takedowns").fetchone() or ([],)
    assert "index.html" in paths, "the CDN is told of it, and looked at"
    assert "404.html" not in paths, "which never showed it"


def test_removal_names_them_though_somebody_has_drawn_them_without_it_meanwhile(
    database: Database, loop: RenderLoop
) -> None:
    """Their copies at the edge may still show it, whoever drew them anew at the origin."""
    a_post(database, a_board(database), body="gone tomorrow")
    loop.render("b")
    loop.site_pages.render()
    with database.transaction() as db:
        posts.remove(db, "b", 1)
    loop.site_pages.render()
    loop.render("b")
    with database.connection() as db:
        (paths,) = db.execute("SELECT paths FROM takedowns").fetchone() or ([],)
    assert "index.html" in paths


def test_interrupted_drawing_is_made_good(
    database: Database, loop: RenderLoop, web_root: WebRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_post(database, a_board(database), body="first words")
    with monkeypatch.context() as broken:
        broken.setattr(site_moment, "show", _break)
        with pytest.raises(ConnectionError):
            loop.site_pages.render()
    (web_root.folder / "index.html").write_text("half")
    assert are_behind(loop)
    loop.site_pages.render()
    assert "first words" in front_page(web_root)


def _break(*_: object, **__: object) -> None:
    raise ConnectionError


def test_two_who_draw_them_at_once_never_put_the_older_over_the_newer(
    database: Database, loop: RenderLoop, web_root: WebRoot, uploads: UploadStore
) -> None:
    board = a_board(database)
    stop = threading.Event()

    def draw() -> None:
        while not stop.is_set():
            RenderLoop(database, web_root, uploads, "Stillboard").site_pages.render()

    workers = [threading.Thread(target=draw) for _ in range(2)]
    for worker in workers:
        worker.start()
    seen = []
    for _ in range(40):
        a_post(database, board)
        told = json.loads(web_root.read("boards.json") or b'{"boards": []}')
        seen.append((len(told["boards"]), front_page(web_root).count("/b/res/")))
    stop.set()
    for worker in workers:
        worker.join()
    assert seen == sorted(seen)


def test_wait_for_a_lock_is_counted(database: Database, loop: RenderLoop) -> None:
    def waits() -> float:
        return (
            REGISTRY.get_sample_value("stillboard_render_lock_waits_total", {"lock": "site"}) or 0.0
        )

    before = waits()
    loop.site_pages.render()
    assert waits() == before
    drawing = threading.Thread(target=loop.site_pages.render)
    with database.connection() as db, render_lock.hold(db, SITE_LOCK):
        drawing.start()
        assert eventually(lambda: waits() == before + 1)
    drawing.join()
