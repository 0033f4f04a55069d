"""A setting that changes makes stale what shows it: no file less, and no board more."""

from __future__ import annotations

from pathlib import Path

import pytest

from imageboard.boards import Board
from imageboard.errors import BadBoardSetting
from imageboard.facts import BoardListChanged
from imageboard.settings import BoardRow, BoardSettings, Shows, as_typed
from imageboard.store import boards, outbox, posts
from imageboard.store.database import Connection, Database
from imageboard.store.uploads import UploadStore
from renderer.render_loop import RenderLoop
from renderer.verify import Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board, a_post
from tests.tables import for_each

ROWS = BoardSettings.rows()


#: Values of settings that take neither a number nor a word.
_OF_THEIR_OWN = {"captcha_questions": "Kettles? = pots", "blocked_countries": "DE"}


def another(row: BoardRow) -> str:
    """A value that the sample board below shows otherwise than the default."""
    if row.reader.kind == "number":
        assert row.reader.low is not None
        low = max(1, row.reader.low)
        return str(low if low != row.default else low + 1)
    if row.reader.kind == "flag":
        return as_typed(not row.default)
    if row.name in _OF_THEIR_OWN:
        return _OF_THEIR_OWN[row.name]
    return row.reader.choices[-1] if row.reader.choices else "Kettles"


@pytest.fixture
def site(database: Database, loop: RenderLoop, web_root: WebRoot) -> dict[str, bytes]:
    """/b/ with threads, replies and a sticky thread, beside /tea/; its files, all drawn."""
    board, tea = a_board(database, captcha="threads"), a_board(database, "tea")
    for thread in (1, 2):
        a_post(database, board, body="''hello'' http://a.b/?utm_source=c")
        database.again_on_deadlock(
            lambda db, no=thread: posts.mark_thread(db, "b", no, is_sticky=no == 1)
        )
    for thread in (1, 1, 1, 2, 2, 2):
        a_post(database, board, thread=thread)
    a_post(database, tea)
    for name in ("b", "tea"):
        loop.render(name)
    loop.site_pages.render()
    return files(web_root)


def files(web_root: WebRoot) -> dict[str, bytes]:
    return {
        path.relative_to(web_root.folder).as_posix(): path.read_bytes()
        for path in sorted(Path(web_root.folder).rglob("*"))
        if path.suffix in (".html", ".json")
    }


@pytest.fixture
def board(database: Database) -> Board:
    return a_board(database)


def waiting(db: Connection) -> set[str]:
    """Boards of which something is to be drawn."""
    return {name for name in ("b", "tea") if outbox.waiting(db, name, 1)}


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_change_redraws_all_that_shows_the_setting_and_shows_where_its_row_says(
    database: Database,
    loop: RenderLoop,
    web_root: WebRoot,
    uploads: UploadStore,
    site: dict[str, bytes],
    row: BoardRow,
) -> None:
    """Verify, which draws the site from nothing, finds no file that should have been redrawn."""
    with database.transaction() as db:
        stale = boards.change_settings(db, "b", {row.name: another(row)})
        assert set(stale) == waiting(db)
    for name in stale:
        loop.render(name)
    verifier = Verifier(database, web_root, uploads, "Stillboard", captcha=loop.captcha)
    assert list(verifier.verify()) == []
    after = files(web_root)
    places = {path for path in site.keys() | after.keys() if site.get(path) != after.get(path)}
    assert row.shows == (
        Shows.ON_ALL_MASTHEADS
        if any(path.startswith("tea/") for path in places)
        else Shows.ON_ITS_BOARD
        if any(path.startswith("b/") for path in places)
        else Shows.IN_THE_LIST_OF_BOARDS
        if places
        else Shows.NOWHERE
    ), sorted(places)


@pytest.mark.slow
@for_each(
    ("changes", "stale"),
    [
        ({"same_text_wait_s": "5"}, set()),
        ({"reply_wait_s": "5"}, {"b"}),
        ({"anonymous_name": "Nobody", "reply_wait_s": "5"}, {"b"}),
        ({"title": "Kettles", "body_lines_max": "5"}, {"b", "tea"}),
        # What it is already.
        ({"title": "Random", "bump_limit": "250"}, set()),
    ],
)
def test_change_of_several_settings_reaches_as_far_as_the_one_that_shows_furthest(
    database: Database, site: dict[str, bytes], changes: dict[str, str], stale: set[str]
) -> None:
    assert site
    with database.connection() as db, db.transaction(force_rollback=True):
        assert set(boards.change_settings(db, "b", changes)) == stale
        assert waiting(db) == stale


@pytest.mark.slow
@for_each("row", [row for row in ROWS if row.shows < Shows.ON_ITS_BOARD], ids=lambda row: row.name)
def test_setting_that_no_page_shows_has_no_page_drawn_and_no_fragment_made_anew(
    database: Database, board: Board, row: BoardRow
) -> None:
    with database.connection() as db, db.transaction(force_rollback=True):
        boards.change_settings(db, "b", {row.name: another(row)})
        after = boards.get(db, "b")
        facts = [change.fact for change in outbox.waiting(db, "b", 10, after=board.change_no)]
    assert after.settings_change_no == board.settings_change_no
    assert facts == ([] if row.shows is Shows.NOWHERE else [BoardListChanged()])


def test_refused_change_changes_nothing(database: Database) -> None:
    a_board(database, title="Kettles")
    with database.connection() as db:
        with pytest.raises(BadBoardSetting), db.transaction():
            boards.change_settings(db, "b", {"title": "Pots", "bump_limit": "-1"})
        assert boards.get(db, "b").settings.title == "Kettles"


def test_settings_of_another_version_outlive_a_change(database: Database) -> None:
    a_board(database)
    with database.transaction() as db:
        db.execute("UPDATE boards SET settings = settings || '{\"of_another_version\": 1}'")
        boards.change_settings(db, "b", {"bump_limit": "7"})
        stored = db.execute(
            "SELECT settings->'of_another_version', settings->'bump_limit' FROM boards"
        ).fetchone()
    assert stored == (1, 7)
