"""The catch-up pass makes good what was lost on the way, whichever part was down."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from prometheus_client import REGISTRY
from rq import Queue
from rq.serializers import JSONSerializer

from imageboard.errors import DiskFull
from imageboard.queue.queues import MEDIA_QUEUE, PUBLISH_QUEUE, PUSH_QUEUE, QUEUE
from imageboard.queue.wake_up import WakeUp, connect
from imageboard.store import outbox, push_subscriptions
from imageboard.store.database import Connection, Database
from imageboard.store.push_subscriptions import NewSubscription
from renderer import jobs
from renderer.bodies import Body
from renderer.keeper.catch_up import FREE_BYTES_MIN, CatchUp
from renderer.placing import Placing
from renderer.render_loop import RenderLoop
from renderer.web_root import WebRoot
from tests.builders import a_board, a_file, a_post

pytestmark = pytest.mark.slow


@pytest.fixture
def dead_url() -> Iterator[str]:
    """A port at which nothing answers: bound, so that nobody else can have it."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{holder.getsockname()[1]}"


def age_everything(db: Connection, seconds: float) -> None:
    """As if what waits had come in that long ago; of less than nothing, as if it were to come."""
    db.execute("UPDATE outbox SET added_at = added_at - make_interval(secs => %s)", (seconds,))


def left_behind(database: Database) -> None:
    with database.transaction() as db:
        age_everything(db, 5)


def calls(queue: redis.Redis) -> list[str]:
    jobs = Queue(QUEUE, connection=queue, serializer=JSONSerializer).jobs
    return [job.args[0] for job in jobs if job.args]


def failures(part: str) -> float:
    return REGISTRY.get_sample_value("stillboard_part_failures_total", {"part": part}) or 0.0


def waiting(database: Database) -> int:
    with database.connection() as db:
        return sum(lag.changes for lag in outbox.lag(db))


def statements() -> float:
    return REGISTRY.get_sample_value("stillboard_query_seconds_count") or 0.0


@pytest.mark.usefixtures("connections_that_live")
def test_pass_asks_little_while_nothing_waits(database: Database, catch_up: CatchUp) -> None:
    """Each second, on a board to which nobody posts."""
    a_post(database, a_board(database))
    catch_up.loop.render("b")
    catch_up.loop.site_pages.render()
    catch_up.run_once()
    before = statements()
    catch_up.run_once()
    assert statements() - before <= 5


# --- boards that were left behind ---


def test_board_is_woken_after_the_queue_lost_its_data(
    database: Database, queue: redis.Redis, catch_up: CatchUp
) -> None:
    a_post(database, a_board(database))
    catch_up.wake_up.ask_for_render("b")
    queue.flushall()
    left_behind(database)
    catch_up.run_once()
    assert calls(queue) == ["b"]


def test_board_is_woken_though_its_call_was_lost_with_a_worker(
    database: Database, queue: redis.Redis, catch_up: CatchUp
) -> None:
    """The key that names the call is still there: it must not keep the board asleep."""
    a_post(database, a_board(database))
    catch_up.wake_up.ask_for_render("b")
    Queue(QUEUE, connection=queue, serializer=JSONSerializer).pop_job_id()
    left_behind(database)
    catch_up.run_once()
    assert calls(queue) == ["b"]


def test_lists_that_were_left_to_catch_up_are_drawn_and_no_call_was_lost(
    database: Database, queue: redis.Redis, catch_up: CatchUp
) -> None:
    """Whoever drew the threads had to go before the lists had their time."""
    a_post(database, a_board(database))
    with database.transaction() as db:
        outbox.note_threads_shown(db, "b", 2)
    left_behind(database)
    before = REGISTRY.get_sample_value("stillboard_boards_left_behind_total")
    catch_up.run_once()
    assert calls(queue) == ["b"]
    assert REGISTRY.get_sample_value("stillboard_boards_left_behind_total") == before
    a_post(database, a_board(database, "c"))
    left_behind(database)
    catch_up.run_once()
    after = REGISTRY.get_sample_value("stillboard_boards_left_behind_total")
    assert after == (before or 0) + 2, "of both: a board more is a change of all others"


