"""The second stage, on a real PostgreSQL, into a bucket made of files."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from cdn import cache_policy
from cdn.folder_object_store import FolderObjectStore
from cdn.object_store import ObjectStore, StoreRefused, StoreUnreachable, TooFast
from cdn.purger import Pace, PurgeTooFast, RecordingPurger
from imageboard.boards import Board
from imageboard.store import cloud_ledger, posts, takedowns
from imageboard.store.database import Database
from imageboard.uploads import UploadStore
from renderer.cloud_stage import CloudStage
from renderer.render_loop import RenderLoop
from renderer.web_root import WebRoot
from tests.builders import a_board, a_file, a_post
from tests.renderer.test_render_loop import an_upload

BASE = "https://board.example"


class Clock:
    """Time that passes only when someone sleeps."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds
        # The ledger's waits are PostgreSQL's own time.
        time.sleep(min(seconds, 0.05))


class Probe:
    """A reader at the edge who sees what the test says."""

    def __init__(self) -> None:
        self.shown: set[str] = set()
        self.asked: list[str] = []

    def shows(self, path: str, post_no: int) -> bool:
        self.asked.append(path)
        return path in self.shown


@pytest.fixture
def bucket(tmp_path: Path) -> FolderObjectStore:
    return FolderObjectStore(tmp_path / "bucket")


@pytest.fixture
def purger() -> RecordingPurger:
    return RecordingPurger()


@pytest.fixture
def probe() -> Probe:
    return Probe()


@pytest.fixture
def stage(
    database: Database,
    web_root: WebRoot,
    bucket: FolderObjectStore,
    purger: RecordingPurger,
    probe: Probe,
) -> CloudStage:
    return a_stage(database, web_root, bucket, purger, probe)


def a_stage(
    database: Database,
    web_root: WebRoot,
    objects: ObjectStore,
    purger: RecordingPurger | None,
    probe: Probe | None,
) -> CloudStage:
    clock = Clock()
    return CloudStage(
        database=database,
        web_root=web_root,
        objects=objects,
        purger=purger,
        probe=probe,
        base_url=BASE,
        pace=Pace(clock=clock),
        pace_s=0.0,
        sleep=clock.sleep,
        clock=clock,
    )


@pytest.fixture
def cloud_loop(database: Database, web_root: WebRoot, uploads: UploadStore) -> RenderLoop:
    return RenderLoop(database, web_root, uploads, site_name="Stillboard", has_cloud=True)


@pytest.fixture
def board(database: Database, cloud_loop: RenderLoop) -> Board:
    board = a_board(database)
    cloud_loop.render("b")
    return board


def in_bucket(bucket: FolderObjectStore) -> dict[str, bytes | None]:
    return {stored.key: bucket.get(stored.key) for stored in bucket.list()}


def in_web_root(web_root: WebRoot) -> dict[str, bytes | None]:
    return {path: web_root.read(path) for path in web_root.paths()}


def test_bucket_holds_what_the_web_root_shows_with_its_headers(
    database: Database,
    board: Board,
    cloud_loop: RenderLoop,
    stage: CloudStage,
    bucket: FolderObjectStore,
    web_root: WebRoot,
    uploads: UploadStore,
    tmp_path: Path,
) -> None:
    a_post(database, board, files=(a_file(stored_as=an_upload(uploads, tmp_path)),))
    cloud_loop.render("b")
    stage.run()
    assert in_bucket(bucket) == in_web_root(web_root)
    for stored in bucket.list():
        found = bucket.head(stored.key)
        assert found is not None
        assert found.headers == cache_policy.headers_of(stored.key)
    with database.connection() as db:
        assert cloud_ledger.backlog(db).files == 0


def test_unchanged_bytes_are_neither_put_nor_purged(
    database: Database,
    board: Board,
    cloud_loop: RenderLoop,
    stage: CloudStage,
    purger: RecordingPurger,
) -> None:
    stage.run()
    a_post(database, board)
    cloud_loop.render("b")
    purger.calls.clear()
    stage.run()
    told = {url for call in purger.calls for url in call}
    assert f"{BASE}/b/res/1.html" in told
    assert {f"{BASE}/b/", f"{BASE}/b/index.html"} <= told
    assert f"{BASE}/404.html" not in told
    assert stage.run() == 0


