"""What was drawn is put in place when it is new, and by nobody who is done."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brotli
import pytest

from imageboard.store import publications
from imageboard.store import threads as stored_threads
from imageboard.store.database import Connection, Database
from imageboard.store.uploads import UploadStore
from renderer import placing
from renderer.bodies import Body, Chunks, brotlied
from renderer.pages import catalog, threads
from renderer.pages.kind import Drawn
from renderer.publishing import Publisher
from renderer.render_loop import RenderLoop
from renderer.verify import Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board, a_file, a_post, names_of_first

PATH = "b/res/1.html"


@pytest.mark.parametrize(
    ("body", "written"), [(b"old page", 0), (b"new page", 1), (b"a longer page", 1)]
)
def test_page_is_written_when_its_bytes_are_new(
    database: Database, web_root: WebRoot, uploads: UploadStore, body: bytes, written: int
) -> None:
    """Told by its size at once, or else by its hash."""
    board = a_board(database)
    with database.connection() as db:
        with Publisher(db, web_root, uploads, board) as before:
            before.publish_all(threads.KIND, [Drawn(PATH, b"old page")])
        before.record(db)
        with Publisher(db, web_root, uploads, board) as publisher:
            publisher.publish_all(threads.KIND, [Drawn(PATH, body)])
    assert web_root.read(PATH) == body
    assert publisher.written == written


def test_ledger_that_is_not_believed_saves_no_write(
    database: Database, web_root: WebRoot, uploads: UploadStore
) -> None:
    board = a_board(database)
    with database.connection() as db:
        with Publisher(db, web_root, uploads, board) as before:
            before.publish_all(threads.KIND, [Drawn(PATH, b"a page")])
        before.record(db)
        with Publisher(db, web_root, uploads, board, believes_ledger=False) as publisher:
            publisher.publish_all(threads.KIND, [Drawn(PATH, b"a page")])
    assert publisher.written == 1


_CAME = b"picture"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stands", "recorded"),
    [
        (_CAME, _CAME),
        # Damaged since it came: of another length it is recorded as it stands.
        (b"torn", b"torn"),
        # PERF: of the same length it was not read, which `verify` does.
        (b"p\0\0\0\0\0e", _CAME),
    ],
)
def test_file_is_recorded_as_it_came_unless_its_length_says_otherwise(
    database: Database,
    loop: RenderLoop,
    web_root: WebRoot,
    uploads: UploadStore,
    tmp_path: Path,
    stands: bytes,
    recorded: bytes,
) -> None:
    original, thumbnail = tmp_path / "original", tmp_path / "thumbnail"
    original.write_bytes(_CAME)
    thumbnail.write_bytes(b"thumb")
    file = a_file(
        stored_as=uploads.take(original, thumbnail),
        bytes=len(_CAME),
        sha256=hashlib.sha256(_CAME).digest(),
    )
    post = a_post(database, a_board(database), files=(file,))
    uploads.original(file.stored_as).write_bytes(stands)
    loop.render("b")
    src, thumb = (f"b/{name}" for name in names_of_first(post))
    with database.connection() as db:
        known = publications.known(db, [src, thumb])
    assert web_root.read(src) == stands
    assert {path: each.sha256 for path, each in known.items()} == {
        src: hashlib.sha256(recorded).digest(),
        thumb: hashlib.sha256(b"thumb").digest(),
    }
    found = list(Verifier(database, web_root, uploads, "Stillboard").verify())
    lost = [finding.path for finding in found if finding.wrong == "lost"]
    assert lost == ([] if stands == _CAME else [src])


def test_file_that_is_as_long_as_it_came_is_not_read(
    database: Database,
    loop: RenderLoop,
    uploads: UploadStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nor looked up twice: once to link it, and once to know what is left over."""
    (tmp_path / "original").write_bytes(_CAME)
    stored_as = uploads.take(tmp_path / "original", None)
    of_no_picture = {"thumb_extension": None, "thumb_width": None, "thumb_height": None}
    file = a_file(stored_as=stored_as, bytes=len(_CAME), **of_no_picture)
    a_post(database, a_board(database), files=(file,))
    read, asked = list[Path](), list[object]()
    read_bytes, media = Path.read_bytes, stored_threads.media

    def noting(path: Path) -> bytes:
        read.append(path)
        return read_bytes(path)

    def asking(db: Connection, board: str, tims: list[str] | None = None) -> Any:
        asked.append(tims or board)
        return media(db, board, tims)

    monkeypatch.setattr(Path, "read_bytes", noting)
    monkeypatch.setattr(stored_threads, "media", asking)
    loop.render("b")
    assert uploads.original(stored_as) not in read
    assert asked.count("b") == 2


def slowed(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """The slow encoding is not made before the event."""
    may_end = threading.Event()

    def slow(body: Body) -> Chunks:
        may_end.wait()
        return brotlied(body)

    monkeypatch.setattr(placing, "brotlied", slow)
    return may_end


def test_page_stands_there_before_the_next_is_drawn(
    database: Database,
    web_root: WebRoot,
    uploads: UploadStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nor does it wait for its slow encoding, when readers wait for what is drawn."""
    board, may_end = a_board(database), slowed(monkeypatch)

    def draw() -> Iterator[Drawn]:
        yield Drawn(PATH, b"a page")
        assert web_root.read(PATH) == b"a page"
        assert web_root.read(f"{PATH}.br") is None
        may_end.set()

    with database.connection() as db, Publisher(db, web_root, uploads, board) as publisher:
        publisher.publish(threads.KIND, draw(), [PATH])
    assert brotli.decompress(web_root.read(f"{PATH}.br") or b"") == b"a page"


def test_what_has_time_is_there_in_every_encoding_before_the_next_is_drawn(
    database: Database, web_root: WebRoot, uploads: UploadStore
) -> None:
    """It takes one processor, and leaves the others to those who store posts."""

    def draw() -> Iterator[Drawn]:
        for number in range(5):
            path = f"b/{number}.html"
            yield Drawn(path, b"a page")
            assert brotli.decompress(web_root.read(f"{path}.br") or b"") == b"a page"

    with (
        database.connection() as db,
        Publisher(db, web_root, uploads, a_board(database)) as publisher,
    ):
        publisher.publish(catalog.KIND, draw(), [])
    assert publisher.written == 5


def test_nothing_is_being_written_any_more_when_drawing_has_failed(
    database: Database,
    web_root: WebRoot,
    uploads: UploadStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The board's lock is given up next: a late write would go over its successor's page."""
    board, may_end = a_board(database), slowed(monkeypatch)

    def draw() -> Iterator[Drawn]:
        yield Drawn(PATH, b"a page")
        may_end.set()
        raise ConnectionError

    with database.connection() as db:
        publisher = Publisher(db, web_root, uploads, board)
        with pytest.raises(ConnectionError), publisher:
            publisher.publish(threads.KIND, draw(), [PATH])
    assert brotli.decompress(web_root.read(f"{PATH}.br") or b"") == b"a page"


def test_page_that_goes_again_at_once_leaves_no_encoding_behind(
    database: Database,
    web_root: WebRoot,
    uploads: UploadStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    board, may_end = a_board(database), slowed(monkeypatch)
    with database.connection() as db, Publisher(db, web_root, uploads, board) as publisher:
        publisher.publish_all(threads.KIND, [Drawn(PATH, b"a page")])
        threading.Timer(0.05, may_end.set).start()
        publisher.publish_all(threads.KIND, [Drawn(PATH, None)])
    assert not list(web_root.folder.glob("b/res/*"))
    assert publisher.written == 0
