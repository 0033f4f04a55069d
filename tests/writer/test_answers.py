"""Refusals in the two forms that are asked for, and in vichan's dialect at /post.php."""

from __future__ import annotations

import html
import ipaddress
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
import redis
from falcon import testing

from imageboard.bans import NewBan
from imageboard.errors import StoreUnavailable
from imageboard.settings import Settings
from imageboard.store import bans
from imageboard.store.database import Database
from tests.builders import a_board
from tests.tables import for_each
from tests.writer.captcha_stand_in import a_stand_in
from writer import forms
from writer.app import create_app, parts_with
from writer.search import Places

URLENCODED = "application/x-www-form-urlencoded"
REQUEST_ID = "0123456789abcdef" * 2
CROSS_SITE = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
#: How KurobaEx (VichanActions.kt) finds what was refused in a page.
VICHANS_ERROR = re.compile("<h1[^>]*>Error</h1>.*<h2[^>]*>(.*?)</h2>")


@contextmanager
def serving(database: Database, environment: dict[str, str]) -> Iterator[testing.TestClient]:
    """The writer that these settings describe."""
    parts = parts_with(Settings.read(environment), database, Places(database))
    try:
        yield testing.TestClient(create_app(parts))
    finally:
        parts.darkroom.close()


@pytest.fixture
def client(
    database: Database, environment: dict[str, str], queue: redis.Redis
) -> Iterator[testing.TestClient]:
    """A board /b/ with thread 1."""
    a_board(database, reply_wait_s=0, thread_wait_s=60)
    with serving(database, environment) as client:
        assert send(client, password="right").status_code == 200
        yield client


def send(
    client: testing.TestClient,
    path: str = "/post",
    *,
    headers: dict[str, str] | None = None,
    content_type: str = URLENCODED,
    **fields: str,
) -> Any:
    """Of a field that is '' nothing is sent."""
    typed = {"board": "b", "body": "Hello.", "json_response": "1"} | fields
    body = urlencode({name: value for name, value in typed.items() if value})
    return client.simulate_post(
        path, body=body, headers={"Content-Type": content_type} | (headers or {})
    )


def ban_everybody(database: Database) -> None:
    everybody = NewBan(
        board="b", reason="Spam.", duration_s=None, range=ipaddress.ip_network("127.0.0.0/8")
    )
    with database.transaction() as db:
        bans.add(db, everybody, "alice")


#: What is sent; the status and the code that it is refused with.
REFUSALS: dict[str, tuple[dict[str, Any], int, str]] = {
    "empty post": ({"body": ""}, 422, "rule_broken"),
    "no such thread": ({"thread": "99"}, 404, "no_such_thread"),
    "no such board": ({"board": "zz"}, 404, "no_such_board"),
    "no board": ({"board": ""}, 400, "bad_field"),
    "wrong number": ({"thread": "x"}, 400, "bad_field"),
    "too fast": ({"body": "A second thread."}, 429, "too_fast"),
    "other site": ({"headers": CROSS_SITE}, 403, "cross_site"),
    "deletion with a wrong password": (
        {"delete": "Delete", "delete_1": "on", "password": "wrong"},
        403,
        "not_yours",
    ),
    "report of a missing post": (
        {"report": "Report", "delete_99": "on", "reason": "Spam."},
        404,
        "no_such_post",
    ),
}


@pytest.fixture(params=REFUSALS)
def refusal(request: pytest.FixtureRequest) -> Any:
    return REFUSALS[request.param]


def test_json_is_answered_with_the_fitting_status(client: testing.TestClient, refusal: Any) -> None:
    fields, status, code = refusal
    answer = send(client, **fields)
    assert answer.status_code == status
    assert answer.json["code"] == code
    assert answer.json["error"].endswith(".")


def test_page_is_answered_with_the_fitting_status_and_apps_find_the_sentence(
    client: testing.TestClient, refusal: Any
) -> None:
    fields, status, _ = refusal
    sentence = send(client, **fields).json["error"]
    answer = send(client, json_response="", **fields)
    assert answer.status_code == status
    told = VICHANS_ERROR.search(answer.text)
    assert told
    assert html.unescape(told[1]) == sentence


def test_vichans_address_answers_as_vichan_does(client: testing.TestClient, refusal: Any) -> None:
    fields, _, _ = refusal
    answer = send(client, "/post.php", **fields)
    assert answer.status_code == 200
    page = send(client, "/post.php", json_response="", **fields)
    assert page.status_code == 400
    told = VICHANS_ERROR.search(page.text)
    assert told
    assert html.unescape(told[1]) == answer.json["error"]


@pytest.mark.slow
def test_success_is_the_same_at_vichans_address(client: testing.TestClient) -> None:
    posted = send(client, "/post.php", thread="1", body="A reply.")
    assert (posted.status_code, posted.json["redirect"]) == (200, "/b/res/1.html#2")
    browser = send(client, "/post.php", thread="1", body="Another.", json_response="")
    assert (browser.status_code, browser.headers["location"]) == (303, "/b/res/1.html#3")
    deleted = send(
        client, "/post.php", delete="Delete", delete_1="on", password="right", json_response=""
    )
    assert deleted.status_code == 200
    assert not VICHANS_ERROR.search(deleted.text)


