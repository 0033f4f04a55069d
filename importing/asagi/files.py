"""Where files stand: one for all posts that have it, under the name of the first of them.

b/image/1707/52/1707523200123.png, b/thumb/1707/52/1707523200123s.jpg
"""

from __future__ import annotations

import re
import sqlite3
from typing import NamedTuple

_STORED = re.compile(r"[0-9]{6,20}s?\.[0-9a-z]{1,10}")


class Stored(NamedTuple):
    """A row of `b_images`, names only."""

    media: str | None
    #: Pictures of first posts are larger.
    preview_op: str | None
    preview_reply: str | None
    #: By the archive's staff.
    is_banned: bool


class StoredFiles:
    """All rows of all boards' tables of images.

    They are looked up by the posts, which a dump may have before them; an archive has millions, so
    they are on the disk, in a file that nobody else sees and that is gone with this object.
    """

    def __init__(self) -> None:
        # Added to by the look through the dump, asked by whoever reads its posts: a thread of its
        # own, and never both at once.
        self._rows = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._rows.execute("PRAGMA journal_mode = OFF")
        self._rows.execute("PRAGMA synchronous = OFF")
        self._rows.execute(
            "CREATE TABLE stored (board TEXT, media_id INTEGER, media TEXT, preview_op TEXT,"
            " preview_reply TEXT, is_banned INTEGER, PRIMARY KEY (board, media_id)) WITHOUT ROWID"
        )

    def close(self) -> None:
        self._rows.close()

    def add(self, board: str, media_id: int, stored: Stored) -> None:
        self._rows.execute(
            "REPLACE INTO stored VALUES (?, ?, ?, ?, ?, ?)", (board, media_id, *stored)
        )

    def get(self, board: str, media_id: int) -> Stored | None:
        row = self._rows.execute(
            "SELECT media, preview_op, preview_reply, is_banned FROM stored"
            " WHERE board = ? AND media_id = ?",
            (board, media_id),
        ).fetchone()
        return Stored(row[0], row[1], row[2], bool(row[3])) if row is not None else None


def path(folder: str, name: str | None) -> str | None:
    """'image', '170752320.png' -> 'image/1707/52/170752320.png'; None: it is no name of a file."""
    if name is None or _STORED.fullmatch(name) is None:
        return None
    return f"{folder}/{name[:4]}/{name[4:6]}/{name}"
