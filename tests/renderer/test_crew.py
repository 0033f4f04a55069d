"""Pages drawn by several processes are those that one would have drawn, and as safe."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import psutil
import pytest

from deploy.environment import ROOT
from imageboard.errors import DiskFull, NoSuchBoard, PartDied
from imageboard.store import posts
from imageboard.store.database import Database, snapshot
from imageboard.store.uploads import UploadStore
from renderer.crew import Crew, RedrawingMaker, batches_of, parts_of
from renderer.drawing import pages_of_threads, whole_board
from renderer.pages import board_kinds
from renderer.pages.kind import Key
from renderer.redrawing import Redrawing, Share
from renderer.render_loop import RenderLoop
from renderer.web_root import WebRoot
from tests.builders import a_board, a_post
from tests.deploy.stand_ins import WAIT_S
from tests.renderer.page_names import ALL_MEDIA, CATALOG, board_page, thread

pytestmark = pytest.mark.slow

THREADS = 5
PAGES = [*map(thread, range(1, THREADS + 1)), board_page(1), CATALOG]


def make_own(database_url: str, web_root: Path, uploads: UploadStore) -> Redrawing:
    """A member's own."""
    database = Database(database_url, connections_max=1, name="member")
    database.open()
    return Redrawing(RenderLoop(database, WebRoot(web_root), uploads, site_name="Stillboard"))


class FullDisk(Redrawing):
    """As if the disk were full."""

    def redraw_share(self, share: Share) -> int:
        raise DiskFull(path=str(share.pages[0]))


class Interrupted(Redrawing):
    """Ctrl-C comes while it is at work."""

    def redraw_share(self, share: Share) -> int:
        os.kill(os.getpid(), signal.SIGINT)
        return super().redraw_share(share)


class Killed(Redrawing):
    """It does not survive its work."""

    def redraw_share(self, share: Share) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("unreachable")


def make_full_disk(own_maker: partial[Redrawing]) -> Redrawing:
    return FullDisk(own_maker().loop)


def make_interrupted(own_maker: partial[Redrawing]) -> Redrawing:
    return Interrupted(own_maker().loop)


def make_killed(own_maker: partial[Redrawing]) -> Redrawing:
    return Killed(own_maker().loop)


def a_crew(make_own: RedrawingMaker, size: int) -> Crew:
    """Spawned: a process of tests has threads."""
    return Crew(make_own, size, context=multiprocessing.get_context("spawn"))


@pytest.fixture
def own_maker(database_url: str, web_root: WebRoot, uploads: UploadStore) -> partial[Redrawing]:
    return partial(make_own, database_url, web_root.folder, uploads)


@pytest.fixture
def filled(database: Database, loop: RenderLoop) -> None:
    """A board of a few threads whose pages stand."""
    board = a_board(database)
    for _ in range(THREADS):
        a_post(database, board)
    for no in range(1, THREADS + 1):
        a_post(database, board, thread=no, body=f"Of {no}.")
    loop.render("b")


def whole_site(web_root: WebRoot) -> dict[str, bytes | None]:
    return {path: web_root.read(path) for path in web_root.paths()}


@pytest.mark.usefixtures("filled")
def test_crew_mends_what_one_process_would_have_drawn(
    loop: RenderLoop, web_root: WebRoot, own_maker: partial[Redrawing]
) -> None:
    before = whole_site(web_root)
    with loop.database.connection() as db, snapshot(db):
        pages = whole_board(loop.view(db, "b"))
    with loop.database.transaction() as db:
        db.execute("DELETE FROM publications WHERE path LIKE 'b/%'")
    for path in before:
        if path.startswith("b/"):
            web_root.replace(path, b"of another version")
    with a_crew(own_maker, size=2) as crew:
        written = crew.redraw(Redrawing(loop), "b", pages)
        assert crew.redraw(Redrawing(loop), "b", pages) == 0, "the same bytes are not written again"
    assert whole_site(web_root) == before
    assert written == sum(path.startswith("b/") for path in before)


def test_pages_of_a_thread_are_drawn_by_one_member_and_each_page_by_one() -> None:
    """Who has drawn one of them has read the thread: the others would read it again."""
    pages = [ALL_MEDIA, *pages_of_threads(board_kinds(), range(1, 8)), board_page(1), CATALOG]
    parts = parts_of(pages, 3)
    assert sorted(page for part in parts for page in part) == sorted(pages)
    numbers = [{page.key for page in part if page.key in range(2, 8)} for part in parts]
    assert [len(threads) for threads in numbers] == [2, 2, 2]
    assert sum(map(len, numbers)) == len(set[Key]().union(*numbers))


