"""What was drawn is put in place when it is new, and by nobody who is done."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import brotli
import pytest

from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from renderer import placing
from renderer.bodies import Body, Chunks, brotlied
from renderer.pages import catalog, threads
from renderer.pages.kind import Drawn
from renderer.publishing import Publisher
from renderer.web_root import WebRoot
from tests.builders import a_board

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
