"""Waiting changes -> stale files -> drawn -> published -> settled, until none waits.

Threads are drawn as soon as a change is seen; board pages, catalog and front page follow in small
handfuls, between which it looks for new changes: however busy a board is, a post does not wait
for pages of others, and no page is drawn more often than readers could tell.

One renderer at a time holds a board. It reads what waits and what the pages need in one
snapshot, so its pages show exactly the changes up to that moment; the next one's snapshot is
later. So a page never goes backwards. Whatever dies on the way leaves its changes in the
outbox, and the same pages come out of the next attempt.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from imageboard import addresses, staleness
from imageboard.boards import Board
from imageboard.errors import NoSuchBoard
from imageboard.facts import REMOVALS
from imageboard.staleness import StaleFile, stale_files
from imageboard.store import boards as stored_boards
from imageboard.store import outbox, publications, render_lock, takedowns
from imageboard.store.database import Connection, Database, snapshot
from imageboard.store.outbox import Change
from imageboard.store.publications import Publication, Published
from imageboard.uploads import UploadStore
from monitoring import metrics
from monitoring.logs import get_logger
from renderer import drawings
from renderer.drawings import BoardDrawing, Drawn, LinkedMedia
from renderer.fragments import Fragments
from renderer.web_root import Held, WebRoot
from templates import Site

log = get_logger(__name__)

#: Changes that one step takes at most: it bounds the memory of a step, not its truth, since the
#: pages show all of the snapshot anyway.
CHANGES_PER_STEP_MAX = 5_000
#: Drawn as soon as a change is seen; the rest is deferred.
SERVED_FIRST = (staleness.Media, staleness.ThreadFiles)
#: Files deferred are drawn so many at a time, between looks at what came in: a post waits for no
#: more than that.
HANDFUL = 4
#: Files that are in memory as whole pages at the same time.
DRAWN_AT_ONCE = 2
#: While posts keep coming in, files wait for so long at most, and then as many are drawn as a
#: board has pages: all of them, for most.
DEFERRED_S_MAX = 0.15
HANDFUL_WHEN_LATE = 14
#: Locks of this name guard what belongs to no single board; no board can have it.
SITE_LOCK = "@site"


class Progress(NamedTuple):
    """How far a board's pages were brought."""

    #: Changes that they now show.
    changes: int
    #: Whether none was waiting at the end.
    is_done: bool


@dataclass
class _Work:
    """What whoever holds a board has on its hands."""

    #: The ledger is not believed until what an interrupted holder left is made good.
    believes_ledger: bool
    #: Changes up to this one have been seen: their threads are drawn, the rest below.
    seen_no: int = 0
    unsettled: list[Change] = field(default_factory=list)
    #: Files that can wait while posts come in, and since when they do.
    deferred: set[StaleFile] = field(default_factory=set)
    deferred_s: float = 0.0

    def defer(self, files: set[StaleFile]) -> None:
        if files and not self.deferred:
            self.deferred_s = time.monotonic()
        self.deferred |= files

    def take_deferred(self, *, posts_come_in: bool) -> set[StaleFile]:
        """A handful of files that waited, in the order of service.

        While posts come in their threads go first, but board pages wait for a moment only.
        """
        waits_too_long = time.monotonic() - self.deferred_s > DEFERRED_S_MAX
        if posts_come_in and not waits_too_long:
            return set()
        handful = HANDFUL_WHEN_LATE if posts_come_in else HANDFUL
        taken = sorted(self.deferred, key=_order_of_service)[:handful]
        self.deferred_s = time.monotonic()
        self.deferred.difference_update(taken)
        return set(taken)


