"""The bucket is proven by listing it, while the board goes on, and mended for the publisher."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdn import cache_policy
from cdn.folder_object_store import FolderObjectStore
from cdn.object_store import ObjectStore, StoredObject
from imageboard.boards import Board
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from renderer.publisher.cloud_stage import CloudStage
from renderer.publisher.verify_cloud import STALLED_S, CloudVerifier
from renderer.render_loop import RenderLoop
from renderer.web_root import WebRoot
from tests.builders import a_board, a_post
from tests.renderer.clouds import Clock, a_stage, in_bucket, in_web_root

pytestmark = pytest.mark.slow

THREAD = "b/res/1.html"


@pytest.fixture
def bucket(tmp_path: Path) -> FolderObjectStore:
    return FolderObjectStore(tmp_path / "bucket")


@pytest.fixture
def stage(database: Database, web_root: WebRoot, bucket: FolderObjectStore) -> CloudStage:
    return a_stage(database, web_root, bucket, None, None)


@pytest.fixture
def loop(database: Database, web_root: WebRoot, uploads: UploadStore) -> RenderLoop:
    return RenderLoop(database, web_root, uploads, site_name="Stillboard", has_cloud=True)


@pytest.fixture
def board(database: Database, loop: RenderLoop, stage: CloudStage) -> Board:
    """One thread, in the bucket too."""
    board = a_board(database)
    a_post(database, board)
    loop.render("b")
    stage.run()
    return board


def a_verifier(
    database: Database, web_root: WebRoot, objects: ObjectStore, stage: CloudStage
) -> CloudVerifier:
    clock = Clock(real_s_max=0.0)
    return CloudVerifier(
        database,
        web_root,
        objects,
        ask_for_publishing=stage.run_once,
        sleep=clock.sleep,
        clock=clock,
    )


@pytest.fixture
def verifier(
    database: Database, web_root: WebRoot, bucket: FolderObjectStore, stage: CloudStage
) -> CloudVerifier:
    return a_verifier(database, web_root, bucket, stage)


def found(verifier: CloudVerifier) -> set[tuple[str, str]]:
    return {tuple(finding) for finding in verifier.verify()}


def put(bucket: ObjectStore, path: str, body: bytes, version: int = 1) -> None:
    """As somebody else does it: over whatever stands there."""
    standing = bucket.head(path)
    bucket.put(
        path,
        body,
        headers=cache_policy.headers_of(path),
        version=version,
        replaces=standing.etag if standing else None,
    )


def restore_ledger(database: Database, rows: str) -> None:
    """As a backup that is older than the bucket would have it."""
    with database.transaction() as db:
        db.execute(f"UPDATE publications SET {rows} WHERE path = %s", (THREAD,))


def test_bucket_that_holds_what_the_web_root_shows_has_no_difference(
    board: Board, verifier: CloudVerifier
) -> None:
    looked_at: list[str] = []
    verifier.on_file = looked_at.append
    assert found(verifier) == set()
    assert THREAD in looked_at


def test_objects_that_are_wrong_are_told_apart(
    database: Database, board: Board, bucket: FolderObjectStore, verifier: CloudVerifier
) -> None:
    bucket.delete(["b/catalog.html"])
    put(bucket, THREAD, b"defaced")
    put(bucket, "b/res/99.html", b"of a thread that never was")
    with database.transaction() as db:
        db.execute("UPDATE publications SET cloud_etag = 'other' WHERE path = 'b/index.html'")
    assert found(verifier) == {
        ("missing", "r2:b/catalog.html"),
        ("differing", f"r2:{THREAD}"),
        ("orphaned", "r2:b/res/99.html"),
        ("unrecorded", "r2:b/index.html"),
    }
    assert bucket.get(THREAD) == b"defaced", "nothing is mended unasked"


def test_what_is_found_is_mended_with_the_publisher(
    database: Database,
    board: Board,
    bucket: FolderObjectStore,
    web_root: WebRoot,
    verifier: CloudVerifier,
) -> None:
    bucket.delete(["b/catalog.html"])
    put(bucket, THREAD, b"defaced", version=0)
    put(bucket, "b/res/99.html", b"of a thread that never was")
    with database.transaction() as db:
        db.execute("UPDATE publications SET cloud_etag = 'other' WHERE path = 'b/index.html'")
    verifier.repair = True
    assert len(verifier.verify()) == 4
    assert verifier.wait_for_publisher() == 0
    assert in_bucket(bucket) == in_web_root(web_root)
    assert found(verifier) == set()


@pytest.mark.parametrize(
    "ledger",
    [
        "change_no = change_no - 1, cloud_change_no = cloud_change_no - 1",
        "change_no = 1, cloud_change_no = NULL, cloud_etag = NULL, cloud_sha256 = NULL",
        "change_no = 1, cloud_change_no = 1, cloud_etag = 'old', cloud_sha256 = %s",
    ],
    ids=["settled", "never put", "behind"],
)
def test_object_of_a_later_change_than_a_restored_ledger_knows_is_overwritten(
    database: Database,
    board: Board,
    bucket: FolderObjectStore,
    web_root: WebRoot,
    stage: CloudStage,
    verifier: CloudVerifier,
    ledger: str,
) -> None:
    """The publisher alone would leave it: to it an object of a later change is a newer one."""
    put(bucket, THREAD, b"of a time that was lost", version=1000)
    restore_ledger(database, ledger.replace("%s", "decode(repeat('00', 32), 'hex')"))
    stage.run_once()
    assert bucket.get(THREAD) == b"of a time that was lost"
    assert found(verifier) == {("differing", f"r2:{THREAD}")}
    verifier.repair = True
    verifier.verify()
    assert verifier.wait_for_publisher() == 0
    assert bucket.get(THREAD) == web_root.read(THREAD)
    verifier.repair = False
    assert found(verifier) == set()


def test_files_that_the_publisher_is_behind_with_are_left_to_it(
    database: Database, board: Board, loop: RenderLoop, verifier: CloudVerifier
) -> None:
    a_post(database, board)
    loop.render("b")
    assert found(verifier) == set()


def test_page_that_the_ledger_does_not_know_yet_is_left_out(
    board: Board, web_root: WebRoot, verifier: CloudVerifier
) -> None:
    """A pass has renamed it and not recorded it; or it is a matter for the proof of the pages."""
    web_root.replace(THREAD, b"rendered this moment")
    assert found(verifier) == set()


class PublishingMeanwhile:
    """A bucket in which a page is published while it is listed, before or after its place there."""

    def __init__(self, bucket: FolderObjectStore, publish: object, *, is_seen: bool) -> None:
        self._bucket = bucket
        self._publish = publish
        self._is_seen = is_seen

    def __getattr__(self, name: str) -> object:
        return getattr(self._bucket, name)

    def list(self) -> Iterator[StoredObject]:
        listed = list(self._bucket.list())
        assert callable(self._publish)
        self._publish()
        yield from self._bucket.list() if self._is_seen else listed


@pytest.mark.parametrize("is_seen", [True, False])
def test_what_is_published_during_the_listing_is_left_out(
    database: Database,
    board: Board,
    bucket: FolderObjectStore,
    loop: RenderLoop,
    stage: CloudStage,
    web_root: WebRoot,
    is_seen: bool,
) -> None:
    put(bucket, "b/res/2.html", b"an orphan, until a thread takes its place", version=0)

    def publish() -> None:
        a_post(database, board)  # thread 2, which the ledger did not know
        a_post(database, board, thread=1)
        loop.render("b")
        stage.run()

    meanwhile = PublishingMeanwhile(bucket, publish, is_seen=is_seen)
    verifier = a_verifier(database, web_root, meanwhile, stage)  # type: ignore[arg-type]
    assert found(verifier) == set()


def test_objects_of_somebody_else_are_nobody_s_orphans(
    board: Board, bucket: FolderObjectStore, web_root: WebRoot, verifier: CloudVerifier
) -> None:
    class Shared:
        def list(self) -> Iterator[StoredObject]:
            yield StoredObject(key="holiday pictures/1.jpg", etag='"x"', size_bytes=1)
            yield from bucket.list()

    shared = dataclasses.replace(verifier, objects=Shared())  # type: ignore[arg-type]
    assert found(shared) == set()


def test_publisher_that_does_not_come_is_not_waited_for_without_end(
    database: Database, board: Board, loop: RenderLoop, verifier: CloudVerifier
) -> None:
    a_post(database, board, thread=1)
    loop.render("b")
    verifier.ask_for_publishing = lambda: None
    assert verifier.wait_for_publisher() > 0
    assert verifier.clock() > STALLED_S  # type: ignore[operator]


def test_orphan_whose_place_is_taken_while_it_is_deleted_is_put_again(
    database: Database,
    board: Board,
    bucket: FolderObjectStore,
    loop: RenderLoop,
    stage: CloudStage,
    web_root: WebRoot,
) -> None:
    put(bucket, "b/res/2.html", b"orphan", version=0)

    class TakenMeanwhile:
        def __getattr__(self, name: str) -> object:
            return getattr(bucket, name)

        def delete(self, keys: list[str]) -> None:
            a_post(database, board)
            loop.render("b")
            stage.run()
            bucket.delete(keys)

    verifier = a_verifier(database, web_root, TakenMeanwhile(), stage)  # type: ignore[arg-type]
    verifier.repair = True
    assert found(verifier) == {("orphaned", "r2:b/res/2.html")}
    assert verifier.wait_for_publisher() == 0
    assert in_bucket(bucket) == in_web_root(web_root)
