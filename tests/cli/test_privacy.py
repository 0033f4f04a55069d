"""`stillboard privacy`: what is held of whom, and erasing it."""

from __future__ import annotations

import ipaddress
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from cli.privacy import POSTS_MAX
from deploy.data_folder import DataFolder
from deploy.embedded.valkey import Valkey
from imageboard.bans import NewBan
from imageboard.cloaks import Cloak
from imageboard.settings.readers import secret
from imageboard.store import (
    bans,
    boards,
    held,
    moderation_log,
    personal,
    posts,
    removals,
    reports,
    threads,
)
from imageboard.store.database import Database
from tests.builders import a_board, a_file, a_new_post
from tests.cli.commands import Commands

THEIRS, OTHER = (ipaddress.ip_address(text) for text in ("192.0.2.7", "192.0.2.8"))


@pytest.fixture
def cloak(tmp_path: Path) -> Cloak:
    """That of the data folder."""
    return Cloak(secret().read(DataFolder(tmp_path).keys()["STILLBOARD_ADDRESS_KEY"]))


@pytest.fixture
def run(
    tmp_path: Path, database_url: str, valkey_server: Valkey, database: Database, cloak: Cloak
) -> Commands:
    """/b/ with 1, 2 and 4 of one poster, of which 4 was removed by staff, and 3 of another."""
    board = a_board(database)
    for address, thread in ((THEIRS, None), (THEIRS, None), (OTHER, 2), (THEIRS, 2)):
        new_post = replace(
            a_new_post(board, thread=thread),
            address_hash=cloak.hash_address(address),
            address_sealed=cloak.seal_address(address),
            password_hash=cloak.hash_password("tea" if address == THEIRS else "coffee"),
        )
        with database.connection() as db:
            posts.add(db, new_post, address=address)
    with database.transaction() as db:
        theirs = cloak.hash_address(THEIRS)
        reports.add(db, "b", [3], reason="Spam.", address_hash=theirs)
        removals.remove(db, "alice", {"b": [4]})
        network = ipaddress.ip_network("192.0.2.0/24")
        for hit in ({"address_hash": theirs}, {"range": network}):
            bans.add(db, NewBan(board="b", reason="x", duration_s=60, **hit), "alice")  # type: ignore[arg-type]
    return Commands(tmp_path, database_url, valkey_server.url)


def rows(run: Commands, *asked: str) -> dict[str, int]:
    told = json.loads(run("privacy", "report", "--json", *asked).output)
    return {each["where"]: each["rows"] for each in told if each["rows"]}


@pytest.mark.slow
def test_report_counts_what_is_held_of_all_and_of_one(run: Commands) -> None:
    of_all = rows(run)
    assert (of_all["posts.address_hash"], of_all["posts.address_sealed"]) == (3, 3)
    assert of_all["laid_aside.what"] == 1
    assert rows(run, "--address", "192.0.2.7") == {
        "posts.address_hash": 2,
        "laid_aside.what": 1,
        "reports.address_hash": 1,
        "bans.address_hash": 1,
        "bans.range": 1,
    }
    assert rows(run, "--address", "203.0.113.1") == {}
    said = run("privacy", "report").output
    assert re.search(r"posts\.address_sealed +address, sealed; 7 days", said)
    assert run("privacy", "report", "--address", "nobody").exit_code == 2


def test_what_is_known_of_an_address_is_erased_for_good_but_for_bans(
    run: Commands, database: Database
) -> None:
    dry = run("privacy", "erase", "--address", "192.0.2.7", "--dry-run")
    assert dry.output == "2 posts found, none erased.\n"
    done = run("privacy", "erase", "--address", "192.0.2.7")
    assert done.output == "2 posts found, 2 erased, 1 other rows forgotten.\n"
    assert rows(run, "--address", "192.0.2.7") == {"bans.address_hash": 1, "bans.range": 1}
    with database.connection() as db:
        (newest, _) = moderation_log.newest(db, on=None, limit=10)
    assert (newest.staff, newest.action, newest.post_no) == ("(operator)", "erase_post", 2)


