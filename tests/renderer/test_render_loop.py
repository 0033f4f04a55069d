"""Waiting changes become pages: on a real PostgreSQL, into a folder."""

from __future__ import annotations

import gzip
import json
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import brotli
import psycopg
import pytest

from imageboard.errors import DiskFull, StoreUnavailable
from imageboard.facts import BoardChanged, ThreadRerendered
from imageboard.store import boards, outbox, posts, threads
from imageboard.store.database import Connection, Database
from imageboard.store.uploads import UploadStore
from renderer import agenda, bodies, making_room, placing
from renderer.agenda import HANDFUL_WHEN_LATE
from renderer.bodies import Body, Chunks, brotlied
from renderer.placing import Placing, Siblings
from renderer.publishing import Publisher
from renderer.render_loop import BURST_CHANGES, REST_S_MAX, RenderLoop
from renderer.visits import Passing
from renderer.web_root import WebRoot
from tests.builders import a_board, a_file, a_post, names_of_first

pytestmark = pytest.mark.slow


def page(web_root: WebRoot, path: str) -> str:
    body = web_root.read(path)
    assert body is not None, f"{path} is not there"
    return body.decode()


def read_json(web_root: WebRoot, path: str) -> Any:
    return json.loads(page(web_root, path))


def whole_site(web_root: WebRoot) -> dict[str, bytes]:
    return {path: web_root.read(path) or b"" for path in web_root.paths()}