@dataclass
class RenderLoop:
    """Renders boards into one web root."""

    database: Database
    web_root: WebRoot
    uploads: UploadStore
    site_name: str
    site_url: str = ""
    fragments: Fragments = field(default_factory=Fragments)
    #: Whether a second stage follows, and what calls it when something was published.
    has_cloud: bool = False
    on_published: Callable[[], object] = lambda: None

    def render(self, board_name: str, *, gives_way: Callable[[], bool] = lambda: False) -> Progress:
        """Bring the pages of a board up to date.

        Each time that nothing waits any more of what was seen, `gives_way` is asked whether
        another board waits: one that is posted to without end must not starve the others.

        Raises:
            NoSuchBoard, DiskFull, StoreUnavailable: what waits goes on waiting.
        """
        settled = 0
        with self.database.connection() as db, self.holding(db, board_name) as held:
            work = _Work(believes_ledger=not held.is_doubtful)
            while self._step(db, board_name, work):
                if work.deferred:
                    continue
                settled += len(work.unsettled)
                _tell(board_name, work.unsettled)
                work.unsettled = []
                work.believes_ledger = True
                held.is_doubtful = False
                if gives_way():
                    return Progress(settled, is_done=False)
            held.is_doubtful = False
        return Progress(settled, is_done=True)

    def redraw(self, board_name: str, files: set[StaleFile]) -> int:
        """Draw these files anew, whether or not anything changed; the number that was written."""
        with self.database.connection() as db, self.holding(db, board_name) as held:
            with snapshot(db):
                drawing = self.drawing(db, board_name)
                publisher = Publisher(
                    db,
                    self.web_root,
                    self.uploads,
                    drawing.board,
                    believes_ledger=not held.is_doubtful,
                )
                _publish(drawing, files, publisher)
            self._publish_site(db, files)
            with db.transaction():
                publisher.record(db)
        self.on_published()
        return publisher.written

    @contextmanager
    def holding(self, db: Connection, name: str) -> Iterator[Held]:
        """The right to write the files of a board, or of the site (SITE_LOCK).

        Who has not made good what the last holder left leaves it doubtful (see WebRoot.lock).
        """
        with (
            render_lock.hold(db, name) as server_started,
            self.web_root.lock(name, server_started) as held,
        ):
            yield held

    def drawing(self, db: Connection, board_name: str) -> BoardDrawing:
        """What draws a board's files from the snapshot on `db`. Raises NoSuchBoard."""
        site = self.site(db)
        for board in site.boards:
            if board.name == board_name:
                return BoardDrawing(db, site, board, self.fragments)
        raise NoSuchBoard(board=board_name)

    def site(self, db: Connection) -> Site:
        boards = tuple(stored_boards.list_all(db))
        return Site(name=self.site_name, boards=boards, url=self.site_url)

    def _step(self, db: Connection, board_name: str, work: _Work) -> bool:
        """Draw what came in, or a handful of what waited; False when there is neither.

        In the order of service: what was removed, from every page; new posts on their threads;
        board pages, catalog and the front page when there is time, or when they have waited.
        """
        started_s = time.perf_counter()
        with snapshot(db):
            changes = outbox.waiting(db, board_name, CHANGES_PER_STEP_MAX, after=work.seen_no)
            if not changes and not work.deferred:
                return False
            drawing = self.drawing(db, board_name)
            publisher = Publisher(
                db,
                self.web_root,
                self.uploads,
                drawing.board,
                believes_ledger=work.believes_ledger,
            )
            removed = _stale(change for change in changes if isinstance(change.fact, REMOVALS))
            publisher.is_urgent = True
            _publish(drawing, removed, publisher)
            publisher.is_urgent = False
            taken_down = publisher.paths
            fresh = _stale(changes) - removed
            first: set[StaleFile] = {file for file in fresh if isinstance(file, SERVED_FIRST)}
            work.deferred -= removed | first
            work.defer(_expanded(fresh - first, drawing) - removed - first)
            rest = work.take_deferred(posts_come_in=bool(changes))
            _publish(drawing, first, publisher)
            _publish(drawing, rest, publisher)
        self._publish_site(db, removed | rest, is_urgent=bool(removed))
        work.unsettled += changes
        work.seen_no = changes[-1].change_no if changes else work.seen_no
        gone_after_s: list[float] = []
        with db.transaction():
            publisher.record(db)
            if removed:
                gone_after_s = takedowns.gone_from_origin(
                    db, board_name, work.seen_no, taken_down, has_cloud=self.has_cloud
                )
            if not work.deferred:
                outbox.settle(db, board_name, work.seen_no)
        self.on_published()
        for seconds in gone_after_s:
            metrics.takedown_seconds.labels("origin").observe(seconds)
        metrics.steps.inc()
        metrics.step_seconds.observe(time.perf_counter() - started_s)
        metrics.files_per_step.observe(len(publisher.paths))
        return True

    def _publish_site(
        self, db: Connection, stale: set[StaleFile], *, is_urgent: bool = False
    ) -> None:
        """Front page and what else shows all boards: under a lock and a snapshot of their own.

        The lock is taken after a board's and never before one, so no two renderers wait for
        each other; the snapshot is later than that of whoever held the lock before.
        """
        if stale.isdisjoint({staleness.SiteFiles(), staleness.SiteFrame()}):
            return
        with self.holding(db, SITE_LOCK) as held:
            with snapshot(db):
                site = self.site(db)
                publisher = Publisher(
                    db, self.web_root, self.uploads, None, believes_ledger=not held.is_doubtful
                )
                publisher.site_change_no = change_no_of_site(site)
                publisher.is_urgent = is_urgent
                publisher.publish(drawings.site_files(db, site))
                if staleness.SiteFrame() in stale or held.is_doubtful:
                    publisher.publish(drawings.site_frame(site))
            with db.transaction():
                publisher.record(db)
            held.is_doubtful = False


