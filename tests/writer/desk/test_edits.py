"""Staff edit posts and hide files at the desk, and undo both."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from imageboard.staff_roles import Role
from imageboard.store import boards, threads
from imageboard.threads import Post
from tests.builders import a_file, a_post
from tests.writer.desk.conftest import Browser, TheDesk

PAGE = "/mod/b/3/edit"


def post(desk: TheDesk, no: int = 3) -> Post:
    with desk.database.connection() as db:
        (found,) = threads.posts_by_no(db, "b", [no])
    return found


def test_post_is_edited_from_its_own_words_and_the_change_undone(
    desk: TheDesk, admin: Browser
) -> None:
    assert f'href="{PAGE}"' in admin.get("/mod/b/3").text
    page = admin.get(PAGE).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;</textarea>" in page
    sent = admin.send(PAGE, deed="edit", name="Angler", subject="", body="a\r\nb")
    assert sent.headers["location"] == f"{PAGE}?done=edit"
    assert (post(desk).name, post(desk).subject, post(desk).body) == ("Angler", None, "a\nb")
    assert desk.calls.boards == ["b"], "its pages are drawn anew"
    page = admin.get(PAGE).text
    assert "when admin changed it" in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert admin.send(PAGE, deed="undo_edit").status_code == 303
    assert (post(desk).name, post(desk).subject) == (None, "<b>bold</b>")
    assert [entry.action for entry in desk.log()] == ["edit", "undo_edit"]
    assert "bold" not in str(desk.log())


def test_name_that_was_taken_away_is_brought_back_by_nobody_who_may_type_none(
    admin: Browser, as_role: Callable[[Role], Browser], desk: TheDesk
) -> None:
    """Undoing a change is one, too."""
    owner = as_role(Role.OWNER)
    text = {"subject": "", "body": "a"}
    admin.send(PAGE, deed="edit", name="Somebody's real name", **text)
    admin.send(PAGE, deed="edit", name="", **text)
    assert owner.send(PAGE, deed="undo_edit").status_code == 403
    assert post(desk).name is None
    owner.send(PAGE, deed="edit", name="", subject="", body="b")
    assert owner.send(PAGE, deed="undo_edit").status_code == 303
    assert admin.send(PAGE, deed="undo_edit").status_code == 303
    assert post(desk).name == "Somebody's real name"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"body": "x" * 20_001}, "too long"),
        ({"body": "", "subject": ""}, "needs a text"),
        ({"body": "x", "name": "Angler#secret"}, "leave the # out"),
        ({"body": "x", "subject": "y" * 101}, "too long"),
    ],
)
def test_refused_edit_loses_nothing(
    desk: TheDesk, admin: Browser, typed: dict[str, str], said: str
) -> None:
    before = post(desk)
    refused = admin.send(PAGE, deed="edit", **({"name": "", "subject": "kept"} | typed))
    assert (refused.status_code, said in refused.text) == (400, True)
    assert typed.get("subject", "kept") in refused.text
    assert (post(desk), desk.log()) == (before, [])


def test_names_are_for_who_may_change_them(
    desk: TheDesk, as_role: Callable[[Role], Browser]
) -> None:
    owner = as_role(Role.OWNER)
    assert 'name="name"' not in owner.get(PAGE).text
    owner.send(PAGE, deed="edit", name="Not theirs", subject="", body="x")
    assert (post(desk).name, post(desk).body) == (None, "x")
    moderator = as_role(Role.MODERATOR)
    assert 'href="/mod/b/3/edit"' not in moderator.get("/mod/b/3").text
    assert moderator.send(PAGE, deed="edit", body="y").status_code == 403


def test_files_are_hidden_and_shown_again(desk: TheDesk, admin: Browser) -> None:
    for deed, is_hidden in (("spoiler", True), ("unspoiler", False)):
        assert f'value="{deed}"' in admin.get("/mod/b/2").text
        assert admin.send("/mod/b/2", deed=deed).status_code == 303
        assert [file.is_spoiler for file in post(desk, 2).files] == [is_hidden]
        assert f'value="{deed}"' not in admin.get("/mod/b/2").text
    assert admin.send("/mod/b/2", deed="unspoiler").status_code == 303
    assert [entry.action for entry in desk.log()] == ["spoiler", "unspoiler"]
    assert desk.calls.boards[:2] == ["b", "b"]


def test_one_file_of_several_is_hidden(desk: TheDesk, admin: Browser) -> None:
    assert "Hide one of its files" not in admin.get("/mod/b/2").text
    with desk.database.connection() as db:
        board = boards.get(db, "b")
    files = tuple(a_file(stored_as=name * 32) for name in "ab")
    no = a_post(desk.database, board, thread=1, files=files).no
    one = {"deed": "spoiler_one", "file": "2"}
    assert admin.send(f"/mod/b/{no}", **one).status_code == 303
    assert [file.is_spoiler for file in post(desk, no).files] == [False, True]
    assert admin.send(f"/mod/b/{no}", **one, show="yes").status_code == 303
    assert [file.is_spoiler for file in post(desk, no).files] == [False, False]
    assert [(entry.action, entry.detail) for entry in desk.log()] == [
        ("spoiler", {"file": 2}),
        ("unspoiler", {"file": 2}),
    ]
