"""A process is killed between every two steps of a post's way; what it left is made good by the
next: the post is on its page, once, and web root, bucket and edge show the same. So with what is
removed, and with a board that goes.

Each has a post or a thread of its own, on a board that goes on from one to the next as long as all
of it is proven. The short run has some points of each stage.
"""

from __future__ import annotations

import itertools
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest
import redis

from cdn.object_store import ObjectStore, etag_of
from cdn.purger import urls_of
from cdn.s3_object_store import Bucket, S3ObjectStore
from deploy.embedded.seaweedfs import SeaweedFS
from deploy.embedded.valkey import Valkey
from deploy.environment import ROOT
from imageboard.store import boards, posts
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from renderer.pages import catalog, frame
from renderer.pages.kind import ONLY
from renderer.redrawing import Redrawing
from renderer.render_loop import RenderLoop
from renderer.verify import Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board
from tests.cdn.buckets import a_seaweedfs
from tests.cdn.purge_api import TOKEN, ZONE
from tests.databases import Lender
from tests.in_part import rows
from tests.walk.crash_points import (
    BEGUN_AT_ONCE,
    BOARD,
    OLD_WORDS,
    Try,
    begun,
    few_assets,
)
from tests.walk.crash_stages import ALL_POINTS, STAGES, UNANSWERED, Point, point_named
from tests.walk.keeping_edge import KeepingEdge

pytestmark = pytest.mark.crash

#: Only a process that is stuck takes as long.
_PATIENCE_S = 120


class Ended(NamedTuple):
    """A process that has ended; a negative status is the signal."""

    returncode: int
    stderr: str


class Doomed:
    """Has processes of crash_points carried out, one after the other."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tests.walk.crash_points"],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def carry_out(self, order: str, given: Try, environment: dict[str, str]) -> Ended:
        assert self._process.stdin
        assert self._process.stdout
        complaints = Path(environment["STILLBOARD_DATA"]) / "stderr"
        self._process.stdin.write(
            json.dumps([order, [given.point.name, *given[1:]], environment, str(complaints)]) + "\n"
        )
        self._process.stdin.flush()
        is_done, _, _ = select.select([self._process.stdout], [], [], _PATIENCE_S)
        assert is_done, f"{order} at {given.point.name!r} is stuck: {complaints.read_text()}"
        return Ended(int(self._process.stdout.readline()), complaints.read_text())

    def end(self) -> None:
        """With whatever it has begun and not ended."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()


@dataclass
class House:
    """Everything that outlives the process that is killed."""

    doomed: Doomed
    environment: dict[str, str]
    database: Database
    web_root: WebRoot
    uploads: UploadStore
    bucket: ObjectStore
    edge: KeepingEdge
    #: Whether all of it is what it has to be: nobody was killed since that was looked at.
    is_proven: bool = True
    #: Begun; everybody replies to the first, and the last is removed.
    _threads: list[int] = field(default_factory=list)
    #: Begun, with a thread each; the last is removed.
    _boards: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def doom(self, point: Point) -> Try:
        """Kill a process at this point of a reply, of a removal, or of a board that goes."""
        self.is_proven = False
        given = self._prepared(point)
        doomed = self.run("doom", given)
        assert doomed.returncode == -signal.SIGKILL, f"never came there: {doomed.stderr}"
        return given

    def run(self, order: str, given: Try) -> Ended:
        """A process of crash_points, to its end."""
        return self.doomed.carry_out(order, given, self.environment)

    def _prepared(self, point: Point) -> Try:
        if point.deed == "board":
            if not self._boards:
                self._begin_boards(point)
            return Try(point, next(self._numbers), thread=1, board=self._boards.pop())
        if len(self._threads) < 2:
            self._begin_threads(point)
        thread = self._threads[0] if point.deed == "post" else self._threads.pop()
        return Try(point, next(self._numbers), thread)

    def _begin_threads(self, point: Point) -> None:
        assert_succeeded(self.run("begin", Try(point, 0)))
        with self.database.connection() as db:
            last_no = boards.get(db, BOARD).last_no
        self._threads += range(last_no + 1 - BEGUN_AT_ONCE, last_no + 1)

    def _begin_boards(self, point: Point) -> None:
        given = Try(point, BEGUN_AT_ONCE + next(self._numbers))
        self._boards += begun(given)
        for name in self._boards:
            a_board(self.database, name)
        assert_succeeded(self.run("begin", given))

    def in_bucket(self) -> dict[str, str]:
        """{key: hash of the object}; the edge shows the bytes."""
        return {found.key: found.etag for found in self.bucket.list()}

    def in_web_root(self) -> dict[str, bytes]:
        return {path: self.web_root.read(path) or b"" for path in self.web_root.paths()}


