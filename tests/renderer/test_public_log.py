"""The public log: what staff did, as each board wishes to tell it, with what proves it."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from typing import Any

import pytest

from imageboard import log_chain
from imageboard.boards import Board
from imageboard.log_chain import BEGINNING, FORGOTTEN, ChainedEntry, bytes_of, names_of
from imageboard.store import account_deeds, ban_deeds, boards, moderation_log, post_deeds
from imageboard.store import log_chain as stored_chain
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from renderer.pages import public_log
from renderer.render_loop import RenderLoop
from renderer.verify import Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board, a_post
from tests.house_rules.repository import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture
def board(database: Database, loop: RenderLoop) -> Board:
    """/b/ tells no names, /tea/ does, /dark/ tells nothing; something was done on each."""
    board = a_board(database)
    a_board(database, "tea", public_log="with_names")
    a_board(database, "dark", public_log="none")
    a_post(database, board)
    with database.transaction() as db:
        moderation_log.add(
            db, ban_deeds.BANNED, staff="alice", board="b", post_no=7, ban=3, removal=99, posts=2
        )
        moderation_log.add(db, post_deeds.DELETED_POST, staff=None, board="b", post_no=8)
        moderation_log.add(
            db, ban_deeds.BANNED, staff="alice", board="tea", post_no=1, account="carol"
        )
        moderation_log.add(db, post_deeds.DELETED_POST, staff="bob", board="dark", post_no=1)
        moderation_log.add(db, ban_deeds.BANNED, staff="bob", ban=4)
        moderation_log.add(db, account_deeds.USED_RECOVERY_CODE, staff="bob")
    for name in ("b", "tea", "dark"):
        loop.render(name)
    loop.site_pages.render()
    return board


@pytest.fixture
def day(database: Database, board: Board) -> str:
    """On which that was done; by now it may be another."""
    with database.connection() as db:
        (day,) = {each.day for each in stored_chain.days(db)}
    return str(day)


def entries(page: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(page)["entries"]
    return found


def as_chained(told: dict[str, Any]) -> ChainedEntry:
    """As anybody may read it who has the JSON alone."""
    by = None if told["by"] == "poster" else told.get("staff", "")
    return ChainedEntry(
        place=told["place"],
        before=bytes.fromhex(told["before"]),
        at=told["at"],
        staff=by,
        action=told["action"],
        board=told["board"],
        post_no=told["post"],
        detail=told["details"] | ({"account": told["account"]} if "account" in told else {}),
        salt=bytes.fromhex(told["salt"]) if "salt" in told else None,
        names_hash=bytes.fromhex(told["names"]),
        hash=bytes.fromhex(told["hash"]),
    )


@pytest.mark.usefixtures("board")
def test_board_tells_what_was_done_there_and_not_by_whom(read: Any, day: str) -> None:
    page = read(f"b/log/{day}.html")
    assert '<li id="entry-1">' in page
    assert "staff banned a poster: /b/ No.7 (ban: 3) (posts: 2)</li>" in page
    assert "a poster deleted a post: /b/ No.8</li>" in page
    for name in ("alice", "bob", "carol", "removal", "recovery"):
        assert name not in page, name
    told = read(f"b/log/{day}.json")
    assert [entry["place"] for entry in entries(told)] == [1, 2]
    assert "alice" not in told
    assert f'href="/b/log/{day}.html"' in read("b/log/index.html")
    assert 'href="/b/log/"' in read("b/index.html")


@pytest.mark.usefixtures("board")
def test_board_that_wishes_it_tells_names_and_proves_them(read: Any, day: str) -> None:
    page = read(f"tea/log/{day}.html")
    assert "alice</b> banned a poster: /tea/ No.1 (account: carol)" in page
    (told,) = entries(read(f"tea/log/{day}.json"))
    assert (told["staff"], told["account"]) == ("alice", "carol")
    entry = as_chained(told)
    assert sha256(bytes.fromhex(told["salt"]) + names_of(entry)).hexdigest() == told["names"]


@pytest.mark.usefixtures("board")
def test_board_that_wishes_none_has_no_log_and_no_link_to_one(read: Any, day: str) -> None:
    assert read("dark/log/index.html") == read(f"dark/log/{day}.html") == ""
    assert "/log/" not in read("dark/index.html")


@pytest.mark.usefixtures("board")
def test_log_of_the_site_holds_the_whole_chain_for_who_has_its_json_alone(
    read: Any, day: str
) -> None:
    """What is not told, of a board or of somebody's own account, is there by its hashes."""
    found = entries(read(f"log/{day}.json"))
    assert [entry["place"] for entry in found] == [1, 2, 3, 4, 5, 6]
    assert [set(entry) for entry in (found[3], found[5])] == [{"place", "before", "hash"}] * 2
    before = BEGINNING.hex()
    for entry in found:
        assert entry["before"] == before
        before = entry["hash"]
        if "at" in entry:
            assert sha256(bytes_of(as_chained(entry))).hexdigest() == entry["hash"]
    page = read(f"log/{day}.html")
    assert '<li id="entry-5">' in page
    assert '<li id="entry-4">' not in page
    assert "bob" not in page
    assert "alice</b> banned" in page