def change_no_of_site(site: Site) -> int:
    """What orders versions of files that show all boards: it grows with any board's change."""
    return sum(board.change_no for board in site.boards)


def _stale(changes: Iterable[Change]) -> set[StaleFile]:
    return set[StaleFile]().union(*(stale_files(change.fact) for change in changes))


def _expanded(files: set[StaleFile], drawing: BoardDrawing) -> set[StaleFile]:
    """WholeBoard as the files that it stands for: they are drawn a handful at a time."""
    if staleness.WholeBoard() not in files:
        return files
    whole = {staleness.AllMedia(), *drawing.everything(), staleness.Leftovers()}
    return (files - {staleness.WholeBoard()}) | whole


def _publish(drawing: BoardDrawing, files: set[StaleFile], publisher: Publisher) -> None:
    """Media before the pages that show them; threads before board pages before the catalog."""
    names = sorted(file.name for file in files if isinstance(file, staleness.Media))
    if staleness.AllMedia() in files:
        publisher.publish(drawing.media(None))
    elif names:
        publisher.publish(drawing.media(names))
    for kind in (staleness.ThreadFiles, staleness.BoardPage, staleness.Catalog):
        chosen = sorted((file for file in files if isinstance(file, kind)), key=str)
        if kind is staleness.ThreadFiles and len(chosen) > 1:
            drawing.read_ahead([file.thread for file in files if isinstance(file, kind)])
        for first in range(0, len(chosen), DRAWN_AT_ONCE):
            some = chosen[first : first + DRAWN_AT_ONCE]
            publisher.publish(drawn for file in some for drawn in drawing.draw(file))
    if staleness.Leftovers() in files:
        publisher.remove_all_but(drawing.paths())


_ORDER_OF_SERVICE = (
    staleness.AllMedia,
    staleness.ThreadFiles,
    staleness.BoardPage,
    staleness.Catalog,
    staleness.SiteFiles,
    staleness.SiteFrame,
    staleness.Leftovers,
)


def _order_of_service(file: StaleFile) -> tuple[int, str]:
    return _ORDER_OF_SERVICE.index(type(file)), str(file)


def _tell(board_name: str, settled: list[Change]) -> None:
    """One line and the figures of changes that all pages show."""
    visible_s = time.time()
    for change in settled:
        metrics.change_to_visible_seconds.observe(max(0.0, visible_s - change.added_s))
    metrics.changes_settled.inc(len(settled))
    if settled:
        waited_ms = round((visible_s - settled[0].added_s) * 1000, 1)
        log.info(
            "board_rendered",
            board=board_name,
            change_no=settled[-1].change_no,
            changes=len(settled),
            ms=waited_ms,
        )


#: They wait for the file system more than they compute.
_WRITERS = ThreadPoolExecutor(4, thread_name_prefix="put-in-place")


