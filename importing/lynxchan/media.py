"""Where LynxChan keeps its files: on its disk by a number, or in the dump, piece by piece.

    fs.files       {_id, filename: '/.media/0a1b….png', contentType, onDisk, chunkSize}
    fs.chunks      {files_id, n, data}, of those that are not on its disk
    media/c3f/5f…c3f   of those that are: a folder by the last three digits

What is in the dump is laid out as it would be on the disk, in a folder of ours.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from bson import ObjectId

from importing.bson_dump import Collections, Document
from importing.documents import line, whole

_MEDIA = re.compile(r"/\.media/((?:t_)?[0-9a-f]{32,64}(?:-[a-z0-9]{1,40})?(?:\.[a-z0-9]{1,10})?)")
#: Flags and banners of boards: 'b/flags/5e…'.
_OF_BOARD = re.compile(r"/(\w{1,64}/(?:flags|banners)/[0-9a-f]{1,40})")
#: What GridFS cuts files into, where it does not say: 255 KiB.
_PIECE_BYTES = 255 * 1024
_PIECE_BYTES_MAX = 1 << 24
#: Of one file: our tables hold no larger one.
_FILE_BYTES_MAX = (1 << 31) - 1
#: Endings of thumbnails, whose names have none.
_ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp"}


class Kept(NamedTuple):
    """A file."""

    path: Path
    #: '.jpg'; None: none that pages show as a picture.
    picture_ending: str | None


@dataclass
class MediaOfSite:
    """Of all boards; by what an address has: '0a1b….png', 't_0a1b…', 'b/flags/5e…'."""

    collections: Collections
    #: src/be/media of it. None: all files are in the dump.
    folder: Path | None
    #: In which what is in the dump is laid out.
    laid_out: Path
    #: PERF: in SQLite, since a board may have a million files, and each look is one of its keys.
    _index: sqlite3.Connection = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # '' is a file that goes when it is closed.
        self._index = sqlite3.connect("", check_same_thread=False)
        self._index.execute(
            "CREATE TABLE files (name TEXT PRIMARY KEY, id TEXT, type TEXT, piece_bytes INTEGER)"
            " WITHOUT ROWID"
        )
        self._index.execute("CREATE INDEX files_by_id ON files (id)")

    def survey(self) -> None:
        """Which there are. Raises BadDump."""
        for document in self.collections.documents("fs.files"):
            name = line(document.get("filename")) or ""
            found = _MEDIA.fullmatch(name) or _OF_BOARD.fullmatch(name)
            if found is None or not isinstance(document.get("_id"), ObjectId):
                # A page that was drawn, a captcha, or of another version.
                continue
            told = (
                found[1],
                str(document["_id"]),
                line(document.get("contentType")) or "",
                None if document.get("onDisk") else _piece_bytes(document),
            )
            # Of two of one name the later counts, as it does there.
            self._index.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", told)

    def lay_out(self) -> None:
        """Write what is in the dump to its places. Raises BadDump."""
        asked = "SELECT 1 FROM files WHERE piece_bytes IS NOT NULL LIMIT 1"
        if self._index.execute(asked).fetchone() is None:
            return
        for chunk in self.collections.documents("fs.chunks"):
            number, data = whole(chunk.get("n")), chunk.get("data")
            if isinstance(data, bytes) and number is not None and number >= 0:
                self._write(str(chunk.get("files_id")), number, data)

    def find(self, name: str) -> Kept | None:
        """None: the dump knows none of this name."""
        row = self._index.execute(
            "SELECT id, type, piece_bytes FROM files WHERE name = ?", (name,)
        ).fetchone()
        if row is None:
            return None
        known_as, content_type, piece_bytes = row
        folder = self.laid_out if piece_bytes or self.folder is None else self.folder
        return Kept(_place(folder, known_as), _ENDINGS.get(content_type))

    def banners(self, board: str) -> Iterator[str]:
        """Names of those of a board, the oldest first."""
        begun = f"{board}/banners/"
        yield from (
            name
            for (name,) in self._index.execute(
                "SELECT name FROM files WHERE substr(name, 1, ?) = ? ORDER BY name",
                (len(begun), begun),
            )
        )

    def _write(self, known_as: str, number: int, data: bytes) -> None:
        """A piece of a file that is wanted, and no larger than one may be."""
        row = self._index.execute(
            "SELECT piece_bytes FROM files WHERE id = ? AND piece_bytes > 0", (known_as,)
        ).fetchone()
        if row is None or number * row[0] + len(data) > _FILE_BYTES_MAX:
            return
        path = _place(self.laid_out, known_as)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("r+b" if path.exists() else "wb") as file:
            file.seek(number * row[0])
            file.write(data)


def _place(folder: Path, known_as: str) -> Path:
    """Where src/be/engine/gridFsHandler.js keeps one."""
    return folder / known_as[-3:] / known_as


def _piece_bytes(document: Document) -> int:
    told = whole(document.get("chunkSize"))
    return told if told is not None and 0 < told <= _PIECE_BYTES_MAX else _PIECE_BYTES
