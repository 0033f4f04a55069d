"""The catch-up pass makes good what was lost on the way, whichever part was down."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from prometheus_client import REGISTRY
from rq import Queue
from rq.serializers import JSONSerializer

from imageboard.bans import NewBan
from imageboard.errors import DiskFull
from imageboard.queue.queues import MEDIA_QUEUE, PUBLISH_QUEUE, QUEUE
from imageboard.queue.wake_up import WakeUp, connect
from imageboard.store import archive, bans, outbox, posts, reports, threads
from imageboard.store.database import Connection, Database
from imageboard.store.kept_files import KeptFiles
from imageboard.store.uploads import SHARDS, UploadStore
from renderer import jobs
from renderer.bodies import Body
from renderer.keeper.catch_up import FREE_BYTES_MIN, CatchUp
from renderer.keeper.expiry import SHARDS_PER_SWEEP, Expiry
from renderer.keeper.indexing import Indexing
from renderer.pages.kind import Page
from renderer.placing import Placing
from renderer.render_loop import RenderLoop, whole_board
from renderer.verify import Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board, a_file, a_post

SWEEPS_OF_THE_WHOLE_STORE = SHARDS // SHARDS_PER_SWEEP


@pytest.fixture
def catch_up(
    database: Database,
    queue: redis.Redis,
    loop: RenderLoop,
    web_root: WebRoot,
    uploads: UploadStore,
    tmp_path: Path,
) -> CatchUp:
    return CatchUp(
        database=database,
        wake_up=WakeUp(queue),
        loop=loop,
        verifier=Verifier(database, web_root, uploads, "Stillboard", repair=True),
        expiry=Expiry(
            database,
            uploads,
            scratch=tmp_path / "scratch",
            kept=KeptFiles(tmp_path / "kept"),
            address_kept_days=7,
            hash_kept_days=30,
            log_names_kept_days=30,
        ),
        indexing=Indexing(database),
        has_cloud=False,
    )


@pytest.fixture
def dead_url() -> Iterator[str]:
    """A port at which nothing answers: bound, so that nobody else can have it."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{holder.getsockname()[1]}"


def age_everything(db: Connection, seconds: float) -> None:
    """As if what waits had come in that long ago."""
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


def whole_board_of(loop: RenderLoop, database: Database) -> list[Page]:
    with database.connection() as db:
        return whole_board(loop.view(db, "b"))


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

    def no_room(_self: Placing, path: str, _body: Body) -> bytes:
        raise DiskFull(path=path)

    with monkeypatch.context() as full:
        full.setattr(Placing, "replace", no_room)
        assert jobs.render_board("b") == 0
    page = web_root.read("b/res/1.html") or b""
    assert (b"first kettle" in page, b"second kettle" in page) == (True, False)
    assert jobs.render_board("b") > 0
    assert b"second kettle" in (web_root.read("b/res/1.html") or b"")


def test_board_that_a_worker_is_about_to_render_is_left_in_peace(
    database: Database, queue: redis.Redis, catch_up: CatchUp
) -> None:
    a_post(database, a_board(database))
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


@pytest.mark.slow
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

    def no_room_for_b(self: Placing, path: str, body: Body) -> bytes:
        if path.startswith("b/res/"):
            raise DiskFull(path=path)
        return replace(self, path, body)

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


# --- what has expired ---


def test_addresses_are_forgotten_when_their_time_is_over(
    database: Database, catch_up: CatchUp
) -> None:
    board = a_board(database)
    now = datetime.now(UTC)
    a_post(database, board, at=now - timedelta(days=8))
    a_post(database, board, at=now - timedelta(days=6))
    catch_up.expiry.forget()
    with database.connection() as db:
        kept = [posts.author(db, "b", no).address_sealed is not None for no in (1, 2)]
        hashes = {posts.author(db, "b", no).address_hash for no in (1, 2)}
    assert kept == [False, True]
    assert len(hashes) == 1, "the hash stays longer: bans need it"


