"""Files that are stored first and worked on later, on a real PostgreSQL."""

from __future__ import annotations

from collections import Counter
from typing import Any

import psycopg
import pytest

from imageboard import addresses
from imageboard.errors import StatementFailed
from imageboard.facts import Fact, MediaReady, PageRange, PostAdded, PostChanged
from imageboard.post_rules import NewFile
from imageboard.store import outbox, pending_files, posts, threads
from imageboard.store.database import Database
from imageboard.threads import PostFile
from tests.builders import a_board, a_file, a_post, seconds_later

UNKNOWN = {"width": None, "height": None}
NO_THUMB = {"thumb_extension": None, "thumb_width": None, "thumb_height": None}


def a_pending_file(**fields: Any) -> NewFile:
    sent = {"stored_as": "a" * 32, "extension": ".webm", "is_pending": True, "alt": "A cat"}
    return a_file(**(sent | UNKNOWN | NO_THUMB | {"sent_sha256": b"s" * 32} | fields))


MADE = a_file(
    stored_as="b" * 32, extension=".mp4", bytes=99, original_name="other", is_spoiler=True
)


def last_fact(database: Database) -> Fact:
    with database.connection() as db:
        return outbox.waiting(db, "b", 100)[-1].fact


def files_of(database: Database, no: int) -> tuple[PostFile, ...]:
    with database.connection() as db:
        return threads.posts_by_no(db, "b", [no])[0].files


def public_media(database: Database) -> list[str]:
    with database.connection() as db:
        return [file.stored_as for file in threads.media(db, "b").values()]


def waiting(database: Database, limit: int = 10) -> list[pending_files.PendingFile]:
    with database.connection() as db:
        return pending_files.waiting(db, limit)


def ready(database: Database, file: pending_files.PendingFile, made: NewFile = MADE) -> bool:
    with database.transaction() as db:
        return pending_files.ready(db, file, made)


def failed(database: Database, file: pending_files.PendingFile) -> bool:
    with database.transaction() as db:
        return pending_files.failed(db, file, "It holds no video.")


def test_post_is_stored_before_its_file_can_be_had(database: Database) -> None:
    a_post(database, a_board(database), files=(a_file(), a_pending_file()))
    there, pending = files_of(database, 1)
    assert (there.is_pending, pending.is_pending) == (False, True)
    fact = last_fact(database)
    assert isinstance(fact, PostAdded)
    assert list(fact.media) == [f"src/{there.tim}.png", f"thumb/{there.tim}.png"]
    assert public_media(database) == ["0" * 32]


def test_what_waits_is_found_again_the_oldest_first(database: Database) -> None:
    board = a_board(database)
    for seconds in (20, 0, 10):
        a_post(database, board, at=seconds_later(seconds), files=(a_file(), a_pending_file()))
    first, second = waiting(database, limit=2)
    assert (first.board, first.no, first.position, first.stored_as) == ("b", 2, 1, "a" * 32)
    assert (first.extension, first.original_name) == (".webm", "cat")
    assert first.since_s == seconds_later(0).timestamp()
    assert second.no == 3


def test_ready_file_is_shown_where_it_was_sent(database: Database) -> None:
    board = a_board(database)
    a_post(database, board)
    a_post(database, board, thread=1, files=(a_pending_file(), a_file(stored_as="c" * 32)))
    (pending,) = waiting(database)
    tim = files_of(database, 2)[0].tim
    assert ready(database, pending)
    file, other = files_of(database, 2)
    assert (file.tim, file.extension, file.bytes, file.width) == (tim, ".mp4", 99, 640)
    assert (file.original_name, file.is_spoiler, file.is_pending) == ("cat", False, False)
    assert file.alt == "A cat"
    assert other.extension == ".png"
    assert last_fact(database) == MediaReady(
        thread=1, no=2, pages=PageRange(1, 1), media=(f"src/{tim}.mp4", f"thumb/{tim}.png")
    )
    assert sorted(public_media(database)) == ["b" * 32, "c" * 32]
    assert waiting(database) == []
    with database.connection() as db:
        thread = threads.get(db, "b", 1)
        sent = db.execute("SELECT sent_sha256 FROM files WHERE position = 0").fetchone()
    assert thread is not None
    assert thread.images == 2
    assert sent == (b"s" * 32,)


def test_file_that_failed_goes_and_its_post_says_why(database: Database) -> None:
    board = a_board(database)
    a_post(database, board)
    a_post(database, board, thread=1, files=(a_pending_file(),))
    assert failed(database, *waiting(database))
    (file,) = files_of(database, 2)
    assert (file.is_removed, file.removed_because) == (True, "It holds no video.")
    assert last_fact(database) == PostChanged(thread=1, no=2, pages=PageRange(1, 1))
    assert (waiting(database), public_media(database)) == ([], [])
    with database.connection() as db:
        thread = threads.get(db, "b", 1)
        assert thread is not None
        assert thread.images == 0


