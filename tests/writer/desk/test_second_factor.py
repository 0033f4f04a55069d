"""Log-ins by password and code, what stands in for a lost app, and roles that must have one."""

from __future__ import annotations

import base64
import re
import time
from pathlib import Path

import pytest

from imageboard import passwords, totp
from imageboard.cloaks import Cloak
from imageboard.staff_roles import Role
from imageboard.store import second_factors, staff
from imageboard.store.database import Database
from tests.builders import CLOAK
from tests.tables import for_each
from tests.writer.desk.conftest import PASSWORD, Browser, TheDesk, make_desk
from writer.desk.half_logins import HALF_COOKIE, KEPT_S, HalfLogins
from writer.desk.sessions import SESSION_COOKIE


def is_in(browser: Browser) -> bool:
    return "Log out" in browser.get("/mod/").text


def shown_secret(browser: Browser) -> bytes:
    """As a camera reads it."""
    found = re.search(r"otpauth://totp/[^?]+\?secret=([A-Z2-7]+)", browser.get("/mod/account").text)
    assert found is not None
    return base64.b32decode(found[1])


def code(secret: bytes, steps_on: int = 0) -> str:
    return totp.code(secret, totp.step_at(time.time()) + steps_on)


def no_code(secret: bytes) -> str:
    """None that the app shows these minutes: any six digits may be one."""
    shown = {code(secret, steps_on) for steps_on in range(-4, 5)}
    return next(typed for typed in map("{:06}".format, range(10)) if typed not in shown)


def set_up(browser: Browser) -> tuple[bytes, list[str]]:
    """An app and its secret, and the recovery codes."""
    assert browser.send("/mod/account", deed="begin_app").status_code == 303
    secret = shown_secret(browser)
    page = browser.send("/mod/account", deed="confirm_app", code=code(secret))
    assert page.status_code == 200, page.text
    return secret, re.findall(r"<code>((?:\w{4}-){3}\w{4})</code>", page.text)


def later(desk: TheDesk) -> None:
    """Minutes after the last code was used."""
    with desk.database.transaction() as db:
        db.execute("UPDATE totp SET step = step - 10")


@pytest.mark.slow
def test_app_is_set_up_by_a_picture_or_a_key_and_counts_from_its_first_code_on(
    desk: TheDesk, admin: Browser
) -> None:
    admin.send("/mod/account", deed="begin_app")
    page = admin.get("/mod/account").text
    assert "<svg" in page
    secret = shown_secret(admin)
    assert f"<code>{totp.spelled(secret)}</code>" in page
    assert desk.browser().log_in("admin").status_code == 303, "no log-in asks yet"
    wrong = admin.send("/mod/account", deed="confirm_app", code=no_code(secret))
    assert (wrong.status_code, "The code is wrong" in wrong.text) == (403, True)
    elsewhere = desk.browser()
    elsewhere.log_in("admin")
    assert admin.send("/mod/account", deed="confirm_app", code=code(secret)).status_code == 200
    assert "<svg" not in admin.get("/mod/account").text, "the secret is shown no more"
    assert not is_in(elsewhere), "who came in by the password alone is out"
    assert is_in(admin)
    assert admin.send("/mod/account", deed="begin_app").status_code == 422
    assert [entry.action for entry in desk.log()] == ["add_app"]


def test_log_in_asks_for_a_code_after_the_password(desk: TheDesk, admin: Browser) -> None:
    secret, _codes = set_up(admin)
    later(desk)
    browser = desk.browser()
    half = browser.log_in("admin")
    assert (half.status_code, SESSION_COOKIE in browser.cookies) == (200, False)
    assert 'autocomplete="one-time-code"' in half.text
    assert not is_in(browser)
    cookie = half.cookies[HALF_COOKIE]
    assert (cookie.path, cookie.http_only, cookie.same_site) == ("/mod", True, "Strict")
    answer = browser.send("/mod/second-step", code=code(secret))
    assert (answer.status_code, answer.headers["location"]) == (303, "/mod/")
    assert is_in(browser)
    assert HALF_COOKIE not in browser.cookies


