"""A ban is said under the post if staff want it, and no longer once it is lifted."""

from __future__ import annotations

import pytest

from imageboard.staff_roles import Role
from imageboard.store import bans, staff, threads
from tests.writer.desk.conftest import PASSWORD, Browser, TheDesk

A_BAN = {"deed": "ban", "duration": "3d", "reason": "Spam."}


def said(desk: TheDesk, no: int = 2) -> str | None:
    with desk.database.connection() as db:
        (post,) = threads.posts_by_no(db, "b", [no])
    return post.ban_message


def test_ban_is_said_under_its_post_until_it_is_lifted(desk: TheDesk, admin: Browser) -> None:
    assert admin.send("/mod/b/2", **A_BAN, say="yes").status_code == 303
    assert said(desk) == "USER WAS BANNED FOR THIS POST"
    assert desk.calls.boards == ["b"], "its pages are drawn anew"
    with desk.database.connection() as db:
        (ban,) = bans.in_force(db, on=None, limit=2)
    assert admin.send("/mod/bans", deed="lift", ban=str(ban.id)).status_code == 303
    assert said(desk) is None
    assert desk.calls.boards == ["b", "b"]


def test_staff_say_it_in_words_of_their_own(desk: TheDesk, admin: Browser) -> None:
    admin.send("/mod/b/2", **A_BAN, message=" Kettles belong to /tea/. ")
    assert said(desk) == "Kettles belong to /tea/."
    refused = admin.send("/mod/b/3", **A_BAN, message="x" * 201)
    assert refused.status_code == 400
    assert "200 characters at most" in refused.text
    assert said(desk, 3) is None


def test_ban_that_is_not_to_be_said_changes_no_page(desk: TheDesk, admin: Browser) -> None:
    admin.send("/mod/b/2", **A_BAN)
    assert said(desk) is None
    assert desk.calls.boards == []


@pytest.mark.slow
def test_author_is_warned_and_staff_see_whether_it_was_read(desk: TheDesk, admin: Browser) -> None:
    answer = admin.send("/mod/b/2", deed="warn", reason="Mind the kettle.", say="yes")
    assert answer.headers["location"] == "/mod/b/2?done=warn"
    assert said(desk) == "USER WAS WARNED FOR THIS POST"
    assert [(entry.action, entry.post_no) for entry in desk.log()] == [("warn", 2)]
    page = admin.get("/mod/bans").text
    assert "a warning: until it is read" in page
    assert "not yet: nobody has tried to post" in page
    with desk.database.transaction() as db:
        (warning,) = bans.in_force(db, on=None, limit=2)
        bans.refusal(db, warning, b"a" * 16)
    assert "Nobody is banned" in admin.get("/mod/bans").text
    assert "a warning, seen: " in admin.get("/mod/b/2/author").text
    assert said(desk) == "USER WAS WARNED FOR THIS POST", "that it was read takes nothing back"


def test_moderator_of_one_board_warns_there_alone(desk: TheDesk) -> None:
    with desk.database.transaction() as db:
        staff.add(db, "local", PASSWORD, Role.MODERATOR, board="b")
    browser = desk.browser()
    browser.log_in("local")
    assert browser.send("/mod/b/2", deed="warn", reason="Mind the kettle.").status_code == 303
    with desk.database.connection() as db:
        assert [ban.board for ban in bans.in_force(db, on=None, limit=2)] == ["b"]
