"""Bans of files: which may not be posted where, and what they hit."""

from __future__ import annotations

from typing import Any

from imageboard.errors import NoSuchFileBan
from imageboard.file_bans import BannedFile, FileBan, NewFileBan
from imageboard.store import boards, queries
from imageboard.store.database import Connection
from imageboard.store.likenesses import FILES_MAX

_SQL = queries.beside(__file__)


def file_of_post(db: Connection, board: str, no: int, number: int) -> BannedFile | None:
    """The first (1), second … file of a post, also when it was removed; None: it has none."""
    asked = {"board": board, "no": no, "position": number - 1}
    for hashes, likeness in db.execute(_SQL.file_of_post, asked):
        return BannedFile(tuple(map(bytes, hashes)), likeness)
    return None


def add(db: Connection, file: BannedFile, new_ban: NewFileBan, created_by: str) -> int:
    """Refuse such files from now on; the ban's number. Raises NoSuchBoard."""
    if new_ban.board is not None:
        boards.get(db, new_ban.board)
    values = new_ban._asdict() | {"created_by": created_by, "hashes": list(file.hashes)}
    is_by_look = new_ban.bits_apart_max is not None
    values["likeness"] = file.likeness if is_by_look else None
    row = db.execute(_SQL.add, values).fetchone()
    assert row is not None
    return int(row[0])


def get(db: Connection, ban: int) -> FileBan:
    """Raises NoSuchFileBan."""
    for found in queries.by_name(FileBan, db.execute(_SQL.one, {"id": ban})):
        return found
    raise NoSuchFileBan(id=ban)


def newest(db: Connection, *, on: list[str] | None, limit: int, after: int = 0) -> list[FileBan]:
    """Those after so many. Of `on` as Visitor.boards gives them; None: all."""
    rows = db.execute(_SQL.newest, {"on": on, "limit": limit, "after": after})
    return list(queries.by_name(FileBan, rows))


def all_of(db: Connection) -> list[tuple[FileBan, BannedFile]]:
    """As imageboard.spam.matching looks for them."""
    return list(queries.by_name(_with_file, db.execute(_SQL.all_of)))


def hits(
    db: Connection,
    file: BannedFile,
    *,
    bits_apart_max: int | None,
    on: list[str] | None,
    limit: int,
    files_max: int = FILES_MAX,
) -> list[tuple[str, int]]:
    """(board, number) of posts there that a ban would have refused, among the newest files of each
    board, the newest first."""
    asked = {
        "hashes": list(file.hashes),
        "likeness": file.likeness,
        "bits_apart_max": bits_apart_max,
        "on": on,
        "limit": limit,
        "files_max": files_max,
    }
    return [(board, no) for board, no, _at in db.execute(_SQL.hits, asked)]


def lift(db: Connection, ban: int) -> None:
    """Raises NoSuchFileBan."""
    if db.execute(_SQL.lift, {"id": ban}).rowcount == 0:
        raise NoSuchFileBan(id=ban)


def _with_file(
    *, hashes: list[bytes], likeness: int | None, **ban: Any
) -> tuple[FileBan, BannedFile]:
    return FileBan(**ban), BannedFile(tuple(map(bytes, hashes)), likeness)
