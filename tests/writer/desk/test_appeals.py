"""Staff answer appeals: they lift the ban, shorten it or keep it."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

import pytest

from imageboard.bans import Ban, BanMessage, NewBan
from imageboard.staff_roles import Role
from imageboard.store import appeals, bans, staff, threads
from tests.builders import CLOAK
from tests.writer.desk.conftest import PASSWORD, Browser, TheDesk

ADDRESS = ipaddress.ip_address("192.0.2.7")
POSTER = CLOAK.hash_address(ADDRESS)
KEEP = {"deed": "keep", "answer": "No."}


def an_appeal(desk: TheDesk, board: str | None = None) -> int:
    """Of the author of post 2, which says that they were banned for it."""
    new_ban = NewBan(board=board, reason="Spam.", duration_s=10 * 86_400, address_hash=POSTER)
    with desk.database.transaction() as db:
        message = BanMessage(board="b", no=2, text="Out.")
        appeals.add(db, bans.add(db, new_ban, "lake", message=message), POSTER, "<i>My cat.</i>")
        return appeals.waiting(db, on=None, limit=9)[-1].id


def in_force(desk: TheDesk) -> Ban | None:
    with desk.database.connection() as db:
        return bans.find(db, "b", POSTER, ADDRESS)


def answer(desk: TheDesk) -> str | None:
    with desk.database.connection() as db:
        row = db.execute("SELECT answer FROM appeals").fetchone()
    assert row is not None
    return row[0]


def test_appeal_is_counted_at_the_front_and_lifts_the_ban(desk: TheDesk, admin: Browser) -> None:
    appeal = an_appeal(desk)
    assert "1 appeal waits for an answer." in admin.get("/mod/").text
    page = admin.get("/mod/appeals").text
    assert "&lt;i&gt;My cat.&lt;/i&gt;" in page
    sent = admin.send("/mod/appeals", deed="lift_appealed", appeal=str(appeal))
    assert sent.headers["location"] == "/mod/appeals?done=lift_appealed"
    assert in_force(desk) is None
    with desk.database.connection() as db:
        assert threads.posts_by_no(db, "b", [2])[0].ban_message is None
    assert desk.calls.boards == ["b"]
    assert "No appeal is waiting" in admin.get("/mod/appeals").text
    assert "appeal waits" not in admin.get("/mod/").text
    (entry,) = desk.log()
    assert (entry.action, entry.staff) == ("lift_appealed", "admin")


def test_appeal_shortens_the_ban_and_is_answered(desk: TheDesk, admin: Browser) -> None:
    appeal = str(an_appeal(desk))
    shortened = {"deed": "shorten", "appeal": appeal, "answer": "Half of it."}
    longer = admin.send("/mod/appeals", **shortened, duration="3 weeks")
    assert (longer.status_code, 'value="3 weeks"' in longer.text) == (400, True)
    assert admin.send("/mod/appeals", **shortened, duration="never").status_code == 400
    before = in_force(desk)
    assert admin.send("/mod/appeals", **shortened, duration="5d").status_code == 303
    after = in_force(desk)
    assert before is not None
    assert after is not None
    assert before.expires_s is not None
    assert after.expires_s is not None
    assert before.expires_s - after.expires_s == pytest.approx(5 * 86_400, abs=60)
    assert answer(desk) == "Half of it."


def test_ban_that_is_kept_needs_an_answer(desk: TheDesk, admin: Browser) -> None:
    appeal = str(an_appeal(desk))
    assert admin.send("/mod/appeals", deed="keep", appeal=appeal, answer=" ").status_code == 400
    assert admin.send("/mod/appeals", deed="keep", appeal=appeal, answer="No.").status_code == 303
    assert in_force(desk) is not None
    assert answer(desk) == "No."
    again = admin.send("/mod/appeals", deed="keep", appeal=appeal, answer="No!")
    assert (again.status_code, "answered already" in again.text) == (404, True)
    assert [entry.action for entry in desk.log()] == ["keep_ban"]


@pytest.mark.slow
def test_staff_answer_for_their_own_boards_alone(
    desk: TheDesk, as_role: Callable[[Role], Browser]
) -> None:
    of_all, of_b = an_appeal(desk), an_appeal(desk, board="b")
    assert as_role(Role.JANITOR).send("/mod/appeals", **KEEP, appeal="1").status_code == 403
    with desk.database.transaction() as db:
        staff.add(db, "local", PASSWORD, Role.MODERATOR, board="b")
    browser = desk.browser()
    browser.log_in("local")
    assert "1 appeal waits" in browser.get("/mod/").text
    assert browser.send("/mod/appeals", **KEEP, appeal=str(of_all)).status_code == 403
    assert browser.send("/mod/appeals", **KEEP, appeal=str(of_b)).status_code == 303
