"""A second thumbnail is named by all that takes a file away, for the version before too, which
puts none in place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from imageboard import addresses
from imageboard.boards import Board
from imageboard.errors import StatementFailed
from imageboard.facts import fact_from_json
from imageboard.parts import Part
from imageboard.post_rules import NewFile
from imageboard.store import held, moves, outbox, posts, publications, removals, threads
from imageboard.store.database import Connection, Database
from imageboard.store.posts import StoredPost
from imageboard.store.publications import Published
from tests.builders import a_board, a_file, a_new_post, a_post

Deed = Callable[[Connection], object]

#: As version 2026-11-29 says that a board's pages, or its threads alone, show all up to a change.
SETTLED_BEFORE = "DELETE FROM outbox WHERE board = %(board)s AND change_no <= %(change_no)s"
SHOWN_BEFORE = """
    INSERT INTO threads_shown (board, change_no) VALUES (%(board)s, %(change_no)s)
    ON CONFLICT (board) DO UPDATE SET change_no = excluded.change_no"""


def a_dense_file() -> NewFile:
    return a_file(stored_as="a" * 32, dense_extension=".jpg")


@pytest.fixture
def board(database: Database) -> Board:
    """Thread 1 with reply 2, which has a file, and thread 3."""
    board = a_board(database)
    a_board(database, "c")
    a_post(database, board)
    return board


@pytest.fixture
def stored(database: Database, board: Board) -> StoredPost:
    stored = a_post(database, board, thread=1, files=(a_dense_file(),))
    a_post(database, board)
    return stored


def names_told(database: Database) -> list[list[str]]:
    """The names that stand in each fact that waits."""
    with database.connection() as db:
        rows = db.execute("SELECT body->'media' FROM outbox ORDER BY board, change_no").fetchall()
    return [names or [] for (names,) in rows]


def dense_extension(database: Database) -> str | None:
    with database.connection() as db:
        ((extension,),) = db.execute("SELECT dense_extension FROM files").fetchall()
    return None if extension is None else str(extension)


def as_version_2026_11_29_reads_it(names: list[str]) -> set[str]:
    """What a renderer of that version puts in place or takes away: its `facts._media`."""
    named: dict[bool, dict[str, str]] = {False: {}, True: {}}
    for name in names:
        tim, dot, extension = name.partition("/")[2].partition(".")
        named[name.startswith("thumb/")][tim] = dot + extension
    thumbs = named[True]
    return {f"src/{tim}{extension}" for tim, extension in named[False].items()} | {
        f"thumb/{tim}{thumbs[tim]}" for tim in named[False] if tim in thumbs
    }


def _brought_back(db: Connection) -> None:
    removal, _ = removals.remove(db, "lake", {"b": [2]})
    assert removal is not None
    removals.undo(db, removal)


@pytest.mark.parametrize(
    ("deed", "facts_told"),
    [
        (lambda _db: None, 1),
        (lambda db: posts.remove_files(db, "b", 2), 2),
        (lambda db: posts.remove(db, "b", 2), 2),
        (lambda db: posts.remove(db, "b", 1), 2),
        (lambda db: removals.remove(db, "lake", {"b": [2]}), 2),
        (lambda db: removals.remove_files(db, "lake", "b", 2), 2),
        (_brought_back, 3),
        (lambda db: moves.move(db, "b", 1, "c"), 3),
        (lambda db: moves.merge(db, "b", 1, 3), 2),
    ],
    ids=(
        "posted, file removed, post removed, thread removed, post laid aside, file laid aside,"
        " brought back, moved, merged"
    ).split(", "),
)
def test_every_deed_names_it_and_the_version_before_reads_it(
    database: Database, stored: StoredPost, deed: Deed, facts_told: int
) -> None:
    (tim,) = stored.tims
    parts = addresses.media_names(tim, ".png", ".png", ".jpg")
    with database.transaction() as db:
        deed(db)
    told = [names for names in names_told(database) if names]
    assert len(told) == facts_told
    for names in told:
        fact = fact_from_json(
            "PostChanged", {"thread": 1, "no": 2, "pages": [1, 1], "media": names}
        )
        assert set(fact.touched_media) == set(parts.values())
        assert as_version_2026_11_29_reads_it(names) >= set(parts.values())


@pytest.mark.parametrize("how", [SETTLED_BEFORE, SHOWN_BEFORE], ids=["pages", "threads"])
def test_file_that_the_version_before_has_shown_has_one_thumbnail_from_then_on(
    database: Database, stored: StoredPost, how: str
) -> None:
    """It put no other in place, and a page that names one shows dense screens no picture."""
    with database.transaction() as db:
        db.execute(how, {"board": "b", "change_no": stored.change_no - 1})
    assert dense_extension(database) == ".jpg", "its own change is not shown yet"
    with database.transaction() as db:
        db.execute(how, {"board": "b", "change_no": stored.change_no})
    assert dense_extension(database) is None
    with database.connection() as db:
        (file,) = threads.posts_by_no(db, "b", [2])[0].files
        assert (file.thumb_extension, file.dense_extension) == (".png", None)
        assert list(threads.media(db, "b", [file.tim])[file.tim].names) == [
            Part.ORIGINAL,
            Part.THUMBNAIL,
        ]


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("how", [outbox.settle, outbox.note_threads_shown])
def test_file_that_this_version_has_shown_keeps_both(
    database: Database, how: Callable[[Connection, str, int], None]
) -> None:
    with database.transaction() as db:
        how(db, "b", 99)
    assert dense_extension(database) == ".jpg"


def test_thumbnail_that_stands_is_not_forgotten(database: Database, stored: StoredPost) -> None:
    """This version put it in place, and the version before settled what was left: who forgets it
    would not take it away with its post.
    """
    path = f"b/thumb/{stored.tims[0]}-0002.jpg"
    standing = Published(path, b"h" * 32, 9, 0, is_urgent=False)
    with database.transaction() as db:
        publications.record(db, "b", stored.change_no, [standing])
        db.execute(SETTLED_BEFORE, {"board": "b", "change_no": 99})
    assert dense_extension(database) == ".jpg"


@pytest.mark.parametrize("thread", [None, 1], ids=["thread", "reply"])
def test_post_that_was_held_keeps_both(
    database: Database, board: Board, thread: int | None
) -> None:
    """Its fact goes again at once, and nobody has shown it."""
    new_post = a_new_post(board, thread=thread, files=(a_dense_file(),))
    with database.transaction() as db:
        posts.add(db, replace(new_post, held_because="Spam?"))
    with database.transaction() as db:
        (waiting,) = held.waiting(db, on=None, limit=10)
        assert held.release(db, waiting.id)
    assert dense_extension(database) == ".jpg"


def test_none_stands_beside_a_file_without_a_thumbnail(database: Database, board: Board) -> None:
    bare = {"thumb_extension": None, "thumb_width": None, "thumb_height": None}
    with pytest.raises(StatementFailed, match="files_dense_stands_beside_thumb"):
        a_post(database, board, files=(a_dense_file()._replace(**bare),))