@pytest.mark.slow
@for_each("name", ["j. doe", "иван", "a;b=c, d", 'the "mod" 100%', "a%2eb.9.f"])
def test_member_of_an_old_board_is_asked_for_a_code_whatever_they_are_called(
    desk: TheDesk, name: str
) -> None:
    with desk.database.transaction() as db:
        staff.add_hashed(db, name, passwords.hash_password(PASSWORD), Role.JANITOR, None)
    browser = desk.browser()
    browser.log_in(name)
    secret, _codes = set_up(browser)
    later(desk)
    other = desk.browser()
    assert other.log_in(name).status_code == 200
    assert other.send("/mod/second-step", code=code(secret)).status_code == 303
    assert is_in(other)


@pytest.mark.slow
def test_code_is_good_once_and_none_before_it(desk: TheDesk, admin: Browser) -> None:
    secret, _codes = set_up(admin)
    later(desk)
    first, second = desk.browser(), desk.browser()
    for browser in (first, second):
        browser.log_in("admin")
    shown = code(secret, 1)
    assert first.send("/mod/second-step", code=shown).status_code == 303
    for replayed in (shown, code(secret)):
        answer = second.send("/mod/second-step", code=replayed)
        assert (answer.status_code, "used before" in answer.text) == (403, True)
    assert not is_in(second)


@pytest.mark.slow
def test_recovery_code_stands_in_once(desk: TheDesk, admin: Browser) -> None:
    _secret, codes = set_up(admin)
    assert len(set(codes)) == 10
    assert "10 recovery codes are left" in admin.get("/mod/account").text
    assert not any(each in admin.get("/mod/account").text for each in codes), "shown once"
    kept = str(desk.one("SELECT json_agg(recovery_codes) FROM recovery_codes"))
    assert not any(each.replace("-", "") in kept for each in codes)
    for typed, status in ((codes[0], 303), (codes[0], 403), (codes[1].replace("-", " "), 303)):
        browser = desk.browser()
        browser.log_in("admin")
        assert browser.send("/mod/second-step", code=typed.upper()).status_code == status
    actions = [entry.action for entry in desk.log()]
    assert actions == ["add_app", "use_recovery_code", "use_recovery_code"]
    admin.send("/mod/account", deed="recovery_codes")
    browser = desk.browser()
    browser.log_in("admin")
    assert browser.send("/mod/second-step", code=codes[2]).status_code == 403, "there are new ones"


@pytest.mark.slow
def test_nobody_finishes_a_log_in_that_was_not_begun(desk: TheDesk, admin: Browser) -> None:
    secret, codes = set_up(admin)
    later(desk)
    other = desk.browser()
    other.log_in("moderator")
    other.send("/mod/logout")
    made_up = ("", "admin.9999999999.", f"admin.9999999999.{'0' * 64}", "admin", "é.1.é")
    for cookie in made_up:
        browser = desk.browser()
        browser.cookies[HALF_COOKIE] = cookie
        for typed in (code(secret), codes[0]):
            answer = browser.send("/mod/second-step", code=typed)
            assert answer.status_code == 403
            assert SESSION_COOKIE not in browser.cookies


@for_each(("later_s", "good"), [(0, True), (KEPT_S - 1, True), (KEPT_S, False)])
def test_half_log_in_lasts_minutes_and_no_longer_than_its_password(
    later_s: int, good: bool
) -> None:
    now_s = 1_000_000.0
    halves = HalfLogins(b"k" * 32, clock=lambda: now_s)
    cookie = halves.cookie("alice", "a hash")
    assert halves.name(cookie) == "alice"
    now_s += later_s
    assert halves.is_good(cookie, "a hash") == good
    assert not halves.is_good(cookie, "another hash")
    assert not halves.is_good(cookie, None)
    assert not halves.is_good("bob" + cookie.removeprefix("alice"), "a hash")


