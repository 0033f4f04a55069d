"""Logging in and out at the desk, and what keeps strangers and other sites out."""

from __future__ import annotations

import hashlib
import threading
import time
from pathlib import Path

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import CHEAPEST

from imageboard.staff_roles import Role
from imageboard.store import second_factors, staff
from imageboard.store.database import Database
from tests.builders import CLOAK, a_board
from tests.nginx.spellings import respelled
from tests.tables import for_each
from tests.writer.desk.conftest import PASSWORD, Browser, TheDesk, make_desk
from writer.desk import password_checks
from writer.desk.known_devices import DEVICE_COOKIE, KEPT_S, KnownDevices
from writer.desk.password_checks import PasswordChecks
from writer.desk.sessions import (
    LOGIN_COOKIE,
    POSTING_COOKIE,
    SESSION_COOKIE,
    STRANGERS_QUICK_PER_MINUTE,
)

WRONG = "The name or the password is wrong."


def is_in(browser: Browser) -> bool:
    return "Log out" in browser.get("/mod/").text


def test_log_in_leads_to_the_desk_and_log_out_back(desk: TheDesk) -> None:
    browser = desk.browser()
    assert not is_in(browser)
    answer = browser.log_in("admin")
    assert (answer.status_code, answer.headers["location"]) == (303, "/mod/")
    assert LOGIN_COOKIE not in browser.cookies
    assert is_in(browser)
    token = browser.cookies[SESSION_COOKIE]
    assert browser.send("/mod/logout").status_code == 303
    assert SESSION_COOKIE not in browser.cookies
    browser.cookies[SESSION_COOKIE] = token
    assert not is_in(browser), "the session itself is over, not just the cookie"


def test_name_is_taken_as_a_phone_types_it(desk: TheDesk) -> None:
    assert desk.browser().log_in(" Admin ").status_code == 303


def test_session_cookie_stays_on_the_desk_and_out_of_scripts(desk: TheDesk) -> None:
    cookie = desk.browser().log_in("admin").cookies[SESSION_COOKIE]
    assert (cookie.path, cookie.http_only, cookie.same_site) == ("/mod", True, "Strict")
    assert cookie.max_age == 12 * 3600
    assert len(cookie.value) == 43, "32 random bytes in base64"
    assert not cookie.secure, "plain http on a developer's machine"


def test_cookies_are_secure_over_https_and_in_production(
    desk: TheDesk, database: Database, tmp_path: Path
) -> None:
    over_https = desk.browser().post(
        "/mod/login", headers={"X-Forwarded-Proto": "https"}, name="admin"
    )
    assert over_https.status_code == 403
    production = make_desk(database, tmp_path, ENVIRONMENT="production").browser()
    assert production.get("/mod/").cookies[LOGIN_COOKIE].secure
    assert production.log_in("admin").cookies[SESSION_COOKIE].secure
    browser = desk.browser()
    answer = browser.post(
        "/mod/login",
        headers={"X-Forwarded-Proto": "https"},
        form_token=browser.form_token(),
        name="admin",
        password=PASSWORD,
    )
    assert answer.cookies[SESSION_COOKIE].secure


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("admin", "correct horse batterY"),
        ("admin", ""),
        ("nobody", PASSWORD),
        ("", ""),
        ("a\0b", PASSWORD),
        ("'; --", PASSWORD),
        ("x" * 5000, "y" * 50_000),
    ],
)
def test_every_failure_has_the_same_sentence(desk: TheDesk, name: str, password: str) -> None:
    browser = desk.browser()
    answer = browser.log_in(name, password)
    assert answer.status_code == 403
    assert WRONG in answer.text
    assert f'value="{password}"' not in answer.text or password == ""
    assert SESSION_COOKIE not in browser.cookies
    assert browser.log_in("admin").status_code == 303, "the page that was shown can be sent again"


def test_disabled_account_fails_like_any_other_and_its_sessions_end(desk: TheDesk) -> None:
    browser = desk.browser()
    browser.log_in("moderator")
    with desk.database.transaction() as db:
        staff.set_enabled(db, "moderator", False)
    assert not is_in(browser)
    assert WRONG in browser.log_in("moderator").text


@pytest.mark.slow
@for_each("planted", ["", "x" * 43, "of somebody else"])
def test_log_in_takes_no_session_that_was_there_before(desk: TheDesk, planted: str) -> None:
    """Whoever planted a cookie in the browser holds nothing by it afterwards."""
    thief = desk.browser()
    thief.log_in("janitor")
    if planted == "of somebody else":
        planted = thief.cookies[SESSION_COOKIE]
    browser = desk.browser()
    token = browser.form_token()
    browser.cookies[SESSION_COOKIE] = planted
    browser.post("/mod/login", form_token=token, name="admin", password=PASSWORD)
    assert browser.cookies[SESSION_COOKIE] != planted
    assert "You are admin" in browser.get("/mod/").text
    thief.cookies[SESSION_COOKIE] = planted
    assert not is_in(thief), "and what was planted is over"


