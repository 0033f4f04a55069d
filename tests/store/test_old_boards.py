"""What other engines' boards have can be held, and what none of them has can't."""

from __future__ import annotations

from typing import Any

from imageboard.errors import StatementFailed
from imageboard.store.database import Database
from tests.builders import a_board, a_file, a_post
from tests.tables import for_each


@for_each(
    ("name", "is_held"),
    [
        ("λ", True),
        ("B_1", True),
        ("$$", True),
        ("x" * 58, True),
        ("x" * 59, False),
        ("a/b", False),
        (".b", False),
        ("a b", False),
        ("\U0001f408", False),
        ("", False),
    ],
    ids=(
        "Greek, as on lainchan",
        "capitals, digits and an underscore",
        "money",
        "as long as vichan lets them be",
        "longer",
        "a folder",
        "a dotfile",
        "a blank",
        "outside of the plane that vichan takes",
        "none",
    ),
)
def test_board_has_the_name_that_it_had(name: str, is_held: bool, database: Database) -> None:
    assert is_held is _fits(
        database, "INSERT INTO boards (name, settings) VALUES (%(name)s, '{}')", name=name
    )


@for_each(
    ("column", "held", "refused"),
    [
        ("poster_id", ["0f3a9", "0f3a9c", "Heaven"], ["", "0" * 17]),
        ("tripcode", ["!!" + "x" * 38], ["!" * 41]),
        ("capcode", ["x" * 60], ["x" * 61]),
        ("body", ["x" * 65536], ["x" * 65537]),
        ("password_scheme", ["vichan", None], ["", "no such!"]),
    ],
    ids=(
        "IDs of vichan",
        "signatures",
        "capcodes",
        "long texts",
        "passwords",
    ),
)
def test_post_has_what_it_had(
    column: str, held: list[Any], refused: list[Any], database: Database
) -> None:
    a_post(database, a_board(database))
    change = f"UPDATE posts SET {column} = %(value)s WHERE no = 1"
    assert [_fits(database, change, value=value) for value in held] == [True] * len(held)
    assert [_fits(database, change, value=value) for value in refused] == [False] * len(refused)


@for_each(
    ("column", "held", "refused"),
    [
        (
            "tim",
            ["1795500951406-0", "1795500951406-12", "1795500951"],
            ["1795500951406-", "1795500951406-1234", "../1"],
        ),
        (
            "original_name",
            ["", "x" * 500],
            ["x" * 501],
        ),
        ("extension", [".swf", ".torrent", ".c"], [".", ".a/b", "." + "x" * 11]),
        ("position", [99], [100, -1]),
        ("sha256", [], [None]),
    ],
    ids=(
        "several files of one moment",
        "a name that is only an ending, or very long",
        "endings",
        "many files",
        "unknown bytes of a file that is there",
    ),
)
def test_file_has_what_it_had(
    column: str, held: list[Any], refused: list[Any], database: Database
) -> None:
    a_post(database, a_board(database), files=(a_file(),))
    change = f"UPDATE files SET {column} = %(value)s WHERE post_no = 1"
    assert [_fits(database, change, value=value) for value in held] == [True] * len(held)
    assert [_fits(database, change, value=value) for value in refused] == [False] * len(refused)


def test_of_a_file_that_was_removed_before_nothing_need_be_known(database: Database) -> None:
    a_post(database, a_board(database), files=(a_file(),))
    assert _fits(
        database,
        "UPDATE files SET removed_at = now(),"
        " stored_as = NULL, bytes = NULL, md5 = NULL, sha256 = NULL",
    )


@for_each(
    ("name", "is_held"),
    [
        ("Ivan Petrov", True),
        ("mod@example.org", True),
        ("mod ", False),
        ("mo\nd", False),
        ("x" * 41, False),
    ],
    ids=(
        "as in vichan",
        "with signs",
        "a blank at the end",
        "a line end",
        "too long",
    ),
)
def test_member_of_the_staff_has_the_name_that_they_had(
    name: str, is_held: bool, database: Database
) -> None:
    new = "INSERT INTO staff (name, password_hash) VALUES (%(name)s, '')"
    assert _fits(database, new, name=name) is is_held


def test_ban_may_have_no_reason_or_a_long_one(database: Database) -> None:
    new = "INSERT INTO bans (range, reason, created_by) VALUES ('192.0.2.0/24', %(reason)s, 'mod')"
    assert [_fits(database, new, reason=reason) for reason in ("", "x" * 5000, "x" * 5001)] == [
        True,
        True,
        False,
    ]


def _fits(database: Database, statement: str, **values: Any) -> bool:
    """Whether it breaks no rule of the schema; nothing of it stays."""
    try:
        with database.transaction() as db:
            db.execute(statement, values)
            raise _Undone
    except StatementFailed:
        return False
    except _Undone:
        return True


class _Undone(Exception):
    pass
