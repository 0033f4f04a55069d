"""One's own account at the desk: sessions, another password, and the proof that it is oneself."""

from __future__ import annotations

import re

import pytest

from tests.tables import for_each
from tests.writer.desk.conftest import PASSWORD, Browser, TheDesk
from writer.desk import browsers
from writer.desk.known_devices import DEVICE_COOKIE
from writer.desk.sessions import SESSION_COOKIE

pytestmark = pytest.mark.slow

NEW = "another password"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 "
    "Mobile Safari/537.36"
)


def is_in(browser: Browser) -> bool:
    return "Log out" in browser.get("/mod/").text


def longer_ago(desk: TheDesk) -> None:
    """Everybody who is logged in did so eleven minutes ago."""
    with desk.database.transaction() as db:
        db.execute("UPDATE sessions SET proved_at = proved_at - interval '11 minutes'")


@for_each(
    ("user_agent", "told"),
    [
        (FIREFOX, "Firefox on Linux"),
        (PHONE, "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/142.0 Safari/537.36 Edg/142.0", "Edge on Windows"),
        ("curl/8.5", ""),
        ("<b>" * 10_000, ""),
        (None, ""),
    ],
    ids=["Firefox", "Chrome", "Safari", "Edge", "program", "endless", "none"],
)
def test_session_is_called_by_its_browser_and_no_more(user_agent: str | None, told: str) -> None:
    assert browsers.told(user_agent) == told


def test_sessions_are_listed_and_ended_one_by_one_and_all_others_at_once(desk: TheDesk) -> None:
    here, phone, third, other = (desk.browser() for _ in range(4))
    for browser in (here, phone, third):
        browser.log_in("moderator")
    other.log_in("admin")
    page = here.get("/mod/account").text
    assert page.count("Last seen") == 3
    assert page.count("(this one)") == 1
    assert "192.0.2" not in page, "no address"
    (first, _) = re.findall(r'name="session" value="(\d+)"', page)
    assert here.send("/mod/account", deed="end_session", session=first).status_code == 303
    assert sorted([is_in(phone), is_in(third)]) == [False, True]
    assert here.send("/mod/account", deed="end_others").status_code == 303
    assert [is_in(browser) for browser in (here, phone, third, other)] == [True, False, False, True]
    assert desk.log() == [], "nobody else's matter"


def test_nobody_ends_another_s_session(desk: TheDesk, admin: Browser) -> None:
    janitor = desk.browser()
    janitor.log_in("janitor")
    no = desk.one("SELECT no FROM sessions WHERE staff = 'admin'")
    janitor.send("/mod/account", deed="end_session", session=str(no))
    assert is_in(admin)


def test_password_is_changed_and_every_other_session_ends(desk: TheDesk) -> None:
    here, elsewhere = desk.browser(), desk.browser()
    here.log_in("moderator")
    elsewhere.log_in("moderator")
    device = here.cookies[DEVICE_COOKIE]
    answer = here.send("/mod/account", deed="change_password", password=NEW, again=NEW)
    assert answer.headers["location"] == "/mod/account?done=change_password"
    assert is_in(here)
    assert not is_in(elsewhere)
    assert here.cookies[DEVICE_COOKIE] != device, "it is known by the new password"
    assert desk.browser().log_in("moderator", PASSWORD).status_code == 403
    assert desk.browser().log_in("moderator", NEW).status_code == 303
    (entry,) = desk.log()
    assert (entry.staff, entry.action, entry.detail) == ("moderator", "change_password", {})


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"password": NEW, "again": NEW + "!"}, "The two differ"),
        ({"password": NEW}, "The two differ"),
        ({"password": "short", "again": "short"}, "12 to 200 characters"),
    ],
)
def test_password_that_is_none_changes_nothing(
    admin: Browser, desk: TheDesk, fields: dict[str, str], sentence: str
) -> None:
    answer = admin.send("/mod/account", deed="change_password", **fields)
    assert 400 <= answer.status_code < 500
    assert sentence in answer.text
    assert NEW not in answer.text
    assert desk.browser().log_in("admin").status_code == 303


def test_what_is_dangerous_asks_who_it_is_after_ten_minutes(desk: TheDesk, admin: Browser) -> None:
    longer_ago(desk)
    change = {"deed": "change_password", "password": NEW, "again": NEW}
    refused = admin.send("/mod/account", **change)
    assert refused.status_code == 403
    assert 'action="/mod/proof"' in refused.text
    assert NEW not in refused.text
    wrong = admin.send("/mod/proof", password="wrong", back="/mod/account")
    assert (wrong.status_code, "password is wrong" in wrong.text) == (403, True)
    assert admin.send("/mod/account", **change).status_code == 403
    right = admin.send("/mod/proof", password=PASSWORD, back="/mod/account")
    assert (right.status_code, right.headers["location"]) == (303, "/mod/account")
    assert admin.send("/mod/account", **change).status_code == 303


def test_proof_is_of_that_session_alone(desk: TheDesk, admin: Browser) -> None:
    stolen = desk.browser()
    stolen.log_in("admin")
    longer_ago(desk)
    admin.send("/mod/proof", password=PASSWORD)
    answer = stolen.send("/mod/account", deed="change_password", password=NEW, again=NEW)
    assert answer.status_code == 403


def test_thief_of_a_session_guesses_no_more_than_a_stranger(desk: TheDesk, admin: Browser) -> None:
    """A cookie alone opens neither the password nor as many tries as one likes."""
    thief = desk.browser("203.0.113.5")
    thief.cookies[SESSION_COOKIE] = admin.cookies[SESSION_COOKIE]
    statuses = [thief.send("/mod/proof", password="wrong").status_code for _ in range(7)]
    assert statuses == [403] * 5 + [429] * 2
    assert admin.send("/mod/proof", password=PASSWORD).status_code == 303, "whose it is goes on"


@for_each(
    "back",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/mod/account?x",
        "/mod/account\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "",
    ],
)
def test_proof_leads_to_pages_of_the_desk_alone(admin: Browser, back: str) -> None:
    answer = admin.send("/mod/proof", password=PASSWORD, back=back)
    assert (answer.status_code, answer.headers["location"]) == (303, "/mod/")
