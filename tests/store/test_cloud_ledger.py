"""The second stage's part of the ledger: who gets which file, and when nothing is owed any more."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from imageboard.store import cloud_ledger, publications
from imageboard.store.cloud_ledger import Held, Stored, Untold
from imageboard.store.database import Connection, Database
from imageboard.store.publications import Published
from tests.store.test_posts import WAITERS


def sha256_of(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()


def publish(
    db: Connection,
    path: str,
    body: bytes = b"page",
    *,
    change_no: int = 1,
    order: int = 2,
    is_urgent: bool = False,
) -> None:
    file = Published(path, sha256_of(body), len(body), order, is_urgent)
    publications.record(db, None, change_no, [file])


def remove(db: Connection, path: str, change_no: int = 2) -> None:
    with db.transaction():
        publications.forget(db, [path], change_no)


def store(db: Connection, path: str, body: bytes = b"page", *, purges: bool = False) -> float:
    held = Held(path, sha256_of(body), f'"{body.decode()}"', 1)
    with db.transaction():
        return sum(cloud_ledger.stored(db, [held], purges=purges, pace_s=0))


def claimed(db: Connection, limit: int = 10, lease_s: float = 0) -> list[str]:
    return [
        file.path
        for file in cloud_ledger.claim(
            db, limit=limit, beside_urgent=limit, urgent=limit, deletions=limit, lease_s=lease_s
        )
    ]


def test_urgent_files_come_first_and_then_media_threads_and_the_rest(database: Database) -> None:
    with database.connection() as db:
        publish(db, "rest", order=2)
        publish(db, "thread", order=1)
        publish(db, "media", order=0)
        publish(db, "removed from", order=2, is_urgent=True)
        taken = [claimed(db, limit=1, lease_s=60) for _ in range(5)]
    assert taken == [["removed from"], ["media"], ["thread"], ["rest"], []]


def test_file_is_claimed_by_one_and_by_the_next_after_its_lease(database: Database) -> None:
    with database.connection() as db:
        publish(db, "page")
        assert claimed(db, lease_s=60) == ["page"]
        assert claimed(db) == []
        assert 50 < (cloud_ledger.next_due_s(db) or 0) <= 60
        cloud_ledger.put_off(db, ["page"])
        assert claimed(db) == ["page"]


def test_lease_of_one_that_is_no_more_is_freed(database: Database) -> None:
    with database.connection() as db:
        publish(db, "page")
        claimed(db, lease_s=3600)
        cloud_ledger.free_leases(db, pace_s=60)
        assert 0 < (cloud_ledger.next_due_s(db) or 0) <= 60
        cloud_ledger.free_leases(db, pace_s=0)
        assert claimed(db) == ["page"]


def test_file_that_another_is_claiming_is_passed_by(database: Database) -> None:
    with database.transaction() as db, database.transaction() as other:
        with database.connection() as third:
            publish(third, "one")
            publish(third, "two")
        first, second = claimed(db, limit=1), claimed(other)
    assert sorted(first + second) == ["one", "two"]


def test_stored_file_is_settled_until_it_changes(database: Database) -> None:
    with database.connection() as db:
        publish(db, "page", b"old")
        assert 0 <= store(db, "page", b"old") < 60
        assert cloud_ledger.backlog(db) == (0, 0)
        assert cloud_ledger.next_due_s(db) is None
        publish(db, "page", b"old", change_no=2)
        assert cloud_ledger.backlog(db).files == 0, "the same bytes"
        publish(db, "page", b"new", change_no=3)
        assert cloud_ledger.backlog(db).files == 1
    assert store_of_nothing(database) == 0


def store_of_nothing(database: Database) -> float:
    with database.connection() as db:
        return store(db, "never published")


def test_file_is_settled_with_a_cdn_once_that_was_told(database: Database) -> None:
    with database.connection() as db:
        publish(db, "page")
        store(db, "page", purges=True)
        due = cloud_ledger.purge_due(db, limit=10)
        assert due == [("page", '"page"', False)]
        store(db, "page", b"newer", purges=True)
        cloud_ledger.purged(db, due)
        newer = cloud_ledger.purge_due(db, limit=10)
        assert newer == [("page", '"newer"', False)]
        cloud_ledger.purged(db, newer)
        publish(db, "page", b"newer", change_no=2)
        assert cloud_ledger.backlog(db).files == 0


def test_file_that_the_cdn_alone_is_owed_is_claimed_only_when_it_changes(
    database: Database,
) -> None:
    """Claimed for nothing, it could not be put until its lease was over, 20 s later, whatever was
    removed from it meanwhile."""
    with database.connection() as db:
        for is_urgent in (False, True):
            publish(db, "page", str(is_urgent).encode(), is_urgent=is_urgent)
            store(db, "page", str(is_urgent).encode(), purges=True)
            assert claimed(db, lease_s=60) == []
            publish(db, "page", b"without it", change_no=2, is_urgent=True)
            assert claimed(db) == ["page"]


@pytest.mark.parametrize("purges", [False, True])
def test_row_of_a_removed_file_stays_until_it_is_gone_everywhere(
    database: Database, purges: bool
) -> None:
    with database.connection() as db:
        publish(db, "page")
        claimed(db)
        remove(db, "page")
        (owed,) = cloud_ledger.claim(
            db, limit=10, beside_urgent=10, urgent=10, deletions=10, lease_s=0
        )
        assert (owed.sha256, owed.may_be_in_cloud, owed.is_urgent) == (None, True, True)
        cloud_ledger.deleted(db, ["page"], purges=purges)
        assert ("page" in cloud_ledger.all_stored(db)) == purges
        cloud_ledger.purged(db, cloud_ledger.purge_due(db, limit=10))
        assert cloud_ledger.all_stored(db) == {}


def test_removed_file_that_no_bucket_ever_held_is_forgotten_at_once(database: Database) -> None:
    with database.connection() as db:
        publish(db, "page")
        remove(db, "page")
        assert cloud_ledger.all_stored(db) == {}


def test_forgotten_version_is_put_again(database: Database) -> None:
    with database.connection() as db:
        publish(db, "page", change_no=7)
        store(db, "page")
        settled = Stored("page", sha256_of(b"page"), 7, '"page"', is_behind=False)
        assert cloud_ledger.all_stored(db) == {"page": settled}
        cloud_ledger.forget_version(db, "page")
        forgotten = settled._replace(etag=None, is_behind=True)
        assert cloud_ledger.all_stored(db) == {"page": forgotten}
        assert claimed(db) == ["page"]


def test_who_writes_down_the_same_files_waits_for_the_other_and_not_in_a_ring(
    database: Database,
) -> None:
    """PostgreSQL would end one of them, a second later."""
    order = ["b", "a", "c"]
    files = [Published(path, sha256_of(b"page"), 4, 1, is_urgent=False) for path in order]
    held = [Held(path, sha256_of(b"page"), path, 1) for path in order]
    untold = [Untold(path, path, is_urgent=False) for path in order]

    def in_a_transaction(work: Callable[[Connection], object]) -> None:
        with database.transaction() as db:
            work(db)

    for work in (
        lambda db: publications.record(db, None, 2, files),
        lambda db: cloud_ledger.stored(db, held, purges=True, pace_s=0),
        lambda db: cloud_ledger.purged(db, untold),
        lambda db: cloud_ledger.deleted(db, order, purges=True),
        lambda db: publications.forget(db, order, 2),
    ):
        with database.transaction() as db:
            publications.record(db, None, 1, files)
        with ThreadPoolExecutor(1) as pool:
            with database.transaction() as db:
                publications.hold(db, ["a"])
                other = pool.submit(in_a_transaction, work)
                with database.connection() as third:
                    while not other.done() and third.execute(WAITERS).fetchone() is None:
                        pass
                publications.hold(db, ["b", "c"])
            other.result()
