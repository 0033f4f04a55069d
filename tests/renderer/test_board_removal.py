"""A board that is removed is gone: its pages, its files, its rows, and what others show of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cdn.folder_object_store import FolderObjectStore
from imageboard import markers
from imageboard.bans import BanMessage, NewBan
from imageboard.errors import BadBoardSetting, NoSuchBoard
from imageboard.markers import Removed
from imageboard.settings import BoardSettings
from imageboard.staff_roles import Role
from imageboard.store import (
    banners,
    bans,
    board_removals,
    boards,
    cloud_ledger,
    held,
    moves,
    posts,
    publications,
    removals,
    site_moment,
    staff,
    takedowns,
    written,
)
from imageboard.store.banners import NewBanner
from imageboard.store.database import Connection, Database
from imageboard.store.uploads import UploadStore
from renderer import clearing
from renderer.clearing import Clearing, take_pages_away
from renderer.keeper.catch_up import CatchUp
from renderer.redrawing import Redrawing
from renderer.render_loop import RenderLoop
from renderer.verify import Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board, a_file, a_new_post, a_post
from tests.edge_twin.purgers import RecordingPurger
from tests.renderer.clouds import Probe, a_stage, in_bucket, in_web_root
from tests.renderer.test_render_loop import an_upload
from tests.store.test_posts import WAITERS

pytestmark = pytest.mark.slow


def begin(database: Database, name: str = "tea") -> list[str]:
    return database.again_on_deadlock(lambda db: board_removals.begin(db, name))


def two_boards(database: Database, uploads: UploadStore, scratch: Path) -> dict[str, str]:
    """/b/ and /tea/, which quote each other; what /tea/ holds of each kind. {what: upload}"""
    b, tea = a_board(database, "b"), a_board(database, "tea", archive_days=30, undo_hours=24)
    names = ("of b", "opening", "reply", "removed", "held", "banner")
    stored = {name: an_upload(uploads, scratch) for name in names}

    def file(name: str) -> tuple[Any, ...]:
        return (a_file(stored_as=stored[name]),)

    a_post(database, tea, files=file("opening"), body="Kettles")
    a_post(database, tea, thread=1, files=file("reply"), body=">>1 of copper")
    a_post(database, tea, thread=1, files=file("removed"), body="in bad taste")
    a_post(database, tea, body="archived")
    a_post(database, b, files=file("of b"), body="see >>>/tea/2")
    a_post(database, b, body="moves to tea")
    with database.transaction() as db:
        removals.remove(db, "lake", {"tea": [3]})
        posts.archive(db, "tea", 4)
        moves.move(db, "b", 2, "tea")
        written.set_page(db, "tea", "rules", "Rules", "Be kind.")
        written.add_news(db, "tea", "News", "Of tea.")
        banners.add(db, "tea", NewBanner(".png", stored["banner"], b"s" * 32, 9, 300, 100))
        staff.add(db, "leaf", "correct horse battery", Role.JANITOR, "tea")
        bans.add(
            db, NewBan(board="tea", reason="Spam.", duration_s=None, address_hash=b"n" * 16), "lake"
        )
        said = BanMessage(board="tea", no=2, text="Banned for this post")
        bans.add(
            db,
            NewBan(board=None, reason="Spam.", duration_s=None, address_hash=b"m" * 16),
            "lake",
            message=said,
        )
    waits = a_new_post(tea, thread=1, files=file("held"), body="looks like spam")
    with database.transaction() as db:
        posts.add(db, replace(waits, held_because="Spam?"))
    return stored


def rows_of(database: Database, name: str) -> dict[str, int]:
    """{table: rows} of those with rows of the board."""
    with database.connection() as db:
        tables = [table for (table,) in db.execute(
            "SELECT DISTINCT c.table_name FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE c.column_name = 'board' AND t.table_type = 'BASE TABLE'"
            " AND c.table_schema = 'public'")]  # fmt: skip
        counts = {
            table: db.execute(f"SELECT count(*) FROM {table} WHERE board = %s", (name,)).fetchone()
            for table in tables
        }
    return {table: count[0] for table, count in counts.items() if count and count[0]}


def test_every_table_of_boards_is_named(database: Database) -> None:
    """One that comes with a migration is forgotten with a board, or says why it is not."""
    with database.connection() as db:
        there = {table for (table,) in db.execute(
            "SELECT c.table_name FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE c.column_name = 'board' AND t.table_type = 'BASE TABLE'"
            " AND c.table_schema = 'public'")}  # fmt: skip
    assert {*board_removals.FORGOTTEN, *board_removals.NOT_FORGOTTEN} == there
    assert set(board_removals.FORGOTTEN).isdisjoint(board_removals.NOT_FORGOTTEN)


def test_board_goes_with_all_that_it_holds(
    database: Database,
    loop: RenderLoop,
    web_root: WebRoot,
    uploads: UploadStore,
    tmp_path: Path,
) -> None:
    stored = two_boards(database, uploads, tmp_path)
    for name in ("b", "tea"):
        loop.render(name)
        while Redrawing(loop).redraw_archived(name):
            pass
    loop.site_pages.render()
    assert b'href="/tea/res/1.html#2"' in (web_root.read("b/res/1.html") or b"")
    assert b"url=/tea/res/5.html" in (web_root.read("b/res/2.html") or b"")
    assert web_root.read("tea/res/4.html")
    with database.transaction() as db:
        holds = board_removals.holdings(db, "tea")
    assert (holds.threads, holds.archived) == (2, 1)
    assert (holds.posts, holds.files, holds.laid_aside) == (4, 2, 2)
    assert (holds.banners, holds.pages, holds.news, holds.bans, holds.roles) == (1, 1, 1, 1, 1)
    assert begin(database) == ["b", "tea"]
    # As while a large board goes: what quotes it is drawn before the quoted posts are gone.
    loop.render("b")
    assert b'href="/tea/res/1.html#2"' in (web_root.read("b/res/1.html") or b"")

    Clearing(database, loop).clear("tea")
    loop.render("b")
    assert not (web_root.folder / "tea").exists()
    assert not list(Verifier(database, web_root, uploads, "Stillboard").verify())
    for path in web_root.paths():
        if path.endswith((".html", ".json", ".rss", ".atom", ".xml", ".txt")):
            page = (web_root.read(path) or b"").replace(b"&amp;", b"&").replace(b"&gt;", b">")
            assert b"/tea/" not in page.replace(b">>>/tea/2", b""), path
    assert b"&gt;&gt;&gt;/tea/2" in (web_root.read("b/res/1.html") or b"")
    assert web_root.read("b/res/2.html") is None
    assert set(rows_of(database, "tea")) <= {"moderation_log", "log_days", "takedowns"}
    there = {name for name, upload in stored.items() if uploads.original(upload).exists()}
    assert there == {"of b"}
    with database.connection() as db:
        assert not db.execute("SELECT FROM bans WHERE post_board = 'tea'").fetchall()
        assert len(bans.in_force(db, on=None, limit=9)) == 1
        assert takedowns.still_open(db).takedowns == 0
        assert [board.name for board in boards.list_all(db)] == ["b"]
        assert not db.execute("SELECT FROM removals").fetchall()


def test_nobody_finds_or_posts_to_a_board_that_is_going(database: Database) -> None:
    tea = a_board(database, "tea")
    a_board(database, "b")
    a_post(database, tea)
    begin(database)
    with database.connection() as db:
        assert [board.name for board in boards.list_all(db)] == ["b"]
        assert board_removals.going(db) == {"tea": False}
        for ask in (boards.get, boards.lock):
            with pytest.raises(NoSuchBoard):
                ask(db, "tea")
        assert not boards.add(db, "tea", BoardSettings())
    for held_because in (None, "Spam?"):
        with pytest.raises(NoSuchBoard), database.transaction() as db:
            posts.add(db, replace(a_new_post(tea, thread=1), held_because=held_because))
    with pytest.raises(NoSuchBoard):
        begin(database)
    with pytest.raises(BadBoardSetting), database.transaction() as db:
        boards.add_new(db, "tea", BoardSettings())


def test_nothing_is_forgotten_of_a_board_that_is_there(
    database: Database, loop: RenderLoop, uploads: UploadStore, tmp_path: Path
) -> None:
    two_boards(database, uploads, tmp_path)
    before = rows_of(database, "tea")
    with database.transaction() as db:
        assert board_removals.forget_some(db, "tea", posts_max=9, rows_max=9) is None
    assert not Clearing(database, loop).go_on("tea")
    with pytest.raises(NoSuchBoard):
        take_pages_away(loop, "tea")
    assert rows_of(database, "tea") == before


def test_post_that_waits_for_the_board_meanwhile_is_refused_whole(database: Database) -> None:
    tea = a_board(database, "tea")
    refused: list[BaseException] = []

    def post() -> None:
        try:
            a_post(database, tea)
        except NoSuchBoard as ex:
            refused.append(ex)

    with database.transaction() as db:
        board_removals.begin(db, "tea")
        poster = threading.Thread(target=post)
        poster.start()
        waits_for_a_lock(database)
    poster.join()
    assert refused
    assert "posts" not in rows_of(database, "tea")


def waits_for_a_lock(database: Database) -> None:
    with database.connection() as db:
        while not db.execute(WAITERS).rowcount:
            pass


class Killed(BaseException):
    """What nobody catches."""


def dies_at(place: Callable[..., Any], number: int) -> Callable[..., Any]:
    """The same, but dies before the call of that number."""
    calls = 0

    def dies(*args: Any, **fields: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == number:
            raise Killed
        return place(*args, **fields)

    return dies


@pytest.mark.parametrize(
    ("place", "name", "number"),
    [
        (WebRoot, "remove", 3),
        (publications, "forget", 1),
        (publications, "forget", 2),
        (WebRoot, "remove_folder", 1),
        (takedowns, "gone_from_origin", 1),
        (board_removals, "forget_some", 1),
        (board_removals, "forget_some", 3),
        (UploadStore, "drop", 1),
        (board_removals, "end", 1),
    ],
)
def test_whoever_is_killed_leaves_the_rest_to_the_keeper(
    database: Database,
    loop: RenderLoop,
    catch_up: CatchUp,
    web_root: WebRoot,
    uploads: UploadStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: Any,
    name: str,
    number: int,
) -> None:
    monkeypatch.setattr(clearing, "TAKEN_AWAY_AT_ONCE", 5)
    monkeypatch.setattr(clearing, "POSTS_AT_ONCE", 2)
    monkeypatch.setattr(clearing, "ROWS_AT_ONCE", 3)
    stored = two_boards(database, uploads, tmp_path)
    for board in ("b", "tea"):
        loop.render(board)
    begin(database)
    with monkeypatch.context() as dying:
        dying.setattr(place, name, dies_at(getattr(place, name), number))
        with pytest.raises(Killed):
            Clearing(database, loop).clear("tea")
    with database.connection() as db:
        has_pages = not board_removals.going(db)["tea"]
    if has_pages:
        assert catch_up.clear_removed() == [], "whoever draws pages takes them away"
    loop.render("tea")
    while catch_up.clear_removed():
        pass
    loop.render("b")
    assert not list(Verifier(database, web_root, uploads, "Stillboard").verify())
    assert not (web_root.folder / "tea").exists()
    assert set(rows_of(database, "tea")) <= {"takedowns"}
    # What a killed one had not dropped is swept.
    left = {upload for upload in stored.values() if uploads.original(upload).exists()}
    with database.connection() as db:
        assert posts.stored_names(db, list(left)) == {stored["of b"]}


def test_renderer_that_stays_at_the_board_takes_its_pages_away(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    tea = a_board(database, "tea")
    a_post(database, tea)
    loop.render("tea")
    a_post(database, tea, thread=1)
    begin(database)
    loop.render("tea")
    assert not list((web_root.folder).glob("tea"))
    with database.connection() as db:
        assert publications.of_board(db, "tea") == {}
        assert not board_removals.forget_some(db, "b", posts_max=9, rows_max=9)


def test_new_board_of_the_name_goes_on_counting_and_shows_nothing_of_the_old_one(
    database: Database, loop: RenderLoop, web_root: WebRoot, uploads: UploadStore, tmp_path: Path
) -> None:
    two_boards(database, uploads, tmp_path)
    loop.render("tea")
    with database.connection() as db:
        before = boards.get(db, "tea")
        moment = site_moment.now(db)
        changes = boards.changes(db, on=["tea"])
    begin(database)
    Clearing(database, loop).clear("tea")
    with database.connection() as db:
        assert site_moment.now(db).number > moment.number
        assert boards.changes(db, on=["tea"]) > changes
        moment = site_moment.now(db)
    tea = a_board(database, "tea")
    with database.connection() as db:
        assert site_moment.now(db).number > moment.number
    assert tea.last_no == before.last_no
    assert tea.change_no > before.change_no
    stored = a_post(database, tea, files=(a_file(stored_as=an_upload(uploads, tmp_path)),))
    assert stored.no == before.last_no + 1
    for name in ("b", "tea"):
        loop.render(name)
    assert web_root.read("tea/res/1.html") is None
    assert [path for path in web_root.paths("tea/res") if path.endswith(".html")] == [
        f"tea/res/{stored.no}.html"
    ]
    assert not list(Verifier(database, web_root, uploads, "Stillboard").verify())


def test_verify_names_what_lies_of_a_board_that_is_gone(
    database: Database, loop: RenderLoop, web_root: WebRoot, uploads: UploadStore
) -> None:
    a_post(database, a_board(database, "tea"))
    loop.render("tea")
    begin(database)
    Clearing(database, loop).clear("tea")
    web_root.replace("tea/res/1.html", b"<p>came back")
    verifier = Verifier(database, web_root, uploads, "Stillboard", repair=True)
    assert list(verifier.verify()) == [("orphaned", "tea/res/1.html")]
    assert not list(verifier.verify())


def test_bucket_and_edge_follow_and_are_looked_at(
    database: Database, loop: RenderLoop, web_root: WebRoot, uploads: UploadStore, tmp_path: Path
) -> None:
    """The takedown is open until a reader at the edge finds no page of it any more."""
    two_boards(database, uploads, tmp_path)
    loop.has_cloud = True
    for name in ("b", "tea"):
        loop.render(name)
    loop.site_pages.render()
    bucket, purger, probe = FolderObjectStore(tmp_path / "bucket"), RecordingPurger(), Probe()
    stage = a_stage(database, web_root, bucket, purger, probe)
    stage.run()
    assert any(key.startswith("tea/") for key in in_bucket(bucket))
    purger.calls.clear()
    probe.shown = {"tea/res/1.html"}
    begin(database)
    Clearing(database, loop).clear("tea")
    loop.render("b")
    stage.run()
    assert in_bucket(bucket) == in_web_root(web_root)
    purged = {url for call in purger.calls for url in call}
    assert "https://board.example/tea/res/1.html" in purged
    with database.connection() as db:
        assert takedowns.still_open(db).takedowns > 0, "the edge has a page of it"
        assert not publications.of_board(db, "tea")
    probe.shown = set()
    with database.connection() as db:
        db.execute("UPDATE takedowns SET edge_due_at = now() WHERE edge_gone_at IS NULL")
    stage.run()
    assert {"tea/res/1.html", "tea/index.html", "index.html"} <= set(probe.asked)
    with database.connection() as db:
        assert takedowns.still_open(db).takedowns == 0
        assert cloud_ledger.backlog(db).files == 0


def test_page_of_a_new_board_is_none_of_the_old_one(
    database: Database, loop: RenderLoop, web_root: WebRoot, uploads: UploadStore, tmp_path: Path
) -> None:
    """Whoever looks at the edge for what is gone is not told of what stands there by right."""
    a_post(database, a_board(database, "tea"))
    loop.has_cloud = True
    loop.render("tea")
    stage = a_stage(
        database, web_root, FolderObjectStore(tmp_path / "bucket"), RecordingPurger(), None
    )
    stage.run()
    begin(database)
    Clearing(database, loop).clear("tea")
    a_board(database, "tea")
    loop.render("tea")
    with database.connection() as db:
        db.execute("UPDATE takedowns SET edge_due_at = now() WHERE edge_gone_at IS NULL")
        looked_at = {path for due in takedowns.due_at_edge(db, 99) for path in due.paths}
    assert "tea/res/1.html" in looked_at
    assert "tea/index.html" not in looked_at


def test_site_pages_are_told_by_posts_of_that_board_alone(
    database: Database, loop: RenderLoop, web_root: WebRoot, uploads: UploadStore, tmp_path: Path
) -> None:
    two_boards(database, uploads, tmp_path)
    loop.site_pages.render()
    gone = Removed("tea", is_whole_board=True)
    paths = ("index.html", "overboard/index.html", "overboard/0.json", "overboard/catalog.html")
    for path in (*paths, "overboard/index.atom", "overboard/index.rss", "overboard/threads.json"):
        assert markers.shown(path, web_root.read(path) or b"", gone), path
    begin(database)
    loop.site_pages.render()
    for path in web_root.paths():
        if path.startswith("overboard/") or path in ("index.html", "boards.json", "status.json"):
            assert not markers.shown(path, web_root.read(path) or b"", gone), path
    assert markers.shown("tea/index.html", b"", gone)
    assert json.loads(web_root.read("boards.json") or b"")["boards"][0]["board"] == "b"


def test_held_posts_of_a_board_that_is_gone_wait_for_nobody(
    database: Database, loop: RenderLoop, uploads: UploadStore, tmp_path: Path
) -> None:
    two_boards(database, uploads, tmp_path)
    waiting = database.again_on_deadlock(lambda db: held.waiting(db, on=None, limit=9))
    begin(database)
    Clearing(database, loop).clear("tea")
    with database.connection() as db:
        assert held.waiting(db, on=None, limit=9) == []

    def release(db: Connection) -> bool:
        return held.release(db, waiting[0].id)

    assert not database.again_on_deadlock(release)
    assert "posts" not in rows_of(database, "tea")
