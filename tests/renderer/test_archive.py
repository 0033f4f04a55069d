"""The archive: threads that fell off, at their own addresses, and the pages that list them."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from imageboard.boards import Board
from imageboard.markers import Removed, shown
from imageboard.store import boards, posts
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from renderer.keeper.archivist import Archivist
from renderer.pages import threads
from renderer.redrawing import Redrawing
from renderer.render_loop import RenderLoop
from renderer.verify import Finding, Verifier
from renderer.web_root import WebRoot
from tests.builders import A_PICTURE, a_board, a_file, a_post, names_of_first, this_month

pytestmark = pytest.mark.slow

LONG_AGO = datetime.now(UTC) - timedelta(days=2)


@pytest.fixture
def board(database: Database, loop: RenderLoop) -> Board:
    """Thread 1 has fallen off; 2 and 3 stand on the board."""
    board = a_board(database, threads_per_page=1, pages_max=2)
    a_post(database, board, at=LONG_AGO, subject="Kettles <3")
    a_post(database, board, at=LONG_AGO)
    loop.render("b")
    a_post(database, board, at=LONG_AGO)
    loop.render("b")
    return board


def test_archived_thread_is_read_only_at_its_own_address(board: Board, read: Any) -> None:
    page = read("b/res/1.html")
    assert 'class="mark mark-archived"' in page
    assert "in the archive since" in page
    assert "<form" not in page
    (op,) = json.loads(read("b/res/1.json"))["posts"]
    assert (op["archived"], op["closed"], op["locked"]) == (1, 1, 1)
    assert abs(op["archived_on"] - datetime.now(UTC).timestamp()) < 600
    feed = json.loads(read("b/res/1.latest.json"))
    assert (feed["archived"], feed["closed"]) == (1, 1)
    (other,) = json.loads(read("b/res/2.json"))["posts"]
    assert "archived" not in other


def test_it_is_listed_in_the_archive_and_nowhere_else(board: Board, read: Any) -> None:
    assert json.loads(read("b/archive.json")) == [1]
    assert f'href="/b/archive/{this_month()}.html"' in read("b/archive/index.html")
    listed = read(f"b/archive/{this_month()}.html")
    assert '<li id="thread_1">' in listed
    assert "Kettles &lt;3" in listed
    for path in ("b/catalog.json", "b/threads.json", "b/0.json", "b/1.json"):
        assert '"no":1,' not in read(path), path
    assert read("b/2.json") == ""
    assert 'href="/b/archive/"' in read("b/index.html")


def test_thread_that_is_removed_from_the_archive_is_gone_from_every_page(
    database: Database, loop: RenderLoop, web_root: WebRoot, board: Board, read: Any
) -> None:
    removed = Removed("b", frozenset({1}))
    paths = (f"b/archive/{this_month()}.html", "b/archive.json", "b/res/1.html", "b/res/1.json")
    assert all(shown(path, web_root.read(path) or b"", removed) for path in paths)
    with database.transaction() as db:
        posts.remove(db, "b", 1)
    loop.render("b")
    assert not any(shown(path, web_root.read(path) or b"", removed) for path in paths[:2])
    assert [read(path) for path in paths] == ["", "[]", "", ""]


def test_board_without_an_archive_shows_none(
    database: Database, loop: RenderLoop, web_root: WebRoot, uploads: UploadStore, board: Board
) -> None:
    """Once its last thread has gone from there."""
    with database.transaction() as db:
        boards.change_settings(db, "b", {"archive_days": "0"})
    with database.transaction() as db:
        assert posts.expire_archived(db)
    loop.render("b")
    assert web_root.read("b/archive/index.html") is None
    assert web_root.read("b/archive.json") is None
    assert b"/b/archive/" not in (web_root.read("b/index.html") or b"")
    assert list(Verifier(database, web_root, uploads, "Stillboard").verify_board("b")) == []


def test_archived_threads_follow_the_settings_in_their_own_time(
    database: Database, loop: RenderLoop, web_root: WebRoot, board: Board, read: Any
) -> None:
    """A few at a time, and no change of the board waits for them."""
    archivist = Archivist(database, Redrawing(loop))
    for _ in range(2):
        a_post(database, board, at=LONG_AGO)
    loop.render("b")
    assert archivist.run_once() == 3
    assert archivist.run_once() == 0
    with database.transaction() as db:
        boards.change_settings(db, "b", {"title": "Pots"})
    assert loop.render("b").is_done
    assert "Pots" in read("b/res/4.html")
    assert "Pots" not in read("b/res/1.html")
    assert Redrawing(loop).redraw_archived("b", 2) == 2
    assert "Pots" in read("b/res/2.html")
    assert "Pots" not in read("b/res/3.html"), "the next one begins with it"
    assert archivist.run_once() == 1
    assert "Pots" in read("b/res/3.html")
    assert archivist.run_once() == 0


def test_proof_draws_them_first_and_a_sample_leaves_out_those_that_wait(
    database: Database, loop: RenderLoop, web_root: WebRoot, uploads: UploadStore, board: Board
) -> None:
    with database.transaction() as db:
        boards.change_settings(db, "b", {"title": "Pots"})
    loop.render("b")
    verifier = Verifier(database, web_root, uploads, "Stillboard")
    web_root.remove("b/res/1.html")
    page = threads.KIND.page(1)
    assert page in [page for _, page in verifier.picked(100, Random(1))]
    assert verifier.verify_page("b", page) == []
    assert verifier.verify_board("b") == []
    web_root.remove("b/res/1.html")
    assert verifier.verify_page("b", page) == [Finding("missing", "b/res/1.html")]
    assert verifier.verify_board("b") == [Finding("missing", "b/res/1.html")]


def test_restored_board_has_its_archive_with_the_files(
    database: Database, loop: RenderLoop, web_root: WebRoot, uploads: UploadStore, tmp_path: Path
) -> None:
    """Drawn from nothing but the database and the upload store, as `restore` does."""
    board = a_board(database, threads_per_page=1, pages_max=1)
    for name in ("original", "thumbnail"):
        (tmp_path / name).write_bytes(A_PICTURE)
    stored_as = uploads.take(tmp_path / "original", tmp_path / "thumbnail")
    stored = a_post(database, board, at=LONG_AGO, files=(a_file(stored_as=stored_as),))
    a_post(database, board, at=LONG_AGO)
    loop.render("b")
    before = {path: web_root.read(path) for path in web_root.paths("b")}
    assert {f"b/{name}" for name in names_of_first(stored)} < before.keys()
    assert "b/res/1.html" in before
    shutil.rmtree(web_root.folder)
    restored = Verifier(database, web_root, uploads, "Stillboard", repair=True)
    assert {finding.wrong for finding in restored.verify_board("b")} == {"missing"}
    assert {path: web_root.read(path) for path in web_root.paths("b")} == before
    assert restored.verify_board("b") == []
