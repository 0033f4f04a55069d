"""What was drawn is put in place when it is new, and by nobody who is done."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from imageboard.store.database import Database
from imageboard.uploads import UploadStore
from renderer.drawings import Drawn
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
        before = Publisher(db, web_root, uploads, board)
        before.publish_all([Drawn(PATH, b"old page")])
        before.record(db)
        publisher = Publisher(db, web_root, uploads, board)
        publisher.publish_all([Drawn(PATH, body)])
    assert web_root.read(PATH) == body
    assert publisher.written == written


def test_ledger_that_is_not_believed_saves_no_write(
    database: Database, web_root: WebRoot, uploads: UploadStore
) -> None:
    board = a_board(database)
    with database.connection() as db:
        before = Publisher(db, web_root, uploads, board)
        before.publish_all([Drawn(PATH, b"a page")])
        before.record(db)
        publisher = Publisher(db, web_root, uploads, board, believes_ledger=False)
        publisher.publish_all([Drawn(PATH, b"a page")])
    assert publisher.written == 1


def test_nothing_is_being_written_any_more_when_drawing_has_failed(
    database: Database,
    web_root: WebRoot,
    uploads: UploadStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The board's lock is given up next: a late write would go over its successor's page."""
    board = a_board(database)
    has_failed, is_written = threading.Event(), threading.Event()

    def slow(_web_root: WebRoot, _path: str, _body: bytes) -> None:
        has_failed.wait()
        is_written.set()

    def draw() -> Iterator[Drawn]:
        yield Drawn(PATH, b"a page")
        has_failed.set()
        raise ConnectionError

    monkeypatch.setattr(WebRoot, "replace", slow)
    with database.connection() as db, pytest.raises(ConnectionError):
        Publisher(db, web_root, uploads, board).publish(draw(), [PATH])
    assert is_written.is_set()
