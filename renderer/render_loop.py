"""Waiting changes -> stale files -> drawn -> published -> settled, until none waits.

One renderer at a time holds a board. It reads what waits and what the pages need in one
snapshot, so its pages show exactly the changes up to that moment; the next one's snapshot is
later. So a page never goes backwards. Whatever dies on the way leaves its changes in the
outbox, and the same pages come out of the next attempt.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
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
from renderer.web_root import WebRoot
from templates import Site

log = get_logger(__name__)

#: Changes that one pass takes at most: it bounds the memory of a pass, not its truth, since the
#: pages show all of the snapshot anyway.
CHANGES_PER_PASS_MAX = 5_000
#: Locks of this name guard what belongs to no single board; no board can have it.
SITE_LOCK = "@site"


class Progress(NamedTuple):
    """How far a board's pages were brought."""

    #: Changes that they now show.
    changes: int
    #: Whether none was waiting at the end.
    is_done: bool


@dataclass
class RenderLoop:
    """Renders boards into one web root."""

    database: Database
    web_root: WebRoot
    uploads: UploadStore
    site_name: str
    site_url: str = ""
    fragments: Fragments = field(default_factory=Fragments)
    #: Whether a second stage follows, and what calls it after each pass.
    has_cloud: bool = False
    after_pass: Callable[[], object] = lambda: None

    def render(self, board_name: str, *, gives_way: Callable[[], bool] = lambda: False) -> Progress:
        """Bring the pages of a board up to date.

        After each pass `gives_way` is asked whether others wait: a board that is posted to
        without end must not starve them.

        Raises:
            NoSuchBoard, DiskFull, StoreUnavailable: what waits goes on waiting.
        """
        settled = 0
        with self.database.connection() as db, self.holding(db, board_name) as was_interrupted:
            # What an interrupted pass had put in place is among what waits, so it is enough not
            # to believe the ledger once.
            while changes := self._pass(db, board_name, believes_ledger=not was_interrupted):
                settled += changes
                was_interrupted = False
                if gives_way():
                    return Progress(settled, is_done=False)
        return Progress(settled, is_done=True)

    def redraw(self, board_name: str, files: set[StaleFile]) -> int:
        """Draw these files anew, whether or not anything changed; the number that was written."""
        with self.database.connection() as db, self.holding(db, board_name):
            with snapshot(db):
                drawing = self.drawing(db, board_name)
                publisher = Publisher(db, self.web_root, self.uploads, drawing.board)
                self._publish_board(drawing, files, publisher)
            self._publish_site(db, files)
            with db.transaction():
                publisher.record(db)
        return publisher.written

    @contextmanager
    def holding(self, db: Connection, name: str) -> Iterator[bool]:
        """The right to write the files of a board, or of the site (SITE_LOCK).

        Yields whether the last holder was interrupted (see WebRoot.lock).
        """
        with render_lock.hold(db, name), self.web_root.lock(name) as was_interrupted:
            yield was_interrupted

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

    def _pass(self, db: Connection, board_name: str, *, believes_ledger: bool) -> int:
        """Render what waits, once; the number of changes settled."""
        started_s = time.perf_counter()
        with snapshot(db):
            changes = outbox.waiting(db, board_name, CHANGES_PER_PASS_MAX)
            if not changes:
                return 0
            drawing = self.drawing(db, board_name)
            publisher = Publisher(
                db, self.web_root, self.uploads, drawing.board, believes_ledger=believes_ledger
            )
            removed = _stale(change for change in changes if isinstance(change.fact, REMOVALS))
            publisher.is_urgent = True
            self._publish_board(drawing, removed, publisher)
            taken_down = publisher.paths
            publisher.is_urgent = False
            stale = _stale(changes)
            self._publish_board(drawing, stale - removed, publisher)
        self._publish_site(db, stale)
        with db.transaction():
            publisher.record(db)
            outbox.settle(db, board_name, changes[-1].change_no)
            gone_after_s = takedowns.gone_from_origin(
                db, board_name, changes[-1].change_no, taken_down, has_cloud=self.has_cloud
            )
        self.after_pass()
        _tell(board_name, changes, len(publisher.paths), time.perf_counter() - started_s)
        for seconds in gone_after_s:
            metrics.takedown_seconds.labels("origin").observe(seconds)
        return len(changes)

    def _publish_board(
        self, drawing: BoardDrawing, stale: set[StaleFile], publisher: Publisher
    ) -> None:
        """Media before the pages that show them; threads before board pages before the catalog."""
        if staleness.WholeBoard() in stale:
            publisher.publish_whole(
                drawing.media(None),
                (drawn for file in drawing.everything() for drawn in drawing.draw(file)),
            )
            return
        names = [file.name for file in stale if isinstance(file, staleness.Media)]
        if names:
            publisher.publish(drawing.media(names))
        for kind in (staleness.ThreadFiles, staleness.BoardPage, staleness.Catalog):
            files = sorted((file for file in stale if isinstance(file, kind)), key=str)
            publisher.publish(drawn for file in files for drawn in drawing.draw(file))

    def _publish_site(self, db: Connection, stale: set[StaleFile]) -> None:
        """Front page and what else shows all boards: under a lock and a snapshot of their own.

        The lock is taken after a board's and never before one, so no two renderers wait for
        each other; the snapshot is later than that of whoever held the lock before.
        """
        if stale.isdisjoint({staleness.SiteFiles(), staleness.SiteFrame()}):
            return
        with self.holding(db, SITE_LOCK) as was_interrupted:
            with snapshot(db):
                site = self.site(db)
                publisher = Publisher(
                    db, self.web_root, self.uploads, None, believes_ledger=not was_interrupted
                )
                publisher.publish(drawings.site_files(db, site))
                if staleness.SiteFrame() in stale:
                    publisher.publish(drawings.site_frame(site))
            with db.transaction():
                publisher.record(db)


