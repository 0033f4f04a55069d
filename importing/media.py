"""Files of old boards on their way into the upload store: the same bytes, under the same names."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import NamedTuple

from imageboard.store.uploads import UploadStore
from importing.records import OldFile

_PIECE_BYTES = 1 << 20


class Placed(NamedTuple):
    """A file in the upload store."""

    stored_as: str
    bytes_read: int
    md5: bytes
    sha256: bytes
    original: Path
    #: None: there is no thumbnail.
    thumbnail: Path | None


@dataclass(frozen=True, slots=True)
class OldMedia:
    """The folder in which old boards have a folder each. Nothing in it is changed."""

    folder: Path
    uploads: UploadStore

    def find(self, board: str, path: str | None) -> Path | None:
        """None: it is not there, or empty."""
        if path is None:
            return None
        place = self.folder / board / path
        try:
            found = place.stat()
        except (OSError, ValueError):
            return None
        return place if S_ISREG(found.st_mode) and found.st_size > 0 else None

    def place(self, board: str, file: OldFile, stored_as: str) -> Placed | None:
        """Under a new name of the upload store. None: it is not there."""
        original = self.find(board, file.path)
        if original is None:
            return None
        thumbnail = self.find(board, file.thumb_path)
        md5, sha256, read = _hashes(original)
        self.uploads.adopt(stored_as, original, thumbnail)
        return Placed(stored_as, read, md5, sha256, original, thumbnail)

    def place_again(self, placed: Placed) -> None:
        """What was swept before its post was stored, being as old as it is there."""
        is_whole = self.uploads.original(placed.stored_as).exists() and (
            placed.thumbnail is None or self.uploads.thumbnail(placed.stored_as).exists()
        )
        if not is_whole:
            self.uploads.adopt(placed.stored_as, placed.original, placed.thumbnail)


def old_place(board: str, path: str | None) -> str:
    """'/b/src/1.png': what a file that is not there is called."""
    return str(Path("/", board, path or ""))


def _hashes(path: Path) -> tuple[bytes, bytes, int]:
    """MD5, SHA-256 and the number of bytes, read once."""
    md5, sha256, read = hashlib.md5(usedforsecurity=False), hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            md5.update(piece)
            sha256.update(piece)
            read += len(piece)
    return md5.digest(), sha256.digest(), read
