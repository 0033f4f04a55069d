"""The archivist: draws archived threads anew when their board's settings have changed.

There may be a million, and each takes milliseconds. So what is on the board is drawn at once, and
they after it: a few under one lock, beside all other work, at the lowest priority. How far they are
is in the database (`archive_drawn`): whoever is killed leaves the rest to the next.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

from imageboard.errors import ImageboardError, StoreUnavailable
from imageboard.store import archive
from imageboard.store.database import Database
from monitoring import metrics
from monitoring.logs import get_logger
from renderer.redrawing import Redrawing

log = get_logger(__name__)

LOOK_EVERY_S = 5.0
#: It works for a third of the time: the processor is for others.
REST_PER_CPU_S = 2.0
_LOWEST_PRIORITY = 19


@dataclass
class Archivist:
    """Goes through the boards whose archived threads are behind, over and over."""

    database: Database
    redrawing: Redrawing
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Until it is told to stop; in a thread of its own."""
        with suppress(OSError):  # elsewhere than on Linux a thread has no priority of its own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOWEST_PRIORITY)
        while not self.stop.is_set():
            began_s = time.thread_time()
            drawn = 0
            try:
                drawn = self.run_once()
            except StoreUnavailable:
                metrics.part_failures.labels("database").inc()
                log.warning("archivist_without_database")
            except (ImageboardError, OSError):
                metrics.part_failures.labels("renderer").inc()
                log.exception("archivist_failed")
            cpu_s = time.thread_time() - began_s
            self.stop.wait(REST_PER_CPU_S * cpu_s if drawn else LOOK_EVERY_S)

    def run_once(self) -> int:
        """A few threads of each board that is behind; how many."""
        with self.database.connection() as db:
            behind = archive.boards_behind(db)
        return sum(self.redrawing.redraw_archived(board) for board in behind)
