"""A warning refuses one post, which loses nothing, and is over once it was read."""

from __future__ import annotations

import ipaddress

import pytest
from falcon import testing

from imageboard.bans import Ban, NewBan
from imageboard.cloaks import Cloak
from imageboard.store import bans, boards
from imageboard.store.database import Database
from tests.builders import a_board
from tests.writer.media.hostile import GOOD
from tests.writer.sending import send, send_files

pytestmark = pytest.mark.slow

HERE = ipaddress.ip_address("127.0.0.1")
POSTER = Cloak(b"k" * 32).hash_address(HERE)


def ban(database: Database, *, is_warning: bool, board: str | None = None) -> int:
    new_ban = NewBan(
        board=board,
        reason="Mind the kettle.",
        duration_s=3600,
        address_hash=POSTER,
        is_warning=is_warning,
    )
    with database.transaction() as db:
        return bans.add(db, new_ban, "lake")


def is_seen(database: Database, ban_id: int) -> bool:
    with database.connection() as db:
        return bans.get(db, ban_id).seen_s is not None


def in_force(database: Database) -> list[Ban]:
    with database.connection() as db:
        return bans.in_force(db, on=None, limit=9)


@pytest.fixture
def warned(client: testing.TestClient, database: Database) -> int:
    """On /b/: a warning of whoever sends the tests' forms."""
    a_board(database)
    assert client is not None
    return ban(database, is_warning=True)


def test_warning_is_read_once_before_the_next_post_is_taken(
    client: testing.TestClient, database: Database, warned: int
) -> None:
    assert not is_seen(database, warned)
    page = send(client, json_response="", body="My text.", name="Angler")
    assert page.status_code == 403
    for shown in ("Staff warn you: Mind the kettle.", "My text.", 'value="Angler"'):
        assert shown in page.text
    assert is_seen(database, warned)
    assert in_force(database) == []
    with database.connection() as db:
        assert boards.get(db, "b").last_no == 0, "nothing was stored"
    assert send(client, body="My text.").status_code == 200


def test_warned_poster_need_not_choose_the_file_again(
    client: testing.TestClient, database: Database, warned: int
) -> None:
    refused = send_files(client, [("file", "cat.png", GOOD["png"]())])
    assert (refused.status_code, refused.json["code"]) == (403, "warned")
    assert "banned" not in refused.json
    kept = {file["field"]: file["value"] for file in refused.json["kept"]}
    assert send_files(client, [], **kept).status_code == 200
    with database.connection() as db:
        assert db.execute("SELECT original_name FROM files").fetchall() == [("cat",)]


def test_ban_comes_before_a_warning_and_stays(
    client: testing.TestClient, database: Database, warned: int
) -> None:
    banned = ban(database, is_warning=False)
    for _ in range(2):
        assert send(client).json["code"] == "banned"
    assert (is_seen(database, banned), is_seen(database, warned)) == (True, False)
    with database.transaction() as db:
        bans.lift(db, banned)
    assert send(client).json["code"] == "warned"
    assert send(client).status_code == 200


def test_warning_of_another_board_waits_for_a_post_there(
    client: testing.TestClient, database: Database
) -> None:
    a_board(database)
    a_board(database, "c")
    ban(database, is_warning=True, board="c")
    assert send(client).status_code == 200
    assert send(client, board="c").json["code"] == "warned"