def test_hashes_are_forgotten_and_the_poster_stays_the_same_in_each_thread(
    database: Database, catch_up: CatchUp, loop: RenderLoop, web_root: WebRoot
) -> None:
    board = a_board(database)
    now = datetime.now(UTC)
    a_post(database, board, at=now - timedelta(days=32))
    a_post(database, board, at=now - timedelta(days=31), thread=1)
    a_post(database, board, at=now - timedelta(days=31), thread=1, address="198.51.100.9")
    a_post(database, board, at=now - timedelta(days=29), thread=1)
    loop.render("b")
    before = web_root.read("b/res/1.json")
    assert before is not None
    assert json.loads(before)["posts"][0]["unique_ips"] == 2
    catch_up.expiry.forget()
    with database.connection() as db:
        kept = [posts.author(db, "b", no).address_hash is not None for no in (1, 2, 3, 4)]
    assert kept == [False, False, False, True]
    loop.redraw("b", whole_board_of(loop, database))
    assert web_root.read("b/res/1.json") == before
    fresh = a_post(database, board, thread=1)
    loop.render("b")
    shown = json.loads(web_root.read("b/res/1.json") or b"")["posts"]
    assert shown[0]["unique_ips"] == 2
    assert shown[0]["id"] == shown[1]["id"] == fresh.poster_id != shown[2]["id"]


def test_hashes_of_reports_and_of_bans_that_are_over_are_forgotten_too(
    database: Database, catch_up: CatchUp
) -> None:
    board = a_board(database)
    a_post(database, board)
    hashes = {name: name.encode().ljust(16) for name in ("lifted", "expired", "in force", "fresh")}
    with database.transaction() as db:
        for name, address_hash in hashes.items():
            reports.add(db, "b", [1], reason=name, address_hash=address_hash)
            new_ban = NewBan(board=None, reason=name, duration_s=None, address_hash=address_hash)
            bans.add(db, new_ban, "alice")
        db.execute(
            "UPDATE reports SET created_at = now() - interval '31 days' WHERE reason <> 'fresh'"
        )
        db.execute("UPDATE bans SET lifted_at = now() - interval '31 days' WHERE reason = 'lifted'")
        db.execute("UPDATE bans SET lifted_at = now() WHERE reason = 'fresh'")
        db.execute(
            "UPDATE bans SET expires_at = now() - interval '31 days' WHERE reason = 'expired'"
        )
    catch_up.expiry.forget()
    with database.connection() as db:
        of_reports = {kept for (kept,) in db.execute("SELECT address_hash FROM reports")}
        of_bans = {kept for (kept,) in db.execute("SELECT address_hash FROM bans")}
    assert of_reports == {hashes["fresh"], None}
    assert of_bans == {hashes["fresh"], hashes["in force"], bytes(16)}