@pytest.mark.slow
def test_what_staff_removed_or_hold_is_erased_with_all_that_could_come_back(
    run: Commands, database: Database, cloak: Cloak
) -> None:
    """A thread of theirs and one in which they replied, both removed; one that waits; a file."""
    with database.transaction() as db:
        board = boards.get(db, "b")
        whole = a_new_post(board, files=(a_file(),))
        for address, fields in (
            (OTHER, {}),
            (THEIRS, {"thread": 5, "files": whole.files}),
            (THEIRS, {"held_because": "Spam?"}),
        ):
            hashed = {"address_hash": cloak.hash_address(address)}
            posts.add(db, replace(whole, **({"files": ()} | fields | hashed)))
        removals.remove_files(db, "alice", "b", 6)
        removal, _ = removals.remove(db, "alice", {"b": [2, 5]})
    done = run("privacy", "erase", "--address", "192.0.2.7")
    assert done.output == "4 posts found, 4 erased, 1 other rows forgotten.\n"
    with database.transaction() as db:
        assert held.count(db, on=None) == 0
        assert posts.stored_names(db, [whole.files[0].stored_as]) == set()
        assert removal is not None
        assert removals.undo(db, removal) == 1, "what others wrote comes back"
        thread = threads.get(db, "b", 5)
        assert thread is not None
        assert (thread.replies, [post.no for post in threads.posts(db, "b", [5])]) == (0, [5])
    assert rows(run, "--address", "192.0.2.7") == {"bans.address_hash": 1, "bans.range": 1}


@pytest.mark.slow
def test_posts_are_erased_by_their_passwords_and_what_is_wrong_is_named(run: Commands) -> None:
    """By its line, without the password that stands there."""
    listed = "/b/1\ttea\n\nb/3 tea\nb/99 tea\nb/x tea\nnowhere tea\n"
    done = run("privacy", "erase", "--passwords", "-", typed=listed)
    assert done.exit_code == 1
    assert done.output == (
        "not erased: line 3: not the password of b/3\n"
        "not erased: line 4: there is no such post\n"
        "not erased: line 5: there is no such post\n"
        "not erased: line 6: there is no such post\n"
        "1 posts found, 1 erased, 0 other rows forgotten.\n"
    )
    assert rows(run)["posts.address_hash"] == 2
    assert run("privacy", "erase").exit_code == 2
    endless = run("privacy", "erase", "--passwords", "-", typed="b/2 tea\n" * (POSTS_MAX + 1))
    assert (endless.exit_code, "10001" in endless.output) == (2, True)
    assert rows(run)["posts.address_hash"] == 2, "none of them is left out without a word"


#: Names of columns that sound as if they said something of a person, and do not.
NOT_PERSONAL = {
    "old_files.address",
    *("file_bans.bans_poster", "file_bans.reason"),
    *(
        "boards.name",
        "gone_boards.name",
        "board_flags.name",
        "archive_pages.name",
        "made_roles.name",
        "migrations.name",
    ),
    *("posts.flag_name", "posts.password_scheme", "posts.tripcode", "posts.capcode"),
    *("written_pages.name", "written_pages.body", "news.body", "outbox.body"),
    *("old_boards.secrets_sealed", "old_boards.poster_id_chars", "receipts.key"),
    *("log_chain.names_hash", "log_chain.hash", "spam_rules.poster", "spam_rules.reason"),
    *("imported_others.name", "imports.name"),
}
SOUNDS_PERSONAL = re.compile(
    "address|hash$|sealed|password|_by$|^staff$|^name$|name$|device|^range$|reason|^body$|poster"
    "|country|email|delivery|token|^key$"
)


def test_every_column_that_sounds_personal_is_told_of(database: Database) -> None:
    with database.connection() as db:
        columns = {f"{table}.{column}" for table, column in db.execute(personal.COLUMNS)}
    told = {f"{each.table}.{each.column}" for each in personal.HOLDINGS}
    sound = {each for each in columns if SOUNDS_PERSONAL.search(each.partition(".")[2])}
    assert told <= columns
    assert sound - told - NOT_PERSONAL == set()
