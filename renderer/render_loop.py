"""Waiting changes -> stale files -> drawn -> published -> settled, until none waits.

A step looks what came in, draws the few files that are next on the agenda (threads first, those
that have waited longest), writes down what stands there now, and settles the changes that every
file shows: however busy a board is, a post does not wait for pages of others.

One renderer at a time holds a board. It reads what waits and what the pages need in one
snapshot, so its pages show exactly the changes up to that moment; the next one's snapshot is
later. So a page never goes backwards. Whatever dies on the way leaves its changes in the
outbox, and the same pages come out of the next attempt.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from imageboard import staleness
from imageboard.errors import NoSuchBoard
from imageboard.facts import BoardChanged
from imageboard.settings import Settings
from imageboard.staleness import StaleFile
from imageboard.store import boards as stored_boards
from imageboard.store import outbox, render_lock, takedowns
from imageboard.store.database import Connection, Database, share_snapshot, snapshot
from imageboard.store.outbox import Change
from imageboard.uploads import UploadStore
from monitoring import metrics
from monitoring.logs import get_logger
from renderer import drawings
from renderer.agenda import Agenda, order_of_service
from renderer.appearance import appearance
from renderer.drawings import BoardDrawing
from renderer.kept_threads import KeptThreads
from renderer.publishing import Publisher
from renderer.web_root import Held, WebRoot
from templates import Site

log = get_logger(__name__)

#: Changes that one step takes at most: it bounds the memory of a step, not its truth, since the
#: pages show all of the snapshot anyway.
CHANGES_PER_STEP_MAX = 5_000
#: A burst: so many changes came in while one step was drawn. Then the loop rests for a part of the
#: time that the step took of a processor, at most so long. PERF: that leaves the processor to those
#: who store posts, and each page that is drawn shows more of them. With 16 clients on 20 threads a
#: whole rest gives 680 posts a second, seen after 0.79 s (p99), half of it 640 after 0.58.
BURST_CHANGES = 8
REST_PER_CPU_S = 0.5
REST_S_MAX = 0.1
#: Locks of this name guard what belongs to no single board; no board can have it.
SITE_LOCK = "@site"

#: Files that show all boards, under a lock of their own.
OF_SITE = (staleness.SiteFiles, staleness.SiteFrame)


class Share(NamedTuple):
    """Files of one board that are to be redrawn as they are at one moment."""

    board: str
    files: Sequence[StaleFile]
    #: The name of the holder's snapshot.
    snapshot: str
    believes_ledger: bool


class Progress(NamedTuple):
    """How far a board's pages were brought."""

    #: Changes that they now show.
    changes: int
    #: Whether none was waiting at the end.
    is_done: bool


class _Step(NamedTuple):
    """What one step came to."""

    #: Changes that came in before it, and that all files show after it.
    seen: int
    settled: int
    #: Of a processor, all threads together.
    cpu_s: float