@pytest.mark.slow
def test_much_that_has_expired_is_forgotten_in_batches(
    database: Database, catch_up: CatchUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a month without catch-up, or when a setting changes: no statement takes long."""
    board = a_board(database)
    a_post(database, board)
    with database.transaction() as db:
        db.execute(
            "INSERT INTO posts (board, no, thread_no, created_at, body, address_hash,"
            " address_sealed, changed_no) SELECT 'b', no, 1, now() - interval '40 days', '',"
            " decode(md5(no::text), 'hex'), 'x', 1 FROM generate_series(2, 20001) AS no"
        )
        db.execute(
            "INSERT INTO receipts (address_hash, nonce, board, thread_no, no, change_no,"
            " expires_at) SELECT 'x', 'nonce-' || n, 'b', 1, 1, 1, now() - interval '2 days'"
            " FROM generate_series(100, 20099) AS n"
        )
        db.execute(
            "INSERT INTO spent_answers (answer, expires_at)"
            " SELECT decode(md5(n::text), 'hex'), now() - interval '11 minutes'"
            " FROM generate_series(1, 20000) AS n"
        )
    touched: list[int] = []
    really_execute = Connection.execute

    def execute(self: Connection, *args: Any, **named: Any) -> Any:
        found = really_execute(self, *args, **named)
        touched.append(found.rowcount)
        return found

    monkeypatch.setattr(Connection, "execute", execute)
    catch_up.expiry.forget()
    assert max(touched) == 5_000
    assert sum(touched) >= 80_000
    with database.connection() as db:
        left = "address_hash IS NOT NULL OR address_sealed IS NOT NULL"
        assert db.execute(f"SELECT FROM posts WHERE {left}").rowcount == 1
        assert db.execute("SELECT FROM receipts").rowcount == 0
        assert db.execute("SELECT FROM spent_answers").rowcount == 0


def test_thread_that_grew_quiet_falls_off_and_is_dropped_when_its_time_is_over(
    database: Database, catch_up: CatchUp
) -> None:
    board = a_board(database, threads_per_page=1, pages_max=1, archive_days=0, aside_days=0)
    for _ in range(2):
        a_post(database, board, thread=None)
    catch_up.run_once()
    with database.transaction() as db:
        assert threads.numbers(db, "b") == [1, 2], "both were just made"
        db.execute("UPDATE threads SET bumped_at = bumped_at - interval '11 minutes'")
    assert catch_up.prune() == ["b"]
    assert catch_up.prune() == []
    catch_up.expiry.forget()
    with database.connection() as db:
        assert threads.numbers(db, "b") == [2]
        assert threads.posts_for_staff(db, "b", [1]) == []


def test_archived_thread_is_removed_when_its_time_is_over(
    database: Database, catch_up: CatchUp
) -> None:
    board = a_board(database, threads_per_page=1, pages_max=1, quiet_minutes_min=0)
    for _ in range(4):
        a_post(database, board)
    catch_up.run_once()
    with database.transaction() as db:
        assert list(archive.numbers(db, "b")) == [1, 2, 3]
        db.execute("UPDATE all_threads SET archived_at = now() - interval '31 days' WHERE no < 3")
    catch_up.expiry.forget()
    with database.connection() as db:
        assert list(archive.numbers(db, "b")) == [3]
        assert outbox.waiting(db, "b", 100)[-1].fact.is_removal


def test_receipt_of_a_nonce_is_kept_for_a_day_and_of_a_delivery_for_minutes(
    database: Database, catch_up: CatchUp
) -> None:
    board = a_board(database)

    def later(interval: str) -> None:
        with database.transaction() as db:
            db.execute(f"UPDATE receipts SET expires_at = expires_at - interval '{interval}'")
        catch_up.expiry.forget()

    a_post(database, board, nonce="nonce-of-mine")
    a_post(database, board, delivery="1" * 32)
    later("9 minutes")
    assert a_post(database, board, delivery="1" * 32).is_repeated
    later("2 minutes")
    assert not a_post(database, board, delivery="1" * 32).is_repeated
    assert a_post(database, board, nonce="nonce-of-mine").is_repeated
    later("24 hours")
    assert not a_post(database, board, nonce="nonce-of-mine").is_repeated


def an_upload(uploads: UploadStore, scratch: Path, *, age_s: float) -> str:
    files = scratch / "original", scratch / "thumbnail"
    for file in files:
        file.write_bytes(b"picture")
        os.utime(file, (time.time() - age_s,) * 2)
    return uploads.take(*files)


def test_upload_that_no_post_holds_is_swept_and_one_that_is_held_stays(
    database: Database, catch_up: CatchUp, uploads: UploadStore, tmp_path: Path
) -> None:
    board = a_board(database)
    held, waiting, refused, removed, fresh = (
        an_upload(uploads, tmp_path, age_s=age_s) for age_s in (7200, 7200, 7200, 7200, 60)
    )
    a_post(database, board, files=(a_file(stored_as=held),))
    a_post(database, board, files=(a_file(stored_as=waiting, is_pending=True),))
    gone = a_post(database, board, files=(a_file(stored_as=removed),))
    with database.transaction() as db:
        posts.remove_files(db, "b", gone.no)
    for _ in range(SWEEPS_OF_THE_WHOLE_STORE):
        catch_up.expiry.forget()
    there = [uploads.original(name).exists() for name in (held, waiting, refused, removed, fresh)]
    assert there == [True, True, False, False, True]
    assert uploads.thumbnail(held).exists()
    assert not uploads.thumbnail(refused).exists()


def test_form_that_a_dead_writer_left_half_read_is_swept(catch_up: CatchUp) -> None:
    catch_up.expiry.scratch.mkdir()
    old, fresh = catch_up.expiry.scratch / "upload-old", catch_up.expiry.scratch / "upload-fresh"
    for file in (old, fresh):
        file.write_bytes(b"half a pict")
    os.utime(old, (time.time() - 7200,) * 2)
    catch_up.expiry.forget()
    assert [old.exists(), fresh.exists()] == [False, True]


def test_expired_is_forgotten_once_a_minute(
    database: Database, catch_up: CatchUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten: list[int] = []
    monkeypatch.setattr(Expiry, "forget", lambda _self: forgotten.append(1))
    for _ in range(3):
        catch_up.run_once()
    assert forgotten == [1]
    monkeypatch.setattr("renderer.keeper.catch_up.FORGET_EVERY_S", 0.0)
    catch_up.run_once()
    assert forgotten == [1, 1]


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

    def no_room(_self: Placing, path: str, _body: Body) -> bytes:
        raise DiskFull(path=path)

    with monkeypatch.context() as full:
        full.setattr(Placing, "replace", no_room)
        assert not catch_up.run_first()
    assert catch_up.run_first()
    assert web_root.read("b/res/1.html") is not None