def test_pages_of_a_thread_are_in_one_batch() -> None:
    pages = [ALL_MEDIA, *pages_of_threads(board_kinds(), range(1, 8)), board_page(1), CATALOG]
    batches = list(batches_of(iter(pages), 4))
    assert [page for batch in batches for page in batch] == pages
    numbers = [page.key for batch in batches for page in {p.key: p for p in batch}.values()]
    assert sorted(number for number in numbers if number in range(2, 8)) == list(range(2, 8))
    assert all(len(batch) >= 4 for batch in batches[:-1])


@pytest.mark.usefixtures("filled")
def test_members_draw_the_moment_that_the_foreman_saw(
    database: Database, loop: RenderLoop, web_root: WebRoot, own_maker: partial[Redrawing]
) -> None:
    """A post removed meanwhile is still on the pages: removing it is its own change's work."""
    with a_crew(own_maker, size=1) as crew:
        spread = crew.spread

        def meanwhile(share: Share, lock_fd: int) -> int:
            with database.transaction() as db:
                posts.remove(db, "b", THREADS + 1)
            return spread(share, lock_fd)

        Redrawing(loop).redraw_shared("b", [thread(1)], meanwhile)
        assert b"Of 1." in (web_root.read("b/res/1.html") or b"")
        loop.render("b")
        assert b"Of 1." not in (web_root.read("b/res/1.html") or b"")


@pytest.mark.usefixtures("filled")
def test_nobody_else_writes_while_a_member_still_does(loop: RenderLoop, web_root: WebRoot) -> None:
    """The foreman may die: a copy of its lock's file that is open keeps the lock."""
    with loop.database.connection() as db, loop.holding(db, "b") as held:
        copy = os.dup(held.file)
    lock = os.open(web_root.folder / ".locks" / "b", os.O_RDWR)
    try:
        with pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(copy)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(lock)


@pytest.mark.usefixtures("filled")
def test_what_a_member_fails_with_is_told(loop: RenderLoop, own_maker: partial[Redrawing]) -> None:
    with a_crew(partial(make_full_disk, own_maker), size=2) as crew:
        with pytest.raises(DiskFull, match="thread"):
            crew.redraw(Redrawing(loop), "b", PAGES)
        with pytest.raises(DiskFull):
            crew.redraw(Redrawing(loop), "b", PAGES)


@pytest.mark.usefixtures("filled")
def test_ctrl_c_that_reaches_the_members_too_is_the_foremans_to_mind(
    loop: RenderLoop, own_maker: partial[Redrawing]
) -> None:
    """A terminal sends it to all of them; each would end in a trace of its own."""
    with a_crew(partial(make_interrupted, own_maker), size=2) as crew:
        assert crew.redraw(Redrawing(loop), "b", PAGES) == 0, "pages are as they were"


@pytest.mark.usefixtures("filled")
def test_member_that_is_killed_leaves_the_board_doubtful(
    loop: RenderLoop, own_maker: partial[Redrawing]
) -> None:
    with a_crew(partial(make_killed, own_maker), size=2) as crew, pytest.raises(PartDied):
        crew.redraw(Redrawing(loop), "b", PAGES)
    with loop.database.connection() as db, loop.holding(db, "b") as held:
        assert held.is_doubtful


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("left", ["busy", "2026-01-01 00:00:00+00"])
def test_redrawing_ends_the_doubt_that_an_interrupted_holder_left(
    loop: RenderLoop, web_root: WebRoot, left: str
) -> None:
    """Or one that stood before the database was restarted; nothing has been posted since."""
    lock = web_root.folder / ".locks" / "b"
    lock.write_text(left)
    Redrawing(loop).redraw("b", PAGES)
    assert lock.read_text() not in ("busy", left)
    assert Redrawing(loop).redraw("b", PAGES) == 0


def test_members_end_with_a_foreman_that_is_killed() -> None:
    """Forked, each has a copy of the lines of those before it, which may not keep them alive."""
    foreman = subprocess.Popen(
        [sys.executable, "-P", "-c", _FOREMAN],
        env={"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with foreman:
        assert foreman.stdout is not None
        members = [psutil.Process(int(pid)) for pid in foreman.stdout.readline().split()]
        foreman.kill()
    assert len(members) == 3
    _, alive = psutil.wait_procs(members, timeout=WAIT_S)
    assert not alive


_FOREMAN = """
import signal
from unittest.mock import Mock
from renderer.crew import Crew

with Crew(Mock, size=3) as crew:
    print(*(member.process.pid for member in crew._members), flush=True)
    signal.pause()
"""


def test_unknown_board_is_refused(loop: RenderLoop, own_maker: partial[Redrawing]) -> None:
    with a_crew(own_maker, size=1) as crew, pytest.raises(NoSuchBoard):
        crew.redraw(Redrawing(loop), "nowhere", PAGES)
