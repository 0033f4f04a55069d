"""`stillboard filter`: rules against spam are added, listed, tried and removed, and logged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.embedded.valkey import Valkey
from imageboard.errors import BadField, NoSuchBoard, NoSuchRule
from imageboard.store import moderation_log
from imageboard.store.database import Database
from tests.builders import a_board, a_post
from tests.cli.commands import Commands


@pytest.fixture
def run(tmp_path: Path, database_url: str, valkey_server: Valkey, database: Database) -> Commands:
    board = a_board(database)
    a_post(database, board, body="Best casino")
    a_post(database, board, thread=1, body="Tea.")
    return Commands(tmp_path, database_url, valkey_server.url)


@pytest.mark.slow
def test_rule_is_added_listed_and_removed_and_logged(run: Commands, database: Database) -> None:
    added = run("filter", "add", "casino", "--board", "/b/", "--countries", "de,fr", "--on")
    assert added.output == "Rule 1 is in force.\n"
    run("filter", "add", "--place", "post", "--action", "log")
    assert run("filter", "list").output == (
        "1  /b/, in force: text contains casino -> refuse  (0 posts)\n"
        "2  all boards, not in force: post -> log  (0 posts)\n"
    )
    first, second = json.loads(run("filter", "list", "--json").output)
    assert (first["board"], first["countries"], first["is_on"]) == ("b", ["DE", "FR"], True)
    assert (second["id"], second["hits"], second["ban_s"]) == (2, 0, None)
    assert run("filter", "remove", "1").output == "Rule 1 is gone.\n"
    assert isinstance(run("filter", "remove", "1").exception, NoSuchRule)
    with database.connection() as db:
        entries = moderation_log.newest(db, on=None, limit=9)
    assert [(entry.staff, entry.action, entry.board, entry.detail) for entry in entries] == [
        ("(operator)", "remove_rule", "b", {"rule": 1}),
        ("(operator)", "add_rule", None, {"rule": 2}),
        ("(operator)", "add_rule", "b", {"rule": 1}),
    ]


def test_rule_is_tried_and_warned_about(run: Commands) -> None:
    tried = run("filter", "try", "c-a-s-i-n-o", "--way", "looks_like")
    assert tried.output == "It hits 1 of the last day's 2 posts.\n  /b/1\n"
    assert "it hits nearly everything" in run("filter", "try", ".*", "--way", "pattern").output
    told = json.loads(run("filter", "try", "tea", "--json").output)
    assert told == {"looked_at": 2, "hits": 1, "examples": ["/b/2"], "is_too_wide": False}
    assert run("filter", "list").output == ""


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (("(a", "--way", "pattern"), BadField),
        (("",), BadField),
        (("x", "--action", "ban"), BadField),
        (("x", "--board", "nowhere"), NoSuchBoard),
    ],
)
def test_rule_that_makes_no_sense_is_refused(
    run: Commands, args: tuple[str, ...], error: type[Exception]
) -> None:
    assert isinstance(run("filter", "add", *args).exception, error)
    assert run("filter", "list").output == ""