@pytest.mark.parametrize("gone", ["ready", "failed", "file removed", "post removed"])
def test_file_that_waits_no_longer_changes_nothing(database: Database, gone: str) -> None:
    """Two may work on one file, and a moderator may be quicker than either."""
    board = a_board(database)
    a_post(database, board)
    a_post(database, board, thread=1, files=(a_pending_file(),))
    (pending,) = waiting(database)
    with database.transaction() as db:
        match gone:
            case "ready":
                pending_files.ready(db, pending, MADE)
            case "failed":
                pending_files.failed(db, pending, "No.")
            case "file removed":
                posts.remove_files(db, "b", 2)
            case _:
                posts.remove(db, "b", 2)
    assert waiting(database) == []
    before = last_fact(database)
    assert not ready(database, pending)
    assert not failed(database, pending)
    assert last_fact(database) == before


# --- who works on it ---


def two_that_wait(database: Database) -> None:
    board = a_board(database)
    for seconds in (0, 10):
        a_post(database, board, at=seconds_later(seconds), files=(a_pending_file(),))


def test_two_who_work_are_given_the_oldest_and_the_next(database: Database) -> None:
    two_that_wait(database)
    with (
        database.connection() as one,
        database.connection() as other,
        database.connection() as third,
        pending_files.claimed(one) as oldest,
        pending_files.claimed(other) as next_one,
        pending_files.claimed(third) as nothing,
    ):
        assert oldest is not None
        assert next_one is not None
        assert (oldest.no, next_one.no, nothing) == (1, 2, None)


def test_file_that_nobody_finished_is_given_out_again_and_each_try_counts(
    database: Database,
) -> None:
    two_that_wait(database)
    tries = []
    for _ in range(3):
        with database.connection() as db, pending_files.claimed(db) as file:
            assert file is not None
            tries.append((file.no, file.tries))
    assert tries == [(1, 1), (1, 2), (1, 3)]
    assert [file.tries for file in waiting(database)] == [3, 0]


def test_try_that_ended_for_another_reason_is_forgotten(database: Database) -> None:
    two_that_wait(database)
    with database.connection() as db, pending_files.claimed(db) as file:
        assert file is not None
        pending_files.forget_try(db, file)
    assert [file.tries for file in waiting(database)] == [0, 0]


def test_claim_of_a_session_that_ended_is_nobodys(database: Database) -> None:
    """As when its worker was killed."""
    two_that_wait(database)
    with (
        database.connection() as dead,
        database.connection() as db,
        pending_files.claimed(dead) as file,
    ):
        assert file is not None
        db.execute("SELECT pg_terminate_backend(%s, 5000)", (dead.info.backend_pid,))
        with pytest.raises(psycopg.OperationalError):
            dead.execute("SELECT 1")
        with pending_files.claimed(db) as again:
            assert again == file._replace(tries=2)


@pytest.mark.parametrize("gone", ["file", "post", "thread"])
def test_claimed_file_is_removed_without_a_wait(database: Database, gone: str) -> None:
    """A moderator waits for no worker."""
    board = a_board(database)
    thread = None if gone == "thread" else a_post(database, board).no
    no = a_post(database, board, thread=thread, files=(a_pending_file(),)).no
    with database.connection() as db, pending_files.claimed(db) as file:
        assert file is not None
        with database.transaction() as other:
            other.execute("SET LOCAL lock_timeout = 1")
            (posts.remove_files if gone == "file" else posts.remove)(other, "b", no)
        assert not ready(database, file)
    with database.connection() as db, pending_files.claimed(db) as file:
        assert file is None


def test_ready_file_bears_no_trace_of_its_tries(database: Database) -> None:
    two_that_wait(database)
    with database.connection() as db, pending_files.claimed(db) as file:
        assert file is not None
        assert ready(database, file)
        rows = db.execute("SELECT pending_tries FROM files ORDER BY post_no").fetchall()
    assert rows == [(None,), (None,)]


def test_backlog_tells_how_many_wait_and_how_long(database: Database) -> None:
    with database.connection() as db:
        assert pending_files.backlog(db) == (0, 0.0)
    two_that_wait(database)
    with database.connection() as db:
        found = pending_files.backlog(db)
    assert found.files == 2
    assert found.oldest_s > 0


def test_file_without_a_thumbnail_is_one_name(database: Database) -> None:
    stored = a_post(
        database,
        a_board(database),
        files=(a_file(**NO_THUMB), a_file(stored_as="1" * 32), a_file(**UNKNOWN, **NO_THUMB)),
    )
    fact = last_fact(database)
    assert isinstance(fact, PostAdded)
    named = Counter(addresses.tim_and_extension(name)[0] for name in fact.media)
    assert [named[tim] for tim in stored.tims] == [1, 2, 1]
    shown = files_of(database, 1)
    assert [file.thumb_extension for file in shown] == [None, ".png", None]
    assert [file.width for file in shown] == [640, 640, None]


@pytest.mark.parametrize(
    "fields",
    [{name: None} for name in (*NO_THUMB, *UNKNOWN)],
    ids=lambda fields: next(iter(fields)),
)
def test_size_and_thumbnail_are_whole_or_not_there(
    database: Database, fields: dict[str, Any]
) -> None:
    board = a_board(database)
    with pytest.raises((StatementFailed, psycopg.errors.CheckViolation)):
        a_post(database, board, files=(a_file(**fields),))
