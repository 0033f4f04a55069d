"""A setting is newer than most boards: where one lacks it, SQL and Python both take its default."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg.types.json import Jsonb

import imageboard.store
from imageboard.boards import Board
from imageboard.settings import BoardSettings
from imageboard.store import boards, migrations, posts, threads
from imageboard.store.database import Connection, Database
from tests.builders import a_board, a_file, a_new_post, a_post
from tests.imageboard.test_setting_rows import MoreOfABoard

IN_SQL = list(BoardSettings.defaults_in_sql())
STORE = Path(imageboard.store.__file__).parent


@pytest.mark.parametrize(
    "stored",
    [
        "settings - 'pages_max'",
        "settings - 'threads_per_page'",
        "settings || '{\"pages_max\": null}'",
        "settings - 'pages_max' - 'threads_per_page' - 'bump_limit' - 'reply_limit' - 'poster_ids'",
        "'{}'",
        "'{\"of_another_version\": 1}'",
    ],
)
def test_new_thread_removes_no_other_where_a_board_lacks_a_setting(
    database: Database, stored: str
) -> None:
    """NULL pages were 0 pages: one new thread removed all others."""
    board = a_board(database)
    for _ in range(12):
        a_post(database, board)
    with database.connection() as db:
        db.execute(f"UPDATE boards SET settings = {stored}")
    a_post(database, board)
    with database.connection() as db:
        assert threads.numbers(db, "b") == list(range(1, 14))


CHANGES: dict[str, Callable[[Connection, Board], object]] = {
    "reply": lambda db, board: posts.add(db, a_new_post(board, thread=1, body=">>3")),
    "reply to a full thread": lambda db, board: posts.add(db, a_new_post(board, thread=4)),
    "remove a post": lambda db, _board: posts.remove(db, "b", 2),
    "remove a thread": lambda db, _board: posts.remove(db, "b", 1),
    "remove the files": lambda db, _board: posts.remove_files(db, "b", 2),
    "mark": lambda db, _board: posts.mark_thread(db, "b", 1, is_sticky=True),
    "remove what another board quotes": lambda db, _board: posts.remove(db, "tea", 1),
}


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_change_of_a_board_that_lacks_a_setting_is_as_if_the_default_were_set(
    database: Database, change: str
) -> None:
    board, tea = a_board(database), a_board(database, "tea")
    a_post(database, tea)
    a_post(database, board)
    a_post(database, board, thread=1, files=(a_file(),))
    a_post(database, board, body=">>>/tea/1")
    for _ in range(11):
        a_post(database, board)
    told = {}
    with database.connection() as db:
        for stored in ("settings", *(f"settings - '{name}'" for name in IN_SQL), "'{}'"):
            with db.transaction(force_rollback=True):
                db.execute("UPDATE threads SET reply_count = 250 WHERE no = 4")
                db.execute(f"UPDATE boards SET settings = {stored}")
                CHANGES[change](db, board)
                told[stored] = [db.execute(query).fetchall() for query in WHAT_CHANGED]
    for stored, changed in told.items():
        assert changed == told["settings"], stored


#: Facts, posts and their threads.
WHAT_CHANGED = (
    "SELECT board, change_no, kind, body FROM outbox ORDER BY board, change_no",
    "SELECT board, no, poster_id FROM posts ORDER BY board, no",
    "SELECT board, no, is_sticky, bump_no, reply_count FROM threads ORDER BY board, no",
)


def test_name_that_is_no_setting_is_an_error_and_not_null(database: Database) -> None:
    with (
        database.connection() as db,
        pytest.raises(psycopg.errors.RaiseException, match="there is no setting nap_s of a board"),
    ):
        db.execute("SELECT board_setting('{}', 'nap_s')")


def test_one_row_more_is_all_that_sql_needs(database: Database) -> None:
    with database.connection() as db:
        boards.bring_defaults(db, MoreOfABoard)
        asked = "SELECT board_setting(%s, 'nap_s')::integer"
        for stored, value in (({}, 5), ({"nap_s": 0}, 0), ({"nap_s": None}, 5)):
            assert db.execute(asked, (Jsonb(stored),)).fetchone() == (value,)


def brought(database: Database) -> object:
    with database.connection() as db:
        return db.execute("SELECT settings, xmin::text FROM setting_defaults").fetchall()


def test_each_version_brings_its_defaults_and_leaves_those_of_another(database: Database) -> None:
    """Its functions may still be called: by programs of before, or after going back to them."""
    with database.connection() as db:
        db.execute("UPDATE setting_defaults SET settings = '{\"of_another_version\": 1}'")
    assert migrations.apply(database) == []
    before = brought(database)
    assert before[0][0] == BoardSettings.defaults_in_sql() | {"of_another_version": 1}  # type: ignore[index]
    migrations.apply(database)
    assert brought(database) == before, "nothing is written when nothing is new"


def test_sql_asks_for_settings_by_one_function_and_each_row_says_so() -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted(STORE.glob("*.sql"))]
    asked = {
        name for text in texts for name in re.findall(r"board_setting\(\w[\w.]*, '(\w+)'\)", text)
    }
    assert asked == set(IN_SQL)
    beside = [found for text in texts for found in re.findall(r"settings\s*->>?\s*'\w+'", text)]
    assert beside == []
