"""`stillboard audit`: what is wrong with the log of what staff do, the first of it by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.embedded.valkey import Valkey
from imageboard.log_chain import Head
from imageboard.log_signing import is_signed
from imageboard.store import ban_deeds, moderation_log
from imageboard.store.database import Database
from tests.builders import a_board
from tests.cli.commands import Commands

pytestmark = pytest.mark.slow

Harm = Callable[[Path, Database], object]


@pytest.fixture
def run(tmp_path: Path, database_url: str, valkey_server: Valkey, database: Database) -> Commands:
    """A board with three entries, published."""
    a_board(database)
    with database.transaction() as db:
        for no in (5, 6, 7):
            moderation_log.add(db, ban_deeds.BANNED, staff="alice", board="b", post_no=no)
    run = Commands(tmp_path, database_url, valkey_server.url)
    assert run("audit", "verify").exit_code == 0
    return run


def day_of(data: Path) -> str:
    """On which that was done; by now it may be another."""
    (page,) = (data / "public/log").glob("20*.json")
    return page.stem


def altered(path: str, old: str, new: str) -> Harm:
    def harm(data: Path, _database: Database) -> None:
        page = data / "public" / path.format(day=day_of(data))
        text = page.read_text(encoding="utf-8")
        assert old in text
        page.write_text(text.replace(old, new, 1), encoding="utf-8")

    return harm


def rewritten(statement: str) -> Harm:
    def harm(_data: Path, database: Database) -> None:
        with database.transaction() as db:
            db.execute("ALTER TABLE moderation_log DISABLE TRIGGER USER")
            db.execute(statement)
            db.execute("ALTER TABLE moderation_log ENABLE TRIGGER USER")

    return harm


def forge_head(data: Path, _database: Database) -> None:
    page = data / "public/log/head.json"
    told = json.loads(page.read_text(encoding="utf-8"))
    told["signature"] = "00" * 64
    page.write_text(json.dumps(told), encoding="utf-8")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (
            rewritten("UPDATE moderation_log SET post_no = 1 WHERE id = 2"),
            "entry 2: it was altered: its hash is of something else",
        ),
        (
            rewritten(
                "INSERT INTO moderation_log (id, action) OVERRIDING SYSTEM VALUE VALUES (77, 'ban')"
            ),
            "number 77 of the log is not in the chain",
        ),
        (
            altered("b/log/{day}.json", '"post":6', '"post":8'),
            "b/log/{day}.json: entry 2 is told otherwise, or left out",
        ),
        (
            altered("log/{day}.json", '"place":3', '"place":4'),
            "log/{day}.json: entry 3 is told otherwise, or left out",
        ),
        (altered("b/log/{day}.html", "No.6", "No.9"), "b/log/{day}.html: it is another page"),
        (
            lambda data, _database: (data / f"public/log/{day_of(data)}.html").unlink(),
            "log/{day}.html: it is missing",
        ),
        (forge_head, "log/head.json: our key has not signed it"),
        (altered("log/head.json", '"place":3', '"place":2'), "it is not the head of the chain"),
    ],
)
def test_first_thing_that_is_wrong_is_named(
    run: Commands, tmp_path: Path, database: Database, harm: Harm, said: str
) -> None:
    harm(tmp_path, database)
    result = run("audit", "verify", "--json")
    assert result.exit_code == 1
    faults = json.loads(result.output)["faults"]
    assert any(said.format(day=day_of(tmp_path)) in fault for fault in faults), faults


def test_all_is_well_and_its_head_is_signed(run: Commands, tmp_path: Path) -> None:
    """The head that the command prints is the one that is published."""
    assert "3 entries, 7 published files; the head is signed: all is as it was written down" in (
        run("audit", "verify").output
    )
    told = json.loads(run("audit", "head").output)
    assert told == json.loads((tmp_path / "public/log/head.json").read_text(encoding="utf-8"))
    head = Head(told["place"], bytes.fromhex(told["hash"]), told["at"])
    signature, key = bytes.fromhex(told["signature"]), bytes.fromhex(told["public_key"])
    assert head.place == 3
    assert is_signed(head, signature, key)
    assert not is_signed(head._replace(place=2), signature, key)
    assert not is_signed(head, signature, bytes(32))
    assert not is_signed(head, signature, b"short")


def test_what_the_operator_does_by_commands_is_in_the_log(
    run: Commands, database: Database
) -> None:
    """As if it were done at the desk, and by nobody's name there."""
    for command in (
        "board add tea title=Kettles",
        "board set tea bump_limit=7 subtitle=Hot",
        "page set rules - --board tea",
        "page remove rules --board tea",
        "staff add carol --generate --role moderator --board tea",
        "staff appoint carol janitor",
        "staff passwd carol --generate",
        "staff disable carol",
        "staff enable carol",
    ):
        assert run(*command.split(), typed="Be kind.").exit_code == 0, command
    assert run("board", "set", "tea", "bump_limit=-1").exit_code == 1
    with database.connection() as db:
        noted = moderation_log.newest(db, on=None, limit=9)[::-1]
    assert {entry.staff for entry in noted} == {"(operator)"}
    assert [(entry.action, entry.board, entry.detail) for entry in noted] == [
        ("add_board", "tea", {}),
        ("set_board", "tea", {"settings": "bump_limit, subtitle"}),
        ("set_page", "tea", {"page": "rules"}),
        ("remove_page", "tea", {"page": "rules"}),
        ("add_account", "tea", {"account": "carol", "role": "moderator"}),
        ("appoint", None, {"account": "carol", "role": "janitor"}),
        ("set_password", None, {"account": "carol"}),
        ("suspend", None, {"account": "carol"}),
        ("let_in", None, {"account": "carol"}),
    ]
