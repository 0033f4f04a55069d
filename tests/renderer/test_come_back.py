"""A post that is brought back: every page that tells of it shows it again."""

from __future__ import annotations

from imageboard.store import removals
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from renderer.render_loop import RenderLoop
from renderer.verify import Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board, a_post


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