def _stale(changes: Iterable[Change]) -> set[StaleFile]:
    return set[StaleFile]().union(*(stale_files(change.fact) for change in changes))


def _tell(board_name: str, changes: list[Change], files: int, took_s: float) -> None:
    """One line and the figures of a pass."""
    metrics.passes.inc()
    metrics.pass_seconds.observe(took_s)
    metrics.changes_per_pass.observe(len(changes))
    visible_s = time.time()
    for change in changes:
        metrics.change_to_visible_seconds.observe(max(0.0, visible_s - change.added_s))
    log.info(
        "board_rendered",
        board=board_name,
        change_no=changes[-1].change_no,
        changes=len(changes),
        files=files,
        ms=round(took_s * 1000, 1),
    )


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

    @property
    def written(self) -> int:
        """Files that were put in place."""
        return len(self._published)

    @property
    def paths(self) -> list[str]:
        """Everything published and removed so far."""
        return [*self._published, *self._removed]

    def publish(self, drawn: Iterable[Drawn | LinkedMedia]) -> None:
        """Publish a handful of files."""
        files = list(drawn)
        known = publications.known(self._db, [file.path for file in files])
        for file in files:
            self._put(file, known.get(file.path))

    def publish_whole(
        self, media: Iterable[Drawn | LinkedMedia], pages: Iterable[Drawn | LinkedMedia]
    ) -> None:
        """Publish everything that a board has, one file at a time, and remove what else it had."""
        assert self._board is not None
        known = publications.of_board(self._db, self._board.name)
        for drawn in (media, pages):
            for file in drawn:
                self._put(file, known.pop(file.path, None))
        for path in known:
            self._remove(path)

    def record(self, db: Connection) -> None:
        """Write down what was published and removed."""
        name = self._board.name if self._board else None
        change_no = self._board.change_no if self._board else 0
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
        self._web_root.replace(path, body)
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
