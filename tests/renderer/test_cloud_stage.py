"""The second stage, on a real PostgreSQL, into a bucket made of files."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from cdn import cache_policy
from cdn.folder_object_store import FolderObjectStore
from cdn.no_object_store import NoObjectStore
from cdn.object_store import StoreRefused, StoreUnreachable, TooFast
from cdn.purger import PurgeTooFast
from imageboard.boards import Board
from imageboard.settings import Settings
from imageboard.store import cloud_ledger, posts, takedowns
from imageboard.store.cloud_ledger import Held
from imageboard.store.database import Connection, Database
from imageboard.store.uploads import UploadStore
from renderer import steps
from renderer.publisher import cloud_stage, jobs, rounds
from renderer.publisher.cloud_stage import CloudStage
from renderer.render_loop import RenderLoop
from renderer.web_root import WebRoot
from tests.builders import a_board, a_file, a_post, names_of_first
from tests.deploy.stand_ins import eventually
from tests.edge_twin.purgers import RecordingPurger
from tests.renderer.clouds import BASE, Failing, Probe, a_stage, in_bucket, in_web_root
from tests.renderer.test_render_loop import an_upload

pytestmark = pytest.mark.slow

BUCKET = {
    "S3_ENDPOINT_URL": "http://127.0.0.1:9/",
    "R2_BUCKET_NAME": "board",
    "R2_ACCESS_KEY": "publisher",
    "R2_SECRET_KEY": "a secret",
}
#: Who waits for longer waits for what never comes.
HANGS_S = 60.0
CDN = {"CDN_ZONE_ID": "0" * 32, "CDN_API_TOKEN": "token", "CDN_BASE_URL": BASE}


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


@pytest.fixture
def cloud_loop(database: Database, web_root: WebRoot, uploads: UploadStore) -> RenderLoop:
    return RenderLoop(database, web_root, uploads, site_name="Stillboard", has_cloud=True)


@pytest.fixture
def board(database: Database, cloud_loop: RenderLoop) -> Board:
    board = a_board(database)
    cloud_loop.render("b")
    cloud_loop.site_pages.render()
    return board


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
    assert behind <= len(in_web_root(web_root)), "one row a file, not one a change"
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
    master = an_upload(uploads, tmp_path)
    stored = a_post(database, board, files=(a_file(stored_as=master),))
    src, thumb = names_of_first(stored)
    cloud_loop.render("b")
    stage.run()
    assert bucket.get(f"b/{src}") is not None
    with database.transaction() as db:
        posts.remove(db, "b", stored.no)
    cloud_loop.render("b")
    assert not uploads.original(master).exists(), "whether or not the bucket can be reached"
    purger.calls.clear()
    stage.run()
    for path in (f"b/{src}", f"b/{thumb}", "b/res/1.html", "b/res/1.json"):
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
        claimed = cloud_ledger.claim(db, limit=3, beside_urgent=3, urgent=3, deletions=3, lease_s=1)
    assert all(file.is_urgent for file in claimed)
    with database.transaction() as db:
        claimed += cloud_ledger.claim(
            db, limit=50, beside_urgent=50, urgent=50, deletions=50, lease_s=1
        )
    front_page = {file.path: file for file in claimed}["index.html"]
    assert front_page.is_urgent, "it may show the post that was removed"
    assert {"b/res/1.html", "b/res/1.json"} <= {f.path for f in claimed if f.is_urgent}
    assert front_page.change_no > 0, "its versions are ordered, too"


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
    files = len(in_web_root(web_root))
    assert tried <= files, "one round, not one try for each file again and again"
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


def test_what_is_removed_is_put_at_once_though_the_cdn_is_owed_an_earlier_call(
    database: Database,
    board: Board,
    cloud_loop: RenderLoop,
    stage: CloudStage,
    purger: RecordingPurger,
    bucket: FolderObjectStore,
    web_root: WebRoot,
) -> None:
    reply = a_post(database, board, thread=a_post(database, board).no)
    cloud_loop.render("b")
    purger.failures += [PurgeTooFast(retry_after_s=30)] * 2
    for _ in range(2):
        stage.run()
        stage.clock.now_s += 31  # type: ignore[attr-defined]
    assert not purger.calls
    with database.transaction() as db:
        posts.remove(db, "b", reply.no)
    cloud_loop.render("b")
    stage.run()
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
        claimed = {
            file.path: file
            for file in cloud_ledger.claim(
                db, limit=99, beside_urgent=99, urgent=99, deletions=99, lease_s=0
            )
        }
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
    from renderer.publisher.cloud_stage import backoff_s

    def longest(_low: float, high: float) -> float:
        return high

    assert [backoff_s(tries, longest) for tries in (0, 1, 2, 9, 99)] == [1, 2, 4, 60, 60]
    assert 0.5 <= backoff_s(0) <= 1


# --- takedowns ---


def a_takedown(database: Database, board: Board, cloud_loop: RenderLoop, stage: CloudStage) -> None:
    """Post 1 stood in the bucket, and is removed from the origin."""
    a_post(database, board)
    cloud_loop.render("b")
    stage.run()
    with database.transaction() as db:
        posts.remove(db, "b", 1)
    cloud_loop.render("b")


def unfinished(database: Database) -> int:
    with database.connection() as db:
        return takedowns.still_open(db).takedowns


def test_what_was_removed_is_purged_once_more_before_it_counts_as_gone(
    database: Database,
    board: Board,
    cloud_loop: RenderLoop,
    stage: CloudStage,
    purger: RecordingPurger,
    probe: Probe,
) -> None:
    """A fetch that was under way at the first purge may have brought the old page back."""
    stage.purge_again_s = 3600.0
    a_takedown(database, board, cloud_loop, stage)
    purger.calls.clear()
    stage.run()
    assert purges_of(purger, "b/res/1.html") == 1
    stage.run()
    assert (purges_of(purger, "b/res/1.html"), probe.asked) == (1, []), "not before its time"
    assert unfinished(database) == 1
    with database.transaction() as db:
        db.execute("UPDATE takedowns SET edge_due_at = edge_due_at - interval '1 hour'")
    stage.run()
    assert purges_of(purger, "b/res/1.html") == 2
    assert "b/res/1.html" in probe.asked
    assert unfinished(database) == 0


def purges_of(purger: RecordingPurger, path: str) -> int:
    return sum(f"{BASE}/{path}" in call for call in purger.calls)


def test_takedown_of_many_files_is_purged_in_calls_that_the_cdn_takes(
    database: Database, board: Board, stage: CloudStage, purger: RecordingPurger
) -> None:
    paths = [f"b/src/{number}.png" for number in range(250)]
    with database.transaction() as db:
        db.execute(
            "INSERT INTO takedowns (board, change_no, post_no, paths, origin_gone_at)"
            " VALUES ('b', 9, 9, %s, now())",
            (paths,),
        )
    stage.run()
    assert all(purges_of(purger, path) == 1 for path in paths)
    assert all(len(call) <= 100 for call in purger.calls)


def test_what_one_press_removed_is_told_and_looked_at_once_however_many_posts_it_were(
    database: Database,
    board: Board,
    cloud_loop: RenderLoop,
    stage: CloudStage,
    purger: RecordingPurger,
    probe: Probe,
) -> None:
    """Else a hundred posts of somebody would be a hundred times all their pages."""
    for thread in (None, *([1] * 40)):
        a_post(database, board, thread=thread)
    cloud_loop.render("b")
    stage.run()
    with database.transaction() as db:
        assert posts.remove_all(db, "b", range(2, 42)) == 40
    cloud_loop.render("b")
    purger.calls.clear()
    stage.run()
    assert unfinished(database) == 0
    assert purges_of(purger, "b/res/1.html") == 2, "after the put, and before the look"
    assert probe.asked.count("b/res/1.html") == 1


def test_files_of_a_removal_are_gone_through_once_and_not_for_each_of_its_posts(
    database: Database, board: Board
) -> None:
    """The publisher asks in each of its rounds, and the last files wait for the next."""
    few, many = (_pages_looked_at(database, posts) for posts in (20, 200))
    assert many < 2 * few


def _pages_looked_at(database: Database, posts_gone: int) -> int:
    """Of the database, to find out that a step that took away these posts is not done."""
    with database.transaction() as db:
        db.execute("DELETE FROM takedowns")
        db.execute("DELETE FROM publications WHERE path ~ '/src/'")
        db.execute(
            "INSERT INTO publications (path, change_no, sha256, bytes, may_be_in_cloud)"
            " SELECT 'b/src/' || no, 1, sha256('1'), 0, true FROM generate_series(1, 300) AS no"
        )
        db.execute(
            "INSERT INTO takedowns (board, change_no, post_no, paths, origin_gone_at)"
            " SELECT 'b', no, no, CASE WHEN no = %(last)s THEN"
            " ARRAY(SELECT path FROM publications WHERE path ~ '/src/') ELSE '{}' END, now()"
            " FROM generate_series(1, %(last)s::bigint) AS no",
            {"last": posts_gone},
        )
    with database.connection() as db:
        query = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {takedowns._SQL.gone_from_bucket}"
        row = db.execute(query, {"look_after_s": 0}).fetchone()
    assert row is not None
    (told,) = row[0]
    return int(told["Plan"]["Shared Hit Blocks"])


def test_all_that_is_urgent_is_purged_before_others_files_are_put(
    database: Database, board: Board, stage: CloudStage, purger: RecordingPurger
) -> None:
    """Of what is not, one call a round."""
    stage.run()
    purger.calls.clear()
    with database.transaction() as db:
        db.execute(
            "INSERT INTO publications (path, change_no, bytes, may_be_in_cloud, is_urgent)"
            " SELECT 'b/src/' || no, 1, 0, true, no <= 250 FROM generate_series(1, 400) AS no"
        )
    stage.run_once()
    *urgent, others = purger.calls
    assert sorted(map(len, urgent)) == [50, 100, 100]
    assert sum(purges_of(purger, f"b/src/{no}") for no in range(1, 251)) == 250
    assert len(others) == 100
    stage.run_once()
    assert len(purger.calls[-1]) == 50


def test_what_was_removed_waits_for_few_answers_of_the_cloud_one_after_the_other(
    database: Database, board: Board, cloud_loop: RenderLoop, stage: CloudStage, web_root: WebRoot
) -> None:
    """R2 and the CDN answer after a tenth of a second, however idle both machines are."""
    stage.run()
    bucket, purger = _InUnison(stage.objects, 32), _InUnison(RecordingPurger(), 8)
    stage.objects, stage.purger = bucket, purger  # type: ignore[assignment]
    # Whichever ends first, what is put or what is deleted: each fills its calls to the CDN.
    paths = [f"b/res/{number}.txt" for number in range(800)]
    for path in paths:
        web_root.replace(path, path.encode())
    _behind(database, paths, is_urgent=True)
    with database.transaction() as db:
        db.execute(
            "INSERT INTO publications (path, change_no, bytes, may_be_in_cloud, is_urgent)"
            " SELECT 'b/src/' || no, 1, 0, true, true FROM generate_series(1, 800) AS no"
        )
    stage.run_once()
    assert (bucket.rounds, purger.rounds) == (25, 2)
    assert stage.objects.get(paths[-1]) == paths[-1].encode()


def test_puts_that_have_ended_are_written_down_together(
    database: Database,
    board: Board,
    cloud_loop: RenderLoop,
    stage: CloudStage,
    bucket: FolderObjectStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The CDN is told after the last of them: a commit each would be waited for one by one."""
    for _ in range(5):
        a_post(database, board)
    cloud_loop.render("b")
    commits: list[Sequence[Held]] = []
    stored, wait = cloud_ledger.stored, rounds.wait

    def counted(db: Connection, held: Sequence[Held], **how: Any) -> list[float]:
        commits.append(held)
        return stored(db, held, **how)

    monkeypatch.setattr(rounds, "wait", lambda puts, **_: wait(puts))
    monkeypatch.setattr(cloud_ledger, "stored", counted)
    stage.run_once()
    (together,) = commits
    assert {held.path for held in together} == {file.key for file in bucket.list()}


