"""Whose role is on one board alone sees that board and does nothing to another."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from imageboard.staff_roles import Role
from imageboard.store import reports, staff
from tests.builders import a_board, a_post
from tests.writer.desk.conftest import PASSWORD, Browser, TheDesk

A_BAN = {"duration": "3d", "reason": "Spam."}


@pytest.fixture
def of_tea(desk: TheDesk) -> Callable[[Role], Browser]:
    """Somebody with that role on /tea/ alone; thread 1 is reported there and on /b/."""
    a_post(desk.database, a_board(desk.database, "tea"), body="of tea")
    with desk.database.transaction() as db:
        for board in ("b", "tea"):
            reports.add(db, board, [1], reason=f"wrong on {board}", address_hash=b"r" * 16)

    def come(role: Role) -> Browser:
        with desk.database.transaction() as db:
            staff.add(db, "tea", PASSWORD, role, "tea")
        browser = desk.browser()
        browser.log_in("tea")
        return browser

    return come


def test_queue_and_its_count_are_of_that_board(of_tea: Callable[[Role], Browser]) -> None:
    janitor = of_tea(Role.JANITOR)
    assert "1 reported post to look at" in janitor.get("/mod/").text
    assert "You are tea, janitor of /tea/." in janitor.get("/mod/").text
    page = janitor.get("/mod/reports").text
    assert "wrong on tea" in page
    assert "wrong on b" not in page
    assert janitor.get("/mod/tea/1").status_code == 200
    assert janitor.get("/mod/b/1").status_code == 403


@pytest.mark.slow
def test_deed_is_done_on_that_board_alone(desk: TheDesk, of_tea: Callable[[Role], Browser]) -> None:
    moderator = of_tea(Role.MODERATOR)
    for deed in ("lock", "dismiss", "delete"):
        assert moderator.send("/mod/b/1", deed=deed).status_code == 403
        assert moderator.send("/mod/tea/1", deed=deed).status_code == 303
    assert {entry.board for entry in desk.log()} == {"tea"}


@pytest.mark.parametrize(
    ("url", "fields", "status"),
    [
        ("/mod/tea/1", {}, 303),
        ("/mod/tea/1", {"where": "board"}, 303),
        ("/mod/tea/1", {"target": "192.0.2.0/24"}, 303),
        ("/mod/tea/1", {"target": "192.0.2.0/24", "where": "board"}, 303),
        ("/mod/bans", {"target": "192.0.2.7"}, 403),
        ("/mod/bans", {"target": "192.0.2.7", "board": "b"}, 403),
        ("/mod/bans", {"target": "192.0.2.7", "board": "/tea/"}, 303),
    ],
)
def test_ban_reaches_no_further_than_the_role(
    desk: TheDesk,
    of_tea: Callable[[Role], Browser],
    url: str,
    fields: dict[str, str],
    status: int,
) -> None:
    moderator = of_tea(Role.MODERATOR)
    assert moderator.send(url, deed="ban", **A_BAN, **fields).status_code == status
    assert desk.one("SELECT array_agg(board) FROM bans") == (["tea"] if status == 303 else None)


@pytest.mark.slow
def test_list_of_bans_has_those_of_that_board_and_no_other_is_lifted(
    desk: TheDesk, of_tea: Callable[[Role], Browser]
) -> None:
    with desk.database.transaction() as db:
        for board in ("b", "tea", None):
            db.execute(
                "INSERT INTO bans (range, board, reason, created_by)"
                " VALUES ('10.0.0.0/24', %s, %s, 'x')",
                (board, f"because of {board}"),
            )
    moderator = of_tea(Role.MODERATOR)
    page = moderator.get("/mod/bans").text
    assert "because of tea" in page
    assert "because of b" not in page
    assert "because of None" not in page
    answers = [moderator.send("/mod/bans", deed="lift", ban=str(n)).status_code for n in (1, 2, 3)]
    assert answers == [403, 303, 403]
    (entry,) = desk.log()
    assert (entry.action, entry.board) == ("lift_ban", "tea")


@pytest.mark.slow
def test_log_is_of_that_board(
    desk: TheDesk, admin: Browser, of_tea: Callable[[Role], Browser]
) -> None:
    for url in ("/mod/b/4", "/mod/tea/1"):
        assert admin.send(url, deed="lock").status_code == 303
    page = of_tea(Role.ADMIN).get("/mod/log").text
    assert "/tea/ No.1" in page
    assert "/b/ No.4" not in page
