"""The log of what was done, on a real PostgreSQL."""

from __future__ import annotations

import psycopg
import pytest

from imageboard.store import ban_deeds, moderation_log, post_deeds
from imageboard.store.database import Database


def test_newest_entry_comes_first_in_pages(database: Database) -> None:
    with database.transaction() as db:
        moderation_log.add(db, post_deeds.DELETED_POST, staff=None, board="b", post_no=7)
        moderation_log.add(db, ban_deeds.BANNED, staff="alice", ban=3)
        newest, oldest = moderation_log.newest(db, on=None, limit=10)
        assert moderation_log.newest(db, on=None, limit=1) == [newest]
        assert moderation_log.newest(db, on=None, limit=10, before=newest.id) == [oldest]
    assert (newest.staff, newest.action, newest.board, newest.detail) == (
        "alice",
        "ban",
        None,
        {"ban": 3},
    )
    assert (oldest.staff, oldest.board, oldest.post_no) == (None, "b", 7)


def test_log_of_some_boards_leaves_out_the_others_and_what_was_done_on_none(
    database: Database,
) -> None:
    with database.transaction() as db:
        for board in ("b", "tea", None):
            moderation_log.add(db, ban_deeds.BANNED, staff="alice", board=board)
        for boards in (["b"], ["tea", "b"], ["nowhere"], []):
            found = {entry.board for entry in moderation_log.newest(db, on=boards, limit=10)}
            assert found == set(boards) - {"nowhere"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE moderation_log SET staff = 'nobody'",
        "DELETE FROM moderation_log",
        "TRUNCATE moderation_log",
    ],
)
def test_nothing_is_taken_out_of_it(database: Database, statement: str) -> None:
    with database.transaction() as db:
        moderation_log.add(db, post_deeds.DELETED_FILE, staff="alice", board="b", post_no=7)
    with database.connection() as db, pytest.raises(psycopg.errors.RaiseException, match="append"):
        db.execute(statement)
