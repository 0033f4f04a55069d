"""Passkeys: made, named and removed, and what a log-in by one takes and refuses."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from falcon import testing
from fido2.webauthn import AuthenticatorData

from imageboard.store import staff
from tests.tables import for_each
from tests.writer.desk.conftest import PASSWORD, Browser, TheDesk
from tests.writer.desk.soft_key import PRESENT, SoftKey
from writer.desk import passkeys
from writer.desk.sessions import SESSION_COOKIE


def is_in(browser: Browser) -> bool:
    return "Log out" in browser.get("/mod/").text


def asked(page: str) -> dict[str, Any]:
    """What a page asks the browser for."""
    found = re.search(r'data-passkey="([^"]+)"', page)
    assert found is not None
    asked: dict[str, Any] = json.loads(html.unescape(found[1]))
    return asked


def make(browser: Browser, key: SoftKey, name: str = "phone") -> testing.Result:
    answer = key.made(asked(browser.get("/mod/account").text))
    return browser.send("/mod/account", deed="add_passkey", name=name, passkey=answer)


def log_in(browser: Browser, key: SoftKey) -> testing.Result:
    answer = key.signed(asked(browser.get("/mod/").text))
    return browser.send("/mod/passkey", passkey=answer)


@pytest.fixture
def key(admin: Browser) -> SoftKey:
    """The admin's."""
    key = SoftKey()
    made = make(admin, key)
    assert made.status_code == 200, made.text
    return key


def test_passkey_opens_the_desk_by_itself(desk: TheDesk, admin: Browser, key: SoftKey) -> None:
    browser = desk.browser()
    answer = log_in(browser, key)
    assert (answer.status_code, answer.headers["location"]) == (303, "/mod/")
    assert "Log out admin" in browser.get("/mod/").text
    assert [entry.action for entry in desk.log()] == ["add_passkey"]


def test_page_asks_for_a_key_that_knows_its_holder(admin: Browser, key: SoftKey) -> None:
    to_make = asked(admin.get("/mod/account").text)["publicKey"]
    assert to_make["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert [each["id"] for each in to_make["excludeCredentials"]] == [
        json.loads(key.signed({"publicKey": to_make}))["id"]
    ]
    assert to_make["rp"]["id"] == "falconframework.org"
    assert "admin" not in to_make["user"]["id"]


@pytest.mark.slow
def test_passkey_is_a_second_factor_too_and_comes_with_recovery_codes(
    desk: TheDesk, admin: Browser
) -> None:
    elsewhere = desk.browser()
    elsewhere.log_in("admin")
    key = SoftKey()
    codes = re.findall(r"<code>((?:\w{4}-){3}\w{4})</code>", make(admin, key).text)
    assert len(codes) == 10
    assert not is_in(elsewhere), "who came in by the password alone is out"
    assert make(admin, SoftKey(), "another").status_code == 303, "the codes of before are good"
    browser = desk.browser()
    half = browser.log_in("admin")
    assert (half.status_code, SESSION_COOKIE in browser.cookies) == (200, False)
    answer = key.signed(asked(half.text))
    assert browser.send("/mod/passkey", passkey=answer).status_code == 303
    other = desk.browser()
    other.log_in("admin")
    assert other.send("/mod/second-step", code=codes[0]).status_code == 303


@pytest.mark.slow
def test_passkey_is_named_and_removed(desk: TheDesk, admin: Browser, key: SoftKey) -> None:
    no = str(desk.one("SELECT no FROM passkeys"))
    admin.send("/mod/account", deed="rename_passkey", no=no, name="  <b>Phone</b>  ")
    assert "&lt;b&gt;Phone&lt;/b&gt;" in admin.get("/mod/account").text
    for name in ("", " ", "x" * 61, "a\0b"):
        answer = admin.send("/mod/account", deed="rename_passkey", no=no, name=name)
        assert answer.status_code == 400
    moderator = desk.browser()
    moderator.log_in("moderator")
    for deed in ("rename_passkey", "remove_passkey"):
        moderator.send("/mod/account", deed=deed, no=no, name="mine")
    assert desk.one("SELECT name FROM passkeys") == "<b>Phone</b>"
    admin.send("/mod/account", deed="remove_passkey", no=no)
    assert log_in(desk.browser(), key).status_code == 403
    assert [entry.action for entry in desk.log()] == ["add_passkey", "remove_passkey"]


@pytest.mark.slow
def test_passkey_proves_who_it_is_and_only_whose_it_is(
    desk: TheDesk, admin: Browser, key: SoftKey
) -> None:
    with desk.database.transaction() as db:
        db.execute("UPDATE sessions SET proved_at = now() - interval '11 minutes'")
    moderator = desk.browser()
    moderator.log_in("moderator")
    with desk.database.transaction() as db:
        db.execute("UPDATE sessions SET proved_at = now() - interval '11 minutes'")
    for browser, status in ((moderator, 403), (admin, 303)):
        answer = key.signed(asked(browser.get("/mod/proof").text))
        assert browser.send("/mod/proof", passkey=answer).status_code == status
        change = {"password": PASSWORD[::-1], "again": PASSWORD[::-1]}
        done = browser.send("/mod/account", deed="change_password", **change)
        assert done.status_code == status


