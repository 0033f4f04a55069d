"""Boards that are moved, and drawn where they came to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imageboard.boards import Board
from imageboard.captchas import shown
from imageboard.settings import Settings
from imageboard.store import boards
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from importing.moving import Move
from importing.vichan.dump import VichanDump
from renderer.redrawing import Redrawing
from renderer.render_loop import RenderLoop
from renderer.verify import Finding, Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board, a_post
from tests.databases import Lender
from tests.walk import sample

pytest.register_assert_rewrite("tests.importing.contract")

SAMPLE = sample.FOLDER / "lab.sql"
#: As tests.builders.CLOAK has it.
KEY = "k" * 32
SAMPLE_SETTINGS = {
    "secure_trip_salt": "x",
    "secure_password_salt": "y",
    "poster_ids": True,
    "max_images": 3,
    "markup_code": "/\\[code\\](.*?)\\[\\/code\\]/is",
    "reply_limit": 250,
    "cycle_limit": 12,
}


#: All that tells of a board, but for when and under which name its files were stored.
EVERYTHING = """
    SELECT 'board', to_jsonb(b) - 'created_at' FROM boards b
    UNION ALL SELECT 'thread', to_jsonb(t) FROM (SELECT * FROM all_threads ORDER BY board, no) t
    UNION ALL SELECT 'post', to_jsonb(p) - 'address_sealed'
        FROM (SELECT * FROM posts ORDER BY board, no) p
    UNION ALL SELECT 'file', to_jsonb(f) - 'stored_as'
        FROM (SELECT * FROM files ORDER BY board, post_no, position) f
    UNION ALL SELECT 'quote', to_jsonb(q)
        FROM (SELECT * FROM quotes ORDER BY board, no, to_board, to_no) q
    UNION ALL SELECT 'ban', to_jsonb(n) FROM (SELECT * FROM bans ORDER BY id) n
"""


class Site:
    """Where boards come to: its database, uploads and pages."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.database = database
        self.folder = folder
        self.settings = Settings.read(
            {"STILLBOARD_DATA": str(folder), "STILLBOARD_ADDRESS_KEY": KEY}
        )
        self.uploads = UploadStore(folder / "uploads")
        self.web_root = WebRoot(folder / "public")
        captcha = shown(self.settings)
        self.loop = RenderLoop(
            database, self.web_root, self.uploads, site_name="Stillboard", captcha=captcha
        )

    def read(self, path: str) -> Any:
        """JSON as it was published."""
        return json.loads(self.web_root.read(path) or b"null")

    def findings(self) -> list[Finding]:
        """What `verify` finds."""
        verifier = Verifier(
            database=self.database,
            web_root=self.web_root,
            uploads=self.uploads,
            site_name="Stillboard",
            captcha=self.loop.captcha,
        )
        return list(verifier.verify())

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self.database.connection() as db:
            return db.execute(query, values or None).fetchall()

    def ask_nothing(self, query: str, *values: object) -> None:
        with self.database.connection() as db:
            db.execute(query, values)

    def board(self, name: str) -> Board:
        with self.database.connection() as db:
            return boards.get(db, name)

    def move(self, dump: Path | bytes, folder: Path = sample.FOLDER, **settings: object) -> Move:
        """What is to be moved of a dump of vichan."""
        if isinstance(dump, bytes):
            path = self.folder / "dump.sql"
            path.write_bytes(dump)
        else:
            path = dump
        source = VichanDump([path], settings=SAMPLE_SETTINGS | settings)  # type: ignore[arg-type]
        return Move(source, self.database, self.settings, folder)

    def bring(self, move: Move, *, draws: bool = True) -> Move:
        """Move it, and draw what came. PERF: drawing takes most of it."""
        move.look()
        for name in move.bring():
            if draws:
                self.loop.render(name)
                while Redrawing(self.loop).redraw_archived(name):
                    pass
        return move


@pytest.fixture
def site(tmp_path: Path, database: Database) -> Site:
    return Site(tmp_path, database)


@pytest.fixture(scope="module")
def moved(lender: Lender, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """To where the sample was moved, and drawn: for tests that look and change nothing."""
    with lender.lend() as lent:
        site = Site(tmp_path_factory.mktemp("moved"), lent.open())
        # Of the other board that the sample quotes one post is here.
        board = a_board(site.database, "b")
        site.ask_nothing("UPDATE boards SET last_no = %s", sample.QUOTED_ON_B - 1)
        a_post(site.database, board)
        site.bring(site.move(SAMPLE))
        site.loop.render("b")
        yield site