def test_deletions_and_puts_are_under_way_at_the_same_time(
    database: Database, board: Board, cloud_loop: RenderLoop, stage: CloudStage
) -> None:
    """A bucket takes a second for a thousand deletions: no put of what was removed waits for it."""
    a_takedown(database, board, cloud_loop, stage)
    stage.objects = _DeletesLast(stage.objects)  # type: ignore[assignment]
    stage.run()
    assert unfinished(database) == 0


def test_second_stage_follows_with_pictures_while_pages_are_drawn_without_them(
    database: Database,
    board: Board,
    cloud_loop: RenderLoop,
    stage: CloudStage,
    bucket: FolderObjectStore,
    uploads: UploadStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(steps, "HANDED_ON_FILES", 1)
    src = _a_removed_picture(database, board, cloud_loop, stage, uploads, tmp_path)
    in_bucket_then: list[tuple[bool, bool]] = []

    def follow() -> None:
        stage.run_once()
        in_bucket_then.append((bucket.get(src) is None, bucket.get("b/res/1.html") is None))

    monkeypatch.setattr(cloud_loop, "on_published", follow)
    cloud_loop.render("b")
    assert in_bucket_then[0] == (True, False)
    assert in_bucket_then[-1] == (True, True)
    stage.run()
    assert unfinished(database) == 0


def test_cdn_is_told_twice_also_of_what_an_interrupted_step_had_handed_on(
    database: Database,
    board: Board,
    cloud_loop: RenderLoop,
    stage: CloudStage,
    purger: RecordingPurger,
    probe: Probe,
    uploads: UploadStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(steps, "HANDED_ON_FILES", 1)
    src = _a_removed_picture(database, board, cloud_loop, stage, uploads, tmp_path)

    purger.calls.clear()

    def interrupted() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(cloud_loop, "on_published", interrupted)
        with pytest.raises(KeyboardInterrupt):
            cloud_loop.render("b")
    stage.run()
    assert purges_of(purger, src) == 1
    assert unfinished(database) == 1
    cloud_loop.render("b")
    stage.run()
    assert purges_of(purger, src) == 2
    assert src in probe.asked
    assert unfinished(database) == 0


def _a_removed_picture(
    database: Database,
    board: Board,
    cloud_loop: RenderLoop,
    stage: CloudStage,
    uploads: UploadStore,
    tmp_path: Path,
) -> str:
    """Where it stands still, in the bucket too: its thread is removed, and no page drawn since."""
    master = an_upload(uploads, tmp_path)
    stored = a_post(database, board, files=(a_file(stored_as=master),))
    cloud_loop.render("b")
    stage.run()
    with database.transaction() as db:
        posts.remove(db, "b", stored.no)
    return f"b/{names_of_first(stored)[0]}"


def test_what_is_removed_while_a_file_waits_for_its_keys_pace_does_not_wait_with_it(
    database: Database,
    board: Board,
    cloud_loop: RenderLoop,
    stage: CloudStage,
    bucket: FolderObjectStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cloud_stage, "IDLE_WAIT_S_MAX", HANGS_S)
    a_post(database, board)
    cloud_loop.render("b")
    stage.run()
    with database.connection() as db:
        db.execute("UPDATE publications SET sha256 = sha256('newer') WHERE path = '404.html'")
        cloud_ledger.put_off(db, ["404.html"], wait_s=HANGS_S)
    slept: list[float] = []
    sleep = stage.sleep

    def remove_in_the_first(seconds: float) -> None:
        if not slept:
            with database.transaction() as db:
                posts.remove(db, "b", 1)
            cloud_loop.render("b")
        elif bucket.get("b/res/1.html") is None:
            stage.stop()
        slept.append(seconds)
        sleep(seconds)

    stage.sleep = remove_in_the_first
    stage.run()
    assert bucket.get("b/res/1.html") is None
    assert slept[0] <= cloud_stage.LOOK_EVERY_S
    with database.connection() as db:
        assert cloud_ledger.backlog(db).files == 1, "the other still waits"


def test_cdn_is_told_of_pages_while_the_bucket_still_deletes(
    database: Database,
    board: Board,
    cloud_loop: RenderLoop,
    stage: CloudStage,
    purger: RecordingPurger,
) -> None:
    stage.run()
    for thread in (None, 1):
        a_post(database, board, thread=thread)
    cloud_loop.render("b")
    stage.run()
    with database.transaction() as db:
        posts.remove(db, "b", 2)
        db.execute(
            "INSERT INTO publications (path, change_no, bytes, may_be_in_cloud, is_urgent)"
            " VALUES ('b/src/2.png', 1, 0, true, true)"
        )
    cloud_loop.render("b")
    stage.objects = _DeletesOnce(  # type: ignore[assignment]
        stage.objects, lambda: purges_of(purger, "b/res/1.html") == 2
    )
    stage.run()
    assert purges_of(purger, "b/src/2.png") == 1


def test_what_is_removed_while_others_files_are_put_goes_before_those_not_begun(
    database: Database, board: Board, stage: CloudStage, web_root: WebRoot
) -> None:
    stage.run()
    others = [f"b/res/{number}.txt" for number in range(1, 65)]
    for path in (*others, "b/removed.txt"):
        web_root.replace(path, path.encode())
    _behind(database, others)
    bucket = _PutsOthersLast(
        stage.objects, "b/removed.txt", lambda path: _behind(database, [path], is_urgent=True)
    )
    stage.objects = bucket  # type: ignore[assignment]
    stage.run_once()
    assert len(bucket.put_keys) == rounds.PUTS_AT_ONCE + 1
    stage.run()
    assert sorted(bucket.put_keys) == sorted([*others, "b/removed.txt"]), "and each once"


def test_others_files_wait_for_a_removal_that_is_being_drawn_but_not_for_ever(
    database: Database,
    board: Board,
    cloud_loop: RenderLoop,
    stage: CloudStage,
    bucket: FolderObjectStore,
    web_root: WebRoot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # By PostgreSQL's clock the removal stays new; by the stage's its time passes below.
    monkeypatch.setattr(cloud_stage, "HELD_BACK_S_MAX", 3600.0)
    a_post(database, board)
    cloud_loop.render("b")
    stage.run()
    web_root.replace("b/res/9.txt", b"others'")
    _behind(database, ["b/res/9.txt"])
    with database.transaction() as db:
        posts.remove(db, "b", 1)
    assert stage.run_once() == 0
    stage.sleep(cloud_stage.HELD_BACK_S_MAX + 0.1)
    assert stage.run_once(), "the removal is still being drawn"
    assert bucket.get("b/res/9.txt") == b"others'"


@pytest.mark.parametrize("not_before", ["-infinity", "infinity"], ids=["due", "waits"])
def test_others_are_put_in_handfuls_while_anything_urgent_is_behind(
    database: Database, board: Board, stage: CloudStage, not_before: str
) -> None:
    """It may wait for its pace, and the CDN is told when all are put that were begun."""
    stage.run()
    with database.transaction() as db:
        db.execute(
            "INSERT INTO publications (path, change_no, sha256, bytes, is_urgent, not_before)"
            " VALUES ('b/res/1.txt', 1, sha256('1'), 1, true, %s)",
            (not_before,),
        )
        db.execute(
            "INSERT INTO publications (path, change_no, sha256, bytes)"
            " SELECT 'b/res/' || no || '.txt', 1, sha256('2'), 1 FROM generate_series(2, 99) AS no"
        )
        claimed = cloud_ledger.claim(
            db, limit=64, beside_urgent=8, urgent=64, deletions=9, lease_s=9
        )
        assert len(claimed) == 8
        db.execute("DELETE FROM publications WHERE path = 'b/res/1.txt'")
        claimed = cloud_ledger.claim(
            db, limit=64, beside_urgent=8, urgent=64, deletions=9, lease_s=9
        )
        assert len(claimed) == 64


def test_page_of_several_boards_that_another_drew_without_it_is_urgent_all_the_same(
    database: Database, board: Board, cloud_loop: RenderLoop, stage: CloudStage
) -> None:
    """They have a job of their own, which may see the removal before the board's step does."""
    a_post(database, board)
    a_post(database, board, thread=1)
    cloud_loop.render("b")
    cloud_loop.site_pages.render()
    stage.run()
    with database.transaction() as db:
        posts.remove(db, "b", 2)
    cloud_loop.site_pages.render()
    cloud_loop.render("b")
    with database.transaction() as db:
        claimed = cloud_ledger.claim(
            db, limit=0, beside_urgent=0, urgent=99, deletions=99, lease_s=0
        )
    assert {"index.html", "overboard/index.html"} <= {file.path for file in claimed}


def test_takedown_waits_for_the_pages_of_several_boards_whatever_happened_on_others(
    database: Database, board: Board, cloud_loop: RenderLoop, stage: CloudStage
) -> None:
    """Their number counts the changes of all boards: no board's own can be compared with it."""
    other = a_board(database, "other")
    for thread in (None, *[1] * 20):
        a_post(database, other, thread=thread)
    cloud_loop.render("other")
    a_post(database, board)
    cloud_loop.render("b")
    cloud_loop.site_pages.render()
    stage.run()
    with database.transaction() as db:
        posts.remove(db, "b", 1)
    cloud_loop.render("b")
    with database.transaction() as db:
        db.execute(
            "UPDATE publications SET not_before = 'infinity' WHERE path = 'overboard/index.html'"
        )
    for _ in range(3):
        stage.run_once()
    assert unfinished(database) == 1
    with database.transaction() as db:
        db.execute("UPDATE publications SET not_before = '-infinity'")
    stage.run()
    assert unfinished(database) == 0


class _DeletesLast:
    """Has deleted nothing before something was put."""

    def __init__(self, twin: object) -> None:
        self._twin = twin
        self._has_put = threading.Event()

    def __getattr__(self, name: str) -> object:
        return getattr(self._twin, name)

    def put(self, *args: object, **fields: object) -> object:
        self._has_put.set()
        return self._twin.put(*args, **fields)  # type: ignore[attr-defined]

    def delete(self, keys: Sequence[str]) -> None:
        assert self._has_put.wait(HANGS_S)
        self._twin.delete(keys)  # type: ignore[attr-defined]


class _DeletesOnce:
    """Has deleted nothing before something is so."""

    def __init__(self, twin: object, is_so: Callable[[], bool]) -> None:
        self._twin = twin
        self._is_so = is_so

    def __getattr__(self, name: str) -> object:
        return getattr(self._twin, name)

    def delete(self, keys: Sequence[str]) -> None:
        assert eventually(self._is_so)
        self._twin.delete(keys)  # type: ignore[attr-defined]


class _PutsOthersLast:
    """Once all that may be are under way something is removed, and none of others' ends before that
    is put."""

    def __init__(self, twin: object, removed: str, remove: Callable[[str], object]) -> None:
        self._twin = twin
        self._removed, self._remove = removed, remove
        self._is_put = threading.Event()
        self._lock = threading.Lock()
        self.put_keys: list[str] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._twin, name)

    def put(self, key: str, *args: object, **fields: object) -> object:
        with self._lock:
            self.put_keys.append(key)
            if len(self.put_keys) == rounds.PUTS_AT_ONCE:
                self._remove(self._removed)
        if key == self._removed:
            self._is_put.set()
        assert self._is_put.wait(HANGS_S)
        return self._twin.put(key, *args, **fields)  # type: ignore[attr-defined]


def _behind(database: Database, paths: Sequence[str], *, is_urgent: bool = False) -> None:
    """These stand in the web root, as the path's own bytes, and the bucket lacks them."""
    with database.transaction() as db:
        db.execute(
            "INSERT INTO publications (path, change_no, sha256, bytes, is_urgent)"
            " SELECT path, 1, sha256(convert_to(path, 'UTF8')), 1, %s"
            " FROM unnest(%s::text[]) AS path",
            (is_urgent, list(paths)),
        )


class _InUnison:
    """Answers a put, or a purge, when so many were asked for; the last waits for no more."""

    def __init__(self, twin: object, parties: int) -> None:
        self._twin = twin
        self._together = threading.Barrier(parties, self._count)
        self.rounds = 0

    def _count(self) -> None:
        self.rounds += 1

    def __getattr__(self, name: str) -> object:
        return getattr(self._twin, name)

    def put(self, *args: object, **fields: object) -> object:
        self._together.wait(HANGS_S)
        return self._twin.put(*args, **fields)  # type: ignore[attr-defined]

    def purge(self, urls: Sequence[str]) -> None:
        self._together.wait(HANGS_S)
        self._twin.purge(urls)  # type: ignore[attr-defined]


def test_what_the_cdn_took_beside_a_call_that_failed_is_not_told_again(
    database: Database, board: Board, stage: CloudStage, purger: RecordingPurger
) -> None:
    stage.run()
    purger.calls.clear()
    purger.failures.append(PurgeTooFast(retry_after_s=7.0))
    with database.transaction() as db:
        db.execute(
            "INSERT INTO publications (path, change_no, bytes, purge_due, is_urgent)"
            " SELECT 'b/src/' || no, 1, 0, true, true FROM generate_series(1, 300) AS no"
        )
    assert stage.run_once() == 0
    assert [len(call) for call in purger.calls] == [100, 100]
    stage.sleep(7.0)
    stage.run()
    assert all(purges_of(purger, f"b/src/{no}") == 1 for no in range(1, 301))


def test_takedown_is_finished_on_a_page_that_never_comes_to_rest(
    database: Database, board: Board, cloud_loop: RenderLoop, stage: CloudStage
) -> None:
    """What counts is that the bucket shows the removal, not that it is up to date."""
    a_takedown(database, board, cloud_loop, stage)
    stage.run()
    with database.transaction() as db:
        db.execute("UPDATE takedowns SET edge_due_at = NULL, edge_gone_at = NULL")
    a_post(database, board)
    cloud_loop.render("b")
    with database.connection() as db:
        assert cloud_ledger.backlog(db).files
        assert len(takedowns.gone_from_bucket(db, look_after_s=0)) == 1


def test_takedown_without_a_cdn_is_finished_with_the_bucket(
    database: Database,
    board: Board,
    cloud_loop: RenderLoop,
    web_root: WebRoot,
    bucket: FolderObjectStore,
) -> None:
    stage = a_stage(database, web_root, bucket, None, None)
    stage.purge_again_s = 5.0
    a_takedown(database, board, cloud_loop, stage)
    stage.run()
    assert unfinished(database) == 0


# --- a CDN in front of nginx, and no bucket ---


def test_cdn_without_a_bucket_is_told_of_what_changed(
    database: Database,
    board: Board,
    cloud_loop: RenderLoop,
    web_root: WebRoot,
    purger: RecordingPurger,
    probe: Probe,
) -> None:
    stage = a_stage(database, web_root, NoObjectStore(), purger, probe)
    a_takedown(database, board, cloud_loop, stage)
    assert purges_of(purger, "b/res/1.html") == 1
    purger.calls.clear()
    stage.run()
    assert purges_of(purger, "b/res/1.html") == 2, "twice, since it was removed"
    assert purges_of(purger, "404.html") == 0
    assert unfinished(database) == 0
    with database.connection() as db:
        assert cloud_ledger.backlog(db).files == 0


@pytest.mark.parametrize(
    ("environ", "objects", "tells"),
    [
        ({}, None, False),
        (BUCKET, "S3ObjectStore", False),
        (CDN, "NoObjectStore", True),
        (BUCKET | CDN, "S3ObjectStore", True),
    ],
)
def test_second_stage_is_made_of_what_the_settings_name(
    database: Database, environ: dict[str, str], objects: str | None, tells: bool
) -> None:
    stage = jobs.build_stage(Settings.read(environ), database)
    assert (stage and type(stage.objects).__name__) == objects
    assert bool(stage and stage.purger) == tells


# --- beginnings and ends ---


def test_what_a_killed_publisher_had_claimed_does_not_wait_for_its_lease(
    database: Database,
    board: Board,
    stage: CloudStage,
    bucket: FolderObjectStore,
    web_root: WebRoot,
) -> None:
    with database.transaction() as db:
        assert cloud_ledger.claim(
            db, limit=99, beside_urgent=99, urgent=99, deletions=99, lease_s=3600
        )
    stage.run()
    assert in_bucket(bucket) == in_web_root(web_root)


def test_job_that_is_told_to_stop_ends_after_its_round(
    database: Database, board: Board, web_root: WebRoot, bucket: FolderObjectStore
) -> None:
    class StoppedBySignal(Failing):
        def put(self, key: str, *args: object, **fields: object) -> str:
            stage.stop()
            return super().put(key, *args, **fields)

    stage = a_stage(database, web_root, StoppedBySignal(bucket, []), None, None)  # type: ignore[arg-type]
    stage.pace_s = 30.0
    with database.transaction() as db:
        db.execute(
            "INSERT INTO publications (path, change_no, sha256, bytes)"
            " SELECT 'b/res/' || no || '.html', 1, decode(repeat('00', 32), 'hex'), 1"
            " FROM generate_series(1, 300) AS no"
        )
    stage.run()
    with database.connection() as db:
        assert cloud_ledger.backlog(db).files > 200
        claimed = cloud_ledger.claim(db, limit=1, beside_urgent=1, urgent=1, deletions=1, lease_s=0)
    assert claimed, "and leaves the rest free for the next"
