"""A thread's page has a bound, which is reckoned in SQL without drawing it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from imageboard import dice
from imageboard.bans import BanMessage, NewBan
from imageboard.boards import Board
from imageboard.dice import DICE_MAX, SIDES_MAX, THROWS_MAX, Asked, Throw
from imageboard.errors import PageFull
from imageboard.markup.marks import MARKS
from imageboard.parts import Part
from imageboard.post_rules import PAGE_WEIGHT_MAX
from imageboard.store import bans, boards, edits, posts
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from renderer.render_loop import RenderLoop
from renderer.web_root import WebRoot
from tests.builders import A_PICTURE, a_board, a_file, a_new_post, a_post
from tests.tables import for_each

LONG = "a" * 16
#: Of each the whole text of a post: what grows most when it is drawn.
WORST = {
    "escaped": "&",
    "quotation marks": '"',
    "apostrophes": "'",
    "tags": "<",
    "signs": "> ",
    "bold": "**a",
    "bold words": "**a** ",
    "italics": "''a'' ",
    "lines": "a\n",
    "green lines": ">\n",
    "headings": "==a==\n",
    "code": "[code]a[/code]",
    "spoilers": "[spoiler]a[/spoiler]",
    "lines of spoilers": "[spoiler]\n" + "a\n" * 100 + "[/spoiler]",
    "pink lines": "<\n",
    "underlines": "__a__ ",
    "codes": "`a`",
    "formulas": "[eqn]a[/eqn]",
    "searches": f">>>/{LONG}/猫 ",
    "links": "http://a.b ",
    "links with signs": "http://a.b/?&&&&&&&& ",
    "boards": f">>>/{LONG}/ ",
    "one quote": ">>1 ",
    "quotes elsewhere": f">>>/{LONG}/1 ",
    "emoji": "\U0001f600",
}


def a_wide_board(database: Database) -> Board:
    return a_board(
        database,
        LONG,
        body_chars_max=4000,
        body_lines_max=2000,
        files_max=5,
        marks=" ".join(MARKS),
    )


def drawn_bytes(database: Database, folder: Path, thread: int) -> int:
    web_root, uploads = WebRoot(folder / "public"), UploadStore(folder / "uploads")
    RenderLoop(database, web_root, uploads, site_name="S").render(LONG)
    return len(web_root.read(f"{LONG}/res/{thread}.html") or b"")


def weight(database: Database, thread: int) -> int:
    with database.connection() as db:
        row = db.execute("SELECT page_weight FROM threads WHERE no = %s", (thread,)).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.slow
@for_each("sort", WORST)
def test_no_text_takes_more_of_a_page_than_it_weighs(
    database: Database, tmp_path: Path, sort: str
) -> None:
    board = a_wide_board(database)
    a_post(database, board)
    empty = drawn_bytes(database, tmp_path, 1)
    before = weight(database, 1)
    body = (WORST[sort] * 4000)[:4000]
    a_post(database, board, thread=1, body=body, name=body[:35], subject=body[:100])
    grown = drawn_bytes(database, tmp_path, 1) - empty
    assert grown <= weight(database, 1) - before, f"{grown} bytes of {sort}"


@pytest.mark.slow
def test_what_stands_beside_the_text_is_weighed_too(database: Database, tmp_path: Path) -> None:
    board = a_wide_board(database)
    a_post(database, board)
    empty, before = drawn_bytes(database, tmp_path, 1), weight(database, 1)
    heaviest = Throw(Asked(DICE_MAX, SIDES_MAX, -9999), (SIDES_MAX,) * DICE_MAX)
    for throws in ([Throw(Asked(1, 2, 0), (1,))] * THROWS_MAX, [heaviest] * THROWS_MAX):
        beside = {"dice": dice.kept(throws), "country": "BQ", "tag": "&" * 40}
        beside |= {"flag": "x" * 32, "flag_name": "&" * 60}
        with database.connection() as db:
            posts.add(db, replace(a_new_post(board, thread=1), **beside))  # type: ignore[arg-type]
    banned = a_post(database, board, thread=1)
    new_ban = NewBan(board=LONG, reason="Spam.", duration_s=None, address_hash=b"a" * 16)
    with database.transaction() as db:
        said = BanMessage(board=LONG, no=banned.no, text="&" * 200)
        bans.add(db, new_ban, "lake", message=said)
        held = edits.get(db, LONG, banned.no)
        changed = held.written._replace(body="x")
        edits.rewrite(db, boards.lock(db, LONG), banned.no, held, changed, "lake")
    # Weighed anew by the next post.
    add(database, board, PAGE_WEIGHT_MAX)
    grown = drawn_bytes(database, tmp_path, 1) - empty
    assert grown <= weight(database, 1) - before


@pytest.mark.slow
def test_files_and_backlinks_are_weighed_too(database: Database, tmp_path: Path) -> None:
    board = a_wide_board(database)
    uploads = UploadStore(tmp_path / "uploads")
    a_post(database, board)
    empty, before = drawn_bytes(database, tmp_path, 1), weight(database, 1)
    files = []
    for _ in range(5):
        parts = [tmp_path / part.name for part in Part]
        for part in parts:
            part.write_bytes(A_PICTURE)
        said = {"original_name": "&" * 255, "alt": "&" * 500, "colour": 1}
        files.append(a_file(stored_as=uploads.take(*parts), dense_extension=".webp", **said))
    for _ in range(20):
        a_post(database, board, thread=1, body="", files=tuple(files))
    a_post(database, board, thread=1, body=" ".join(f">>{no}" for no in range(1, 22)))
    grown = drawn_bytes(database, tmp_path, 1) - empty
    assert grown <= weight(database, 1) - before


def add(database: Database, board: Board, weight_max: int, **fields: object) -> None:
    new_post = replace(a_new_post(board, thread=1, **fields), page_weight_max=weight_max)  # type: ignore[arg-type]
    with database.connection() as db:
        posts.add(db, new_post)


def test_page_that_is_full_takes_no_reply_until_something_is_removed(database: Database) -> None:
    board = a_board(database, reply_limit=0)
    a_post(database, board, body="x" * 100)
    room = 901 + 2 * 1200
    add(database, board, room, body="y" * 400)
    add(database, board, room, body="y" * 400)
    for _ in range(2):
        with pytest.raises(PageFull) as refused:
            add(database, board, room, body="z")
    assert "its page is as large as a page may be" in refused.value.sentence
    with database.transaction() as db:
        posts.remove(db, "b", 2)
    add(database, board, room, body="y" * 400)
    with pytest.raises(PageFull):
        add(database, board, room, body="z")
    with database.connection() as db:
        posts.add(db, a_new_post(board, thread=1), limits=False)


def test_thread_that_was_begun_before_pages_were_weighed_is_reckoned_once(
    database: Database,
) -> None:
    board = a_board(database)
    a_post(database, board, body="x" * 100)
    a_post(database, board, thread=1, body="y" * 400, files=(a_file(),))
    weighed = weight(database, 1)
    with database.connection() as db:
        db.execute("UPDATE threads SET page_weight = NULL, page_weight_no = NULL")
    add(database, board, PAGE_WEIGHT_MAX, body="z" * 200)
    assert weight(database, 1) == weighed + 1000


def test_every_post_has_the_bound_whatever_its_board_says(database: Database) -> None:
    board = a_board(database, reply_limit=0, body_chars_max=20_000)
    assert a_new_post(board).page_weight_max == PAGE_WEIGHT_MAX
