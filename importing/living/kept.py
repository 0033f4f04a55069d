"""What was read of a site: files below a folder, each whole, and what to ask them by next time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from importing.living.site import Answer, Site

_NOTES = ".read.sqlite"


@dataclass
class Kept:
    """A context: notes are closed behind it."""

    folder: Path

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Each note is for good once it is made: whoever is killed has read what he has read. After
        # a loss of power the last may be lacking: what they tell of is read once more.
        self._notes = sqlite3.connect(self.folder / _NOTES, isolation_level=None)
        self._notes.execute("PRAGMA journal_mode = WAL")
        self._notes.execute("PRAGMA synchronous = NORMAL")
        self._notes.execute(
            "CREATE TABLE IF NOT EXISTS read"
            " (path TEXT PRIMARY KEY, etag TEXT, modified TEXT, is_gone INTEGER NOT NULL)"
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        ex: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._notes.close()

    def read(
        self,
        site: Site,
        address: str,
        path: str,
        *,
        bytes_max: int,
        check: Callable[[bytes], object] | None = None,
    ) -> Answer:
        """Let `path` be what stands at `address` now; what is gone there is gone here.

        `check` is given what came, and raises ValueError: it is not what was asked for.

        Raises SiteNotRead: `path` is what it was.
        """
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        # Of one who is killed it stays, and is written anew.
        coming = place.with_name(f".{place.name}.part")
        with coming.open("wb") as to:
            answer = site.fetch(
                address,
                to,
                bytes_max=bytes_max,
                since=self._since(path) if place.exists() else {},
                check=lambda: check(coming.read_bytes()) if check is not None else None,
            )
        if answer.came:
            coming.replace(place)
        else:
            coming.unlink()
        if answer.is_gone:
            place.unlink(missing_ok=True)
        if not answer.is_same:
            self._notes.execute(
                "REPLACE INTO read VALUES (?, ?, ?, ?)",
                (path, answer.etag, answer.modified, answer.is_gone),
            )
        return answer

    def is_known(self, path: str) -> bool:
        """It is here, or is known not to be there."""
        if (self.folder / path).is_file():
            return True
        row = self._notes.execute("SELECT is_gone FROM read WHERE path = ?", (path,)).fetchone()
        return row is not None and bool(row[0])

    def _since(self, path: str) -> dict[str, str]:
        row = self._notes.execute(
            "SELECT etag, modified FROM read WHERE path = ?", (path,)
        ).fetchone()
        etag, modified = row or (None, None)
        told = {"If-None-Match": etag, "If-Modified-Since": modified}
        return {name: value for name, value in told.items() if value}
