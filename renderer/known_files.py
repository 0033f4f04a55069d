"""What the ledger says of a board's files, as far as whoever holds the board knows it already.

Nobody else changes it meanwhile: which bytes stand where is written down by the holder alone. So
what it has asked for, or written down itself, it need not ask for again. PERF: a round trip less
before a thread's page is in place, where the thread was drawn a moment ago.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from imageboard.store import publications
from imageboard.store.database import Connection
from imageboard.store.publications import Publication, Published

#: More than the hot threads of a board have. What is known is forgotten then, and asked for anew.
KNOWN_FILES_MAX = 2_000


class KnownFiles:
    """For as long as a board is held, and no longer."""

    def __init__(self) -> None:
        #: None: nothing stands there.
        self._files: dict[str, Publication | None] = {}

    def at(self, db: Connection, paths: Sequence[str]) -> dict[str, Publication]:
        """Those of `paths` that stand in the web root."""
        if len(self._files) > KNOWN_FILES_MAX:
            self._files.clear()
        if unknown := [path for path in paths if path not in self._files]:
            found = publications.known(db, unknown)
            self._files |= {path: found.get(path) for path in unknown}
        return {path: file for path in paths if (file := self._files[path]) is not None}

    def note(self, change_no: int, published: Iterable[Published], gone: Iterable[str]) -> None:
        """The holder has written this down."""
        for file in published:
            self._files[file.path] = Publication(file.path, file.sha256, change_no, file.bytes)
        self._files |= dict.fromkeys(gone)