def test_new_board_has_all_its_pages_before_its_first_post(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    a_board(database)
    loop.render("b")
    loop.site_pages.render()
    there = set(web_root.paths())
    assert {"index.html", "404.html", "boards.json", "robots.txt"} <= there
    assert {
        "b/index.html",
        "b/0.json",
        "b/catalog.html",
        "b/catalog.json",
        "b/threads.json",
    } <= there


def test_post_is_on_its_thread_page_board_page_catalog_and_json(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    board = a_board(database)
    a_post(database, board, subject="Kettles", body="Which one?")
    a_post(database, board, thread=1, body="The blue one.")
    assert loop.render("b").changes == 3
    loop.site_pages.render()
    for path in ("b/res/1.html", "b/index.html"):
        assert "The blue one." in page(web_root, path)
        assert page(web_root, path).endswith("</html>\n")
    assert "Kettles" in page(web_root, "b/catalog.html")
    assert "Kettles" in page(web_root, "index.html")
    thread = read_json(web_root, "b/res/1.json")
    assert [post["com"] for post in thread["posts"]] == ["Which one?", "The blue one."]
    assert read_json(web_root, "b/threads.json")[0]["threads"][0]["replies"] == 1


#: Longer ago than a thread has to be quiet before it falls off.
LONG_AGO = datetime.now(UTC) - timedelta(days=2)


def test_thread_that_fell_off_is_gone_from_every_page_and_comes_back_as_it_was(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    """The same render job that draws the new thread sets the last one aside."""
    board = a_board(database, threads_per_page=1, pages_max=1, archive_days=0)
    a_post(database, board, at=LONG_AGO, body="the old one")
    loop.render("b")
    before = but_for_its_change(page(web_root, "b/res/1.html"))
    a_post(database, board, body="the new one")
    loop.render("b")
    loop.site_pages.render()
    assert not any(b"the old one" in body for body in whole_site(web_root).values())
    assert not {"b/res/1.html", "b/res/1.json", "b/2.html"} & set(web_root.paths())
    with database.transaction() as db:
        posts.bring_back(db, "b", 1)
    loop.render("b")
    assert but_for_its_change(page(web_root, "b/res/1.html")) == before
    assert "the old one" in page(web_root, "b/index.html")


def but_for_its_change(thread_page: str) -> str:
    """A thread's page says by which change it is."""
    return re.sub(r'data-change="\d+"', "", thread_page)


@pytest.mark.usefixtures("connections_that_live")
def test_a_step_asks_no_more_of_the_database_for_posts_removed_from_ten_threads_than_from_two(
    database: Database, loop: RenderLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = a_board(database)
    openings = [a_post(database, board).no for _ in range(12)]
    replies = [a_post(database, board, thread=no).no for no in openings]
    loop.render("b")
    asked = [0]
    really_execute = Connection.execute

    def counted(db: Connection, *args: Any, **kwargs: Any) -> Any:
        asked[0] += 1
        return really_execute(db, *args, **kwargs)

    monkeypatch.setattr(Connection, "execute", counted)
    counts = []
    for nos in (replies[:2], replies[2:]):
        with database.transaction() as db:
            posts.remove_all(db, "b", nos, removal=None)
        asked[0] = 0
        loop.render("b")
        counts.append(asked[0])
    assert counts[0] == counts[1]


def test_oldest_replies_of_a_cyclical_thread_go_as_new_ones_come(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    board = a_board(database, cyclical_replies=10)
    a_post(database, board)
    with database.transaction() as db:
        posts.mark_thread(db, "b", 1, is_cyclical=True)
    for _ in range(12):
        a_post(database, board, thread=1)
    loop.render("b")
    op, *replies = json.loads(page(web_root, "b/res/1.json"))["posts"]
    assert (op["cyclical"], op["replies"]) == (1, 10)
    assert [reply["no"] for reply in replies] == list(range(4, 14))
    assert ">Cyclical</span>" in page(web_root, "b/res/1.html")


def test_thread_that_can_not_be_set_aside_now_goes_the_next_time(
    database: Database,
    loop: RenderLoop,
    web_root: WebRoot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And no page waits for it."""
    board = a_board(database, threads_per_page=1, pages_max=1, archive_days=0)
    a_post(database, board, at=LONG_AGO)
    a_post(database, board, body="the new one")
    really_prune = posts.prune

    def fail_once(*_args: object, **_limits: object) -> None:
        monkeypatch.setattr(posts, "prune", really_prune)
        raise StoreUnavailable(part="database")

    monkeypatch.setattr(posts, "prune", fail_once)
    assert loop.render("b").is_done
    assert "the new one" in page(web_root, "b/index.html")
    assert making_room.prune(database, "b", limits=True) == 1
    loop.render("b")
    assert not web_root.read("b/res/1.html")


def test_every_page_exists_in_three_encodings_of_the_same_bytes(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    board = a_board(database)
    a_post(database, board)
    loop.render("b")
    loop.site_pages.render()
    for path in ("b/res/1.html", "b/res/1.json", "b/catalog.json", "index.html"):
        place = web_root.folder / path
        assert gzip.decompress(Path(f"{place}.gz").read_bytes()) == place.read_bytes()
        assert brotli.decompress(Path(f"{place}.br").read_bytes()) == place.read_bytes()


def test_rendering_all_again_gives_the_same_bytes_and_writes_nothing(
    database: Database, loop: RenderLoop, web_root: WebRoot, uploads: UploadStore
) -> None:
    board = a_board(database)
    for _ in range(12):
        a_post(database, board)
    a_post(database, board, thread=1, body=">>2 >>3")
    loop.render("b")
    before = whole_site(web_root)
    written = {path: (web_root.folder / path).stat().st_mtime_ns for path in before}
    with database.transaction() as db:
        boards.ask_again(db, "b", BoardChanged())
    fresh = RenderLoop(database, web_root, uploads, site_name="Stillboard")
    fresh.render("b")
    assert whole_site(web_root) == before
    assert {path: (web_root.folder / path).stat().st_mtime_ns for path in before} == written


def test_kept_fragments_give_the_same_bytes_as_none(
    database: Database, loop: RenderLoop, web_root: WebRoot, uploads: UploadStore, tmp_path: Path
) -> None:
    """Whatever happens, pages made from kept fragments equal pages made from nothing."""
    board = a_board(database)
    a_post(database, board, body="OP")
    a_post(database, board, body="another", files=(a_file(),))
    steps = [
        lambda: a_post(database, board, thread=1, body=">>1 >>2"),
        lambda: a_post(database, board, thread=2, body=">>3"),
        lambda: a_post(database, board, thread=1, body="sage", email="sage"),
        lambda: database.again_on_deadlock(lambda db: posts.remove(db, "b", 4)),
        lambda: database.again_on_deadlock(lambda db: posts.remove_files(db, "b", 2)),
        lambda: database.again_on_deadlock(
            lambda db: posts.mark_thread(db, "b", 1, is_sticky=True, is_locked=True)
        ),
        lambda: a_post(database, board, body=">>3 >>5"),
        lambda: database.again_on_deadlock(lambda db: posts.remove(db, "b", 3)),
        lambda: database.again_on_deadlock(lambda db: posts.remove(db, "b", 1)),
    ]
    for number, step in enumerate(steps):
        step()
        loop.render("b")
        loop.site_pages.render()
        from_nothing = WebRoot(tmp_path / f"again-{number}")
        with database.transaction() as db:
            db.execute("DELETE FROM publications")
            boards.ask_again(db, "b", BoardChanged())
        another = RenderLoop(database, from_nothing, uploads, site_name="Stillboard")
        another.render("b")
        with database.connection() as db:
            another.site_pages.draw(db, anew=True)
        assert whole_site(web_root) == whole_site(from_nothing), f"after step {number}"


def test_removed_thread_takes_its_pages_along(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    board = a_board(database, threads_per_page=1)
    for _ in range(2):
        a_post(database, board)
    loop.render("b")
    assert web_root.read("b/2.html") is not None
    with database.transaction() as db:
        posts.remove(db, "b", 1)
    loop.render("b")
    for path in ("b/res/1.html", "b/res/1.json", "b/2.html", "b/1.json"):
        assert web_root.read(path) is None, path
    assert not list(web_root.folder.glob("b/res/1.*")), "nor in any encoding"


def test_what_is_removed_is_gone_from_all_pages_before_any_of_them_is_compressed(
    database: Database, loop: RenderLoop, web_root: WebRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of the site too: readers get them as they are meanwhile."""
    board = a_board(database)
    for thread in (None, 1):
        a_post(database, board, thread=thread, body="unmistakable" if thread else "Hello.")
    loop.render("b")
    loop.site_pages.render()
    shown: list[set[str]] = []

    def note(body: Body) -> Chunks:
        everywhere = [*web_root.folder.rglob("*.html*"), *web_root.folder.rglob("*.json*")]
        shown.append({path.name for path in everywhere if b"unmistakable" in _unpacked(path)})
        return brotlied(body)

    monkeypatch.setattr(placing, "brotlied", note)
    with database.transaction() as db:
        posts.remove(db, "b", 2)
    loop.render("b")
    assert shown[0] == set()


def _unpacked(place: Path) -> bytes:
    return bodies.unpacked(place.name, place.read_bytes()) or b""


@pytest.mark.parametrize("place_of_thread", ["on its board", "kept aside", "archived"])
@pytest.mark.parametrize("kind", ["post", "thread", "files"])
def test_master_copies_of_what_is_removed_are_gone_with_its_pages(
    database: Database,
    loop: RenderLoop,
    uploads: UploadStore,
    tmp_path: Path,
    kind: str,
    place_of_thread: str,
) -> None:
    """And nobody else's: an hour later the sweep would have been too late."""
    archive_days = 30 if place_of_thread == "archived" else 0
    board = a_board(database, threads_per_page=1, pages_max=1, archive_days=archive_days)
    masters = [an_upload(uploads, tmp_path) for _ in range(4)]
    op, reply, _beside, _other = (
        a_post(database, board, thread=thread, files=(a_file(stored_as=master),))
        for thread, master in zip((None, 1, 1, None), masters, strict=True)
    )
    loop.limits = place_of_thread == "on its board"
    loop.render("b")
    with database.connection() as db:
        aside, shown = threads.get_aside(db, "b", op.no), threads.get(db, "b", op.no)
    assert (aside is not None) == (place_of_thread == "kept aside")
    assert bool(shown and shown.archived_s) == (place_of_thread == "archived")
    with database.transaction() as db:
        if kind == "files":
            posts.remove_files(db, "b", op.no)
        else:
            posts.remove(db, "b", op.no if kind == "thread" else reply.no)
    loop.render("b")
    gone = {"post": {1}, "thread": {0, 1, 2}, "files": {0}}[kind]
    for place, master in enumerate(masters):
        files = [uploads.original(master), uploads.thumbnail(master)]
        assert [file.exists() for file in files] == [place not in gone] * 2, place


@pytest.mark.usefixtures("connections_that_live")
def test_step_asks_no_more_often_however_many_posts_with_pictures_it_takes_away(
    database: Database,
    loop: RenderLoop,
    web_root: WebRoot,
    uploads: UploadStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Readers wait for each answer of the database, one after the other."""
    board = a_board(database)
    a_post(database, board)
    answers = []
    for count in (2, 20):
        nos = [
            a_post(
                database, board, thread=1, files=(a_file(stored_as=an_upload(uploads, tmp_path)),)
            ).no
            for _ in range(count)
        ]
        loop.render("b")
        assert len(list(web_root.folder.glob("b/src/*"))) == count
        with database.transaction() as db:
            posts.remove_all(db, "b", nos)
        answers.append(statements_of(lambda: loop.render("b"), monkeypatch))
        assert not [*web_root.folder.glob("b/src/*"), *web_root.folder.glob("b/thumb/*")]
    few, many = answers
    assert many == few


def statements_of(work: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> int:
    """How many the database was asked to carry out."""
    counted = 0
    execute = psycopg.Connection.execute

    def counting(*args: Any, **fields: Any) -> Any:
        nonlocal counted
        counted += 1
        return execute(*args, **fields)

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.Connection, "execute", counting)
        work()
    return counted


def test_long_thread_has_a_page_of_its_last_fifty(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    board = a_board(database)
    a_post(database, board, body="OP")
    for no in range(2, 101):
        a_post(database, board, thread=1, body=f"reply {no}")
    loop.render("b")
    assert web_root.read("b/res/1+50.html") is None
    a_post(database, board, thread=1, body="reply 101")
    loop.render("b")
    tail = page(web_root, "b/res/1+50.html")
    assert 'id="52"' in tail
    assert 'id="51"' not in tail
    assert 'id="1"' in tail, "the OP stands above"
    with database.transaction() as db:
        posts.remove(db, "b", 101)
    loop.render("b")
    assert web_root.read("b/res/1+50.html") is None


def test_links_among_the_last_fifty_stay_on_their_page(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    """Else a press on a quote would load the whole thread, which that page leaves out."""
    board = a_board(database)
    a_post(database, board, body="OP")
    other = a_post(database, board, body="another thread")
    for no in range(3, 108):
        body = {106: f">>105 >>4 >>1 >>{other.no}", 107: 'href="/b/res/1.html#105"'}.get(
            no, "words"
        )
        a_post(database, board, thread=1, body=body)
    loop.render("b")
    tail = page(web_root, "b/res/1+50.html")
    quoting = tail[tail.index('id="106"') : tail.index('id="107"')]
    links = re.findall('href="([^"]*#[0-9]+)"', quoting)
    assert {"#105", "#1", "/b/res/1.html#4", "/b/res/2.html#2", "#106"} <= set(links)
    assert "#q106" in quoting
    assert "/b/res/1.html#105" in tail[tail.index('id="107"') :], "what was typed stays as it is"
    backlink = tail[tail.index('id="105"') : tail.index('id="106"')]
    assert 'href="#106"' in backlink
    whole = page(web_root, "b/res/1.html")
    assert "/b/res/1.html#105" in whole


def test_file_stands_beside_its_page_and_goes_with_it(
    database: Database, loop: RenderLoop, web_root: WebRoot, uploads: UploadStore, tmp_path: Path
) -> None:
    board = a_board(database)
    name = an_upload(uploads, tmp_path)
    stored = a_post(database, board, files=(a_file(stored_as=name),))
    loop.render("b")
    assert [web_root.read(f"b/{media}") for media in names_of_first(stored)] == [
        b"picture",
        b"thumbnail",
    ]
    with database.transaction() as db:
        posts.remove_files(db, "b", stored.no)
    loop.render("b")
    assert [web_root.read(f"b/{media}") for media in names_of_first(stored)] == [None, None]
    assert "filedeleted" in page(web_root, "b/res/1.json")


def test_lost_upload_does_not_hold_up_the_page(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    board = a_board(database)
    a_post(database, board, body="words", files=(a_file(),))
    loop.render("b")
    assert "words" in page(web_root, "b/res/1.html")


def test_two_renderers_never_put_an_older_page_over_a_newer(
    database: Database, web_root: WebRoot, uploads: UploadStore
) -> None:
    """A reader who polls while posts come in and two renderers race sees numbers only grow."""
    board = a_board(database)
    a_post(database, board)
    loops = [RenderLoop(database, web_root, uploads, site_name="S") for _ in range(2)]
    loops[0].render("b")
    stop = threading.Event()
    seen: list[int] = []
    torn: list[str] = []

    def render(loop: RenderLoop) -> None:
        while not stop.is_set():
            loop.render("b")

    def read() -> None:
        while not stop.is_set():
            html = page(web_root, "b/res/1.html")
            seen.append(html.count("<article"))
            if not html.endswith("</html>\n"):
                torn.append(html)

    workers = [threading.Thread(target=render, args=(loop,)) for loop in loops]
    workers.append(threading.Thread(target=read))
    for worker in workers:
        worker.start()
    for _ in range(60):
        a_post(database, board, thread=1)
    stop.set()
    for worker in workers:
        worker.join()
    loops[0].render("b")
    assert torn == []
    assert seen == sorted(seen)
    assert page(web_root, "b/res/1.html").count("<article") == 61


def test_pass_that_fails_leaves_its_changes_waiting(
    database: Database, loop: RenderLoop, web_root: WebRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = a_board(database)
    loop.render("b")
    a_post(database, board, body="patience")

    def no_room(self: Placing, path: str, body: Body, **_how: bool) -> bytes:
        raise DiskFull(path=path)

    with monkeypatch.context() as broken:
        broken.setattr(Placing, "replace", no_room)
        with pytest.raises(DiskFull):
            loop.render("b")
    with database.connection() as db:
        assert [lag.changes for lag in outbox.lag(db)] == [1]
    loop.render("b")
    assert "patience" in page(web_root, "b/res/1.html")


@pytest.mark.parametrize(
    ("posts_at_once", "rests"), [(BURST_CHANGES - 1, False), (BURST_CHANGES, True)]
)
def test_loop_rests_after_a_step_of_a_burst_and_only_then(
    database: Database, loop: RenderLoop, posts_at_once: int, rests: bool
) -> None:
    board = a_board(database)
    a_post(database, board)
    loop.render("b")
    rested_s: list[float] = []
    loop.rest = rested_s.append
    for _ in range(posts_at_once):
        a_post(database, board, thread=1)
    loop.render("b")
    assert bool(rested_s) is rests
    assert all(0 < seconds <= REST_S_MAX for seconds in rested_s)


def test_threads_are_drawn_with_all_processors_and_what_has_time_with_one(
    database: Database, loop: RenderLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    overlapping: dict[str, Siblings] = {}
    replace = Placing.replace

    def note(placing: Placing, path: str, body: Body, *, siblings: Siblings) -> bytes:
        overlapping[path] = siblings
        return replace(placing, path, body, siblings=siblings)

    monkeypatch.setattr(Placing, "replace", note)
    a_post(database, a_board(database))
    loop.render("b")
    threads = {"b/res/1.html", "b/res/1.json"}
    assert overlapping.keys() > threads
    assert {path for path, siblings in overlapping.items() if siblings == "beside"} == threads


def test_board_that_is_posted_to_without_end_gives_way_again_and_again(
    database: Database, loop: RenderLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step leaves more to be drawn than the last; and yet the others get their turn."""
    monkeypatch.setattr(agenda, "REST_WAITS_S_MAX", 0.0)
    threads = 2 * HANDFUL_WHEN_LATE
    board = a_board(database, threads_per_page=1, pages_max=threads)
    for _ in range(threads):
        a_post(database, board)
    loop.render("b")
    turns: list[int] = []
    step = 0

    def post_again() -> None:
        """To the thread on the last page: all pages change."""
        nonlocal step
        step += 1
        if step < 100:
            a_post(database, board, thread=1 + step % threads)

    def gives_way() -> bool:
        turns.append(step)
        return len(turns) == 3

    loop.on_published = post_again
    post_again()
    progress = loop.render("b", Passing(gives_way))
    assert not progress.is_done
    assert progress.changes > 0
    with database.connection() as db:
        waiting = sum(lag.changes for lag in outbox.lag(db))
    assert waiting > 0, "it gave way although more waits"
    assert waiting == step - progress.changes, "what was settled waits no longer"
    loop.on_published = lambda: None
    assert loop.render("b").is_done


def test_changes_are_settled_although_others_come_in_all_the_time(
    database: Database, loop: RenderLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agenda, "REST_WAITS_S_MAX", 0.0)
    board = a_board(database)
    a_post(database, board)
    steps = 0
    lags: list[int] = []

    def post_again() -> None:
        nonlocal steps
        steps += 1
        if steps > 40:
            return
        a_post(database, board, thread=1)
        with database.connection() as db:
            lags.append(sum(lag.changes for lag in outbox.lag(db)))

    loop.on_published = post_again
    loop.render("b")
    assert len(lags) == 40
    assert max(lags) <= 5, "it does not pile up"


def test_one_thread_can_be_asked_for_again(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    board = a_board(database)
    a_post(database, board)
    loop.render("b")
    with database.transaction() as db:
        boards.ask_again(db, "b", ThreadRerendered(1))
    assert loop.render("b").changes == 1


def an_upload(uploads: UploadStore, tmp_path: Path) -> str:
    original, thumbnail = tmp_path / "original", tmp_path / "thumbnail"
    original.write_bytes(b"picture")
    thumbnail.write_bytes(b"thumbnail")
    return uploads.take(original, thumbnail)


def test_page_of_an_interrupted_pass_does_not_outlive_its_thread(
    database: Database, loop: RenderLoop, web_root: WebRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page was put in place, the ledger not written; then the thread was deleted."""
    board = a_board(database)
    loop.render("b")
    a_post(database, board)
    interrupt_before_the_ledger(loop, monkeypatch)
    assert web_root.read("b/res/1.html") is not None
    with database.transaction() as db:
        posts.remove(db, "b", 1)
    loop.render("b")
    assert web_root.read("b/res/1.html") is None


def test_interrupted_pass_is_made_good_even_when_the_page_is_again_as_it_was(
    database: Database, loop: RenderLoop, web_root: WebRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger's hash is right again, but the page that stands there is not."""
    board = a_board(database)
    a_post(database, board)
    loop.render("b")
    before = page(web_root, "b/index.html")
    with database.transaction() as db:
        posts.mark_thread(db, "b", 1, is_locked=True)

    def is_drawn() -> bool:
        return page(web_root, "b/index.html") != before

    interrupt_before_the_ledger(loop, monkeypatch, is_drawn)
    assert is_drawn()
    with database.transaction() as db:
        posts.mark_thread(db, "b", 1, is_locked=False)
    loop.render("b")
    assert page(web_root, "b/index.html") == before


def test_ledger_that_lost_its_last_moments_is_not_believed(
    database: Database, loop: RenderLoop, web_root: WebRoot
) -> None:
    """The server crashed: the ledger is as it was, and the page of a moment ago stands there."""
    board = a_board(database)
    a_post(database, board)
    loop.render("b")
    before = page(web_root, "b/index.html")
    with database.transaction() as db:
        kept = db.execute("SELECT sha256 FROM publications WHERE path = 'b/index.html'").fetchone()
        posts.mark_thread(db, "b", 1, is_locked=True)
    loop.render("b")
    with database.transaction() as db:
        db.execute("UPDATE publications SET sha256 = %s WHERE path = 'b/index.html'", kept)
        posts.mark_thread(db, "b", 1, is_locked=False)
    for lock in (web_root.folder / ".locks").iterdir():
        lock.write_text("when the server was started before")
    loop.render("b")
    assert page(web_root, "b/index.html") == before


def interrupt_before_the_ledger(
    loop: RenderLoop, monkeypatch: pytest.MonkeyPatch, is_due: Callable[[], bool] = lambda: True
) -> None:
    """Before what was drawn goes into the ledger, in the first step in which `is_due`."""
    record = Publisher.record

    def interrupted(self: Publisher, db: Connection) -> None:
        if is_due():
            raise KeyboardInterrupt
        record(self, db)

    with monkeypatch.context() as broken:
        broken.setattr(Publisher, "record", interrupted)
        with pytest.raises(KeyboardInterrupt):
            loop.render("b")
