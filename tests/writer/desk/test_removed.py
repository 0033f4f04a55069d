"""What staff removed: undone from the log or its own screen, by whoever may delete there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from imageboard.staff_roles import Role
from imageboard.store import posts, removals, staff, threads
from tests.builders import a_board, a_post
from tests.writer.desk.conftest import PASSWORD, Browser, TheDesk
from tests.writer.desk.test_account import longer_ago

A_BAN = {"duration": "3d", "reason": "Spam."}


def shown(desk: TheDesk, board: str = "b") -> list[int]:
    with desk.database.connection() as db:
        return [post.no for post in threads.posts_by_no(db, board, list(range(1, 100)))]


@pytest.mark.slow
@pytest.mark.parametrize("back", ["log", ""])
def test_deletion_is_undone_by_one_press(desk: TheDesk, admin: Browser, back: str) -> None:
    admin.send("/mod/b/1", deed="delete")
    assert shown(desk) == [4]
    (entry,) = desk.log()
    for page in ("/mod/log", "/mod/removed"):
        assert f'name="removal" value="{entry.removal}"' in admin.get(page).text
    answer = admin.send("/mod/removed", deed="undo", removal=str(entry.removal), back=back)
    assert answer.headers["location"] == f"/mod/{back or 'removed'}?done=undo"
    assert shown(desk) == [1, 2, 3, 4]
    assert "It is back." in admin.get(answer.headers["location"]).text
    assert 'name="removal"' not in admin.get("/mod/log").text
    assert desk.calls.boards == ["b", "b"], "its pages are drawn at once"
    undone = desk.log()[-1]
    assert (undone.action, undone.board) == ("undo", "b")
    assert undone.detail == {"removal": entry.removal, "posts": 1}
    twice = admin.send("/mod/removed", deed="undo", removal=str(entry.removal))
    assert "undone or erased already" in twice.text


def test_file_is_brought_back(desk: TheDesk, admin: Browser) -> None:
    admin.send("/mod/b/2", deed="delete_file")
    admin.send("/mod/removed", deed="undo", removal=str(desk.log()[-1].removal))
    with desk.database.connection() as db:
        (post,) = threads.posts_by_no(db, "b", [2])
    assert [file.is_removed for file in post.files] == [False]


@pytest.mark.slow
def test_reply_of_a_thread_that_was_removed_since_waits_for_it(
    desk: TheDesk, admin: Browser
) -> None:
    admin.send("/mod/b/2", deed="delete_file")
    file = desk.log()[-1].removal
    admin.send("/mod/b/2", deed="delete")
    refused = admin.send("/mod/removed", deed="undo", removal=str(file))
    assert (refused.status_code, "bring that back first" in refused.text) == (422, True)
    admin.send("/mod/removed", deed="undo", removal=str(desk.log()[-1].removal))
    assert admin.send("/mod/removed", deed="undo", removal=str(file)).status_code == 303


@pytest.mark.slow
def test_nothing_is_erased_by_a_session_that_was_left_open(desk: TheDesk, admin: Browser) -> None:
    """What was deleted comes back; what was erased would not, were it all of a board."""
    admin.send("/mod/b/3", deed="delete")
    removal = str(desk.log()[-1].removal)
    longer_ago(desk)
    for page, deed in (
        ("/mod/b/2", {"deed": "erase", "sure": "yes"}),
        ("/mod/removed", {"deed": "erase_removal", "removal": removal}),
    ):
        refused = admin.send(page, **deed)
        assert (refused.status_code, 'action="/mod/proof"' in refused.text) == (403, True)
        proved = admin.send("/mod/proof", password=PASSWORD, back=page)
        assert proved.headers["location"] == page
        assert admin.send(page, **deed).status_code == 303
        longer_ago(desk)
    assert [entry.action for entry in desk.log()] == ["delete_post", "erase_post", "erase_removal"]


@pytest.mark.slow
def test_what_is_erased_never_comes_back(desk: TheDesk, admin: Browser) -> None:
    """At once, which asks for a tick, or when it was removed already."""
    unsure = admin.send("/mod/b/2", deed="erase")
    assert (unsure.status_code, "Tick the box" in unsure.text) == (400, True)
    admin.send("/mod/b/2", deed="erase", sure="yes")
    admin.send("/mod/b/3", deed="delete")
    removal = str(desk.log()[-1].removal)
    admin.send("/mod/removed", deed="erase_removal", removal=removal)
    assert [entry.action for entry in desk.log()] == ["erase_post", "delete_post", "erase_removal"]
    assert "Nothing can be brought back." in admin.get("/mod/removed").text
    assert admin.send("/mod/removed", deed="undo", removal=removal).status_code == 422
    assert admin.send("/mod/removed", deed="undo", removal="x").status_code == 400
    assert shown(desk) == [1, 4]


@pytest.mark.slow
def test_who_may_delete_erases_nothing_for_good(
    desk: TheDesk, as_role: Callable[[Role], Browser]
) -> None:
    """Else a janitor could take a whole board away, and nobody bring it back."""
    a_post(desk.database, a_board(desk.database, "c"), body="OP")
    with desk.database.transaction() as db:
        staff.add(db, "of_b", PASSWORD, Role.MODERATOR, "b")
        staff.appoint(db, "of_b", Role.JANITOR, "c")
    of_b, janitor = desk.browser(), as_role(Role.JANITOR)
    of_b.log_in("of_b")
    janitor.send("/mod/b/3", deed="delete")
    removal = {"removal": str(desk.log()[-1].removal)}
    button = 'value="erase_removal"'
    assert button not in janitor.get("/mod/removed").text
    assert 'value="erase"' not in janitor.get("/mod/b/2").text
    assert janitor.send("/mod/removed", deed="erase_removal", **removal).status_code == 403
    assert janitor.send("/mod/b/2", deed="erase", sure="yes").status_code == 403
    assert button in of_b.get("/mod/removed").text
    assert of_b.send("/mod/removed", deed="erase_removal", **removal).status_code == 303
    assert of_b.send("/mod/b/2", deed="erase", sure="yes").status_code == 303
    janitor.send("/mod/c/1", deed="delete")
    removal = {"removal": str(desk.log()[-1].removal)}
    assert button not in of_b.get("/mod/removed").text, "there they are a janitor"
    assert of_b.send("/mod/removed", deed="erase_removal", **removal).status_code == 403
    assert janitor.send("/mod/removed", deed="undo", **removal).status_code == 303


def test_board_without_undo_erases_at_once(desk: TheDesk, admin: Browser) -> None:
    a_post(desk.database, a_board(desk.database, "c", undo_hours=0), body="OP")
    admin.send("/mod/c/1", deed="delete")
    assert desk.log()[-1].detail == {}
    with desk.database.connection() as db:
        assert removals.newest(db, on=None, limit=9) == []


@pytest.mark.slow
def test_all_of_an_author_goes_and_comes_back_as_one(
    desk: TheDesk, as_role: Callable[[Role], Browser]
) -> None:
    """Counted before the press; in the thread, on the board, or wherever the visitor may."""
    c = a_board(desk.database, "c")
    a_post(desk.database, c, body="elsewhere")
    with desk.database.transaction() as db:
        staff.add(db, "of_b", PASSWORD, Role.JANITOR, "b")
    of_b, janitor = desk.browser(), as_role(Role.JANITOR)
    of_b.log_in("of_b")
    assert "thread: 3 (3, 3); board: 3 (3, 3); site, as far as you may: 4" in (
        janitor.get("/mod/b/2").text
    )
    assert "site, as far as you may: 3" in of_b.get("/mod/b/2").text
    for where, said in (("", "Where?"), ("world", "Where?"), ("site", "Since when?")):
        answer = janitor.send("/mod/b/2", deed="delete_all", where=where, since="")
        assert (answer.status_code, said in answer.text) == (400, True)
    answer = of_b.send("/mod/b/2", deed="delete_all", where="site", since="hour")
    assert answer.headers["location"] == "/mod/reports?done=delete_all"
    assert (shown(desk), shown(desk, "c")) == ([4], [1])
    of_b.send("/mod/removed", deed="undo", removal=str(desk.log()[-1].removal))
    janitor.send("/mod/b/2", deed="delete_all", where="site", since="all")
    assert (shown(desk), shown(desk, "c")) == ([4], [])
    entry = desk.log()[-1]
    assert entry.detail == {"posts": 2, "removal": entry.removal}, "a thread and a thread"
    assert desk.calls.boards[-2:] == ["b", "c"]
    removal = str(entry.removal)
    assert of_b.send("/mod/removed", deed="undo", removal=removal).status_code == 403
    assert janitor.send("/mod/removed", deed="undo", removal=removal).status_code == 303
    assert (shown(desk), shown(desk, "c")) == ([1, 2, 3, 4], [1])


@pytest.mark.slow
def test_author_is_banned_and_their_posts_deleted_by_one_press(
    desk: TheDesk, admin: Browser
) -> None:
    admin.send("/mod/b/2", deed="ban", posts="day", **A_BAN)
    assert shown(desk) == [4]
    (entry,) = desk.log()
    assert entry.detail.keys() == {"ban", "posts", "removal"}
    assert desk.calls.boards == ["b"]
    with desk.database.transaction() as db:
        posts.forget_hashes(db, -1, 100)
    answer = admin.send("/mod/b/4", deed="delete_all", where="board", since="day")
    assert "no longer kept" in answer.text
