"""Boards that came from another engine: its secrets, sealed, and where its files went."""

from __future__ import annotations

import json

from imageboard import addresses
from imageboard.cloaks import Cloak
from imageboard.old_boards import OldBoard
from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)


def put(db: Connection, board: str, old: OldBoard, cloak: Cloak) -> None:
    """Keep where a board came from, instead of what was kept of that before."""
    sealed = cloak.seal_for_board(json.dumps(dict(old.secrets)).encode(), board)
    values = {
        "board": board,
        "engine": old.engine,
        "secrets_sealed": sealed,
        "poster_id_chars": old.poster_id_chars,
    }
    db.execute(_SQL.put, values)


def list_all(db: Connection, cloak: Cloak) -> dict[str, OldBoard]:
    """By the boards' names; one whose secrets were sealed with another key has none of them."""
    return {
        board: OldBoard(engine, _opened(cloak, bytes(sealed), board), poster_id_chars)
        for board, engine, sealed, poster_id_chars in db.execute(_SQL.all)
    }


def add_file(
    db: Connection, address: str, board: str, no: int, position: int, *, is_thumbnail: bool = False
) -> None:
    """Note an address that a file had: '.media/0a1b….png', as OLD_FILE has it."""
    values = {"address": address, "board": board, "post_no": no, "position": position}
    db.execute(_SQL.add_file, values | {"is_thumbnail": is_thumbnail})


def file_at(db: Connection, address: str) -> str | None:
    """Where the file is now that had this address: '/b/src/1795500950388.png'."""
    row = db.execute(_SQL.file, {"address": address}).fetchone()
    if row is None:
        return None
    board, tim, extension, is_thumbnail = row
    named = addresses.thumb_name if is_thumbnail else addresses.media_name
    return addresses.media_url(board, named(tim, extension))


def _opened(cloak: Cloak, sealed: bytes, board: str) -> dict[str, str]:
    opened = cloak.open_for_board(sealed, board)
    return json.loads(opened) if opened is not None else {}
