"""The banned ask staff once, who lift the ban, shorten it or keep it, and say why."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from falcon import testing

from imageboard import appeals as appeal_rules
from imageboard.bans import NewBan
from imageboard.cloaks import Cloak
from imageboard.store import appeals, bans, boards
from imageboard.store.database import Database
from tests.builders import a_board
from tests.writer.sending import send

POSTER = Cloak(b"k" * 32).hash_address(ipaddress.ip_address("127.0.0.1"))


def ban(database: Database, *, duration_s: int | None = 86_400, board: str | None = None) -> int:
    new_ban = NewBan(board=board, reason="Spam.", duration_s=duration_s, address_hash=POSTER)
    with database.transaction() as db:
        return bans.add(db, new_ban, "lake")


def appeal(client: testing.TestClient, body: str = "It was my cat.", **fields: str) -> Any:
    return send(client, appeal="Appeal", body=body, **fields)


def waiting(database: Database) -> list[str]:
    with database.connection() as db:
        return [each.body for each in appeals.waiting(db, on=None, limit=9)]


def test_banned_poster_appeals_once_from_the_page_of_the_ban(
    client: testing.TestClient, database: Database
) -> None:
    a_board(database)
    ban(database)
    page = send(client, json_response="").text
    assert 'name="appeal"' in page
    assert send(client).json["ban"]["may_appeal"] is True
    sent = appeal(client, json_response="")
    assert (sent.status_code, "The staff will read it" in sent.text) == (200, True)
    assert waiting(database) == ["It was my cat."]
    page = send(client, json_response="").text
    assert 'name="appeal"' not in page
    assert "It was my cat." in page
    assert "have not answered it yet" in page
    again = appeal(client, "And my dog.")
    assert (again.status_code, again.json["code"]) == (422, "rule_broken")
    assert waiting(database) == ["It was my cat."]


def test_answer_stands_where_the_banned_read_of_the_ban(
    client: testing.TestClient, database: Database
) -> None:
    a_board(database)
    ban(database)
    appeal(client)
    with database.transaction() as db:
        (found,) = appeals.waiting(db, on=None, limit=2)
        appeals.answer(db, found.id, "Cats do not type so well.")
    assert waiting(database) == []
    told = send(client).json["ban"]
    assert told["appeal"] == {"body": "It was my cat.", "answer": "Cats do not type so well."}
    assert "Cats do not type so well." in send(client, json_response="").text


@pytest.mark.parametrize(
    ("lasts_s", "is_open"), [(6 * 3600, False), (6 * 3600 + 60, True), (None, True)]
)
def test_ban_of_a_few_hours_has_no_appeal(
    client: testing.TestClient, database: Database, lasts_s: int | None, *, is_open: bool
) -> None:
    a_board(database)
    ban(database, duration_s=lasts_s)
    assert send(client).json["ban"]["may_appeal"] is is_open
    assert appeal(client).status_code == (200 if is_open else 422)


def test_board_may_do_without_appeals(client: testing.TestClient, database: Database) -> None:
    a_board(database)
    with database.transaction() as db:
        boards.change_settings(db, "b", {"appeals": "off"})
    ban(database, board="b")
    assert send(client).json["ban"]["may_appeal"] is False
    assert appeal(client).status_code == 422


def test_nobody_else_appeals(client: testing.TestClient, database: Database) -> None:
    a_board(database)
    refused = appeal(client)
    assert (refused.status_code, "not banned" in refused.json["error"]) == (422, True)


@pytest.mark.parametrize("body", ["", " \u200b", "x" * (appeal_rules.APPEAL_CHARS_MAX + 1)])
def test_refused_appeal_loses_nothing(
    client: testing.TestClient, database: Database, body: str
) -> None:
    a_board(database)
    ban(database)
    refused = appeal(client, body, json_response="")
    assert refused.status_code == 400
    assert "1000 characters at most" in refused.text
    assert body in refused.text
    assert 'name="appeal"' in refused.text


def test_appeals_are_bounded_and_go_some_time_after_their_bans(
    client: testing.TestClient, database: Database
) -> None:
    """Three in an hour of one address; thirty days after the ban nothing is kept."""
    a_board(database)
    for _ in range(3):
        ban_id = ban(database)
        assert appeal(client).status_code == 200
        with database.transaction() as db:
            bans.lift(db, ban_id)
    ban(database)
    assert (appeal(client).status_code, appeal(client).json["code"]) == (429, "too_many_appeals")
    with database.transaction() as db:
        assert appeals.forget_hashes(db, 30, 9) == 0
        db.execute("UPDATE bans SET lifted_at = lifted_at - interval '31 days'")
        assert appeals.forget_hashes(db, 30, 9) == 3


def test_range_takes_no_more_appeals_than_staff_can_read(database: Database) -> None:
    new_ban = NewBan(
        board=None,
        reason="Spam.",
        duration_s=None,
        range=ipaddress.ip_network("10.0.0.0/16"),
    )
    with database.transaction() as db:
        found = bans.get(db, bans.add(db, new_ban, "lake"))
        for number in range(appeals.PER_BAN_MAX):
            poster = number.to_bytes(16)
            assert appeals.is_open(db, found, poster)
            appeals.add(db, found.id, poster, "Not me.")
        assert not appeals.is_open(db, found, b"a" * 16)
        (first, *_) = appeals.waiting(db, on=None, limit=1)
        appeals.answer(db, first.id, "So it was.")
        assert appeals.is_open(db, found, b"a" * 16), "or the first twenty would speak for all"