def test_each_name_takes_one_look_at_a_password(
    desk: TheDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How long an answer takes does not tell which names there are, nor who has a second factor."""
    looked_at: list[bool] = []

    def look(_self: object, password: str, password_hash: str | None) -> object:
        looked_at.append(password_hash is not None)
        return password_checks.verdict(password, password_hash)

    monkeypatch.setattr(PasswordChecks, "check", look)
    with desk.database.transaction() as db:
        staff.set_enabled(db, "moderator", False)
        second_factors.begin(db, "owner", CLOAK)
        db.execute("UPDATE totp SET enrolled_at = now()")
    for name in ("janitor", "moderator", "owner", "nobody", "a\0b"):
        assert desk.browser().log_in(name, "wrong").status_code == 403
    assert looked_at == [True, False, True, False, False]


def test_sixth_try_has_to_wait_even_with_the_right_password(desk: TheDesk) -> None:
    browser = desk.browser()
    for _ in range(5):
        assert browser.log_in("admin", "wrong").status_code == 403
    answer = browser.log_in("admin")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 15 * 60
    assert "Too many attempts" in answer.text
    assert desk.browser("198.51.100.1").log_in("admin").status_code == 303, "from elsewhere"


def test_successes_do_not_count_as_tries(desk: TheDesk) -> None:
    for _ in range(7):
        assert desk.browser().log_in("janitor").status_code == 303
    assert desk.one("SELECT count(*) FROM allowances WHERE used_until > now()") == 0


def besiege(desk: TheDesk, name: str = "admin") -> None:
    """Twenty wrong passwords, from four networks that someone has."""
    for network in range(4):
        browser = desk.browser(f"2001:db8:{network}::1")
        for _ in range(5):
            assert browser.log_in(name, "wrong").status_code == 403


@pytest.mark.slow
def test_strangers_keep_nobody_out(desk: TheDesk) -> None:
    """Of the staff, with the browser that they always use, or with another from elsewhere."""
    known = desk.browser()
    known.log_in("admin")
    known.send("/mod/logout")
    besiege(desk)
    assert known.log_in("admin").status_code == 303
    assert desk.browser("198.51.100.77").log_in("admin").status_code == 303


@pytest.mark.slow
def test_siege_slows_strangers_down_on_that_account(desk: TheDesk) -> None:
    besiege(desk)
    stranger, began_s = desk.browser("198.51.100.77"), time.monotonic()
    assert stranger.log_in("admin", "wrong").status_code == 403
    refused = stranger.log_in("admin")
    assert refused.status_code == 429
    # A quarter of an hour, of which some time has passed.
    assert 900 - (time.monotonic() - began_s) <= int(refused.headers["retry-after"]) <= 900
    other = desk.browser("203.0.113.9")
    for _ in range(5):
        assert other.log_in("moderator", "wrong").status_code == 403


@pytest.mark.slow
@pytest.mark.parametrize(
    ("network", "tries"), [("2001:db8:0:{:x}::1", 2 * 5), ("2001:db8:0:{:x}00::1", 4 * 5)]
)
def test_network_tries_as_often_as_a_few_addresses(desk: TheDesk, network: str, tries: int) -> None:
    statuses = [
        desk.browser(network.format(number)).log_in(f"account-{number}", "wrong").status_code
        for number in range(1, tries + 3)
    ]
    assert statuses == [403] * tries + [429] * 2


@pytest.mark.slow
def test_known_browser_runs_beside_posts_and_few_strangers_do(
    desk: TheDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A raid fills the machine: what goes after all else would end when the raid does."""
    known = desk.browser()
    known.log_in("admin")
    ranks: list[tuple[str, ...]] = []

    def look(checks: PasswordChecks, password: str, password_hash: str | None) -> object:
        ranks.append(checks.rank())
        return password_checks.verdict(password, password_hash)

    monkeypatch.setattr(PasswordChecks, "check", look)
    for number in range(STRANGERS_QUICK_PER_MINUTE + 2):
        desk.browser(f"198.51.{number}.1").log_in("admin", "wrong")
    assert [bool(rank) for rank in ranks] == [False] * STRANGERS_QUICK_PER_MINUTE + [True] * 2
    known.send("/mod/logout")
    assert known.log_in("admin").status_code == 303
    assert ranks[-1] == ()


def test_stranger_s_try_that_takes_long_keeps_no_known_browser_waiting(
    desk: TheDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = desk.browser()
    known.log_in("admin")
    known.send("/mod/logout")
    is_looked_at, is_over = threading.Event(), threading.Event()

    def look(_checks: PasswordChecks, password: str, password_hash: str | None) -> object:
        if password == "wrong":
            is_looked_at.set()
            is_over.wait()
        return password_checks.verdict(password, password_hash)

    monkeypatch.setattr(PasswordChecks, "check", look)
    stranger = threading.Thread(target=desk.browser("198.51.100.1").log_in, args=("admin", "wrong"))
    stranger.start()
    try:
        is_looked_at.wait()
        assert known.log_in("admin").status_code == 303
    finally:
        is_over.set()
        stranger.join()


def test_known_browser_has_tries_of_its_own_and_no_more(desk: TheDesk) -> None:
    known = desk.browser()
    known.log_in("admin")
    known.send("/mod/logout")
    for _ in range(5):
        assert known.log_in("admin", "wrong").status_code == 403
    assert known.log_in("admin").status_code == 429
    assert desk.browser().log_in("admin").status_code == 303, "the address has used none"


@pytest.mark.slow
def test_known_browser_is_one_of_its_account_and_its_password_alone(desk: TheDesk) -> None:
    known = desk.browser()
    cookie = known.log_in("moderator").cookies[DEVICE_COOKIE]
    known.send("/mod/logout")
    assert (cookie.path, cookie.http_only, cookie.same_site) == ("/mod", True, "Strict")
    besiege(desk)
    assert known.log_in("admin", "wrong").status_code == 403
    assert known.log_in("admin").status_code == 429, "a stranger to this account"
    with desk.database.transaction() as db:
        staff.set_password(db, "moderator", "a new password")
    assert known.log_in("moderator", "a new password").status_code == 429


@for_each("cookie", ["", "x", "..", "a.9999999999.", "a.9999999999.ff", "é.1.é", "a.b.c.d"])
def test_made_up_cookie_is_a_stranger_s(cookie: str) -> None:
    assert KnownDevices(b"k" * 32).device(cookie, "admin", "a hash") is None


def test_browser_is_known_for_half_a_year() -> None:
    now_s = 1_000_000.0
    devices = KnownDevices(b"k" * 32, clock=lambda: now_s)
    cookie = devices.cookie("admin", "a hash")
    assert devices.device(cookie, "admin", "a hash") == cookie.rpartition(".")[0]
    assert devices.device(cookie, "admin", None) is None
    assert devices.device(cookie, "nobody", "a hash") is None
    assert KnownDevices(b"o" * 32).device(cookie, "admin", "a hash") is None
    now_s += KEPT_S
    assert devices.device(cookie, "admin", "a hash") is None


def test_log_in_makes_a_new_session_and_ends_the_old(desk: TheDesk) -> None:
    browser = desk.browser()
    login_form = {"form_token": browser.form_token(), "name": "admin", "password": PASSWORD}
    login_cookie = browser.cookies[LOGIN_COOKIE]
    browser.post("/mod/login", **login_form)
    first = browser.cookies[SESSION_COOKIE]
    browser.cookies[LOGIN_COOKIE] = login_cookie  # the form was open in another tab
    browser.post("/mod/login", **login_form)
    assert browser.cookies[SESSION_COOKIE] != first
    assert desk.one("SELECT count(*) FROM sessions") == 1


def test_planted_session_cookie_is_worth_nothing(desk: TheDesk) -> None:
    """Who plants a cookie before the log-in must not share the session after it."""
    browser = desk.browser()
    browser.cookies[SESSION_COOKIE] = "planted"
    browser.log_in("admin")
    assert browser.cookies[SESSION_COOKIE] != "planted"


def test_old_hash_is_renewed_by_a_log_in(desk: TheDesk) -> None:
    """With the parameters of a new one; here these are the cheapest."""
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    with desk.database.transaction() as db:
        db.execute("UPDATE staff SET password_hash = %s WHERE name = 'admin'", (old,))
    browser = desk.browser()
    browser.log_in("admin")
    assert is_in(browser)
    renewed = str(desk.one("SELECT password_hash FROM staff WHERE name = 'admin'"))
    assert extract_parameters(renewed) == CHEAPEST
    assert desk.browser().log_in("admin").status_code == 303


def test_member_of_an_old_board_logs_in_as_there_and_is_hashed_anew(desk: TheDesk) -> None:
    """vichan's name may be any, and its hash is good once; so is its password, however short."""
    inner = hashlib.sha1(b"tea").hexdigest()
    old = f"$vichan0$2a$b${hashlib.sha256(f'2a$b{inner}'.encode()).hexdigest()}"
    with desk.database.transaction() as db:
        a_board(desk.database, "lab")
        staff.add_hashed(db, "ivan p. (mod)", old, Role.JANITOR, "lab")
    assert WRONG in desk.browser().log_in("Ivan P. (mod)", "coffee").text
    for _again in range(2):
        browser = desk.browser()
        browser.log_in("Ivan P. (mod)", "tea")
        assert is_in(browser)
        renewed = str(desk.one("SELECT password_hash FROM staff WHERE name LIKE 'ivan%'"))
        assert renewed.startswith("$argon2id$")
    with desk.database.connection() as db:
        (grant,) = staff.get(db, "ivan p. (mod)").grants
    assert (grant.role, grant.board) == (Role.JANITOR, "lab")


@pytest.mark.slow
@for_each("url", [url for url in respelled("/mod/login") if "?" not in url] + ["/mod", "/mod//"])
def test_address_of_the_log_in_has_one_spelling(desk: TheDesk, url: str) -> None:
    """That by which the web server limits how often passwords are tried."""
    browser = desk.browser()
    answer = browser.post(url, form_token=browser.form_token(), name="admin", password=PASSWORD)
    assert answer.status_code == 404, url
    assert desk.one("SELECT count(*) FROM sessions") == 0


def test_log_in_form_is_sent_from_its_own_page_alone(desk: TheDesk) -> None:
    browser = desk.browser()
    form = {"name": "admin", "password": PASSWORD}
    assert browser.post("/mod/login", **form).status_code == 403, "no cookie, no token"
    token = browser.form_token()
    assert browser.post("/mod/login", **form).status_code == 403, "no token"
    assert browser.post("/mod/login", form_token="é", **form).status_code == 403
    stranger = desk.browser()
    stranger.form_token()
    assert stranger.post("/mod/login", form_token=token, **form).status_code == 403
    assert desk.one("SELECT count(*) FROM sessions") == 0


FORMS = ["/mod/logout", "/mod/bans", "/mod/b/1"]


@pytest.mark.slow
@for_each("url", [*FORMS, "/mod/login"])
@for_each(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
    ],
)
def test_form_from_another_site_is_refused(
    desk: TheDesk, admin: Browser, url: str, headers: dict[str, str]
) -> None:
    answer = admin.post(url, headers=headers, form_token=admin.form_token(), deed="delete")
    assert answer.status_code == 403
    assert "another site" in answer.text
    assert is_in(admin)
    assert desk.log() == []


@pytest.mark.parametrize("url", FORMS)
def test_form_needs_the_token_of_its_own_session(desk: TheDesk, admin: Browser, url: str) -> None:
    other = desk.browser()
    other.log_in("moderator")
    for token in ("", "x", other.form_token()):
        answer = admin.post(url, form_token=token, deed="delete")
        assert answer.status_code == 403
        assert "does not belong to your session" in answer.text
    assert admin.post(url, deed="delete").status_code == 403
    assert is_in(admin)
    assert desk.log() == []


@pytest.mark.parametrize("url", FORMS)
def test_form_without_a_session_is_refused(desk: TheDesk, url: str) -> None:
    answer = desk.browser().post(url, deed="delete", form_token="x")
    assert answer.status_code == 403
    assert "not logged in" in answer.text
    assert desk.log() == []


def test_program_is_refused_in_json(desk: TheDesk) -> None:
    answer = desk.browser().post("/mod/b/1", headers={"Accept": "application/json"}, deed="lock")
    assert answer.status_code == 403
    assert "not logged in" in answer.json["error"]


@for_each("url", ["/mod/reports", "/mod/bans", "/mod/log", "/mod/b/1", "/mod/find", "/mod/login"])
def test_who_is_not_logged_in_is_led_to_the_log_in(desk: TheDesk, url: str) -> None:
    answer = desk.browser().get(url)
    assert (answer.status_code, answer.headers["location"]) == (303, "/mod/")
    assert "with a file" not in answer.text


def test_role_is_read_anew_with_each_request(desk: TheDesk, admin: Browser) -> None:
    with desk.database.transaction() as db:
        db.execute("UPDATE staff SET role = %s WHERE name = 'admin'", (Role.JANITOR.value,))
    assert admin.get("/mod/log").status_code == 403


def test_session_signs_posts_by_a_cookie_of_its_own_until_it_is_over(desk: TheDesk) -> None:
    """No page that readers are sent is asked for with it."""
    browser = desk.browser()
    cookies = browser.log_in("admin").cookies
    assert cookies[POSTING_COOKIE].value == cookies[SESSION_COOKIE].value
    assert (cookies[POSTING_COOKIE].path, cookies[POSTING_COOKIE].http_only) == ("/post", True)
    browser.send("/mod/logout")
    assert POSTING_COOKIE not in browser.cookies
