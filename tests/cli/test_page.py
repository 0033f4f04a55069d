"""`stillboard page` and `stillboard news`: what is written, listed, removed and refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import redis

from deploy.embedded.valkey import Valkey
from imageboard.errors import BadPage, NoSuchBoard
from imageboard.store.database import Database
from tests.builders import a_board
from tests.cli.commands import Commands


@pytest.fixture
def run(tmp_path: Path, database_url: str, valkey_server: Valkey, database: Database) -> Commands:
    a_board(database)
    return Commands(tmp_path, database_url, valkey_server.url)


@pytest.mark.slow
def test_page_is_called_by_its_heading_or_as_it_is_told(run: Commands) -> None:
    written = run(
        "page", "set", "Rules.html", "-", "--board", "/b/", typed="# House rules\n\nBe kind."
    )
    assert written.output == "/b/rules.html is written.\n"
    run("page", "set", "contact-us", "-", "--board", "b", typed="Mail us.")
    run("page", "set", "faq", "-", "--board", "b", "--title", "Questions", typed="# One\n\nTwo.")
    listed = json.loads(run("page", "list", "--board", "b", "--json").output)
    assert [(each["name"], each["title"], each["body"]) for each in listed] == [
        ("contact-us", "Contact us", "Mail us."),
        ("faq", "Questions", "# One\n\nTwo."),
        ("rules", "House rules", "Be kind."),
    ]
    assert run("page", "list").output == "", "of the whole site there is none"


def test_page_is_removed_once(run: Commands) -> None:
    run("page", "set", "faq", "-", typed="Why?")
    assert run("page", "remove", "faq").output == "/faq.html is gone.\n"
    assert isinstance(run("page", "remove", "faq").exception, BadPage)


@pytest.mark.parametrize(
    "name", ["catalog", "index", "2", "res", "news", "Über", "a" * 33, "", "a/b"]
)
def test_name_that_means_something_already_or_is_none_is_refused(run: Commands, name: str) -> None:
    assert isinstance(run("page", "set", name, "-", typed="x").exception, BadPage)


@pytest.mark.parametrize(
    ("name", "title", "chars"),
    [("rules", "x" * 101, 1), ("rules", "a\x07b", 1), ("rules", " ", 1), ("rules", "x", 50_001),
     ("announcement", "x", 2_001)],
)  # fmt: skip
def test_what_is_too_long_is_refused(run: Commands, name: str, title: str, chars: int) -> None:
    refused = run("page", "set", name, "-", "--title", title, typed="x" * chars)
    assert isinstance(refused.exception, BadPage)


def test_file_that_is_no_text_is_a_wrong_call(run: Commands) -> None:
    refused = run("page", "set", "rules", "-", typed=b"\xff\xfe\x00")
    assert (refused.exit_code, "is no text in UTF-8" in refused.output) == (2, True)


@pytest.mark.slow
def test_boards_and_site_are_called_to_be_drawn(
    run: Commands, database: Database, queue: redis.Redis
) -> None:
    a_board(database, "tea")

    def called() -> set[str]:
        keys = list(queue.scan_iter("stillboard:call:*"))
        queue.flushdb()
        return {key.decode().rpartition(":")[2] for key in keys}

    run("page", "set", "rules", "-", "--board", "b", typed="x")
    assert called() == {"b", "@site"}
    run("page", "set", "faq", "-", typed="x")
    assert called() == {"@site"}
    run("page", "set", "announcement", "-", typed="x")
    assert called() == {"b", "tea", "@site"}


@pytest.mark.slow
def test_news_are_told_listed_and_removed(run: Commands) -> None:
    assert run("news", "add", "New servers", "-", typed="Fast.").output == (
        "It is told, as number 1.\n"
    )
    run("news", "add", "New pots", "--board", "b")
    assert run("news", "list").output == "1  New servers\n"
    assert [
        item["title"] for item in json.loads(run("news", "list", "--board", "b", "--json").output)
    ] == ["New pots"]
    assert run("news", "remove", "1").output == "Number 1 is gone.\n"
    assert isinstance(run("news", "remove", "1").exception, BadPage)


def test_board_that_is_not_there_is_named(run: Commands) -> None:
    for call in (("page", "set", "rules", "-"), ("news", "add", "x")):
        assert isinstance(run(*call, "--board", "tea", typed="x").exception, NoSuchBoard)
