"""`rerender` as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from imageboard.store import archive, posts
from imageboard.store.database import Database
from tests.builders import a_board, a_post
from tests.cli import boards
from tests.tables import for_each


@pytest.mark.slow
@for_each("processes", [1, 3])
def test_second_call_writes_nothing(
    processes: int, database: Database, database_url: str, tmp_path: Path
) -> None:
    """Though nobody has rendered here before, and nothing is posted in between.

    The first thread is in the archive.
    """
    board = a_board(database, threads_per_page=1, pages_max=2, quiet_minutes_min=0)
    for _ in range(3):
        a_post(database, board, thread=a_post(database, board).thread)
    fell_off = database.again_on_deadlock(lambda db: posts.prune(db, "b"))
    arguments = ("rerender", "--all", "--processes", str(processes))
    settings = {"DATABASE_URL": database_url, "STILLBOARD_DATA": str(tmp_path)}

    first = boards.call(*arguments, **settings)
    pages = {path: path.stat().st_ino for path in (tmp_path / "public").rglob("*.html")}
    second = boards.call(*arguments, **settings)

    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert "/b/" in second.stdout
    assert " 0 files written" in second.stdout
    assert tmp_path / f"public/b/res/{fell_off}.html" in pages
    assert len(pages) > 4
    with database.connection() as db:
        assert archive.boards_behind(db) == []
    assert pages == {path: path.stat().st_ino for path in (tmp_path / "public").rglob("*.html")}
