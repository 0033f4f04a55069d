"""`stillboard likeness`: old pictures are looked at, and what can't be read is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.embedded.valkey import Valkey
from imageboard.likeness import BITS_APART_MAX, bits_apart
from imageboard.store import likenesses
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from tests.builders import a_board, a_file, a_post
from tests.cli.commands import Commands
from tests.writer.media import hostile
from tests.writer.media.bench_darkroom import photograph
from writer.media.likeness import likeness

PHOTO = photograph(200, 150)


@pytest.fixture
def run(tmp_path: Path, database_url: str, valkey_server: Valkey) -> Commands:
    return Commands(tmp_path, database_url, valkey_server.url)


@pytest.mark.slow
def test_old_pictures_are_looked_at_once(run: Commands, database: Database, tmp_path: Path) -> None:
    uploads = UploadStore(tmp_path / "uploads")

    def stored(thumbnail: bytes) -> str:
        (tmp_path / "original").write_bytes(b"whatever it is")
        (tmp_path / "thumbnail").write_bytes(thumbnail)
        return uploads.take(tmp_path / "original", tmp_path / "thumbnail")

    board = a_board(database)
    names = [stored(hostile.a_jpeg(PHOTO)), stored(b"no picture"), "f" * 32]
    for name in names:
        a_post(database, board, files=(a_file(stored_as=name),))
    a_post(database, board, files=(a_file(stored_as="e" * 32, likeness=7),))
    a_post(
        database,
        board,
        files=(
            a_file(stored_as="d" * 32, thumb_extension=None, thumb_width=None, thumb_height=None),
        ),
    )

    assert run("likeness").output == "1 pictures were looked at; 2 can't be read.\n"
    with database.connection() as db:
        (look,) = likenesses.of_post(db, "b", 1)
        assert bits_apart(look, likeness(PHOTO)) <= BITS_APART_MAX
        assert [likenesses.of_post(db, "b", no) for no in (2, 3, 4, 5)] == [[], [], [7], []]
    assert run("likeness").output == "0 pictures were looked at; 2 can't be read.\n"
    assert list((tmp_path / "scratch").iterdir()) == [], "nothing is left lying"
