"""A post that is brought back: every page that tells of it shows it again."""

from __future__ import annotations

import pytest

from imageboard.store import posts, removals
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from renderer.render_loop import RenderLoop
from renderer.verify import Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board, a_file, a_post

pytestmark = pytest.mark.slow


def test_opening_that_quotes_it_links_to_it_again_in_feeds_too(
    database: Database, loop: RenderLoop, web_root: WebRoot, uploads: UploadStore
) -> None:
    """On its own board, and on another whose thread quotes it once more in a reply."""
    b, c = a_board(database), a_board(database, "c")
    a_post(database, b, body="OP")
    a_post(database, b, thread=1, body="the one")
    a_post(database, b, body=">>2 is right")
    a_post(database, c, body=">>>/b/2 is right")
    a_post(database, c, thread=1, body=">>>/b/2 is wrong")
    verifier = Verifier(database, web_root, uploads, "Stillboard")

    def drawn() -> str:
        for name in ("b", "c"):
            loop.render(name)
        assert list(verifier.verify()) == []
        return "".join((web_root.folder / name / "index.atom").read_text() for name in ("b", "c"))

    before = drawn()
    with database.transaction() as db:
        removal, _ = removals.remove(db, "lake", {"b": [2]})
    assert drawn() != before
    assert removal is not None
    with database.transaction() as db:
        removals.undo(db, removal)
    assert drawn() == before


def test_archive_counts_replies_and_files_that_come_back(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    board = a_board(database, threads_per_page=1, pages_max=1, quiet_minutes_min=0)
    a_post(database, board, body="OP")
    a_post(database, board, thread=1, body="a reply")
    a_post(database, board, thread=1, body="with a file", files=(a_file(),))
    a_post(database, board, body="the thread after it")
    with database.transaction() as db:
        assert posts.prune(db, "b") == 1

    def listed() -> str:
        loop.render("b")
        (page,) = [path for path in web_root.paths("b") if path.startswith("b/archive/20")]
        return (web_root.read(page) or b"").decode()

    before = listed()
    with database.transaction() as db:
        replies, _ = removals.remove(db, "lake", {"b": [2]})
        files, _ = removals.remove_files(db, "lake", "b", 3)
    assert listed() != before
    assert (replies, files) != (None, None)
    for removal in (replies, files):
        with database.transaction() as db:
            assert removals.undo(db, removal or 0) == 1
        now = listed()
    assert now == before
