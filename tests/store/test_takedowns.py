"""A takedown goes from the origin to the bucket to the edge, and is timed at each."""

from __future__ import annotations

import pytest

from imageboard.store import cloud_ledger, posts, publications, takedowns
from imageboard.store.cloud_ledger import Held
from imageboard.store.database import Connection, Database
from imageboard.store.publications import Published
from tests.builders import a_board, a_post

PAGE = "b/res/1.html"


@pytest.fixture
def removal(database: Database) -> int:
    """Its change number: post 2 of thread 1 was removed, and no page shows it yet."""
    board = a_board(database)
    a_post(database, board)
    a_post(database, board, thread=1)
    with database.transaction() as db:
        posts.remove(db, "b", 2)
        row = db.execute("SELECT change_no FROM takedowns").fetchone()
    assert row is not None
    return int(row[0])


def render(db: Connection, change_no: int, *, has_cloud: bool = True) -> list[float]:
    sha256 = change_no.to_bytes(32, "big")
    publications.record(db, "b", change_no, [Published(PAGE, sha256, 1, 1, is_urgent=True)])
    gone = takedowns.gone_from_origin(db, "b", change_no, [PAGE], has_cloud=has_cloud)
    return [removal.took_s for removal in gone]


def put(db: Connection, change_no: int, *, purges: bool = False) -> None:
    held = Held(PAGE, change_no.to_bytes(32, "big"), f'"{change_no}"', change_no)
    with db.transaction():
        cloud_ledger.stored(db, [held], purges=purges, pace_s=0)


def gone_from_bucket(db: Connection) -> int:
    return len(takedowns.gone_from_bucket(db, look_after_s=0))


def test_takedown_without_a_cloud_ends_with_the_pages(database: Database, removal: int) -> None:
    with database.connection() as db:
        assert takedowns.still_open(db).takedowns == 1
        (seconds,) = render(db, removal, has_cloud=False)
        assert 0 < seconds < 60
        assert takedowns.still_open(db) == (0, 0)


def test_takedown_waits_for_the_page_in_the_bucket(database: Database, removal: int) -> None:
    with database.connection() as db:
        put(db, removal - 1)
        assert gone_from_bucket(db) == 0, "the pages still show it"
        render(db, removal)
        assert gone_from_bucket(db) == 0, "the bucket does"
        put(db, removal)
        assert gone_from_bucket(db) == 1
        assert gone_from_bucket(db) == 0, "it is counted once"


def test_takedown_waits_for_the_cdn_to_be_told(database: Database, removal: int) -> None:
    with database.connection() as db:
        render(db, removal)
        put(db, removal, purges=True)
        assert gone_from_bucket(db) == 0
        cloud_ledger.purged(db, cloud_ledger.purge_due(db, 9))
        assert gone_from_bucket(db) == 1


def test_page_that_came_out_the_same_is_no_reason_to_wait(database: Database, removal: int) -> None:
    with database.connection() as db:
        render(db, removal - 1)
        put(db, removal - 1)
        same = (removal - 1).to_bytes(32, "big")
        publications.record(db, "b", removal, [Published(PAGE, same, 1, 1, is_urgent=True)])
        takedowns.gone_from_origin(db, "b", removal, [PAGE], has_cloud=True)
        assert gone_from_bucket(db) == 1


def test_edge_is_looked_at_when_it_is_due_and_again_until_it_is_gone(
    database: Database, removal: int
) -> None:
    with database.connection() as db:
        render(db, removal)
        put(db, removal)
        takedowns.gone_from_bucket(db, look_after_s=60)
        assert takedowns.due_at_edge(db, limit=9) == []
        db.execute("UPDATE takedowns SET edge_due_at = now()")
        (takedown,) = takedowns.due_at_edge(db, limit=9)
        assert takedown[2:] == ({2}, (PAGE,), False)
        takedowns.look_later(db, takedown, look_after_s=60)
        assert takedowns.due_at_edge(db, limit=9) == []
        takedowns.look_later(db, takedown, look_after_s=0)
        assert takedowns.due_at_edge(db, limit=9) == [takedown]
        assert takedowns.still_open(db).takedowns == 1
        (seconds,) = takedowns.gone_from_edge(db, takedown)
        assert seconds > 0
        assert takedowns.due_at_edge(db, limit=9) == []
        assert takedowns.still_open(db).takedowns == 0


def test_post_of_a_long_thread_is_looked_for_before_it_is_dropped(
    database: Database, removal: int
) -> None:
    """A long thread is hidden at once, and its posts go in batches: they are no longer there."""
    with database.transaction() as db:
        db.execute("UPDATE threads SET reply_count = 1001 WHERE no = 1")
        posts.remove(db, "b", 1)
        assert db.execute("SELECT FROM posts WHERE no = 1").rowcount == 1
        render(db, removal + 1)
        put(db, removal + 1)
        assert gone_from_bucket(db) == 2
        (due,) = takedowns.due_at_edge(db, 10)
    assert due.post_nos == {1, 2}
