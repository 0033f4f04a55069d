"""Puts what was drawn into the web root, and writes down in the ledger what stands there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from imageboard.boards import Board
from imageboard.parts import Part
from imageboard.store import publications
from imageboard.store.database import Connection
from imageboard.store.publications import Publication, Published
from imageboard.store.uploads import UploadStore
from monitoring import metrics
from monitoring.logs import get_logger
from renderer import bodies
from renderer.bodies import Body
from renderer.known_files import KnownFiles
from renderer.pages.kind import Drawn, LinkedMedia, PageKind
from renderer.placing import Placing, Siblings
from renderer.spare_memory import SpareMemory
from renderer.web_root import WebRoot

log = get_logger(__name__)

_SPARE_MEMORY = SpareMemory()
_NAMED_AT_ONCE = 1_000


class Publisher:
    """Puts what was drawn into the web root, when it is not what stands there already.

    A context: a page is in place as soon as it is published, its compressed siblings when the
    block ends. Whatever happens, nothing is written after that: whoever is done may no longer hold
    the board.

    `board` is None for files of the whole site.
    """

    def __init__(
        self,
        db: Connection,
        web_root: WebRoot,
        uploads: UploadStore,
        board: Board | None,
        *,
        known: KnownFiles | None = None,
        believes_ledger: bool = True,
        has_one_core: bool = False,
    ) -> None:
        self._db = db
        self._web_root = web_root
        self._uploads = uploads
        self._board = board
        #: Of whoever holds the board, where it publishes more than once.
        self._known = known or KnownFiles()
        self._believes_ledger = believes_ledger
        #: Whether others draw beside it, so that it has one processor at most.
        self._has_one_core = has_one_core
        self._block = ExitStack()
        self._placing: Placing
        #: The kind that is being published.
        self._kind: PageKind
        self._published: dict[str, Published] = {}
        self._removed: dict[str, None] = {}
        #: What of both is not written down yet.
        self._unrecorded: dict[str, None] = {}
        #: Whether what is published now goes into the cloud ahead of all other work.
        self.is_urgent = False
        #: Whether a page could not be read, and stands as it was.
        self.left_unread = False
        #: The change that is shown, for files of the whole site.
        self.site_change_no = 0

    def __enter__(self) -> Self:
        self._placing = self._block.enter_context(self._web_root.placing())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._block.__exit__(kind, error, trace)

    @property
    def siblings(self) -> Siblings:
        """When those of a page come.

        Of what a takedown waits for they come last, as soon as none of its pages shows it.
        PERF: else a page is drawn while the one before is compressed, since readers wait for it:
        that takes both processors of a small server. What has time leaves one to those who store
        posts: a picture is answered a millisecond earlier, of 20.
        """
        if self.is_urgent:
            return "last"
        return "at once" if self._kind.has_time or self._has_one_core else "beside"

    @property
    def written(self) -> int:
        """Files that were put in place."""
        return len(self._published)

    @property
    def unrecorded(self) -> int:
        """Files of both that are not written down yet."""
        return len(self._unrecorded)

    @property
    def paths(self) -> list[str]:
        """Everything published and removed so far."""
        return [*self._published, *self._removed]

    def publish(
        self,
        kind: PageKind,
        drawn: Iterable[Drawn | LinkedMedia],
        paths: Iterable[str],
    ) -> None:
        """Publish what pages of one kind draw at these paths, each before the next is drawn."""
        self._kind = kind
        known = self._known.at(self._db, list(paths))
        drawn_bytes = 0
        for file in drawn:
            if isinstance(file, LinkedMedia):
                self._link(file, known.get(file.path))
            elif file.body is None:
                self._take_away(file.path, known.get(file.path))
            else:
                drawn_bytes += len(file.body)
                self._note(self._bring(file.path, file.body, known.get(file.path)))
        _SPARE_MEMORY.after_drawing(drawn_bytes)

    def publish_named(self, kind: PageKind, named: Iterator[Drawn | LinkedMedia]) -> None:
        """Publish what a kind names that draws nothing.

        PERF: it is asked once; for their paths alone all files of a board would be looked up twice.
        """
        while some := list(islice(named, _NAMED_AT_ONCE)):
            self.publish_all(kind, some)

    def publish_all(self, kind: PageKind, files: Sequence[Drawn | LinkedMedia]) -> None:
        """Publish what is drawn already."""
        self.publish(kind, files, [file.path for file in files])

    def record(self, db: Connection) -> None:
        """Write down what was published and removed since the last time.

        Before the block has ended only if whoever is killed leaves the board doubtful.
        """
        name = self._board.name if self._board else None
        change_no = self._board.change_no if self._board else self.site_change_no
        published = [self._published[path] for path in self._unrecorded if path in self._published]
        removed = [path for path in self._unrecorded if path in self._removed]
        if published and removed:
            publications.hold(db, list(self._unrecorded))
        publications.record(db, name, change_no, published)
        publications.forget(db, removed, change_no)
        self._known.note(change_no, published, removed)
        self._unrecorded.clear()

    def _bring(self, path: str, body: Body, known: Publication | None) -> Published | None:
        """Put a page in place; None: it stood there already."""
        if known is not None:
            assert self._board is None or known.change_no <= self._board.change_no
        before = self._published.get(path) or (known if self._believes_ledger else None)
        # By size first: a page that is certainly new is not read for its hash alone.
        has_size = before is not None and self._web_root.size(path) == len(body)
        if before is not None and has_size and before.sha256 == bodies.sha256(body):
            return None
        sha256 = self._placing.replace(path, body, siblings=self.siblings)
        metrics.bytes_written.inc(len(body))
        return self._publication(path, sha256, len(body))

    def _take_away(self, path: str, known: Publication | None) -> None:
        # Whoever was interrupted may have written down that it is gone, and not yet what the CDN is
        # to be told of twice.
        is_half_told = self.is_urgent and not self._believes_ledger
        if known is not None or path in self._published or is_half_told:
            self._remove(path)
        else:
            # Whatever the ledger says: what is to be gone must be gone.
            self._web_root.remove(path)

    def _link(self, file: LinkedMedia, known: Publication | None) -> None:
        """Media never change, so one that is known stands; what it is named for says the rest."""
        if file.path in self._published or (known is not None and self._believes_ledger):
            return
        source = self._uploads.path_of(file.stored_as, file.part)
        try:
            self._web_root.link(file.path, source)
            sha256, size = _hashed(file, source)
        except FileNotFoundError:
            # The page must come out without it: an operator lost a file, not the board.
            log.error("upload_missing", path=file.path)
            metrics.uploads_missing.inc()
            return
        self._note(self._publication(file.path, sha256, size))

    def _publication(self, path: str, sha256: bytes, size: int) -> Published:
        is_hasty = bodies.has_siblings(path)
        return Published(path, sha256, size, self._kind.order, self.is_urgent, is_hasty)

    def _note(self, file: Published | None) -> None:
        if file is None:
            metrics.files_unchanged.inc()
            return
        self._removed.pop(file.path, None)
        self._published[file.path] = file
        self._unrecorded[file.path] = None
        metrics.files_written.inc()

    def _remove(self, path: str) -> None:
        if path in self._published:
            # Else its siblings would come when it is gone.
            self._placing.finish()
        self._web_root.remove(path)
        self._published.pop(path, None)
        self._removed[path] = None
        self._unrecorded[path] = None
        metrics.files_removed.inc()


def _hashed(file: LinkedMedia, source: Path) -> tuple[bytes, int]:
    """Its hash, and how many bytes it has.

    PERF: a file that is as long as when it came is not read: all files of a board that moved were
    read once more. One that was damaged since and kept its length is as damaged at its address as
    in the store, whatever stands in the ledger: verify reads both, and finds it lost. Of thumbnails
    nobody knows the hash.
    """
    size = source.stat().st_size
    if file.part is Part.ORIGINAL and size == file.bytes:
        return file.sha256, size
    body = source.read_bytes()
    return hashlib.sha256(body).digest(), len(body)
