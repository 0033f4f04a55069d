"""The log of what was done, on a real PostgreSQL."""

from __future__ import annotations

import psycopg
import pytest

from imageboard.moderation import Action
from imageboard.store import moderation_log
from imageboard.store.database import Database


def test_newest_entry_comes_first_in_pages(database: Database) -> None:
    with database.transaction() as db:
        moderation_log.add(db, Action.DELETE_POST, staff=None, board="b", post_no=7)
        moderation_log.add(db, Action.BAN, staff="alice", ban=3)
        newest, oldest = moderation_log.newest(db, limit=10)
        assert moderation_log.newest(db, limit=1) == [newest]
        assert moderation_log.newest(db, limit=10, before=newest.id) == [oldest]
    assert (newest.staff, newest.action, newest.board, newest.detail) == (
        "alice",
        "ban",
        None,
        {"ban": 3},
    )
    assert (oldest.staff, oldest.board, oldest.post_no) == (None, "b", 7)


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
        moderation_log.add(db, Action.LOCK, staff="alice", board="b", post_no=7)
    with database.connection() as db, pytest.raises(psycopg.errors.RaiseException, match="append"):
        db.execute(statement)
