"""A bad hour: boards are put into a state by one press, and posts that wait are let through."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from falcon import testing

from imageboard.staff_roles import Role
from imageboard.store import boards, held, staff, threads
from tests.builders import a_board
from tests.writer.desk.conftest import HERE, PASSWORD, Browser, TheDesk
from tests.writer.media import hostile
from writer.board_list import BoardList

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _reads_boards_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a state counts a second later."""
    monkeypatch.setattr(BoardList, "_KEPT_S", -1.0)


def post(desk: TheDesk, body: str, **fields: str) -> testing.Result:
    """By a reader, who logs in nowhere."""
    return desk.browser("203.0.113.5").post(
        "/post", {"Accept": "application/json"}, board="b", body=body, **fields
    )


def shown(desk: TheDesk) -> list[int]:
    with desk.database.connection() as db:
        return [each.no for each in threads.posts_by_no(db, "b", list(range(1, 100)))]


def waiting(desk: TheDesk) -> list[tuple[int, int]]:
    with desk.database.connection() as db:
        return [(each.id, each.no) for each in held.waiting(db, on=None, limit=100)]


def test_board_is_read_only_after_one_press_and_open_after_another(
    desk: TheDesk, as_role: Callable[[Role], Browser]
) -> None:
    moderator = as_role(Role.MODERATOR)
    a_board(desk.database, "c")
    page = moderator.get("/mod/states").text
    assert page.count('value="read_only=on"') == 3, "of each board, and of all"
    answer = moderator.send("/mod/states", deed="set_state", board="b", state="read_only=on")
    assert answer.headers["location"] == "/mod/states?done=set_state"
    refused = post(desk, "Hello.", thread="1")
    assert (refused.status_code, refused.json["code"]) == (422, "board_read_only")
    assert 'value="read_only=on" aria-current="true"' in moderator.get("/mod/states").text
    moderator.send("/mod/states", deed="set_state", board="", state="read_only=on")
    moderator.send("/mod/states", deed="set_state", board="", state="read_only=off")
    with desk.database.connection() as db:
        assert [each.settings.read_only for each in boards.list_all(db)] == [False, False]
    assert post(desk, "Hello.", thread="1").status_code == 200
    assert [(entry.action, entry.board) for entry in desk.log()] == [
        ("set_state", "b"),
        ("set_state", None),
        ("set_state", None),
    ]
    assert "b" in desk.calls.boards, "its pages say so"


def test_state_is_set_where_one_may_and_nothing_else_is(desk: TheDesk) -> None:
    a_board(desk.database, "c")
    with desk.database.transaction() as db:
        staff.add(db, "of_b", PASSWORD, Role.MODERATOR, "b")
    of_b = desk.browser()
    of_b.log_in("of_b")
    assert "/c/" not in of_b.get("/mod/states").text
    assert of_b.send("/mod/states", deed="set_state", state="bump_limit=0").status_code == 400
    refused = of_b.send("/mod/states", deed="set_state", board="c", state="read_only=on")
    assert refused.status_code == 403
    of_b.send("/mod/states", deed="set_state", board="", state="captcha_for_all=on")
    with desk.database.connection() as db:
        assert [each.settings.captcha_for_all for each in boards.list_all(db)] == [True, False]


def test_held_posts_are_seen_and_judged_where_one_may_and_nowhere_else(
    desk: TheDesk, as_role: Callable[[Role], Browser]
) -> None:
    a_board(desk.database, "c")
    with desk.database.transaction() as db:
        staff.add(db, "of_c", PASSWORD, Role.JANITOR, "c")
    as_role(Role.MODERATOR).send("/mod/states", deed="set_state", state="staff_look_first=posts")
    assert post(desk, "Not for everybody.", thread="1").status_code == 202
    ((number, _no),) = waiting(desk)
    of_c = desk.browser()
    of_c.log_in("of_c")
    assert "Not for everybody." not in of_c.get("/mod/held").text
    for deed in ("release", "refuse"):
        ticked = {f"held-{number}": "on"}
        assert of_c.send("/mod/held", deed=deed, **ticked).status_code == 403
    assert [each for each, _no in waiting(desk)] == [number]
    assert "Not for everybody." in as_role(Role.JANITOR).get("/mod/held").text


