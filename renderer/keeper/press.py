"""The press: compresses pages thoroughly once they rest.

While a page is hot it is compressed in haste, since the next post may replace it at any moment.
When it has rested for some seconds its siblings are made anew, a fifth to a third smaller: beside
all other work, at the lowest priority, and without the board's lock. The lock is taken to put them
in place, if the page is still the same: a page that was posted to meanwhile has won.

Which pages wait is in the ledger. Whoever is killed leaves them there, to be found by the next.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from imageboard.errors import ImageboardError, StoreUnavailable
from imageboard.store import publications, site_moment
from imageboard.store.database import Connection, Database
from imageboard.store.publications import Rested
from imageboard.store.site_moment import NEVER, SiteMoment
from monitoring import metrics
from monitoring.logs import get_logger
from renderer import former_siblings
from renderer.board_painter import BoardPainter
from renderer.bodies import Chunks, brotlied_thoroughly, gzipped_thoroughly
from renderer.web_root import Version, WebRoot

log = get_logger(__name__)

#: Files that are put in place under one lock: it takes a millisecond.
HANDFUL = 8
#: What the siblings of a handful take together, before they are put: it bounds memory.
PRESSED_BYTES_MAX = 2 * 1024 * 1024
#: While somebody posts, the press works for a tenth of the time: the processor is for others. If a
#: whole handful waits then, it is less thorough and reaches three pages for one.
REST_PER_CPU_S = 9.0
LOOK_EVERY_S = 2.0
#: What was kept of siblings for those who have them is looked through.
FORGET_EVERY_S = 60.0
_LOWEST_PRIORITY = 19


class _Pressed(NamedTuple):
    """The siblings of one version of a page."""

    file: Rested
    version: Version
    siblings: Mapping[str, Chunks]

    @property
    def size_bytes(self) -> int:
        return sum(len(chunk) for chunks in self.siblings.values() for chunk in chunks)


@dataclass
class Press:
    """Goes through the pages that rest, over and over."""

    database: Database
    web_root: WebRoot
    painter: BoardPainter
    #: A page rests when it has not been replaced for so long.
    rest_s: float
    stop: threading.Event = field(default_factory=threading.Event)
    _after: str = ""
    _somebody_posts: bool = False
    _moment: SiteMoment = NEVER.moment
    _forgotten_s: float = float("-inf")

    def run(self) -> None:
        """Until it is told to stop; in a thread of its own."""
        with suppress(OSError):  # elsewhere than on Linux a thread has no priority of its own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOWEST_PRIORITY)
        while not self.stop.is_set():
            began_s = time.thread_time()
            found = False
            try:
                found = self.run_once()
                if time.monotonic() - self._forgotten_s >= FORGET_EVERY_S:
                    self._forgotten_s = time.monotonic()
                    former_siblings.forget_old(str(self.web_root.folder))
            except StoreUnavailable:
                metrics.part_failures.labels("database").inc()
                log.warning("press_without_database")
            except (ImageboardError, OSError):
                metrics.part_failures.labels("renderer").inc()
                log.exception("press_failed")
            cpu_s = time.thread_time() - began_s
            if not found:
                self.stop.wait(LOOK_EVERY_S)
            elif self._somebody_posts:
                self.stop.wait(REST_PER_CPU_S * cpu_s)

    def run_once(self) -> bool:
        """The next handful of pages that rest; False: there is none, or none behind the last."""
        with self.database.connection() as db:
            files = publications.rested(db, after=self._after, rest_s=self.rest_s, limit=HANDFUL)
            if files:
                before, self._moment = self._moment, site_moment.now(db)
                self._somebody_posts = before not in (NEVER.moment, self._moment)
        of_many = self._somebody_posts and len(files) == HANDFUL
        for board, of_board in groupby(files, key=lambda file: file.board):
            pressed: list[_Pressed] = []
            for file in of_board:
                if self.stop.is_set():
                    return False
                pressed += self._press(file, of_many=of_many)
                if sum(each.size_bytes for each in pressed) > PRESSED_BYTES_MAX:
                    self._put(board, pressed)
                    pressed = []
            self._put(board, pressed)
        self._after = files[-1].path if files else ""
        return bool(files)

    def _press(self, file: Rested, *, of_many: bool) -> list[_Pressed]:
        """One, or none: it stands there no longer as the ledger says."""
        read = self.web_root.read_version(file.path)
        if read is None or hashlib.sha256(read.body).digest() != file.sha256:
            return []
        body, version = read
        brotli = brotlied_thoroughly(body, of_many=of_many)
        siblings = {".gz": gzipped_thoroughly(body), ".br": brotli}
        return [_Pressed(file, version, siblings)]

    def _put(self, board: str | None, pressed: Sequence[_Pressed]) -> None:
        if not pressed:
            return
        with self.database.connection() as db, self._holding(db, board):
            known = publications.known(db, [each.file.path for each in pressed])
            put: list[Rested] = []
            for file, version, siblings in pressed:
                shown = known.get(file.path)
                is_same = shown is not None and shown.sha256 == file.sha256
                if is_same and self.web_root.version(file.path) == version:
                    self.web_root.press(file.path, siblings)
                    put.append(file)
            # Only now: whoever dies in between leaves them to be found again.
            publications.compressed(db, put)
        metrics.files_pressed.inc(len(put))

    @contextmanager
    def _holding(self, db: Connection, board: str | None) -> Iterator[None]:
        """What its last holder left doubtful stays so for the next."""
        site = self.painter.site_pages
        with site.holding(db) if board is None else self.painter.holding(db, board):
            yield
