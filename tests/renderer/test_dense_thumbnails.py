"""A second thumbnail stands beside the first one, is named by the pages, and goes with its file."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from imageboard import public_site
from imageboard.boards import Board
from imageboard.parts import Part
from imageboard.store import moves, posts, removals
from imageboard.store.database import Connection, Database
from imageboard.store.posts import StoredPost
from imageboard.store.uploads import UploadStore
from importing import to_vichan, whole_board
from renderer.render_loop import RenderLoop
from renderer.verify import Verifier
from renderer.web_root import WebRoot
from tests.builders import A_PICTURE, a_board, a_file, a_post

pytestmark = pytest.mark.slow

BODIES = {Part.ORIGINAL: A_PICTURE, Part.THUMBNAIL: b"small", Part.DENSE: b"dense"}


def a_dense_upload(uploads: UploadStore, scratch: Path) -> str:
    for part, body in BODIES.items():
        (scratch / part.name).write_bytes(body)
    return uploads.take(*(scratch / part.name for part in BODIES))


@pytest.fixture
def board(database: Database) -> Board:
    """Thread 1."""
    board = a_board(database)
    a_board(database, "c")
    a_post(database, board)
    return board


@pytest.fixture
def stored(
    database: Database, board: Board, uploads: UploadStore, tmp_path: Path, loop: RenderLoop
) -> StoredPost:
    """Reply 2 with a file, as drawn."""
    file = a_file(
        stored_as=a_dense_upload(uploads, tmp_path), bytes=len(A_PICTURE), dense_extension=".jpg"
    )
    stored = a_post(database, board, thread=1, files=(file,))
    loop.render("b")
    loop.site_pages.render()
    return stored


def media_of(web_root: WebRoot, board: str) -> dict[str, bytes | None]:
    """What stands in its folders of media."""
    paths = (path for path in web_root.paths(board) if path.split("/")[1] in ("src", "thumb"))
    return {path: web_root.read(path) for path in paths}


def expected(stored: StoredPost, board: str = "b") -> dict[str, bytes | None]:
    (tim,) = stored.tims
    return {
        f"{board}/src/{tim}.png": A_PICTURE,
        f"{board}/thumb/{tim}.png": b"small",
        f"{board}/thumb/{tim}-0002.jpg": b"dense",
    }


def test_stands_and_is_named_by_pages_and_by_no_json(
    web_root: WebRoot, stored: StoredPost, read: Callable[[str], str]
) -> None:
    (tim,) = stored.tims
    assert media_of(web_root, "b") == expected(stored)
    for path in ("b/res/1.html", "b/index.html"):
        assert f'src="/b/thumb/{tim}.png" srcset="/b/thumb/{tim}-0002.jpg 2x"' in read(path)
    assert f"{tim}-0002" not in read("b/res/1.json")


@pytest.mark.parametrize(
    "deed",
    [
        lambda db: posts.remove_files(db, "b", 2),
        lambda db: posts.remove(db, "b", 2),
        lambda db: posts.remove(db, "b", 1),
        lambda db: removals.remove(db, "lake", {"b": [2]}),
    ],
    ids=["file", "post", "thread", "laid aside"],
)
@pytest.mark.usefixtures("stored")
def test_goes_with_its_file(
    database: Database,
    loop: RenderLoop,
    web_root: WebRoot,
    deed: Callable[[Connection], object],
) -> None:
    with database.transaction() as db:
        deed(db)
    loop.render("b")
    assert media_of(web_root, "b") == {}


def test_master_copy_goes_with_what_is_taken_down(
    database: Database, loop: RenderLoop, uploads: UploadStore, stored: StoredPost, tmp_path: Path
) -> None:
    assert len([path for path in (tmp_path / "uploads").rglob("*") if path.is_file()]) == 3
    with database.transaction() as db:
        posts.remove_files(db, "b", stored.no)
    loop.render("b")
    assert [path for path in (tmp_path / "uploads").rglob("*") if path.is_file()] == []


def test_comes_back_with_its_post(
    database: Database, loop: RenderLoop, web_root: WebRoot, stored: StoredPost
) -> None:
    with database.transaction() as db:
        removal, _ = removals.remove(db, "lake", {"b": [stored.no]})
    loop.render("b")
    assert removal is not None
    with database.transaction() as db:
        removals.undo(db, removal)
    loop.render("b")
    assert media_of(web_root, "b") == expected(stored)


def test_moves_with_its_thread(
    database: Database, loop: RenderLoop, web_root: WebRoot, stored: StoredPost
) -> None:
    with database.transaction() as db:
        moves.move(db, "b", 1, "c")
    loop.render("b")
    loop.render("c")
    assert media_of(web_root, "b") == {}
    assert media_of(web_root, "c") == expected(stored, "c")


def test_verify_finds_it_missing_and_makes_it_good(
    database: Database, web_root: WebRoot, uploads: UploadStore, stored: StoredPost
) -> None:
    verifier = Verifier(database, web_root, uploads, "Stillboard", repair=True)
    assert list(verifier.verify()) == []
    path = f"b/thumb/{stored.tims[0]}-0002.jpg"
    web_root.remove(path)
    assert [(found.wrong, found.path) for found in verifier.verify()] == [("missing", path)]
    assert media_of(web_root, "b") == expected(stored)
    assert list(verifier.verify()) == []


def test_is_part_of_an_export_and_of_a_saved_thread_and_not_of_vichans(
    database: Database, web_root: WebRoot, uploads: UploadStore, stored: StoredPost, tmp_path: Path
) -> None:
    (tim,) = stored.tims
    out = io.BytesIO()
    whole_board.write(database, uploads, out)
    assert out.getvalue().count(b".dense\0") == 1
    saved = tmp_path / "saved"
    public_site.write_thread(web_root.folder, "", "b", 1, public_site.into_folder(saved))
    assert (saved / f"b/thumb/{tim}-0002.jpg").read_bytes() == b"dense"
    html = (saved / "b/res/1.html").read_text()
    assert f'src="../thumb/{tim}.png" srcset="../thumb/{tim}-0002.jpg 2x"' in html
    with database.connection() as db:
        sink = public_site.into_folder(tmp_path / "vichan")
        assert to_vichan.files(db, "b", uploads, sink) == 2
