"""A board that is called as it was where it came from is drawn, read and proved like any other."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from imageboard.markers import Removed, shown
from imageboard.store import boards, posts
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from renderer.render_loop import RenderLoop
from renderer.verify import Verifier
from renderer.web_root import WebRoot
from tests.builders import A_PICTURE, a_board, a_file, a_post

pytestmark = pytest.mark.slow

#: In HTML and in feeds.
_ADDRESSES = re.compile(r"(?:href|src)=\"(/[^\"]*)\"|<(?:id|link|loc|guid)[^>]*>[^<]*?(/[^<]*)<")


@pytest.mark.parametrize("name", ["λ", "B_$"])
def test_board_of_any_name_is_drawn_with_addresses_that_lead_to_its_files(
    database: Database,
    loop: RenderLoop,
    web_root: WebRoot,
    uploads: UploadStore,
    tmp_path: Path,
    name: str,
) -> None:
    with database.transaction() as db:
        boards.add(db, name, a_board(database).settings)
        board = boards.get(db, name)
    picture, thumbnail = tmp_path / "original", tmp_path / "thumbnail"
    picture.write_bytes(A_PICTURE)
    thumbnail.write_bytes(b"thumbnail")
    file = a_file(stored_as=uploads.take(picture, thumbnail))
    a_post(database, board, files=(file,), body=f">>>/{name}/ and >>>/b/")
    a_post(database, board, thread=1, body=f">>1 >>>/{name}/1")
    for each in (name, "b"):
        loop.render(each)
    loop.site_pages.render()

    with database.connection() as db:
        paths = [path for (path,) in db.execute("SELECT path FROM publications")]
    assert {f"{name}/index.html", f"{name}/res/1.html", f"{name}/res/1.json"} <= set(paths)
    led_to = {
        address
        for path in paths
        if path.endswith((".html", ".rss", ".atom", ".xml"))
        for found in _ADDRESSES.finditer((web_root.read(path) or b"").decode())
        for address in filter(None, found.groups())
    }
    of_board = {address for address in led_to if unquote(address).startswith(f"/{name}/")}
    assert [address for address in led_to if not address.isascii()] == []
    assert len(of_board) > 10
    pages = {unquote(address).partition("#")[0].lstrip("/") for address in of_board}
    missing = {page + "index.html" * page.endswith("/") for page in pages} - set(paths)
    of_the_writer = {"banner", "search", "1.zip"}
    assert {path.rpartition("/")[2] for path in missing} <= {"index.html", *of_the_writer}

    removed = Removed(name, frozenset({1}))
    showing = {p for p in paths if shown(p, web_root.read(p) or b"", removed)}
    assert {f"{name}/res/1.html", f"{name}/index.rss", f"{name}/sitemap.xml"} <= showing
    assert list(Verifier(database, web_root, uploads, "Stillboard").verify()) == []
    with database.transaction() as db:
        posts.remove(db, name, 1)
    loop.render(name)
    assert not web_root.read(f"{name}/res/1.html")