def test_file_that_changed_often_is_put_once_with_its_newest_bytes(
    database: Database,
    board: Board,
    cloud_loop: RenderLoop,
    bucket: FolderObjectStore,
    stage: CloudStage,
    web_root: WebRoot,
) -> None:
    stage.run()
    for _ in range(20):
        a_post(database, board, thread=1 if _ else None)
        cloud_loop.render("b")
    with database.connection() as db:
        behind = cloud_ledger.backlog(db).files
    assert behind < 12, "one row a file, not one a change"
    stage.run()
    assert in_bucket(bucket) == in_web_root(web_root)


def test_removed_post_is_gone_from_the_bucket_first_and_its_time_is_taken(
    database: Database,
    board: Board,
    cloud_loop: RenderLoop,
    stage: CloudStage,
    bucket: FolderObjectStore,
    purger: RecordingPurger,
    probe: Probe,
    uploads: UploadStore,
    tmp_path: Path,
) -> None:
    stored = a_post(database, board, files=(a_file(stored_as=an_upload(uploads, tmp_path)),))
    cloud_loop.render("b")
    stage.run()
    assert bucket.get(f"b/{stored.media[0]}") is not None
    with database.transaction() as db:
        posts.remove(db, "b", stored.no)
    cloud_loop.render("b")
    purger.calls.clear()
    stage.run()
    for path in (f"b/{stored.media[0]}", f"b/{stored.media[1]}", "b/res/1.html", "b/res/1.json"):
        assert bucket.get(path) is None
        assert path in probe.asked
        assert any(f"{BASE}/{path}" in call for call in purger.calls)
    with database.connection() as db:
        assert takedowns.still_open(db).takedowns == 0


def test_urgent_files_are_claimed_before_all_others(
    database: Database, board: Board, cloud_loop: RenderLoop, stage: CloudStage
) -> None:
    a_post(database, board)
    cloud_loop.render("b")
    stage.run()
    for _ in range(5):
        a_post(database, board)
    with database.transaction() as db:
        posts.remove(db, "b", 1)
    cloud_loop.render("b")
    with database.transaction() as db:
        claimed = cloud_ledger.claim(db, limit=3, lease_s=1)
    assert all(file.is_urgent for file in claimed)
    assert {"b/res/1.html", "b/res/1.json"} <= {file.path for file in claimed}


def test_what_the_edge_still_shows_is_purged_again_until_it_does_not(
    database: Database,
    board: Board,
    cloud_loop: RenderLoop,
    stage: CloudStage,
    purger: RecordingPurger,
    probe: Probe,
) -> None:
    a_post(database, board)
    cloud_loop.render("b")
    stage.run()
    with database.transaction() as db:
        posts.remove(db, "b", 1)
    cloud_loop.render("b")
    probe.shown = {"b/res/1.html"}
    stage.run()
    with database.connection() as db:
        assert takedowns.still_open(db).takedowns == 1
    purger.calls.clear()
    stage.run()
    assert any(f"{BASE}/b/res/1.html" in call for call in purger.calls)
    probe.shown = set()
    stage.run()
    with database.connection() as db:
        assert takedowns.still_open(db).takedowns == 0


class Failing:
    """A bucket whose next puts fail as the test says."""

    def __init__(self, bucket: FolderObjectStore, failures: list[Exception]) -> None:
        self._bucket = bucket
        self.failures = failures
        self.puts: list[str] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._bucket, name)

    def put(self, key: str, *args: object, **fields: object) -> str:
        self.puts.append(key)
        if self.failures:
            raise self.failures.pop(0)
        return self._bucket.put(key, *args, **fields)  # type: ignore[arg-type]


def unreachable() -> StoreUnreachable:
    return StoreUnreachable(operation="put", reason="no route")


def refused() -> StoreRefused:
    return StoreRefused(operation="put", reason="InvalidAccessKeyId")


@pytest.mark.parametrize("failure", [unreachable, refused])
def test_cloud_that_fails_is_left_alone_for_a_while_and_then_brought_up(
    database: Database,
    board: Board,
    web_root: WebRoot,
    bucket: FolderObjectStore,
    failure: object,
) -> None:
    assert callable(failure)
    failing = Failing(bucket, [failure() for _ in range(100)])
    stage = a_stage(database, web_root, failing, None, None)  # type: ignore[arg-type]
    stage.run()
    tried = len(failing.puts)
    assert tried <= 16, "one round, not one try for each file again and again"
    stage.run()
    assert len(failing.puts) == tried, "not before the wait is over"
    failing.failures.clear()
    stage.clock.now_s += 120  # type: ignore[attr-defined]
    stage.run()
    assert in_bucket(bucket) == in_web_root(web_root)


