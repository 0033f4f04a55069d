"""At the old address of a thread that moved stands what leads to the new one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imageboard.store import moves
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from renderer.render_loop import RenderLoop
from renderer.verify import Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board, a_post


@pytest.mark.slow
def test_old_page_and_json_lead_to_the_new_place(database: Database, tmp_path: Path) -> None:
    web_root, uploads = WebRoot(tmp_path / "public"), UploadStore(tmp_path / "uploads")
    site = (database, web_root, uploads, "Stillboard", "https://b.example")
    loop = RenderLoop(*site)
    b = a_board(database)
    a_board(database, "c")
    for _ in range(2):
        a_post(database, b)
    a_post(database, b, thread=2, body=">>1")
    a_post(database, b, thread=1)
    loop.render("b")
    with database.transaction() as db:
        moves.move(db, "b", 1, "c")
    for name in "bc":
        loop.render(name)
    page = (web_root.read("b/res/1.html") or b"").decode()
    assert '<link rel="canonical" href="https://b.example/c/res/1.html">' in page
    assert '<meta http-equiv="refresh" content="0; url=/c/res/1.html">' in page
    assert page.rstrip().endswith("</html>")
    told = json.loads(web_root.read("b/res/1.json") or b"")
    assert told == {"moved": "/c/res/1.html", "board": "c", "thread": 1}
    assert web_root.read("b/res/1.latest.json") is None
    assert b'href="/c/res/1.html#1"' in (web_root.read("b/res/2.html") or b"")
    assert b'id="2"' in (web_root.read("c/res/1.html") or b"")
    assert list(Verifier(*site).verify()) == []
    # Once more: the first address leads to the last place.
    a_board(database, "d")
    with database.transaction() as db:
        moves.move(db, "c", 1, "d")
    for name in "bcd":
        loop.render(name)
    for old in ("b", "c"):
        assert b"url=/d/res/1.html" in (web_root.read(f"{old}/res/1.html") or b"")