def test_boards_that_nobody_renders_are_called_for_once_however_often_they_are_found(
    database: Database, queue: redis.Redis, catch_up: CatchUp
) -> None:
    """A thousand late boards for two minutes made 119,738 calls once, and pages 270 s late."""
    names = [f"b{number}" for number in range(12)]
    for name in names:
        a_post(database, a_board(database, name))
    left_behind(database)
    for _ in range(4):
        assert set(catch_up.wake_left_behind()) == set(names)
    assert sorted(calls(queue)) == sorted(names)


def test_boards_wait_for_room_and_are_called_for_as_soon_as_there_is(
    database: Database, queue: redis.Redis, catch_up: CatchUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tries that must fail would fill the queue and the logs, which need room too."""
    a_post(database, a_board(database))
    left_behind(database)
    free = {"bytes": FREE_BYTES_MIN - 1}
    monkeypatch.setattr("renderer.keeper.catch_up.free_bytes", lambda _folder: free["bytes"])
    before = failures("disk")
    for _ in range(3):
        catch_up.run_once()
    assert calls(queue) == []
    assert failures("disk") == before + 3
    free["bytes"] = FREE_BYTES_MIN
    catch_up.run_once()
    assert calls(queue) == ["b"]


def test_job_that_finds_no_room_leaves_the_pages_as_they_were_and_the_queue_whole(
    database: Database,
    queue: redis.Redis,
    loop: RenderLoop,
    web_root: WebRoot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    board = a_board(database)
    a_post(database, board, body="first kettle")
    jobs.prepare(jobs.Parts(database, WakeUp(queue), loop))
    assert jobs.render_board("b") > 0
    a_post(database, board, thread=1, body="second kettle")

    def no_room(_self: Placing, path: str, _body: Body, **_how: bool) -> bytes:
        raise DiskFull(path=path)

    with monkeypatch.context() as full:
        full.setattr(Placing, "replace", no_room)
        assert jobs.render_board("b") == 0
    page = web_root.read("b/res/1.html") or b""
    assert (b"first kettle" in page, b"second kettle" in page) == (True, False)
    assert jobs.render_board("b") > 0
    assert b"second kettle" in (web_root.read("b/res/1.html") or b"")


def test_pages_of_the_site_wait_for_room_too(
    database: Database, queue: redis.Redis, loop: RenderLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call of their own, and none that failed: nobody has to look after it."""
    a_post(database, a_board(database))
    jobs.prepare(jobs.Parts(database, WakeUp(queue), loop))
    assert jobs.render_board("b") > 0

    def no_room(_self: Placing, path: str, _body: Body, **_how: bool) -> bytes:
        raise DiskFull(path=path)

    before = failures("disk")
    with monkeypatch.context() as full:
        full.setattr(Placing, "replace", no_room)
        assert jobs.render_site() == 0
    assert failures("disk") == before + 1
    assert jobs.render_site() > 0


def test_board_that_a_worker_is_about_to_render_is_left_in_peace(
    database: Database, queue: redis.Redis, catch_up: CatchUp
) -> None:
    a_post(database, a_board(database))
    with database.transaction() as db:
        age_everything(db, -60)  # it waits for less than a second on the slowest machine
    catch_up.run_once()
    assert calls(queue) == []


def test_boards_are_rendered_here_when_the_queue_is_down(
    database: Database, catch_up: CatchUp, web_root: WebRoot, dead_url: str
) -> None:
    for name in "bc":
        a_post(database, a_board(database, name), body=f"patience on {name}")
    left_behind(database)
    catch_up.wake_up = WakeUp(connect(f"redis://{dead_url}/0"))
    before = failures("queue")
    catch_up.run_once()
    for name in "bc":
        assert f"patience on {name}".encode() in (web_root.read(f"{name}/res/1.html") or b"")
    assert waiting(database) == 0
    assert failures("queue") == before + 2


def test_board_that_can_not_be_rendered_does_not_hold_up_the_next(
    database: Database,
    catch_up: CatchUp,
    web_root: WebRoot,
    dead_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in "bc":
        a_post(database, a_board(database, name))
    left_behind(database)
    catch_up.wake_up = WakeUp(connect(f"redis://{dead_url}/0"))
    replace = Placing.replace

    def no_room_for_b(self: Placing, path: str, body: Body, **how: bool) -> bytes:
        if path.startswith("b/res/"):
            raise DiskFull(path=path)
        return replace(self, path, body, **how)

    before = failures("renderer")
    with monkeypatch.context() as full:
        full.setattr(Placing, "replace", no_room_for_b)
        catch_up.run_once()
    assert web_root.read("c/res/1.html") is not None
    assert failures("renderer") == before + 1
    catch_up.run_once()
    assert web_root.read("b/res/1.html") is not None


def test_database_that_is_down_is_counted_and_the_next_pass_works(
    database: Database,
    queue: redis.Redis,
    catch_up: CatchUp,
    dead_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_post(database, a_board(database))
    left_behind(database)
    monkeypatch.setattr("imageboard.store.database.CONNECTION_WAIT_S", 0.05)
    down = Database(f"postgresql://stillboard@{dead_url}/board", connections_max=2)
    down.open()
    catch_up.database = down
    before = failures("database")
    catch_up.run_once()
    down.close()
    assert failures("database") == before + 1
    catch_up.database = database
    catch_up.run_once()
    assert calls(queue) == ["b"]


# --- the second stage ---


def publish_calls(queue: redis.Redis) -> int:
    return Queue(PUBLISH_QUEUE, connection=queue, serializer=JSONSerializer).count


def test_publisher_is_called_once_while_the_cloud_is_behind(
    database: Database, catch_up: CatchUp, loop: RenderLoop, queue: redis.Redis
) -> None:
    catch_up.has_cloud = True
    catch_up.run_once()
    assert publish_calls(queue) == 0, "nothing is behind"
    a_post(database, a_board(database))
    loop.render("b")
    for _ in range(3):
        catch_up.run_once()
    assert publish_calls(queue) == 1
    assert (REGISTRY.get_sample_value("stillboard_cloud_behind_files") or 0) > 5


def test_publisher_is_called_for_a_takedown_that_is_not_finished(
    database: Database, catch_up: CatchUp, queue: redis.Redis
) -> None:
    with database.transaction() as db:
        db.execute("INSERT INTO takedowns (board, change_no, post_no) VALUES ('b', 1, 1)")
    assert catch_up.wake_publisher()
    assert publish_calls(queue) == 1


def test_nobody_is_called_without_a_cloud(
    database: Database, catch_up: CatchUp, loop: RenderLoop, queue: redis.Redis
) -> None:
    a_post(database, a_board(database))
    loop.render("b")
    catch_up.run_once()
    assert publish_calls(queue) == 0


def test_queue_that_is_down_does_not_end_the_pass(
    database: Database, catch_up: CatchUp, loop: RenderLoop, dead_url: str
) -> None:
    a_post(database, a_board(database))
    loop.render("b")
    catch_up.has_cloud = True
    catch_up.wake_up = WakeUp(connect(f"redis://{dead_url}"))
    catch_up.run_once()
    assert not catch_up.wake_publisher()


# --- files that wait ---


def developer_calls(queue: redis.Redis) -> int:
    return Queue(MEDIA_QUEUE, connection=queue, serializer=JSONSerializer).count


def a_file_that_waits(database: Database, **fields: Any) -> None:
    unknown = ("width", "height", "thumb_extension", "thumb_width", "thumb_height")
    file = a_file(is_pending=True, **dict.fromkeys(unknown), **fields)
    a_post(database, a_board(database), files=(file,))


def test_developer_is_called_while_files_wait_whatever_became_of_the_call(
    database: Database, catch_up: CatchUp, queue: redis.Redis
) -> None:
    catch_up.has_slow_kinds = True
    catch_up.run_once()
    assert developer_calls(queue) == 0, "nothing waits"
    a_file_that_waits(database)
    for _ in range(3):
        catch_up.run_once()
    assert developer_calls(queue) == 1
    queue.flushall()
    catch_up.run_once()
    assert developer_calls(queue) == 1
    assert REGISTRY.get_sample_value("stillboard_pending_files") == 1
    assert (REGISTRY.get_sample_value("stillboard_pending_seconds") or 0) > 0


def test_files_wait_on_while_the_queue_is_down(
    database: Database, catch_up: CatchUp, dead_url: str
) -> None:
    """The pass goes on, and the page with the placeholder is drawn."""
    a_file_that_waits(database)
    left_behind(database)
    catch_up.has_slow_kinds = True
    catch_up.wake_up = WakeUp(connect(f"redis://{dead_url}"))
    catch_up.run_once()
    assert b"being made ready" in (catch_up.loop.web_root.read("b/res/1.html") or b"")
    assert not catch_up.wake_developer()


def test_nobody_asks_for_files_that_wait_where_no_kind_is_slow(
    database: Database, catch_up: CatchUp, queue: redis.Redis
) -> None:
    a_file_that_waits(database)
    assert not catch_up.has_slow_kinds
    catch_up.run_once()
    assert developer_calls(queue) == 0


# --- readers who want to be told of replies ---


def courier_calls(queue: redis.Redis) -> int:
    return Queue(PUSH_QUEUE, connection=queue, serializer=JSONSerializer).count


def a_reader_of(database: Database, thread: int) -> None:
    with database.transaction() as db:
        new = NewSubscription(b"k" * 16, "b", thread, [], True, b"sealed", b"a" * 16)
        push_subscriptions.add(db, new)


def test_courier_is_called_while_a_page_shows_news_to_who_wants_them_whatever_became_of_the_call(
    database: Database, catch_up: CatchUp, queue: redis.Redis
) -> None:
    catch_up.has_push = True
    a_reader_of(database, a_post(database, a_board(database)).no)
    catch_up.wake_courier()
    assert courier_calls(queue) == 0, "no page shows it"
    catch_up.loop.render("b")
    for _ in range(3):
        catch_up.run_once()
    assert courier_calls(queue) == 1
    queue.flushall()
    catch_up.wake_courier()
    assert courier_calls(queue) == 1
    assert REGISTRY.get_sample_value("stillboard_push_subscriptions") == 1


def test_nobody_calls_the_courier_where_nobody_is_to_be_told(
    database: Database, catch_up: CatchUp, queue: redis.Redis
) -> None:
    a_reader_of(database, a_post(database, a_board(database)).no)
    catch_up.loop.render("b")
    assert not catch_up.has_push
    catch_up.run_once()
    assert courier_calls(queue) == 0


# --- after a crash of the machine ---


def test_pages_that_a_crash_took_are_made_again_before_the_first_pass(
    database: Database, catch_up: CatchUp, loop: RenderLoop, web_root: WebRoot
) -> None:
    """The ledger says that they stand there: nothing else would ever write them again."""
    a_post(database, a_board(database), body="still here")
    loop.render("b")
    web_root.note_boot()
    (web_root.folder / ".boot").write_text("the boot before\n")
    (web_root.folder / "b/res/1.html").write_bytes(b"")
    (web_root.folder / "b/catalog.html").unlink()
    assert catch_up.prove_after_a_crash() == 2
    assert b"still here" in (web_root.read("b/res/1.html") or b"")
    assert not web_root.survived_a_crash(), "once is enough"


def test_start_without_a_crash_proves_nothing(
    database: Database, catch_up: CatchUp, loop: RenderLoop, web_root: WebRoot
) -> None:
    a_post(database, a_board(database))
    loop.render("b")
    assert catch_up.run_first()
    (web_root.folder / "b/res/1.html").unlink()
    assert catch_up.run_first()
    assert web_root.read("b/res/1.html") is None


def test_proof_that_fails_is_tried_again(
    database: Database,
    catch_up: CatchUp,
    loop: RenderLoop,
    web_root: WebRoot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_post(database, a_board(database))
    loop.render("b")
    (web_root.folder / ".boot").write_text("the boot before\n")
    (web_root.folder / "b/res/1.html").unlink()

    def no_room(_self: Placing, path: str, _body: Body, **_how: bool) -> bytes:
        raise DiskFull(path=path)

    with monkeypatch.context() as full:
        full.setattr(Placing, "replace", no_room)
        assert not catch_up.run_first()
    assert catch_up.run_first()
    assert web_root.read("b/res/1.html") is not None