def test_key_that_is_too_fast_waits_and_the_others_go_on(
    database: Database, board: Board, web_root: WebRoot, bucket: FolderObjectStore
) -> None:
    failing = Failing(bucket, [TooFast(operation="put", retry_after_s=0.2)])
    stage = a_stage(database, web_root, failing, None, None)  # type: ignore[arg-type]
    stage.run()
    assert in_bucket(bucket) == in_web_root(web_root)
    assert len(failing.puts) == len(in_web_root(web_root)) + 1


def test_object_that_somebody_deleted_is_put_again(
    database: Database,
    board: Board,
    cloud_loop: RenderLoop,
    bucket: FolderObjectStore,
    stage: CloudStage,
    web_root: WebRoot,
) -> None:
    stage.run()
    bucket.delete(["b/index.html"])
    a_post(database, board)
    cloud_loop.render("b")
    stage.run()
    assert in_bucket(bucket) == in_web_root(web_root)


def test_purge_comes_after_the_put_and_waits_as_the_cdn_asks(
    database: Database,
    board: Board,
    stage: CloudStage,
    purger: RecordingPurger,
    bucket: FolderObjectStore,
    web_root: WebRoot,
) -> None:
    purger.failures.append(PurgeTooFast(retry_after_s=30))
    stage.run()
    assert not purger.calls
    assert in_bucket(bucket), "the put is done"
    stage.clock.now_s += 31  # type: ignore[attr-defined]
    stage.run()
    told = {url for call in purger.calls for url in call}
    assert {f"{BASE}/", f"{BASE}/b/", f"{BASE}/b/catalog.html"} <= told
    assert all(len(call) <= 100 for call in purger.calls)
    assert in_bucket(bucket) == in_web_root(web_root)


def test_two_publishers_put_no_older_page_over_a_newer(
    database: Database,
    board: Board,
    cloud_loop: RenderLoop,
    bucket: FolderObjectStore,
    web_root: WebRoot,
) -> None:
    """One claims a page and is delayed; the other puts two newer ones; then the first goes on."""
    slow = a_stage(database, web_root, bucket, None, None)
    fast = a_stage(database, web_root, bucket, None, None)
    a_post(database, board)
    cloud_loop.render("b")
    fast.run()
    a_post(database, board, thread=1)
    cloud_loop.render("b")
    with database.transaction() as db:
        claimed = {file.path: file for file in cloud_ledger.claim(db, limit=99, lease_s=0)}
    late = claimed["b/res/1.html"]
    late_body = web_root.read(late.path)
    a_post(database, board, thread=1)
    cloud_loop.render("b")
    fast.run()
    newest = bucket.get(late.path)
    web_root.replace(late.path, late_body or b"")  # what the slow one had read before
    outcome = slow._put(late)
    assert outcome.holds is None
    assert bucket.get(late.path) == newest


def test_file_removed_while_it_is_put_is_deleted_after_it(
    database: Database,
    board: Board,
    cloud_loop: RenderLoop,
    bucket: FolderObjectStore,
    web_root: WebRoot,
) -> None:
    a_post(database, board)
    cloud_loop.render("b")

    class Removing(Failing):
        def put(self, key: str, *args: object, **fields: object) -> str:
            if key == "b/res/1.html" and key not in self.puts:
                with database.transaction() as db:
                    posts.remove(db, "b", 1)
                cloud_loop.render("b")
            return super().put(key, *args, **fields)

    stage = a_stage(database, web_root, Removing(bucket, []), None, None)  # type: ignore[arg-type]
    stage.run()
    stage.run()
    assert bucket.get("b/res/1.html") is None
    assert in_bucket(bucket) == in_web_root(web_root)


def test_waits_grow_and_are_drawn_at_random() -> None:
    from renderer.cloud_stage import backoff_s

    def longest(_low: float, high: float) -> float:
        return high

    assert [backoff_s(tries, longest) for tries in (0, 1, 2, 9, 99)] == [1, 2, 4, 60, 60]
    assert 0.5 <= backoff_s(0) <= 1
