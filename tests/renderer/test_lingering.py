"""Whoever has drawn a board stays there for a while: told directly of what comes, with lists that
follow at a pace. On a real PostgreSQL and a real Valkey; nobody waits for a clock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import pytest
import redis
from rq import Queue
from rq.serializers import JSONSerializer

from imageboard.boards import Board
from imageboard.queue import holders
from imageboard.queue.queues import QUEUE
from imageboard.queue.wake_up import WakeUp
from imageboard.store import outbox, posts, publications
from imageboard.store.database import Connection, Database
from imageboard.store.publications import Publication
from imageboard.store.uploads import UploadStore
from renderer import jobs, lingering, steps
from renderer.bodies import Body
from renderer.lingering import Lingering
from renderer.pages.kind import Page
from renderer.pages.view import BoardView
from renderer.placing import Placing
from renderer.publishing import Publisher
from renderer.render_loop import RenderLoop
from renderer.verify import Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board, a_post
from tests.deploy.stand_ins import eventually

pytestmark = pytest.mark.slow

AN_HOUR_S = 3600.0
THREAD, LISTS = "b/res/1.html", {"b/index.html", "b/catalog.html", "b/threads.json"}


@dataclass
class Scripted:
    """A line on which each wait does the next thing of a test, until there is none left."""

    script: list[Callable[[], object]] = field(default_factory=list)
    has_calls: bool = False
    lists_too: bool = False
    waits: list[float] = field(default_factory=list)
    has_left: bool = False

    def wait(self, wait_s: float) -> bool:
        if not wait_s:
            return False
        self.waits.append(wait_s)
        if not self.script:
            # Somebody else is to have the worker.
            self.has_calls = True
            return True
        self.script.pop(0)()
        return True

    def leave(self) -> None:
        self.has_left = True


def visit(line: Scripted) -> Lingering:
    return Lingering(lambda: True, line=line)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def lingers_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a busy machine takes to draw: what ends a visit is said by the test."""
    monkeypatch.setattr(lingering, "LINGERS_S", AN_HOUR_S)
    monkeypatch.setattr(lingering, "STAYS_S_MAX", AN_HOUR_S)
    monkeypatch.setattr(holders, "LEASE_MS", int(1000 * AN_HOUR_S))
    monkeypatch.setattr(holders, "CONFIRMED_S_MAX", AN_HOUR_S)


@pytest.fixture
def board(database: Database) -> Board:
    return a_board(database)


@pytest.fixture
def loop(database: Database, web_root: WebRoot, uploads: UploadStore) -> RenderLoop:
    """Of a board whose lists are drawn at once, and then not for an hour."""
    return RenderLoop(database, web_root, uploads, "Stillboard", lists_pace_s=AN_HOUR_S)


