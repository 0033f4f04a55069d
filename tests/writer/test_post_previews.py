"""A preview shows the post as it will be, and costs its poster nothing."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import psycopg
import pytest
import redis
from falcon import testing

from imageboard.bans import NewBan
from imageboard.settings import Settings
from imageboard.store import bans, posts
from imageboard.store.database import Database
from tests.builders import CLOAK, a_board, a_post
from tests.templates.parsed import elements, parse, parse_fragment, with_class
from tests.writer.sending import send
from writer.app import create_app, parts_with
from writer.search import Places

TABLES = ("posts", "outbox", "receipts", "allowances", "spent_answers")


def rows(db: psycopg.Connection) -> list[int]:
    """Of all that a post leaves behind."""
    counted = (db.execute(f"SELECT count(*) FROM {table}") for table in TABLES)
    return [count for cursor in counted for (count,) in cursor]


@pytest.mark.slow
def test_preview_is_the_post_as_its_page_will_show_it_and_leaves_nothing(
    client: testing.TestClient, database: Database
) -> None:
    """All but number, ID and time; the post that follows waits for nothing."""
    board = a_board(database, reply_wait_s=3600, thread_wait_s=3600, poster_ids=False)
    thread = a_post(database, board, address="192.0.2.9").no
    fields = {
        "thread": str(thread),
        "name": "Anon#tea",
        "subject": "On kettles",
        "body": f"'''Hot''' >>{thread} >>999",
        "nonce": "n-2345678",
    }
    with database.connection() as db:
        before = rows(db)
        seen = send(client, preview="Preview", **fields)
        assert (seen.status_code, rows(db)) == (200, before)
    stored = send(client, **fields).json
    assert seen.json == {"preview": True, "html": seen.json["html"]}
    shown, told = (parse_fragment(html) for html in (seen.json["html"], stored["html"]))
    for name in ("subject", "signature", "body"):
        (one,), (other,) = with_class(shown, name), with_class(told, name)
        assert list(one.itertext()) == list(other.itertext())
    (link,) = [each for each in elements(shown) if each.get("href", "").startswith("/b/res/")]
    assert link.get("href") == f"/b/res/{thread}.html#{thread}"


def test_page_of_a_preview_holds_the_form_and_both_ways_on(
    client: testing.TestClient, database: Database
) -> None:
    a_board(database)
    typed = {"name": "Anon", "body": "<b>\nHello", "password": "pw", "nonce": "n-2345678"}
    answer = send(client, json_response="0", preview="Preview", **typed)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    page = parse(answer.text)
    (body,) = with_class(page, "body")
    assert "".join(body.itertext()).startswith("<b>")
    controls = {each.get("name"): each for each in elements(page) if each.get("name")}
    assert {"post", "preview"} <= controls.keys()
    again = {name: controls[name] for name in typed}
    assert again["body"].text == "<b>\nHello"
    assert [again[name].get("value") for name in ("name", "password", "nonce")] == [
        "Anon",
        "pw",
        "n-2345678",
    ]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"body": " "}, "rule_broken"),
        ({"thread": "999"}, "no_such_thread"),
        ({"thread": "1"}, "thread_locked"),
    ],
)
def test_preview_tells_what_would_refuse_the_post(
    client: testing.TestClient, database: Database, fields: dict[str, str], code: str
) -> None:
    locked = a_post(database, a_board(database))
    with database.transaction() as db:
        posts.mark_thread(db, "b", locked.no, is_locked=True)
    assert send(client, preview="Preview", **fields).json["code"] == code


def test_banned_are_told_at_the_preview(client: testing.TestClient, database: Database) -> None:
    a_board(database)
    with database.transaction() as db:
        poster = CLOAK.hash_address(ipaddress.ip_address("127.0.0.1"))
        banned = NewBan(board="b", reason="x", duration_s=None, address_hash=poster)
        bans.add(db, banned, "alice")
    assert send(client, preview="Preview").json["code"] == "banned"


def test_preview_asks_for_no_captcha_and_shows_the_one_that_the_post_needs(
    settings: Settings, queue: redis.Redis, database: Database, tmp_path: Path
) -> None:
    a_board(database, captcha="always")
    parts = parts_with(settings, database, Places(database))
    try:
        client = testing.TestClient(create_app(parts))
        assert send(client).json["code"] == "captcha_failed"
        page = send(client, json_response="0", preview="Preview")
    finally:
        parts.darkroom.close()
    assert page.status_code == 200
    assert "captcha_text" in page.text


def test_empty_preview_of_apps_that_send_every_field_is_none(
    client: testing.TestClient, database: Database
) -> None:
    a_board(database)
    assert "id" in send(client, preview="").json