class Publisher:
    """Puts what was drawn into the web root, when it is not what stands there already.

    `board` is None for files of the whole site.
    """

    def __init__(
        self,
        db: Connection,
        web_root: WebRoot,
        uploads: UploadStore,
        board: Board | None,
        *,
        believes_ledger: bool = True,
    ) -> None:
        self._db = db
        self._web_root = web_root
        self._uploads = uploads
        self._board = board
        self._believes_ledger = believes_ledger
        self._published: dict[str, Published] = {}
        self._removed: dict[str, None] = {}
        #: Whether what is published now goes into the cloud ahead of all other work.
        self.is_urgent = False
        #: The change that is shown, for files of the whole site.
        self.site_change_no = 0
        self._writes: list[Future[None]] = []

    @property
    def written(self) -> int:
        """Files that were put in place."""
        return len(self._published)

    @property
    def paths(self) -> list[str]:
        """Everything published and removed so far."""
        return [*self._published, *self._removed]

    def publish(self, drawn: Iterable[Drawn | LinkedMedia]) -> None:
        """Publish a handful of files; they stand there when it returns.

        PERF: compressing and writing happen outside Python's lock, so a few at once use both
        cores and do not wait for each other's place in the file system's journal.
        """
        files = list(drawn)
        known = publications.known(self._db, [file.path for file in files])
        for file in files:
            self._put(file, known.get(file.path))
        writes, self._writes = self._writes, []
        wait(writes)
        for write in writes:
            write.result()

    def remove_all_but(self, paths: set[str]) -> None:
        """Take away what the board had and has no longer."""
        assert self._board is not None
        for path in publications.of_board(self._db, self._board.name).keys() - paths:
            self._remove(path)

    def record(self, db: Connection) -> None:
        """Write down what was published and removed."""
        name = self._board.name if self._board else None
        change_no = self._board.change_no if self._board else self.site_change_no
        publications.record(db, name, change_no, list(self._published.values()))
        publications.forget(db, list(self._removed), change_no)

    def _put(self, file: Drawn | LinkedMedia, known: Publication | None) -> None:
        if isinstance(file, LinkedMedia):
            self._link(file, known)
        elif file.body is None:
            # Whatever the ledger says: what is to be gone must be gone.
            self._web_root.remove(file.path)
            if known is not None or file.path in self._published:
                self._remove(file.path)
        else:
            self._write(file.path, file.body, known)

    def _write(self, path: str, body: bytes, known: Publication | None) -> None:
        sha256 = hashlib.sha256(body).digest()
        if known is not None:
            assert self._board is None or known.change_no <= self._board.change_no
        if self._stands_already(path, sha256, known):
            metrics.files_unchanged.inc()
            return
        self._writes.append(_WRITERS.submit(self._web_root.replace, path, body))
        self._note(path, sha256, len(body))
        metrics.files_written.inc()
        metrics.bytes_written.inc(len(body))

    def _stands_already(self, path: str, sha256: bytes, known: Publication | None) -> bool:
        if path in self._published:
            return self._published[path].sha256 == sha256
        return known is not None and known.sha256 == sha256 and self._believes_ledger

    def _link(self, file: LinkedMedia, known: Publication | None) -> None:
        """Media never change, so one that is known stands; what it is named for says the rest."""
        if file.path in self._published or (known is not None and self._believes_ledger):
            return
        source = self._uploads.path_of(file.stored_as, is_thumbnail=file.is_thumbnail)
        try:
            self._web_root.link(file.path, source)
            body = source.read_bytes()
        except FileNotFoundError:
            # The page must come out without it: an operator lost a file, not the board.
            log.error("upload_missing", path=file.path)
            metrics.uploads_missing.inc()
            return
        self._note(file.path, hashlib.sha256(body).digest(), len(body))
        metrics.files_written.inc()

    def _note(self, path: str, sha256: bytes, size: int) -> None:
        order = addresses.service_order(path)
        self._removed.pop(path, None)
        self._published[path] = Published(path, sha256, size, order, self.is_urgent)

    def _remove(self, path: str) -> None:
        self._web_root.remove(path)
        self._published.pop(path, None)
        self._removed[path] = None
        metrics.files_removed.inc()
