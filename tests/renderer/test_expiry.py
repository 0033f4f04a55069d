"""The keeper forgets what has had its time, and drops uploads that nobody holds."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from imageboard.bans import NewBan
from imageboard.store import archive, bans, outbox, posts, reports, threads
from imageboard.store.database import Connection, Database
from imageboard.store.uploads import SHARDS, UploadStore
from renderer.drawing import whole_board
from renderer.keeper.catch_up import CatchUp
from renderer.keeper.expiry import SHARDS_PER_SWEEP, Expiry
from renderer.pages.kind import Page
from renderer.redrawing import Redrawing
from renderer.render_loop import RenderLoop
from renderer.web_root import WebRoot
from tests.builders import a_board, a_file, a_post, filling

SWEEPS_OF_THE_WHOLE_STORE = SHARDS // SHARDS_PER_SWEEP


def whole_board_of(loop: RenderLoop, database: Database) -> list[Page]:
    with database.connection() as db:
        return whole_board(loop.view(db, "b"))


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


@pytest.mark.slow
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
    Redrawing(loop).redraw("b", whole_board_of(loop, database))
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
    with filling(database) as db:
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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
