"""Staff move threads to other boards, and put two together, where they may on both."""

from __future__ import annotations

import pytest

from imageboard.staff_roles import Role
from imageboard.store import moves, staff, threads
from tests.builders import a_board
from tests.writer.desk.conftest import PASSWORD, Browser, TheDesk

MOVE = {"deed": "move", "board": "tea", "sure": "yes"}


@pytest.fixture
def tea(desk: TheDesk) -> None:
    a_board(desk.database, "tea")


@pytest.mark.slow
@pytest.mark.usefixtures("tea")
def test_thread_is_moved_and_both_boards_are_drawn_anew(desk: TheDesk, admin: Browser) -> None:
    page = admin.get("/mod/b/1").text
    assert "There is no undo" in page
    assert 'value="move"' not in admin.get("/mod/b/2").text, "a reply"
    sent = admin.send("/mod/b/1", **MOVE)
    assert sent.headers["location"] == "/mod/reports?done=move"
    assert "stands on the other board" in admin.get("/mod/reports?done=move").text
    with desk.database.connection() as db:
        assert [post.no for post in threads.posts(db, "tea", [1])] == [1, 2, 3]
    assert desk.calls.boards == ["b", "tea"]
    (entry,) = desk.log()
    assert (entry.action, entry.detail) == ("move", {"moved_to": "/tea/ 1"})
    assert "(now /tea/ 1)" in admin.get("/mod/log").text
    old = admin.get("/mod/b/1")
    assert (old.status_code, old.headers["location"]) == (303, "/mod/tea/1")
    assert admin.get("/mod/b/2").status_code == 404, "replies have other numbers there"


@pytest.mark.slow
def test_two_threads_are_put_together(desk: TheDesk, admin: Browser) -> None:
    sent = admin.send("/mod/b/1", deed="merge", thread=">>4", sure="yes")
    assert sent.headers["location"] == "/mod/reports?done=merge"
    with desk.database.connection() as db:
        assert [post.no for post in threads.posts(db, "b", [1])] == [1, 2, 3, 4]
        assert moves.moved_to(db, "b", 4) == ("b", 1)
    assert desk.calls.boards == ["b"]


@pytest.mark.usefixtures("tea")
@pytest.mark.parametrize(
    ("no", "fields", "status", "said"),
    [
        (1, {"deed": "move", "board": "tea"}, 400, "Tick the box"),
        (1, MOVE | {"board": "b"}, 400, "on that board already"),
        (1, MOVE | {"board": "nowhere"}, 404, "There is no board"),
        (2, MOVE, 422, "is a reply"),
        (1, {"deed": "merge", "thread": "99", "sure": "yes"}, 400, "There is no thread 99"),
        (1, {"deed": "merge", "thread": "1", "sure": "yes"}, 400, "another thread"),
        (1, {"deed": "merge", "thread": "x", "sure": "yes"}, 400, "Which thread?"),
    ],
)
def test_what_can_not_be_is_said(
    desk: TheDesk, admin: Browser, no: int, fields: dict[str, str], status: int, said: str
) -> None:
    refused = admin.send(f"/mod/b/{no}", **fields)
    assert (refused.status_code, said in refused.text) == (status, True)
    assert desk.log() == []


@pytest.mark.usefixtures("tea")
def test_thread_goes_only_where_the_visitor_may_move_threads(desk: TheDesk) -> None:
    with desk.database.transaction() as db:
        staff.add(db, "local", PASSWORD, Role.MODERATOR, board="b")
    browser = desk.browser()
    browser.log_in("local")
    assert browser.send("/mod/b/1", **MOVE).status_code == 403
    assert desk.log() == []
