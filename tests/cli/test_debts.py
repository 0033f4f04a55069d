"""A board is settled when it owes its readers nothing: no page, no list, no copy in a bucket."""

from __future__ import annotations

from hashlib import sha256

import pytest

from imageboard.settings import Settings
from imageboard.store import cloud_ledger, outbox, publications, site_moment
from imageboard.store.database import Database
from imageboard.store.publications import Published
from tests.builders import a_board, a_post
from tests.cli.debts import owed

pytestmark = pytest.mark.slow

CLOUD = {
    "S3_ENDPOINT_URL": "http://127.0.0.1:9/",
    "R2_BUCKET_NAME": "pages",
    "R2_ACCESS_KEY": "key",
    "R2_SECRET_KEY": "secret",
}


def test_board_owes_its_lists_then_the_front_page_then_the_bucket(
    database: Database, database_url: str
) -> None:
    """While lists wait for their pace, a bucket that has all that was drawn is not the end."""
    settings = Settings.read({"DATABASE_URL": database_url} | CLOUD)
    board = a_board(database)
    a_post(database, board)
    with database.connection() as db:
        drawn = db.execute("SELECT change_no FROM boards").fetchone()
        assert drawn is not None
        outbox.note_threads_shown(db, board.name, drawn[0])
        assert cloud_ledger.backlog(db).files == 0
        assert owed(settings).keys() == {"pages"}, "lists"
        outbox.settle(db, board.name, drawn[0])
        assert owed(settings) == {"pages": ["the front page"]}
        page = Published("b/index.html", sha256(b"page").digest(), 4, 2, is_urgent=False)
        publications.record(db, board.name, drawn[0], [page])
        site_moment.show(db, site_moment.now(db), ["frame"], drawn=["frame"])
        assert owed(settings).keys() == {"cloud"}
        assert owed(Settings.read({"DATABASE_URL": database_url})) == {}


def test_board_whose_database_is_away_owes_what_it_owed() -> None:
    nowhere = Settings.read({"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/board"})
    assert owed(nowhere).keys() == {"pages", "cloud"}