@pytest.mark.slow
def test_codes_are_guessed_five_times_an_hour_and_the_known_browser_goes_on(
    desk: TheDesk, admin: Browser
) -> None:
    """Whoever has the password, from however many networks, keeps nobody out either."""
    secret, _codes = set_up(admin)
    later(desk)
    known = desk.browser()
    known.log_in("admin")
    assert known.send("/mod/second-step", code=code(secret)).status_code == 303
    known.send("/mod/logout")
    statuses = []
    for network in range(7):
        thief = desk.browser(f"2001:db8:{network}::1")
        thief.log_in("admin")
        statuses.append(thief.send("/mod/second-step", code=no_code(secret)).status_code)
    assert statuses == [403] * 5 + [429] * 2
    later(desk)
    known.log_in("admin")
    assert known.send("/mod/second-step", code=code(secret)).status_code == 303


@pytest.mark.slow
def test_app_is_removed_or_reset_and_a_log_in_asks_no_more(desk: TheDesk, admin: Browser) -> None:
    moderator = desk.browser()
    moderator.log_in("moderator")
    set_up(moderator)
    moderator.send("/mod/account", deed="remove_app")
    assert desk.browser().log_in("moderator").status_code == 303
    set_up(moderator)
    assert desk.browser().log_in("moderator").status_code == 200
    admin.send("/mod/staff", deed="reset_factor", account="moderator")
    assert not is_in(moderator)
    assert desk.browser().log_in("moderator").status_code == 303
    assert desk.one("SELECT count(*) FROM recovery_codes") == 0


@pytest.mark.slow
@for_each("deed", ["begin_app", "confirm_app", "remove_app", "recovery_codes"])
def test_thief_of_a_session_leaves_the_second_factor_alone(
    desk: TheDesk, admin: Browser, deed: str
) -> None:
    with desk.database.transaction() as db:
        second_factors.begin(db, "admin", CLOAK)
        db.execute("UPDATE sessions SET proved_at = now() - interval '11 minutes'")
    assert admin.send("/mod/account", deed=deed, code="000000").status_code == 403
    assert "otpauth" not in admin.get("/mod/account").text


def test_secret_is_sealed_for_its_account(desk: TheDesk, admin: Browser) -> None:
    secret, _codes = set_up(admin)
    sealed = desk.one("SELECT secret_sealed FROM totp")
    assert isinstance(sealed, bytes)
    assert secret not in sealed
    assert CLOAK.open_secret(sealed, "admin") == secret
    assert CLOAK.open_secret(sealed, "moderator") is None
    assert Cloak(b"another key" * 3).open_secret(sealed, "admin") is None


@pytest.mark.slow
@pytest.mark.parametrize("roles", ["moderator,owner", "all"])
def test_role_that_must_have_a_second_factor_may_nothing_before(
    desk: TheDesk, database: Database, tmp_path: Path, roles: str
) -> None:
    strict = make_desk(database, tmp_path, STILLBOARD_STAFF_SECOND_FACTOR=roles)
    browser = strict.browser()
    browser.log_in("moderator")
    refused = browser.get("/mod/reports")
    assert (refused.status_code, "asks for a second factor" in refused.text) == (403, True)
    assert browser.send("/mod/b/1", deed="delete").status_code == 403
    assert "you may nothing else here" in browser.get("/mod/account").text
    set_up(browser)
    assert browser.get("/mod/reports").status_code == 200
    janitor = strict.browser()
    janitor.log_in("janitor")
    assert janitor.get("/mod/reports").status_code == (403 if roles == "all" else 200)


@pytest.mark.slow
def test_password_alone_is_right_or_wrong_in_the_same_words(desk: TheDesk, admin: Browser) -> None:
    """Who guesses passwords does not learn which account has a second factor."""
    set_up(admin)
    answers = [desk.browser().log_in(name, PASSWORD[::-1]) for name in ("admin", "moderator", "x")]
    assert {answer.status_code for answer in answers} == {403}
    assert all("The name or the password is wrong." in answer.text for answer in answers)
