"""The story of one file that waits: claim it, develop it, say that it is there.

Whatever dies on the way, the file waits on: the claim ends with its worker, and what had been made
by then belongs to no post and is swept, as in the end is what was sent. A file whose work dies
again and again is given up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from imageboard.errors import DarkroomUnavailable, PostRefused
from imageboard.media import MediaLimits
from imageboard.post_rules import NewFile
from imageboard.queue.wake_up import WakeUp
from imageboard.store import boards, pending_files
from imageboard.store.database import Connection, Database
from imageboard.store.pending_files import PendingFile
from imageboard.store.uploads import UploadStore
from imageboard.stored_words import FILE_LOST, FILE_UNREADABLE
from monitoring import metrics
from monitoring.logs import get_logger
from writer import uploading
from writer.media.darkroom import Darkroom, has_died

log = get_logger(__name__)

#: After so many tries that died the file itself is to blame.
TRIES_MAX = 3
#: For one file, start to end; its process is ended then.
SECONDS_MAX = 120.0
#: A little later than the darkroom's own verdict.
_WAIT_S = replace(MediaLimits(), seconds_max=SECONDS_MAX).patience_s + 10.0
_SENTENCE_CHARS_MAX = 200

#: `gone`: removed meanwhile. `died`, `unavailable`: it waits on.
Outcome = Literal["ready", "failed", "gone", "died", "unavailable"]


@dataclass(frozen=True, slots=True)
class Developer:
    """Works on files that wait, one at a time."""

    database: Database
    darkroom: Darkroom
    uploads: UploadStore
    wake_up: WakeUp

    def develop_next(self) -> Outcome | None:
        """Work on the file that has waited longest; None: somebody works on each that waits.

        Raises StoreUnavailable: the file waits on.
        """
        with self.database.connection() as db, pending_files.claimed(db) as file:
            if file is None:
                return None
            if pending_files.backlog(db).files > 1:
                self.wake_up.ask_for_media()  # others may begin with the next one
            outcome = self._developed(db, file)
        metrics.pending_files_tried.labels(outcome).inc()
        log.info("file_developed", board=file.board, no=file.no, tries=file.tries, how=outcome)
        if outcome in ("ready", "failed"):
            self.wake_up.ask_for_render(file.board)
        elif outcome == "died":
            self.wake_up.ask_for_media()
        return outcome

    def _developed(self, db: Connection, file: PendingFile) -> Outcome:
        if file.tries > TRIES_MAX:  # those who began on it died themselves
            return self._failed(db, file, str(FILE_UNREADABLE))
        if not self.uploads.original(file.stored_as).exists():
            metrics.uploads_missing.inc()
            return self._failed(db, file, str(FILE_LOST))
        try:
            made = self._made(db, file)
        except PostRefused as ex:
            if not has_died(ex):
                return self._failed(db, file, ex.sentence)
            return (
                "died" if file.tries < TRIES_MAX else self._failed(db, file, str(FILE_UNREADABLE))
            )
        except DarkroomUnavailable as ex:
            return self._put_back(db, file, ex.detail)
        except OSError as ex:
            return self._put_back(db, file, str(ex))
        if not pending_files.ready(db, file, made):
            self.uploads.drop(made.stored_as)
            return "gone"
        # What was sent stays until it is swept: a replica that has not heard of this commit may
        # become the primary, and there the file still waits.
        return "ready"

    def _made(self, db: Connection, file: PendingFile) -> NewFile:
        upload = self.uploads.original(file.stored_as)
        settings = boards.get(db, file.board).settings
        image = self.darkroom.develop(upload, settings=settings, wait_s=_WAIT_S)
        name = f"{file.original_name}{file.extension}"
        return uploading.take(self.uploads, name, image)

    def _put_back(self, db: Connection, file: PendingFile, why: str) -> Outcome:
        metrics.part_failures.labels("darkroom").inc()
        log.warning("file_not_developed", board=file.board, no=file.no, why=why)
        pending_files.forget_try(db, file)
        return "unavailable"

    def _failed(self, db: Connection, file: PendingFile, reason: str) -> Outcome:
        is_shown = pending_files.failed(db, file, reason[:_SENTENCE_CHARS_MAX])
        return "failed" if is_shown else "gone"