#: What an answer has that it should not have.
WRONG = {
    "another origin": {"origin": "https://evil.example"},
    "an origin of another port": {"origin": "http://falconframework.org:8080"},
    "below it": {"origin": "http://a.falconframework.org"},
    "without TLS or with": {"origin": "https://falconframework.org"},
    "another site": {"host": "evil.example"},
    "nobody verified": {"flags": PRESENT},
    "nobody present": {"flags": AuthenticatorData.FLAG.UV},
    "another private half": {"private": SoftKey().private},
    "an unknown key": {"id": b"unknown"},
}


@pytest.mark.slow
@for_each("what", WRONG)
def test_answer_that_is_wrong_opens_nothing(desk: TheDesk, key: SoftKey, what: str) -> None:
    browser = desk.browser()
    answer = log_in(browser, key.copy(count=None, **WRONG[what]))
    assert (answer.status_code, "was not accepted" in answer.text) == (403, True)
    assert SESSION_COOKIE not in browser.cookies


@pytest.mark.slow
def test_answer_is_good_once_in_its_browser_for_ten_minutes(
    desk: TheDesk, key: SoftKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a key that does not count either: its count would tell a second use too."""
    key.count = None
    browser, thief = desk.browser(), desk.browser()
    answer = key.signed(asked(browser.get("/mod/").text))
    thief.get("/mod/")
    assert thief.send("/mod/passkey", passkey=answer).status_code == 403, "of another page"
    cookies = dict(browser.cookies)
    assert browser.send("/mod/passkey", passkey=answer).status_code == 303
    browser.cookies = cookies
    assert browser.send("/mod/passkey", passkey=answer).status_code == 403, "used before"
    monkeypatch.setattr(passkeys, "CHALLENGE_KEPT_S", -1)
    assert log_in(desk.browser(), key).status_code == 403, "too old"


def test_challenge_of_a_page_is_not_one_of_another(desk: TheDesk, admin: Browser) -> None:
    key = SoftKey()
    to_sign = asked(admin.get("/mod/proof").text)
    answer = admin.send("/mod/account", deed="add_passkey", name="phone", passkey=key.made(to_sign))
    assert answer.status_code == 403
    made_up = {"publicKey": {"challenge": "A" * 50}}
    for challenge in (made_up, {"publicKey": {"challenge": ""}}):
        answer = admin.send(
            "/mod/account", deed="add_passkey", name="phone", passkey=key.made(challenge)
        )
        assert answer.status_code == 403
    assert desk.one("SELECT count(*) FROM passkeys") == 0


@pytest.mark.slow
def test_copied_key_opens_nothing_once_the_other_has_counted_on(
    desk: TheDesk, key: SoftKey
) -> None:
    copied = key.copy()
    assert log_in(desk.browser(), key).status_code == 303
    assert log_in(desk.browser(), copied).status_code == 403


def test_key_that_does_not_count_opens_the_desk_again_and_again(
    desk: TheDesk, admin: Browser
) -> None:
    key = SoftKey(count=None)
    make(admin, key)
    for _ in range(2):
        assert log_in(desk.browser(), key).status_code == 303


@pytest.mark.slow
def test_key_is_of_one_account(desk: TheDesk, admin: Browser, key: SoftKey) -> None:
    moderator = desk.browser()
    moderator.log_in("moderator")
    assert make(moderator, key).status_code == 400
    browser = desk.browser()
    assert log_in(browser, key).status_code == 303
    assert "Log out admin" in browser.get("/mod/").text


@pytest.mark.slow
def test_suspended_account_s_key_opens_nothing(desk: TheDesk, admin: Browser) -> None:
    moderator, key = desk.browser(), SoftKey()
    moderator.log_in("moderator")
    make(moderator, key)
    with desk.database.transaction() as db:
        staff.set_enabled(db, "moderator", False)
    assert log_in(desk.browser(), key).status_code == 403
    with desk.database.transaction() as db:
        staff.set_enabled(db, "moderator", True)
    admin.send("/mod/staff", deed="reset_factor", account="moderator")
    assert log_in(desk.browser(), key).status_code == 403


@pytest.mark.slow
@for_each(
    "answer",
    [
        "",
        "{}",
        "[]",
        "null",
        "1",
        '{"id": 1}',
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}',
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "AA"}}',
        (
            '{"id": "AA", "rawId": "AA", "type": "x", "response": {"clientDataJSON": "e30",'
            ' "authenticatorData": "AA", "signature": "AA", "attestationObject": "oA"}}'
        ),
        "[" * 10_000,
        "x" * 20_000,
        "\ud7ff\0",
    ],
    ids=range(12),
)
def test_nonsense_is_no_passkey(desk: TheDesk, admin: Browser, answer: str) -> None:
    browser = desk.browser()
    refused = browser.send("/mod/passkey", passkey=answer)
    assert refused.status_code == 403
    made = admin.send("/mod/account", deed="add_passkey", name="phone", passkey=answer)
    assert made.status_code in (400, 403)