@pytest.fixture
def placed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Pages put in place, as they come."""
    paths: list[str] = []
    replace = Placing.replace

    def noted(placing: Placing, path: str, body: Body, **how: bool) -> bytes:
        paths.append(path)
        return replace(placing, path, body, **how)

    monkeypatch.setattr(Placing, "replace", noted)
    return paths


def waiting(database: Database) -> list[int]:
    with database.connection() as db:
        return [change.change_no for change in outbox.waiting(db, "b", 100)]


def remove(database: Database, no: int) -> None:
    with database.transaction() as db:
        posts.remove(db, "b", no)


def shows(web_root: WebRoot, path: str, words: str) -> bool:
    return words.encode() in (web_root.read(path) or b"")


def test_thread_shows_each_post_at_once_and_lists_follow_at_their_pace(
    database: Database, board: Board, loop: RenderLoop, web_root: WebRoot, placed: list[str]
) -> None:
    def second_is_shown() -> None:
        assert shows(web_root, THREAD, "the second")
        assert not shows(web_root, "b/index.html", "the second"), "it was drawn a moment ago"

    a_post(database, board, body="the first")
    line = Scripted(
        [
            lambda: placed.clear(),
            lambda: a_post(database, board, thread=1, body="the second"),
            second_is_shown,
        ]
    )
    progress = loop.render("b", visit(line))
    assert shows(web_root, "b/index.html", "the first"), "at once"
    assert set(placed) == {THREAD, "b/res/1.json"}
    assert progress.is_done, "nobody has to come back at once"
    assert waiting(database) == [3], "it is not settled before every page shows it"
    assert line.has_left


def test_lists_show_the_newest_once_their_time_has_come(
    database: Database, board: Board, loop: RenderLoop, web_root: WebRoot
) -> None:
    """However many came meanwhile; nobody has to post again for it."""
    loop.lists_pace_s = 0.001
    a_post(database, board)
    bodies = [f"number {no}" for no in range(3)]
    line = Scripted([partial(a_post, database, board, thread=1, body=body) for body in bodies])
    line.script.append(lambda: None)
    loop.render("b", visit(line))
    assert shows(web_root, "b/index.html", "number 2")


def test_list_that_a_poster_is_led_to_does_not_wait_for_its_pace(
    database: Database, board: Board, loop: RenderLoop, web_root: WebRoot
) -> None:
    def post() -> None:
        a_post(database, board, thread=1, body="look here")
        line.lists_too = True

    a_post(database, board)
    line = Scripted([post])
    while not shows(web_root, "b/index.html", "look here"):
        loop.render("b", visit(line))
        line.has_calls, line.script = False, [lambda: None]


def test_next_holder_draws_lists_that_were_left_and_no_thread_again(
    database: Database,
    board: Board,
    loop: RenderLoop,
    web_root: WebRoot,
    uploads: UploadStore,
    placed: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_post(database, board)
    loop.render("b", visit(Scripted([lambda: a_post(database, board, thread=1, body="late")])))
    placed.clear()
    drawn: set[str] = set()
    really_publish = steps.publish

    def noted(view: BoardView, pages: set[Page], publisher: Publisher) -> None:
        drawn.update(page.kind for page in pages)
        really_publish(view, pages, publisher)

    monkeypatch.setattr(steps, "publish", noted)
    RenderLoop(database, web_root, uploads, "Stillboard").render("b")
    assert drawn >= {"board_page", "catalog"}
    assert all(loop.kinds[name].has_time for name in drawn), drawn
    assert set(placed) >= LISTS
    assert waiting(database) == []


def test_ledger_is_asked_once_in_a_visit_for_what_stands_of_a_thread_and_by_the_next_anew(
    database: Database,
    board: Board,
    loop: RenderLoop,
    web_root: WebRoot,
    uploads: UploadStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    really_known = publications.known

    def noted(db: Connection, paths: list[str]) -> dict[str, Publication]:
        asked.extend(paths)
        return really_known(db, paths)

    monkeypatch.setattr(publications, "known", noted)
    script: list[Callable[[], object]] = [
        lambda: a_post(database, board, thread=1, body="one"),
        lambda: remove(database, 2),
        lambda: a_post(database, board, thread=1, body="another"),
        lambda: remove(database, 1),
    ]
    a_post(database, board)
    loop.render("b", visit(Scripted(script)))
    assert asked.count("b/res/1.html") == 1
    assert web_root.read("b/res/1.html") is None

    a_post(database, board)
    loop.render("b")
    assert not list(Verifier(database, web_root, uploads, "Stillboard").verify())
    asked.clear()
    a_post(database, board, thread=4)
    loop.render("b")
    assert asked.count("b/res/4.html") == 1, "somebody else may have written it since"


def test_holder_that_was_killed_is_made_good_whatever_was_shown(
    database: Database,
    board: Board,
    loop: RenderLoop,
    web_root: WebRoot,
    uploads: UploadStore,
) -> None:
    """Its thread may stand there as the ledger does not know it."""

    def killed() -> None:
        raise KeyboardInterrupt

    a_post(database, board)
    with pytest.raises(KeyboardInterrupt):
        loop.render(
            "b",
            visit(Scripted([lambda: a_post(database, board, thread=1, body="late"), killed])),
        )
    page = web_root.read(THREAD) or b""
    assert b"late" in page
    (web_root.folder / THREAD).write_bytes(page.replace(b"late", b"lost"))
    RenderLoop(database, web_root, uploads, "Stillboard").render("b")
    assert web_root.read(THREAD) == page
    assert list(Verifier(database, web_root, uploads, "Stillboard").verify()) == []


def test_what_is_removed_is_gone_from_lists_at_once_whatever_their_pace(
    database: Database, board: Board, loop: RenderLoop, web_root: WebRoot
) -> None:
    def remove() -> None:
        with database.transaction() as db:
            posts.remove(db, "b", 2)

    a_post(database, board)
    a_post(database, board, thread=1, body="gone tomorrow")
    loop.render("b", visit(Scripted([remove])))
    assert not shows(web_root, "b/index.html", "gone tomorrow")
    assert waiting(database) == []


def test_whoever_leaves_looks_once_more_after_the_last_moment_at_which_it_was_counted_on(
    database: Database, board: Board, loop: RenderLoop, web_root: WebRoot
) -> None:
    """A change that was told to it, and for which nobody was called, is drawn."""

    @dataclass
    class Late(Scripted):
        def leave(self) -> None:
            a_post(database, board, thread=1, body="at the last moment")

    a_post(database, board)
    assert loop.render("b", Lingering(line=Late(), is_told_to_stop=lambda: True)).is_done  # type: ignore[arg-type]
    assert shows(web_root, THREAD, "at the last moment")
    assert shows(web_root, "b/index.html", "at the last moment")
    a_post(database, board, thread=1)
    assert not loop.render("b", visit(Late())).is_done, "it gives way, and has others called"


def test_board_has_its_turn_between_the_parts_of_what_is_called_for_beside_it(
    database: Database, board: Board, loop: RenderLoop, web_root: WebRoot
) -> None:
    """Whoever posts meanwhile waits for one part and not for all."""

    @dataclass
    class Told(Scripted):
        is_told: bool = False

        def wait(self, wait_s: float) -> bool:
            was_told, self.is_told = self.is_told, False
            return was_told

    def help_out() -> bool:
        stood_there.append(shows(web_root, THREAD, "between the two"))
        if len(stood_there) == 1:
            a_post(database, board, thread=1, body="between the two")
            line.is_told = True
        return len(stood_there) < 2

    stood_there: list[bool] = []
    line = Told(has_calls=True)
    a_post(database, board)
    loop.render("b", Lingering(lambda: len(stood_there) == 2, line=line, help_out=help_out))  # type: ignore[arg-type]
    assert stood_there == [False, True]


def test_whoever_is_told_without_end_gives_way_all_the_same(
    database: Database, board: Board, loop: RenderLoop
) -> None:
    """Of a busy site each call for any board is told to all who stay at one."""

    class Told(Scripted):
        def wait(self, wait_s: float) -> bool:
            self.waits.append(wait_s)
            self.has_calls = True
            assert len(self.waits) < 100, "nobody else gets the worker"
            return True

    a_post(database, board)
    helped: list[bool] = []
    others = Lingering(
        lambda: len(helped) > 2,
        line=Told(has_calls=True),  # type: ignore[arg-type]
        help_out=lambda: not helped.append(True),  # type: ignore[func-returns-value]
    )
    loop.render("b", others)
    assert len(helped) == 3


def test_job_stays_at_its_board_and_is_told_of_what_comes_without_another(
    database: Database, board: Board, queue: redis.Redis, staying: Staying, web_root: WebRoot
) -> None:
    a_post(database, board, thread=1, body="the second")
    assert WakeUp(queue).ask_for_render("b")
    assert eventually(lambda: shows(web_root, THREAD, "the second"))
    assert calls(queue) == []
    assert staying.is_there()


def test_job_goes_when_another_board_is_called_for_that_nobody_is_there_for(
    queue: redis.Redis, staying: Staying
) -> None:
    WakeUp(queue).ask_for_render("c")
    assert staying.has_gone()
    assert calls(queue) == ["c"]


def test_job_draws_the_sites_pages_rather_than_go_for_them(
    queue: redis.Redis, staying: Staying, web_root: WebRoot
) -> None:
    """Else a board's only worker would leave it once a second."""
    WakeUp(queue).ask_for_site_again()
    assert eventually(lambda: web_root.read("index.html") is not None)
    assert calls(queue) == []
    assert staying.is_there()