@dataclass
class RenderLoop:
    """Renders boards into one web root."""

    database: Database
    web_root: WebRoot
    uploads: UploadStore
    site_name: str
    site_url: str = ""
    kept: KeptThreads = field(default_factory=KeptThreads)
    #: Whether a second stage follows, and what calls it when something was published.
    has_cloud: bool = False
    on_published: Callable[[], object] = lambda: None
    #: Waits for so many seconds.
    rest: Callable[[float], object] = time.sleep

    def render(self, board_name: str, *, gives_way: Callable[[], bool] = lambda: False) -> Progress:
        """Bring the pages of a board up to date.

        Each time that all is drawn that waited when this turn began, `gives_way` is asked whether
        another board waits: one that is posted to without end must not starve the others.

        Raises:
            NoSuchBoard, DiskFull, StoreUnavailable: what waits goes on waiting.
        """
        settled, turn_no = 0, 0
        with self.database.connection() as db, self.holding(db, board_name) as held:
            agenda = Agenda()
            # The ledger is not believed until what an interrupted holder left is made good.
            while step := self._step(db, board_name, agenda, believes_ledger=not held.is_doubtful):
                settled += step.settled
                if not turn_no or step.seen == CHANGES_PER_STEP_MAX:
                    turn_no = agenda.seen_no
                if agenda.settled_no >= turn_no:
                    held.is_doubtful = False
                    if gives_way():
                        return Progress(settled, is_done=False)
                    turn_no = 0
                if step.seen >= BURST_CHANGES:
                    self.rest(min(REST_PER_CPU_S * step.cpu_s, REST_S_MAX))
            held.is_doubtful = False
        return Progress(settled, is_done=True)

    def redraw(self, board_name: str, files: Sequence[StaleFile]) -> int:
        """Draw these files anew, whether or not anything changed; the number that was written."""
        return self.redraw_shared(board_name, files, lambda share, _lock: self.redraw_share(share))

    def redraw_shared(
        self,
        board_name: str,
        files: Sequence[StaleFile],
        spread: Callable[[Share, int], int],
    ) -> int:
        """The same; `spread` has the board's files drawn, and returns how many were written.

        It is given the lock's open file: as long as any process has it open, nobody else writes.

        Raises:
            NoSuchBoard, DiskFull, StoreUnavailable, and what `spread` raises.
        """
        with self.database.connection() as db, self.holding(db, board_name) as held:
            with snapshot(db):
                of_board = [file for file in files if not isinstance(file, OF_SITE)]
                share = Share(board_name, of_board, share_snapshot(db), not held.is_doubtful)
                written = spread(share, held.file) if of_board else 0
            self._publish_site(db, set(files))
        self.on_published()
        return written

    def redraw_share(self, share: Share) -> int:
        """Draw a part of what whoever holds the board redraws; the number that was written."""
        with self.database.connection() as db:
            with snapshot(db, of=share.snapshot):
                drawing = self.drawing(db, share.board)
                with Publisher(
                    db,
                    self.web_root,
                    self.uploads,
                    drawing.board,
                    believes_ledger=share.believes_ledger,
                ) as publisher:
                    _publish(drawing, set(share.files), publisher)
            with db.transaction():
                publisher.record(db)
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
                return BoardDrawing(db, site, board, self.kept)
        raise NoSuchBoard(board=board_name)

    @property
    def appearance(self) -> str:
        """What its pages look like, besides the posts: see renderer/appearance.py."""
        return appearance(self.site_name, self.site_url)

    def site(self, db: Connection) -> Site:
        boards = tuple(stored_boards.list_all(db))
        return Site(name=self.site_name, boards=boards, url=self.site_url)

    def _step(
        self, db: Connection, board_name: str, agenda: Agenda, *, believes_ledger: bool
    ) -> _Step | None:
        """Draw what is next; None when nothing is.

        In the order of service: what was removed, from every page; new posts on their threads;
        board pages, catalog and the front page when there is time, or when they have waited.
        """
        started_s, cpu_before_s = time.perf_counter(), time.process_time()
        with snapshot(db):
            changes = outbox.waiting(db, board_name, CHANGES_PER_STEP_MAX, after=agenda.seen_no)
            if not changes and not agenda:
                return None
            drawing = self.drawing(db, board_name)
            agenda.add(changes, lambda: _whole_board(drawing), time.monotonic())
            removed = agenda.take_removed()
            next_files = agenda.take(time.monotonic(), posts_come_in=bool(changes))
            with Publisher(
                db, self.web_root, self.uploads, drawing.board, believes_ledger=believes_ledger
            ) as publisher:
                publisher.is_urgent = True
                _publish(drawing, removed, publisher)
                publisher.is_urgent = False
                taken_down = publisher.paths
                _publish(drawing, next_files, publisher)
        self._publish_site(db, removed | next_files, is_urgent=bool(removed))
        settled = agenda.pop_settled()
        gone_after_s: list[float] = []
        with db.transaction():
            publisher.record(db)
            if removed:
                gone_after_s = takedowns.gone_from_origin(
                    db, board_name, agenda.seen_no, taken_down, has_cloud=self.has_cloud
                )
            if settled:
                outbox.settle(db, board_name, settled[-1].change_no)
                if any(isinstance(change.fact, BoardChanged) for change in settled):
                    stored_boards.note_drawn(db, board_name, self.appearance)
        self.on_published()
        _tell(board_name, settled)
        for seconds in gone_after_s:
            metrics.takedown_seconds.labels("origin").observe(seconds)
        metrics.steps.inc()
        metrics.step_seconds.observe(time.perf_counter() - started_s)
        metrics.files_per_step.observe(len(publisher.paths))
        cpu_s = time.process_time() - cpu_before_s
        return _Step(seen=len(changes), settled=len(settled), cpu_s=cpu_s)

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
                with Publisher(
                    db, self.web_root, self.uploads, None, believes_ledger=not held.is_doubtful
                ) as publisher:
                    publisher.site_change_no = change_no_of_site(site)
                    publisher.is_urgent = is_urgent
                    publisher.publish_all(list(drawings.site_files(db, site)))
                    if staleness.SiteFrame() in stale or held.is_doubtful:
                        publisher.publish_all(list(drawings.site_frame(site)))
            with db.transaction():
                publisher.record(db)
            held.is_doubtful = False


def build_loop(settings: Settings, database: Database) -> RenderLoop:
    """The render loop of the board that the settings describe."""
    return RenderLoop(
        database=database,
        web_root=WebRoot(settings.web_root),
        uploads=UploadStore(settings.data / "uploads"),
        site_name=settings.site_name,
        site_url=settings.site_url,
    )


def change_no_of_site(site: Site) -> int:
    """What orders versions of files that show all boards: it grows with any board's change."""
    return sum(board.change_no for board in site.boards)


def _whole_board(drawing: BoardDrawing) -> Iterator[StaleFile]:
    """What WholeBoard stands for: all that is there, and that nothing else is."""
    yield staleness.AllMedia()
    yield from drawing.there()
    yield staleness.Leftovers()


def _publish(drawing: BoardDrawing, files: set[StaleFile], publisher: Publisher) -> None:
    """Media before the pages that show them; threads before board pages before the catalog."""
    names = sorted(file.name for file in files if isinstance(file, staleness.Media))
    if staleness.AllMedia() in files:
        publisher.publish_all(list(drawing.media(None)))
    elif names:
        publisher.publish_all(list(drawing.media(names)))
    for kind in (staleness.ThreadFiles, staleness.BoardPage, staleness.Catalog):
        chosen = sorted((f for f in files if isinstance(f, kind)), key=order_of_service)
        if kind is staleness.ThreadFiles and len(chosen) > 1:
            drawing.read_ahead([file.thread for file in files if isinstance(file, kind)])
        publisher.overlaps = kind is staleness.ThreadFiles
        publisher.publish(
            (drawn for file in chosen for drawn in drawing.draw(file)),
            (path for file in chosen for path in drawing.paths_of(file)),
        )
    if staleness.Leftovers() in files:
        publisher.remove_all_but(drawing.paths())


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
