"""Two of the staff at once: each sees what the other looks at, and nothing is done twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from imageboard.staff_roles import Role
from imageboard.store import boards, reports
from tests.builders import a_board, a_post
from tests.deploy.stand_ins import eventually
from tests.writer.desk.conftest import Browser, TheDesk

pytestmark = pytest.mark.slow


@pytest.fixture
def alice(as_role: Callable[[Role], Browser]) -> Browser:
    """By the name of her role."""
    return as_role(Role.MODERATOR)


def report(desk: TheDesk, *nos: int) -> None:
    with desk.database.transaction() as db:
        reports.add(db, "b", list(nos), reason="Spam.", address_hash=b"r" * 16)


def seen(page: str) -> str:
    found = re.search(r'name="seen" value="([0-9]+)"', page)
    assert found is not None
    return found[1]


def test_whoever_opens_a_post_has_it_for_some_minutes(
    desk: TheDesk, admin: Browser, alice: Browser
) -> None:
    report(desk, 2, 3)
    assert "Taken by" not in alice.get("/mod/b/2").text
    page = admin.get("/mod/reports?ticked=all").text
    assert page.count("Taken by moderator, 0 min ago.") == 1
    assert (page.count('name="post-b-'), page.count(" checked>")) == (2, 1), "hers is left to her"
    assert "Taken by moderator" in admin.get("/mod/b/2").text
    assert "Taken by" not in alice.get("/mod/b/2").text, "who looks takes it from nobody"
    with desk.database.transaction() as db:
        db.execute("UPDATE claims SET claimed_at = now() - interval '4 minutes 30 seconds'")
    assert "Taken by moderator, 4 min ago." in admin.get("/mod/b/2").text
    with desk.database.transaction() as db:
        db.execute("UPDATE claims SET claimed_at = now() - interval '6 minutes'")
    assert "Taken by" not in admin.get("/mod/reports").text
    admin.get("/mod/b/2")
    assert "Taken by admin, 0 min ago." in alice.get("/mod/reports").text


@pytest.mark.parametrize("deed", ["delete", "delete_file", "dismiss"])
def test_second_of_two_is_told_what_the_first_did(
    desk: TheDesk, admin: Browser, alice: Browser, deed: str
) -> None:
    """Both open the post, then both press."""
    report(desk, 2)
    hers, his = alice.get("/mod/b/2").text, admin.get("/mod/reports").text
    assert alice.send("/mod/b/2", deed=deed, seen=seen(hers)).status_code == 303
    answer = admin.send("/mod/b/2", deed="delete", seen=seen(his), back="reports")
    assert answer.status_code == 409
    did = {
        "delete": "deleted a post",
        "delete_file": "deleted a file",
        "dismiss": "dismissed reports",
    }
    assert re.search(
        rf"moderator was quicker, and {did[deed]} on [0-9-]{{10}} [0-9:]{{8}} UTC", answer.text
    )
    assert len(desk.log()) == 1
    if deed != "delete":
        again = admin.send("/mod/b/2", deed="delete", seen=seen(admin.get("/mod/b/2").text))
        assert again.status_code == 303, "who has read it may go on"


def test_reply_of_a_thread_that_another_deleted_is_told_too(
    desk: TheDesk, admin: Browser, alice: Browser
) -> None:
    alice.send("/mod/b/1", deed="delete")
    answer = admin.send("/mod/b/2", deed="delete", seen="0")
    assert (answer.status_code, "moderator was quicker" in answer.text) == (409, True)


def test_second_who_ticks_the_same_posts_is_told(
    desk: TheDesk, admin: Browser, alice: Browser
) -> None:
    """What is left of them is deleted; when nothing is, that is no success of the second."""
    two, three = {"post-b-2": "on"}, {"post-b-3": "on"}
    alice.send("/mod/recent", deed="delete_ticked", **two)
    assert admin.send("/mod/recent", deed="delete_ticked", **two, **three).status_code == 303
    answer = admin.send("/mod/recent", deed="delete_ticked", **two)
    assert (answer.status_code, "moderator was quicker" in answer.text) == (409, True)
    assert [entry.detail["posts"] for entry in desk.log()] == [1, 1]


@pytest.mark.parametrize("page", ["/mod/b/2", "/mod/reports", "ticked"])
def test_report_that_came_since_the_page_was_drawn_is_not_dismissed_with_the_others(
    desk: TheDesk, admin: Browser, page: str
) -> None:
    """Somebody tired dismisses "Spam." and would never read "A child is in danger."."""
    report(desk, 2)
    drawn = admin.get("/mod/reports" if page == "ticked" else page).text
    found = re.search(r'name="known" value="([0-9]+)"', drawn)
    known = found[1] if found else ""
    with desk.database.transaction() as db:
        reports.add(db, "b", [2], reason="Look at this.", address_hash=b"s" * 16)
    form = {"deed": "dismiss"} if page != "ticked" else {"deed": "dismiss_ticked", "post-b-2": "on"}
    url = "/mod/reports" if page == "ticked" else "/mod/b/2"
    assert admin.send(url, known=known, **form).status_code == 303
    with desk.database.connection() as db:
        (left,) = reports.queue(db, on=None, limit=9)
    assert left.reasons == ["Look at this."]


def test_one_of_two_that_press_at_the_same_moment_does_it(
    desk: TheDesk, admin: Browser, alice: Browser
) -> None:
    """Both wait in the database before either has done anything."""
    fields = {"deed": "delete", "seen": "0"}
    tokens = [browser.form_token() for browser in (admin, alice)]
    with ThreadPoolExecutor(2) as threads:
        with desk.database.transaction() as db:
            boards.lock(db, "b")
            answers = [
                threads.submit(browser.post, "/mod/b/2", None, form_token=token, **fields)
                for browser, token in zip((admin, alice), tokens, strict=True)
            ]
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            assert eventually(lambda: db.execute(waiting).fetchone() == (2,))
        assert sorted(answer.result().status_code for answer in answers) == [303, 409]
    assert [entry.action for entry in desk.log()] == ["delete_post"]


def test_reported_post_is_shown_with_what_stands_around_it(desk: TheDesk, admin: Browser) -> None:
    board = a_board(desk.database, "c")
    for body in ("What it is about", "far away", "right before", "the reported one", "right after"):
        a_post(desk.database, board, body=body, thread=None if body[0] == "W" else 1)
    with desk.database.transaction() as db:
        reports.add(db, "c", [4], reason="Spam.", address_hash=b"r" * 16)
    report(desk, 2)
    page = admin.get("/mod/reports").text
    for shown in ("What it is about", "right before", "the reported one", "right after"):
        assert shown in page
    assert "far away" not in page
    assert 'href="/c/res/1.html#4"' in page
    assert re.search(r"<details class=\"desk-covered\"><summary[^>]*>cat.png</summary><img", page)