@pytest.mark.usefixtures("board")
def test_program_of_the_docs_finds_an_entry_that_was_altered(web_root: WebRoot, day: str) -> None:
    """Nobody needs any of our code for it."""
    text = (ROOT / "docs/audit.md").read_text(encoding="utf-8")
    program = text.split("```python\n")[1].split("```")[0]
    page = web_root.folder / f"log/{day}.json"
    asked = [sys.executable, "-I", "-c", program, str(page)]
    assert subprocess.run(asked, check=False).returncode == 0
    page.write_text(page.read_text().replace('"post":7', '"post":8'))
    found = subprocess.run(asked, check=False, capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (1, "entry 1 was altered\n")


@pytest.mark.usefixtures("board")
def test_new_entry_draws_its_day_alone_and_all_proves(
    database: Database,
    loop: RenderLoop,
    web_root: WebRoot,
    uploads: UploadStore,
    read: Any,
    day: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A day of more entries than a page holds has several pages."""
    monkeypatch.setattr(public_log, "ENTRIES_OF_PAGE_MAX", 2)
    monkeypatch.setattr(log_chain, "ENTRIES_OF_PAGE_MAX", 2)
    with database.transaction() as db:
        db.execute(
            "INSERT INTO moderation_log (happened_at, staff, action, board, post_no)"
            " VALUES ('2026-01-02 03:04:05+00', 'alice', 'ban', 'b', 5)"
        )
    loop.site_pages.render()
    assert [entry["post"] for entry in entries(read("b/log/2026-01-02.json"))] == [5]
    assert [entry["place"] for entry in entries(read(f"log/{day}.json"))] == [1, 2, 3, 4, 5, 6]
    (web_root.folder / "log/2026-01-02.html").write_text("touched")
    with database.transaction() as db:
        db.execute(
            "INSERT INTO moderation_log (happened_at, staff, action, board, post_no)"
            " SELECT max(happened_at), 'alice', 'delete_post', 'b', 9 FROM moderation_log"
        )
    loop.site_pages.render()
    assert [entry["place"] for entry in entries(read(f"log/{day}.json"))] == [1, 2]
    assert [entry["place"] for entry in entries(read(f"log/{day}-4.json"))] == [8]
    assert f'href="/log/{day}-4.html"' in read("log/index.html")
    assert read("log/2026-01-02.html") == "touched"
    verifier = Verifier(database, web_root, uploads, "Stillboard", repair=True)
    verifier.captcha = loop.captcha
    found = [finding.path for finding in verifier.verify_site()]
    assert found == ["log/2026-01-02.html"]
    assert [f for name in ("b", "tea", "dark") for f in verifier.verify_board(name)] == []


@pytest.mark.usefixtures("board")
def test_board_that_no_longer_wishes_it_has_its_log_taken_away(
    database: Database, loop: RenderLoop, read: Any, day: str
) -> None:
    with database.transaction() as db:
        boards.change_settings(db, "b", {"public_log": "none"})
    loop.site_pages.render()
    assert read("b/log/index.html") == read(f"b/log/{day}.json") == ""
    found = entries(read(f"log/{day}.json"))
    assert set(found[0]) == {"place", "before", "hash"}
    assert "action" in found[2]


def test_names_that_are_forgotten_are_told_nowhere() -> None:
    at = "2026-11-24T00:00:00.000000Z"
    entry = ChainedEntry(1, BEGINNING, at, FORGOTTEN, "ban", "b", 1, {}, None, b"names", b"hash")
    told = public_log.as_told(entry, "with_names")
    assert told["by"] == "staff"
    assert not {"staff", "salt", "account"} & set(told)
