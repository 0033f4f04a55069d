"""Recent posts, and those of one author: only of boards that are the visitor's, several at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from imageboard.staff_roles import Role
from imageboard.store import boards, posts, reports, staff, threads
from tests.builders import a_board, a_post
from tests.writer.desk.conftest import PASSWORD, Browser, TheDesk


@pytest.mark.slow
def test_lists_show_posts_of_the_visitors_boards_newest_first(
    desk: TheDesk, as_role: Callable[[Role], Browser]
) -> None:
    a_post(desk.database, a_board(desk.database, "c"), body="elsewhere")
    with desk.database.transaction() as db:
        staff.add(db, "of_b", PASSWORD, Role.JANITOR, "b")
    of_b, janitor = desk.browser(), as_role(Role.JANITOR)
    of_b.log_in("of_b")
    recent = janitor.get("/mod/recent").text
    places = [recent.index(f'name="post-{key}"') for key in ("c-1", "b-4", "b-3", "b-2", "b-1")]
    assert places == sorted(places)
    assert "post-c-1" not in of_b.get("/mod/recent").text
    theirs = janitor.get("/mod/b/2/author").text
    assert all(f"post-{key}" in theirs for key in ("c-1", "b-1", "b-2", "b-3"))
    assert "post-b-4" not in theirs, "somebody else's"
    assert "post-c-1" not in of_b.get("/mod/b/2/author").text
    assert "/mod/b/2/author" in of_b.get("/mod/b/2").text
    with desk.database.transaction() as db:
        posts.forget_hashes(db, -1, 100)
    assert "no longer kept" in janitor.get("/mod/b/2/author").text


@pytest.mark.slow
def test_recent_posts_are_sent_again_only_when_a_board_has_changed(
    desk: TheDesk, admin: Browser, as_role: Callable[[Role], Browser]
) -> None:
    """What a script asks every few seconds: for whom, and by whose power, it makes a difference."""

    def ask(browser: Browser, etag: str) -> int:
        return browser.get("/mod/recent", {"If-None-Match": etag}).status_code

    with desk.database.connection() as db:
        board = boards.get(db, "b")
    etag = admin.get("/mod/recent").headers["etag"]
    assert (ask(admin, etag), ask(as_role(Role.JANITOR), etag)) == (304, 200)
    for change in (
        lambda: a_post(desk.database, board, thread=1, body="new"),
        lambda: admin.send("/mod/b/4", deed="delete"),
        lambda: admin.send("/mod/b/2", deed="spoiler"),
    ):
        change()
        assert ask(admin, etag) == 200
        etag = admin.get("/mod/recent").headers["etag"]
        assert ask(admin, etag) == 304
    assert "etag" not in admin.get("/mod/recent?page=2").headers
    assert "desk_recent" not in admin.get("/mod/recent?ticked=all").text


def test_author_s_bans_are_shown_also_those_that_are_over(desk: TheDesk, admin: Browser) -> None:
    admin.send("/mod/b/2", deed="ban", duration="3d", reason="Spam.")
    admin.send("/mod/bans", deed="lift", ban="1")
    admin.send("/mod/b/2", deed="ban", duration="3d", reason="Again.", target="192.0.2.0/24")
    page = admin.get("/mod/b/2/author").text
    assert page.index("Again.") < page.index("Spam.")
    assert "192.0.2" not in page
    assert "Spam." not in admin.get("/mod/b/4/author").text


@pytest.mark.slow
def test_ticked_posts_go_as_one_act(desk: TheDesk, as_role: Callable[[Role], Browser]) -> None:
    a_post(desk.database, a_board(desk.database, "c"), body="elsewhere")
    with desk.database.transaction() as db:
        staff.add(db, "of_b", PASSWORD, Role.JANITOR, "b")
    of_b, janitor = desk.browser(), as_role(Role.JANITOR)
    of_b.log_in("of_b")
    ticked = {"deed": "delete_ticked", "post-b-2": "on", "post-b-4": "on", "post-c-1": "on"}
    assert of_b.send("/mod/recent", **ticked).status_code == 403
    assert janitor.send("/mod/recent", deed="delete_ticked").status_code == 400
    answer = janitor.send("/mod/recent", **ticked)
    assert answer.headers["location"] == "/mod/recent?done=delete_ticked"
    janitor.send("/mod/recent", **ticked)
    (entry,) = desk.log()
    assert (entry.action, entry.board) == ("delete_several", None)
    assert entry.detail == {"posts": 3, "removal": entry.removal}
    janitor.send("/mod/removed", deed="undo", removal=str(entry.removal))
    with desk.database.connection() as db:
        assert [post.no for post in threads.posts_by_no(db, "b", [1, 2, 3, 4])] == [1, 2, 3, 4]


@pytest.mark.slow
def test_ticked_reports_are_dismissed_or_their_posts_deleted(
    desk: TheDesk, as_role: Callable[[Role], Browser]
) -> None:
    """Of one page, by one press each; the most reported first where one asks for that."""
    with desk.database.transaction() as db:
        for nos, who in (([2, 3, 4], b"r"), ([3], b"s"), ([4], b"s"), ([4], b"t")):
            reports.add(db, "b", nos, reason="Spam.", address_hash=who * 16)
    janitor = as_role(Role.JANITOR)
    for query, order in (("", (2, 3, 4)), ("?sort=most", (4, 3, 2))):
        page = janitor.get(f"/mod/reports{query}").text
        places = [page.index(f'form="ticked" name="post-b-{no}"') for no in order]
        assert places == sorted(places)
    ticked = {"post-b-2": "on", "post-b-3": "on"}
    for _ in range(2):
        answer = janitor.send("/mod/reports", deed="dismiss_ticked", **ticked)
        assert answer.headers["location"] == "/mod/reports?done=dismiss_ticked"
    janitor.send("/mod/reports", deed="delete_ticked", **{"post-b-4": "on"})
    assert "No reports are waiting." in janitor.get("/mod/reports").text
    assert [(entry.action, entry.board, entry.detail) for entry in desk.log()] == [
        ("dismiss_several", "b", {"reports": 3}),
        ("delete_several", "b", {"posts": 1, "removal": desk.log()[-1].removal}),
    ]