def test_post_waits_until_staff_let_it_through(
    desk: TheDesk, as_role: Callable[[Role], Browser]
) -> None:
    janitor = as_role(Role.JANITOR)
    as_role(Role.MODERATOR).send("/mod/states", deed="set_state", state="staff_look_first=posts")
    for body in ("first", "second", "third"):
        answer = post(desk, body, thread="1")
        assert (answer.status_code, answer.json["held"]) == (202, True)
        assert "The staff look at posts here first" in answer.json["message"]
        assert answer.json["redirect"] == "/b/res/1.html"
    in_browser = desk.browser().post("/post", board="b", body="fourth", thread="1")
    assert (in_browser.status_code, "when they have" in in_browser.text) == (202, True)
    in_vichans = desk.browser().post("/post.php", board="b", body="fifth", thread="1")
    assert in_vichans.status_code == 200
    assert shown(desk) == [1, 2, 3, 4]

    assert "Posts that wait for staff: 5" in janitor.get("/mod/").text
    page = janitor.get("/mod/held").text
    assert page.index("first") < page.index("fifth")
    assert "checked" not in page
    assert janitor.get("/mod/held?ticked=all").text.count("checked") == 5
    (one, two, *rest) = [each for each, _no in waiting(desk)]
    ticked = {f"held-{one}": "on", f"held-{two}": "on"}
    answer = janitor.send("/mod/held", deed="release", **ticked)
    assert answer.headers["location"] == "/mod/held?done=release"
    assert shown(desk) == [1, 2, 3, 4, 5, 6]
    janitor.send("/mod/held", deed="refuse", **{f"held-{each}": "on" for each in rest}, **ticked)
    assert (shown(desk), waiting(desk)) == ([1, 2, 3, 4, 5, 6], [])
    (released, refused) = desk.log()[1:]
    assert (released.action, released.detail) == ("release", {"posts": 2})
    assert (refused.action, refused.detail.keys()) == ("refuse", {"posts", "removal"})
    assert refused.detail["posts"] == 3
    assert janitor.send("/mod/held", deed="release", **ticked).status_code == 303, "nothing is left"
    assert janitor.send("/mod/held", deed="release").status_code == 400

    removal = str(refused.detail["removal"])
    assert f'name="removal" value="{removal}"' in janitor.get("/mod/removed").text
    janitor.send("/mod/removed", deed="undo", removal=removal)
    assert (shown(desk), len(waiting(desk))) == ([1, 2, 3, 4, 5, 6], 3), "they wait again"


def test_staff_see_the_file_of_a_post_that_waits(desk: TheDesk, admin: Browser) -> None:
    admin.send("/mod/states", deed="set_state", state="staff_look_first=files")
    assert post(desk, "without a file", thread="1").status_code == 200
    picture = hostile.a_png()
    # There a form may have fields that the board does not know.
    sent = desk.browser("203.0.113.6").send_file(
        "/post.php", picture, board="b", body="with one", thread="1"
    )
    assert "Your post waits" in sent.text
    ((waits, _no),) = waiting(desk)
    url = f"/mod/held/{waits}/1"
    assert url in admin.get("/mod/held").text
    thumbnail = admin.get(url)
    assert (thumbnail.status_code, thumbnail.headers["content-type"]) == (200, "image/png")
    assert thumbnail.headers["cache-control"] == "no-store"
    for nowhere in (f"/mod/held/{waits}/2", f"/mod/held/{waits + 1}/1"):
        assert admin.get(nowhere).status_code == 404
    with desk.database.transaction() as db:
        a_board(desk.database, "c")
        staff.add(db, "of_c", PASSWORD, Role.JANITOR, "c")
    of_c = desk.browser(HERE)
    of_c.log_in("of_c")
    assert of_c.get(url).status_code == 403
    assert of_c.send("/mod/held", deed="release", **{f"held-{waits}": "on"}).status_code == 403
