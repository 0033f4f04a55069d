"""`stillboard board`: what is set, what is refused, and what is explained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import redis
from click.testing import CliRunner, Result

from cli.registry import stillboard
from deploy.embedded.valkey import Valkey
from imageboard.bans import NewBan
from imageboard.errors import BadBoardSetting, NoSuchBoard
from imageboard.settings import BoardSettings
from imageboard.store import bans, board_removals, moderation_log
from imageboard.store.database import Database
from tests.builders import a_board, a_post


class Command:
    """`stillboard board …` on one database."""

    def __init__(self, data: Path, url: str, queue_url: str) -> None:
        self._data = data
        self._environ = {"DATABASE_URL": url, "REDIS_URL": queue_url}
        self._environ["STILLBOARD_WEB_ROOT"] = str(data / "public")

    def __call__(self, *arguments: str, typed: str = "") -> Result:
        call = ["board", *arguments, "--data", str(self._data)]
        return CliRunner().invoke(stillboard, call, obj=self._environ, input=typed)


@pytest.fixture
def board(tmp_path: Path, database_url: str, valkey_server: Valkey, database: Database) -> Command:
    a_board(database)
    return Command(tmp_path, database_url, valkey_server.url)


def test_what_was_set_is_shown(board: Command) -> None:
    assert board("set", "/b/", "bump_limit=300", "poster_ids=off").output == "/b/ is changed.\n"
    shown = board("show", "b").output.splitlines()
    assert {"bump_limit=300", "poster_ids=off", "subtitle="} <= set(shown)
    assert len(shown) == len(BoardSettings.rows())


@pytest.mark.parametrize(
    ("change", "called"),
    [
        ("same_text_wait_s=5", set()),
        ("reply_wait_s=5", {"b"}),
        ("files_max=3", {"b"}),
        ("title=Kettles", {"b", "tea"}),
    ],
)
def test_boards_are_called_to_be_drawn_that_show_the_change(
    board: Command, database: Database, queue: redis.Redis, change: str, called: set[str]
) -> None:
    a_board(database, "tea")
    board("set", "b", change)
    assert set(queue.scan_iter("stillboard:call:*")) == {
        f"stillboard:call:{name}".encode() for name in called
    }


def test_refusal_names_the_setting_its_bounds_and_what_it_says(board: Command) -> None:
    refused = board("set", "b", "preview_replies=21")
    assert refused.exit_code != 0
    assert isinstance(refused.exception, BadBoardSetting)
    assert str(refused.exception) == (
        "preview_replies: is not a whole number from 0 to 20. "
        "Last replies shown below an OP on board pages."
    )


def test_explained_settings_say_what_they_may_be(board: Command) -> None:
    lines = board("show", "b", "--explain").output.splitlines()
    assert lines[lines.index("pages_max=10") + 1] == (
        "    Board pages; a thread that falls off the last one is archived, or else kept aside."
        " (1 to 100 pages; default: 10)"
    )
    assert "    A line below the title. (0 to 200 characters; default: empty)" in lines


def test_program_is_told_kind_unit_and_bounds_when_it_asks(board: Command) -> None:
    plain = json.loads(board("show", "b", "--json").output)
    assert set(plain) == {"board", "threads", "posts", "settings"}
    explained = json.loads(board("show", "b", "--json", "--explain").output)["explained"]
    assert list(explained) == list(plain["settings"])
    assert explained["reply_wait_s"] == {
        "name": "reply_wait_s",
        "kind": "number",
        "value": "10",
        "sentence": "Seconds for which one address waits after a post before it replies.",
        "unit": "seconds",
        "low": 0,
        "high": 3600,
        "choices": [],
    }


@pytest.fixture
def tea(board: Command, database: Database) -> Command:
    """`stillboard board …`, where /tea/ has two threads and a ban."""
    one = a_board(database, "tea")
    for _ in range(2):
        a_post(database, one)
    with database.transaction() as db:
        ban = NewBan(board="tea", reason="Spam.", duration_s=None, address_hash=b"n" * 16)
        bans.add(db, ban, "lake")
    return board


@pytest.mark.slow
def test_board_is_removed_by_who_types_its_name(
    tea: Command, database: Database, tmp_path: Path
) -> None:
    refused = tea("remove", "tea", typed="b\n")
    assert refused.exit_code == 1
    assert "That is not its name: /tea/ stays as it is." in refused.output
    gone = tea("remove", "tea", typed="/tea/\n")
    assert gone.exit_code == 0, gone.output
    lines = [" ".join(line.split()) for line in gone.output.splitlines()]
    assert lines[:4] == ["/tea/ holds:", "threads: 2", "posts: 2", "bans: 1"]
    assert lines[-1] == "/tea/ is gone."
    assert "board_removed" not in gone.output, "nor any line of a log"
    assert isinstance(tea("remove", "tea", "--yes").exception, NoSuchBoard)
    assert [each["board"] for each in json.loads(tea("list", "--json").output)] == ["b"]
    assert not (tmp_path / "public" / "tea").exists()
    with database.connection() as db:
        (entry,) = moderation_log.newest(db, on=None, limit=9)
    assert (entry.action, entry.staff, entry.board) == ("remove_board", "(operator)", "tea")


@pytest.mark.slow
def test_removal_that_was_interrupted_goes_on_without_being_asked(
    tea: Command, database: Database
) -> None:
    with database.transaction() as db:
        board_removals.begin(db, "tea")
    again = tea("remove", "tea")
    assert again.exit_code == 0, again.output
    assert again.output.startswith("/tea/ is being removed, and still holds:")
    assert again.output.endswith("/tea/ is gone.\n")