def test_banned_are_told_in_each_dialect(client: testing.TestClient, database: Database) -> None:
    ban_everybody(database)
    ours = send(client)
    assert ours.status_code == 403
    assert ours.json["error"] == "You are banned from posting on /b/: Spam."
    ban = ours.json["ban"]
    assert (ban["board"], ban["reason"], ban["expires"]) == ("b", "Spam.", None)
    vichans = send(client, "/post.php")
    assert vichans.status_code == 200
    assert (vichans.json["error"], vichans.json["banned"]) == (True, True)
    assert vichans.json["reason"] == "Spam."
    page = send(client, "/post.php", json_response="")
    assert page.status_code == 400
    assert VICHANS_ERROR.search(page.text)


@pytest.mark.parametrize(("path", "status"), [("/post", 403), ("/post.php", 200)])
def test_captcha_that_is_missing_is_described(
    database: Database, environment: dict[str, str], queue: redis.Redis, path: str, status: int
) -> None:
    a_board(database)
    keys = {"RECAPTCHA_SECRET_KEY": "k", "RECAPTCHA_SITE_KEY": "6Lc"}
    with (
        a_stand_in() as provider,
        serving(
            database, environment | keys | {"STILLBOARD_RECAPTCHA_VERIFY_URL": provider.url}
        ) as client,
    ):
        answer = send(client, path)
        page = send(client, path, json_response="")
    assert answer.status_code == status
    assert (answer.json["code"], answer.json["field"]) == ("captcha_failed", "captcha")
    assert answer.json["captcha"] == {
        "provider": "recaptcha",
        "site_key": "6Lc",
        "when": "always",
    }
    assert 'data-sitekey="6Lc"' in page.text


@pytest.mark.slow
@for_each(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/post", {"Content-Type": "text/plain"}, 400),
        ("POST", "/post", {"Content-Type": "multipart/form-data"}, 400),
        ("POST", "/post", {"Content-Type": URLENCODED, "Content-Length": "99999999"}, 413),
        ("POST", "/post", {"Content-Type": URLENCODED} | CROSS_SITE, 403),
        ("PUT", "/post", {}, 405),
        ("DELETE", "/post", {}, 405),
        ("GET", "/nowhere", {}, 404),
        ("POST", "/nowhere/at/all", {}, 404),
        ("GET", "/mod/bans/nothing", {}, 404),
    ],
)
def test_json_is_answered_at_every_door_to_whoever_asks_for_it(
    client: testing.TestClient, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    for asked in (
        {"query_string": "json_response=1"},
        {"headers": headers | {"Accept": "application/json"}},
        {"headers": headers | {"Accept": "Application/JSON"}},
    ):
        sent = {"headers": headers, "body": "board=b"} | asked
        if "Content-Length" in headers:
            sent["body"] = None
        answer = client.simulate_request(method, path, **sent)
        assert answer.status_code == status
        assert answer.json["error"]
        assert re.fullmatch("[a-z_]+", answer.json["code"])
    page = client.simulate_request(method, path, headers=headers)
    assert page.headers["content-type"].startswith("text/html")
    assert VICHANS_ERROR.search(page.text)


def test_form_that_is_refused_while_it_is_read_is_answered_as_it_asks(
    client: testing.TestClient,
) -> None:
    answer = client.simulate_post(
        "/post", body=b"body=%ff&json_response=1", headers={"Content-Type": URLENCODED}
    )
    assert (answer.status_code, answer.json["field"]) == (400, "body")


def test_bug_is_answered_as_the_form_asks(
    client: testing.TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(forms.plain_text, "clean_body", fail)
    answer = send(client)
    assert (answer.status_code, answer.json["code"]) == (500, "internal_server_error")
    vichans = send(client, "/post.php")
    assert (vichans.status_code, vichans.json["code"]) == (200, "internal_server_error")


@pytest.mark.slow
@for_each("error", [ZeroDivisionError(), StoreUnavailable(part="database")], ids=["bug", "down"])
def test_failure_of_ours_names_the_request_as_the_log_does(
    client: testing.TestClient, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """And a refusal does not: nothing is to be looked for."""

    def fail(*_args: object) -> None:
        raise error

    headers = {"X-Request-ID": REQUEST_ID}
    assert "request_id" not in send(client, board="nowhere", headers=headers).json
    assert REQUEST_ID not in send(client, board="nowhere", json_response="", headers=headers).text
    with monkeypatch.context() as broken:
        broken.setattr(forms.plain_text, "clean_body", fail)
        assert send(client, headers=headers).json["request_id"] == REQUEST_ID
        assert f"<code>{REQUEST_ID}</code>" in send(client, json_response="", headers=headers).text


def test_what_another_site_filled_in_is_not_put_before_the_reader(
    client: testing.TestClient,
) -> None:
    page = send(client, body="Not my words.", json_response="", headers=CROSS_SITE)
    assert page.status_code == 403
    assert "Not my words." not in page.text