@pytest.fixture(scope="module", autouse=True)
def _few_assets() -> Iterator[None]:
    """What is proven here shows no more of them than what was killed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frame, "assets", few_assets())
        yield


@pytest.fixture(scope="module")
def doomed() -> Iterator[Doomed]:
    made = Doomed()
    yield made
    made.end()


@pytest.fixture(scope="module")
def seaweedfs(short_folder: Path) -> Iterator[SeaweedFS]:
    with a_seaweedfs(short_folder) as server:
        yield server


@pytest.fixture(scope="module")
def bucket_client(seaweedfs: SeaweedFS) -> S3ObjectStore:
    return S3ObjectStore(
        Bucket(seaweedfs.url, seaweedfs.bucket, seaweedfs.access_key, seaweedfs.secret_key)
    )


class Houses:
    """The one that is up, or another where it was left with something that is not proven.

    PERF: a new one for each point would begin a board, draw all of its pages and bring them to
    bucket and edge: half of the CPU of a point.
    """

    def __init__(self, make: Callable[[], AbstractContextManager[House]]) -> None:
        self._make = make
        self._open = ExitStack()
        self._house: House | None = None

    def proven(self) -> House:
        if self._house is None or not self._house.is_proven:
            self.close()
            self._house = self._open.enter_context(self._make())
        return self._house

    def close(self) -> None:
        self._open.close()


@pytest.fixture(scope="module")
def houses(
    doomed: Doomed,
    lender: Lender,
    lasting_valkey: Valkey,
    seaweedfs: SeaweedFS,
    bucket_client: S3ObjectStore,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Houses]:
    @contextmanager
    def a_house() -> Iterator[House]:
        folder = tmp_path_factory.mktemp("house")
        if keys := [found.key for found in bucket_client.list()]:
            bucket_client.delete(keys)
        with redis.Redis.from_url(lasting_valkey.url) as queue:
            queue.flushall()
        with lender.lend() as lent, KeepingEdge(f"{seaweedfs.url}/{seaweedfs.bucket}") as edge:
            database = lent.open()
            a_board(database)
            environment = {
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "DATABASE_URL": lent.url,
                "REDIS_URL": lasting_valkey.url,
                "STILLBOARD_DATA": str(folder),
                "STILLBOARD_WEB_ROOT": str(folder / "public"),
                "STILLBOARD_ADDRESS_KEY": "k" * 32,
                "CSRF_KEY": "c" * 32,
                "STILLBOARD_LIMITS": "off",
                "S3_ENDPOINT_URL": seaweedfs.url,
                "R2_BUCKET_NAME": seaweedfs.bucket,
                "R2_ACCESS_KEY": seaweedfs.access_key,
                "R2_SECRET_KEY": seaweedfs.secret_key,
                "CDN_ZONE_ID": ZONE,
                "CDN_API_TOKEN": TOKEN,
                "CDN_BASE_URL": edge.url,
                "STILLBOARD_CDN_API_URL": f"{edge.url}/client/v4",
            }
            yield House(
                doomed,
                environment,
                database,
                WebRoot(folder / "public"),
                UploadStore(folder / "uploads"),
                bucket_client,
                edge,
            )

    made = Houses(a_house)
    yield made
    made.close()


@pytest.fixture
def house(houses: Houses) -> House:
    """Proven to be as it has to be."""
    return houses.proven()


@pytest.mark.parametrize("point", rows(STAGES, 1 / 3, lambda point: point.name))
def test_a_process_killed_on_the_way_leaves_nothing_that_the_next_does_not_make_good(
    point: Point, house: House
) -> None:
    given = house.doom(point)
    assert_succeeded(house.run("finish", given))
    assert is_done(house, given) == point.is_stored
    assert_proven(house)
    if not point.is_stored or point in UNANSWERED:
        # Whoever was not answered tries again.
        assert_succeeded(house.run("again", given))
        assert is_done(house, given)
        assert_proven(house)


def test_a_page_left_by_a_killed_renderer_is_made_good_though_others_were_redrawn_meanwhile(
    house: House,
) -> None:
    """The page shows a post of which the ledger knows nothing, and which is then removed."""
    given = house.doom(point_named("thread page in place"))
    loop = RenderLoop(house.database, house.web_root, house.uploads, "Stillboard")
    Redrawing(loop).redraw(BOARD, [catalog.KIND.page(ONLY)])
    with house.database.transaction() as db:
        posts.remove(db, BOARD, boards.get(db, BOARD).last_no)
    assert given.new_words in shown_of(house, given)
    assert_succeeded(house.run("finish", given))
    assert given.new_words not in shown_of(house, given)
    assert_proven(house)


def test_every_point_has_a_name_of_its_own() -> None:
    assert len({point.name for point in ALL_POINTS}) == len(ALL_POINTS)


def assert_succeeded(process: Ended) -> None:
    assert process.returncode == 0, process.stderr


def is_done(house: House, given: Try) -> bool:
    """Whether the pages show the deed, and all of them alike."""
    page, threads = (
        house.web_root.read(f"{given.board}/res/{given.thread}.{kind}") for kind in ("html", "json")
    )
    if given.point.deed != "post":
        assert (page is None) == (threads is None)
        assert page is None or OLD_WORDS in page.decode()
        if given.point.deed == "board":
            assert is_there(house.database, given.board) == (page is not None)
        return page is None
    assert page is not None
    assert threads is not None
    shown = page.decode().count(given.new_words)
    texts = [post["com"] for post in json.loads(threads)["posts"]]
    assert texts.count(given.new_words) == shown
    assert shown in (0, 1), "once"
    return shown == 1


def shown_of(house: House, given: Try) -> str:
    """The thread's page."""
    page = house.web_root.read(f"{BOARD}/res/{given.thread}.html")
    assert page is not None
    return page.decode()


def is_there(database: Database, board: str) -> bool:
    """Whether any row tells of the board, marked as going or not."""
    with database.connection() as db:
        return bool(db.execute("SELECT FROM boards WHERE name = %s", (board,)).rowcount)


def assert_proven(house: House) -> None:
    """Web root, ledger, bucket and edge are what the database says they have to be."""
    verifier = Verifier(house.database, house.web_root, house.uploads, "Stillboard")
    assert list(verifier.verify()) == []
    assert [str(left) for left in house.web_root.folder.rglob(".*.new")] == []
    shown = house.in_web_root()
    assert house.in_bucket() == {path: etag_of(body) for path, body in shown.items()}
    wanted = {
        url.removeprefix(house.edge.url): body
        for path, body in shown.items()
        for url in urls_of(path, house.edge.url)
    }
    assert {path: house.edge.read(path) for path in wanted} == wanted
    gone = house.edge.kept.keys() - wanted.keys()
    assert {path: house.edge.kept[path] for path in gone} == dict.fromkeys(gone)
    house.is_proven = True
