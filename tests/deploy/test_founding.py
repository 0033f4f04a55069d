"""An empty database gets a board and an admin whose password is known; a used one gets neither."""

from __future__ import annotations

import pytest

from deploy.founding import FirstLogin, found_board
from imageboard.settings import BoardSettings
from imageboard.store import boards, staff
from imageboard.store.database import Database


def test_an_empty_database_gets_a_board_and_an_admin(database: Database) -> None:
    kept: list[FirstLogin] = []
    login = found_board(database, kept.append)
    assert [login] == kept
    with database.connection() as db:
        assert [board.name for board in boards.list_all(db)] == ["b"]
        assert [account.name for account in staff.list_all(db)] == ["admin"]
    assert found_board(database, kept.append) is None
    assert len(kept) == 1


def test_no_account_is_made_whose_password_could_not_be_kept(database: Database) -> None:
    def keep(_login: FirstLogin) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk is full"):
        found_board(database, keep)
    with database.connection() as db:
        assert boards.list_all(db) == []
        assert staff.list_all(db) == []


def test_a_board_whose_operator_wants_no_admin_gets_none_back(database: Database) -> None:
    with database.transaction() as db:
        boards.add(db, "tea", BoardSettings())
    assert found_board(database, lambda _login: None) is None