def test_job_lets_whoever_waits_for_the_board_have_it(
    database: Database, staying: Staying, web_root: WebRoot, uploads: UploadStore
) -> None:
    """A proof, or `rerender`, beside a board that is posted to without end."""
    assert list(Verifier(database, web_root, uploads, "Stillboard").verify_board("b")) == []
    assert staying.has_gone()


def test_second_job_for_a_board_leaves_it_to_the_one_that_is_there(staying: Staying) -> None:
    """It would hold a worker that other boards may need."""
    assert jobs.render_board("b") == 0
    assert staying.is_there()


def test_job_that_loses_its_queue_brings_the_board_up_to_date_and_goes(
    database: Database, board: Board, queue: redis.Redis, staying: Staying, web_root: WebRoot
) -> None:
    a_post(database, board, thread=1, body="nobody is told of this")
    assert queue.client_kill_filter(_type="pubsub") == 1
    assert eventually(lambda: shows(web_root, THREAD, "nobody is told of this"))


@dataclass
class Staying:
    """A job that lingers for ever, in a thread of its own."""

    thread: threading.Thread
    queue: redis.Redis

    def is_there(self) -> bool:
        return self.thread.is_alive() and WakeUp(self.queue).tell_holder("b")

    def has_gone(self) -> bool:
        """Raises nothing: a test that waits for ever says where."""
        self.thread.join()
        return not WakeUp(self.queue).tell_holder("b")


@pytest.fixture
def staying(
    database: Database,
    board: Board,
    queue: redis.Redis,
    loop: RenderLoop,
    web_root: WebRoot,
) -> Iterator[Staying]:
    """At a board with one post, which all pages show."""
    a_post(database, board)
    stop = threading.Event()
    jobs.prepare(jobs.Parts(database, WakeUp(queue), loop, is_told_to_stop=stop.is_set))
    made = Staying(threading.Thread(target=jobs.render_board, args=("b",)), queue)
    made.thread.start()
    assert eventually(lambda: shows(web_root, "b/threads.json", '"no":1') and made.is_there())
    yield made
    stop.set()
    made.thread.join()


def calls(queue: redis.Redis) -> list[str]:
    jobs = Queue(QUEUE, connection=queue, serializer=JSONSerializer).jobs
    return [argument for job in jobs for argument in job.args or ["the site"]]
