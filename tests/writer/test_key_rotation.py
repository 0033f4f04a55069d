"""Another key for addresses: bans go on hitting, and posts are deleted by their passwords."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from falcon import testing

from imageboard.bans import NewBan
from imageboard.settings import Settings
from imageboard.store import appeals, bans
from imageboard.store.database import Database
from tests.builders import CLOAK, a_board
from tests.writer.sending import send
from writer.app import create_app, parts_with
from writer.search import Places

HERE = ipaddress.ip_address("127.0.0.1")
NEW_KEY = b"n" * 32
LOOPBACK = ipaddress.ip_network("127.0.0.0/8")


@pytest.fixture
def start(settings: Settings, database: Database) -> Iterator[Callable[..., testing.TestClient]]:
    with ExitStack() as afterwards:

        def start(**changes: object) -> testing.TestClient:
            changed = replace(settings, **changes)  # type: ignore[arg-type]
            parts = parts_with(changed, database, Places(database))
            afterwards.callback(parts.darkroom.close)
            return testing.TestClient(create_app(parts))

        yield start


def hashes(database: Database) -> list[bytes]:
    with database.connection() as db:
        return [row[0] for row in db.execute("SELECT address_hash FROM bans ORDER BY id")]


@pytest.mark.slow
@pytest.mark.parametrize("fields", [{}, {"report": "Report", "delete_1": "on", "reason": "Spam"}])
def test_ban_hits_under_the_new_key_and_is_kept_under_it(
    database: Database, start: Callable[..., testing.TestClient], fields: dict[str, str]
) -> None:
    """Then the old key is needed for it no more. One that was lifted stays as it is."""
    a_board(database)
    old = CLOAK.hash_address(HERE)
    assert send(start()).status_code == 200
    with database.transaction() as db:
        for reason in ("Lifted.", "Spam."):
            new_ban = NewBan(board=None, reason=reason, duration_s=None, address_hash=old)
            ban = bans.add(db, new_ban, "alice")
            appeals.add(db, ban, old, "It was not me.")
            if reason == "Lifted.":
                bans.lift(db, ban)
    forgetful = start(address_key=NEW_KEY)
    assert send(forgetful, **fields).status_code == 200, "what a key that is gone would cost"
    rotated = start(address_key=NEW_KEY, former_address_keys=(b"x" * 32, b"k" * 32))
    answer = send(rotated, **fields)
    assert (answer.status_code, answer.json["banned"]) == (403, True)
    assert hashes(database)[0] == old
    assert hashes(database)[1] != old
    assert answer.json["ban"]["appeal"] == {"body": "It was not me.", "answer": None}, "once a ban"
    assert send(forgetful, **fields).status_code == 403


@pytest.mark.slow
def test_post_of_before_is_deleted_by_its_password(
    database: Database, start: Callable[..., testing.TestClient]
) -> None:
    a_board(database)
    assert send(start(), password="tea").status_code == 200
    asked = {"delete": "Delete", "delete_1": "on", "password": "tea"}
    assert send(start(address_key=NEW_KEY), **asked).status_code == 403
    rotated = start(address_key=NEW_KEY, former_address_keys=(b"k" * 32,))
    assert send(rotated, **asked).status_code == 200


def test_appeal_against_the_ban_of_a_range_is_still_the_only_one(
    database: Database, start: Callable[..., testing.TestClient]
) -> None:
    """And whoever appeals first of all under the new key is known, without a form of before."""
    a_board(database)
    old = CLOAK.hash_address(HERE)
    of_range = NewBan(board=None, reason="Spam.", duration_s=None, range=LOOPBACK)
    with database.transaction() as db:
        ban = bans.add(db, of_range, "alice")
        appeals.add(db, ban, old, "It was not me.")
    rotated = start(address_key=NEW_KEY, former_address_keys=(b"k" * 32,))
    again = send(rotated, appeal="Appeal", body="Not me, really.")
    assert (again.status_code, again.json["code"]) == (422, "rule_broken")
    assert send(rotated).json["ban"]["appeal"] == {"body": "It was not me.", "answer": None}
    with database.transaction() as db:
        bans.lift(db, ban)
        of_address = NewBan(board=None, reason="Spam.", duration_s=None, address_hash=old)
        bans.add(db, of_address, "alice")
    assert send(rotated, appeal="Appeal", body="Nor was this me.").status_code == 200
