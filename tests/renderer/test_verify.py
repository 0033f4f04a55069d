"""The proof finds each way in which a web root can be wrong, and mends it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from imageboard.store import boards
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from renderer.render_loop import RenderLoop
from renderer.verify import Finding, Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board, a_file, a_post


@pytest.fixture
def site(
    database: Database, loop: RenderLoop, uploads: UploadStore, web_root: WebRoot, tmp_path: Path
) -> Path:
    """A rendered board with a thread, a file and two pages; its web root."""
    board = a_board(database, threads_per_page=1)
    original, thumbnail = tmp_path / "original", tmp_path / "thumbnail"
    original.write_bytes(b"picture")
    thumbnail.write_bytes(b"thumbnail")
    stored_as = uploads.take(original, thumbnail)
    a_post(database, board, files=(a_file(stored_as=stored_as),))
    a_post(database, board, thread=1, body=">>1")
    a_post(database, board)
    loop.render("b")
    loop.site_pages.render()
    return web_root.folder


def test_rendered_site_has_no_difference(
    database: Database, web_root: WebRoot, uploads: UploadStore, site: Path
) -> None:
    assert list(Verifier(database, web_root, uploads, "Stillboard").verify()) == []


def damage(path: str, how: Callable[[Path], object]) -> Callable[[Path], object]:
    return lambda site: how(next(site.glob(path)))


@pytest.mark.parametrize(
    ("harm", "finding"),
    [
        (damage("b/res/1.html", Path.unlink), ("missing", "b/res/1.html")),
        (damage("b/res/1.html", lambda p: p.write_text("old")), ("differing", "b/res/1.html")),
        (damage("b/res/1.html.gz", Path.unlink), ("differing", "b/res/1.html")),
        (damage("b/res/1.json.br", lambda p: p.write_bytes(b"\0")), ("differing", "b/res/1.json")),
        (damage("index.html", Path.unlink), ("missing", "index.html")),
        (damage("b/thumb/*", Path.unlink), ("missing", "b/thumb/")),
        (damage("b/src/*", lambda p: (p.unlink(), p.write_text("x"))), ("differing", "b/src/")),
        (lambda s: (s / "b/res/99.html").write_text("x"), ("orphaned", "b/res/99.html")),
        (lambda s: (s / "b/3.html").write_text("x"), ("orphaned", "b/3.html")),
        (lambda s: (s / "b/res/98.json.gz").write_text("x"), ("orphaned", "b/res/98.json.gz")),
        (lambda s: (s / "b/src/1.png").write_text("x"), ("orphaned", "b/src/1.png")),
    ],
    ids=lambda value: f"{value[0]}:{value[1]}" if isinstance(value, tuple) else "",
)
def test_damage_is_found_named_and_mended(
    database: Database,
    web_root: WebRoot,
    uploads: UploadStore,
    site: Path,
    harm: Callable[[Path], object],
    finding: tuple[str, str],
) -> None:
    harm(site)
    found = list(Verifier(database, web_root, uploads, "Stillboard", repair=True).verify())
    assert [one.wrong for one in found] == [finding[0]]
    assert found[0].path.startswith(finding[1])
    assert list(Verifier(database, web_root, uploads, "Stillboard").verify()) == []


def test_wrong_ledger_is_found_and_mended(
    database: Database, web_root: WebRoot, uploads: UploadStore, site: Path
) -> None:
    with database.transaction() as db:
        db.execute("DELETE FROM publications WHERE path = 'b/res/1.html'")
    verifier = Verifier(database, web_root, uploads, "Stillboard", repair=True)
    assert list(verifier.verify()) == [Finding("unrecorded", "b/res/1.html")]
    assert list(verifier.verify()) == []


def test_lost_upload_is_named(
    database: Database, web_root: WebRoot, uploads: UploadStore, site: Path, tmp_path: Path
) -> None:
    for place in (tmp_path / "uploads").rglob("*.thumb"):
        place.unlink()
    found = list(Verifier(database, web_root, uploads, "Stillboard", repair=True).verify())
    assert [one.wrong for one in found] == ["lost"]


def test_post_that_waits_is_rendered_not_reported(
    database: Database, web_root: WebRoot, uploads: UploadStore, site: Path
) -> None:
    with database.connection() as db:
        board = boards.get(db, "b")
    a_post(database, board, thread=1, body="just now")
    assert list(Verifier(database, web_root, uploads, "Stillboard").verify()) == []
    assert b"just now" in (web_root.read("b/res/1.html") or b"")
