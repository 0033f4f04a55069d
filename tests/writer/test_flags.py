"""Posters choose from the flags of their board, whose pictures staff bring."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from falcon import testing

from cli.flag import flag
from imageboard.errors import BadBoardSetting
from imageboard.settings import Settings
from imageboard.store import boards, flags
from imageboard.store.database import Database
from tests.builders import a_board
from tests.tables import for_each
from tests.templates.parsed import parse_fragment, with_class
from tests.writer.sending import send


def a_picture(width: int = 16, height: int = 11, size: int = 100) -> bytes:
    """As much of a PNG as anybody here looks at."""
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)
    return head.ljust(size, b"\0")


def with_flag(database: Database, name: str = "lake", title: str = "Lake of <fire>") -> None:
    a_board(database)
    with database.transaction() as db:
        assert flags.add(db, "b", name, title, a_picture()) == ["b"]


def test_flag_that_was_chosen_is_shown_and_told(
    client: testing.TestClient, database: Database
) -> None:
    with_flag(database)
    answer = send(client, user_flag="lake")
    (img,) = with_class(parse_fragment(answer.json["html"]), "flag")
    assert (img.get("src"), img.get("alt")) == ("/b/flags/lake.png", "Lake of <fire>")
    post = client.simulate_get("/b/post/1.json").json
    assert (post["board_flag"], post["flag_name"]) == ("lake", "Lake of &lt;fire&gt;")


@pytest.mark.parametrize("chosen", ["sea", "LAKE"])
def test_flag_that_is_not_there_is_refused(
    client: testing.TestClient, database: Database, chosen: str
) -> None:
    with_flag(database)
    refused = send(client, user_flag=chosen)
    assert (refused.status_code, refused.json["field"]) == (422, "user_flag")
    assert "choose one of lake" in refused.json["error"]


def test_board_without_flags_says_so(client: testing.TestClient, database: Database) -> None:
    a_board(database)
    assert "no flags to choose from" in send(client, user_flag="lake").json["error"]


def test_picture_is_kept_by_readers_and_gone_with_its_flag(
    client: testing.TestClient, database: Database
) -> None:
    """The post that chose it goes on saying what it was called."""
    with_flag(database)
    send(client, user_flag="lake")
    first = client.simulate_get("/b/flags/lake.png")
    assert (first.content, first.headers["content-type"]) == (a_picture(), "image/png")
    assert first.headers["cache-control"] == "public, max-age=3600"
    known = {"If-None-Match": first.headers["etag"]}
    assert client.simulate_get("/b/flags/lake.png", headers=known).status_code == 304
    with database.transaction() as db:
        flags.remove(db, "b", "lake")
    assert client.simulate_get("/b/flags/lake.png").status_code == 404
    assert client.simulate_get("/b/post/1.json").json["flag_name"] == "Lake of &lt;fire&gt;"


@for_each(
    ("name", "picture"),
    [
        ("Lake", a_picture()),
        ("la/ke", a_picture()),
        ("x" * 33, a_picture()),
        ("lake", b"GIF89a"),
        ("lake", a_picture(width=65)),
        ("lake", a_picture(height=0)),
        ("lake", a_picture(size=16 * 1024 + 1)),
    ],
)
def test_what_is_no_flag_is_refused(database: Database, name: str, picture: bytes) -> None:
    a_board(database)
    with database.transaction() as db, pytest.raises(BadBoardSetting):
        flags.add(db, "b", name, "A title", picture)
    with database.connection() as db:
        assert boards.get(db, "b").settings.flags == ()


@pytest.mark.slow
def test_command_adds_lists_and_removes(
    client: testing.TestClient, settings: Settings, database: Database, tmp_path: Path
) -> None:
    a_board(database)
    (tmp_path / "lake.png").write_bytes(a_picture())
    environ = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}

    def run(*arguments: Any) -> str:
        given = [*map(str, arguments), "--data", str(tmp_path)]
        done = CliRunner().invoke(flag, given, obj=environ, catch_exceptions=False)
        assert done.exit_code == 0
        return done.output

    assert run("add", "b", "lake", tmp_path / "lake.png", "--title", "Lake") == "lake is there.\n"
    assert run("list", "b") == "lake  Lake\n"
    assert "id" in send(client, user_flag="lake").json
    assert run("remove", "b", "lake") == "lake is gone.\n"
    assert run("list", "b") == ""
