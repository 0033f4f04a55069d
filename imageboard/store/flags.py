"""Flags that posters choose from: pictures; what they are called is a setting of their board."""

from __future__ import annotations

import re
import struct

from imageboard.errors import BadBoardSetting
from imageboard.store import boards, queries
from imageboard.store.database import Connection
from imageboard.words import N_

_SQL = queries.beside(__file__)

BYTES_MAX = 16 * 1024
SIDE_PX_MAX = 64
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_PNG = b"\x89PNG\r\n\x1a\n"
_SIZE_AT = 16


def add(db: Connection, board: str, name: str, title: str, picture: bytes) -> list[str]:
    """A new flag, or another picture and title; names the boards whose pages change.

    Raises NoSuchBoard, BadBoardSetting.
    """
    if not NAME.fullmatch(name):
        fault = N_("a flag's name has 1 to 32 small letters, digits, `-` and `_`")
        raise BadBoardSetting(name=name, fault=fault)
    _check(name, picture)
    titles = dict(boards.get(db, board).settings.flags) | {name: title}
    stale = _change(db, board, titles)
    db.execute(_SQL.put, {"board": board, "name": name, "picture": picture})
    return stale


def remove(db: Connection, board: str, name: str) -> list[str]:
    """The same; posts that chose it go on saying its title. Raises NoSuchBoard, BadBoardSetting."""
    titles = dict(boards.get(db, board).settings.flags)
    if titles.pop(name, None) is None:
        raise BadBoardSetting(name=name, fault=N_("there is no flag of this name"))
    db.execute(_SQL.drop, {"board": board, "name": name})
    return _change(db, board, titles)


def picture(db: Connection, board: str, name: str) -> bytes | None:
    row = db.execute(_SQL.picture, {"board": board, "name": name}).fetchone()
    return bytes(row[0]) if row else None


def _change(db: Connection, board: str, titles: dict[str, str]) -> list[str]:
    listed = ", ".join(f"{name} {title}" for name, title in titles.items())
    return boards.change_settings(db, board, {"user_flags": listed})


def _check(name: str, picture: bytes) -> None:
    """Raises BadBoardSetting: it is no PNG, or too large for a flag."""
    is_png = picture.startswith(_PNG) and len(picture) >= _SIZE_AT + 8
    width, height = struct.unpack_from(">II", picture, _SIZE_AT) if is_png else (0, 0)
    if not (0 < width <= SIDE_PX_MAX and 0 < height <= SIDE_PX_MAX and len(picture) <= BYTES_MAX):
        fault = N_("a flag is a PNG of {side_px_max} pixels a side and {kilobytes_max} KB at most")
        raise BadBoardSetting(
            name=name,
            fault=fault.filled(side_px_max=SIDE_PX_MAX, kilobytes_max=BYTES_MAX // 1024),
        )
