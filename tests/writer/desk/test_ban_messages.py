"""A ban is said under the post if staff want it, and no longer once it is lifted."""

from __future__ import annotations

from imageboard.store import bans, threads
from tests.writer.desk.conftest import Browser, TheDesk

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
