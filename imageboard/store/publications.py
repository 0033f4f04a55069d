"""The ledger of the web root: which file shows which change, and the hash of its bytes."""

from __future__ import annotations

from typing import NamedTuple

from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)

#: Raw bytes of a hash, not its hexadecimal digits.
Digest = bytes


class Publication(NamedTuple):
    """One file as it was last published."""

    path: str
    sha256: bytes
    change_no: int


class Published(NamedTuple):
    """One file that was just put in place."""

    path: str
    sha256: Digest
    bytes: int
    #: What goes into the cloud first: 0 media, 1 threads, 2 the rest.
    service_order: int
    #: A takedown waits for it.
    is_urgent: bool


def known(db: Connection, paths: list[str]) -> dict[str, Publication]:
    """Those of `paths` that stand in the web root."""
    rows = db.execute(_SQL.known, {"paths": paths})
    return {row[0]: Publication(*row) for row in rows}


def of_board(db: Connection, board: str | None) -> dict[str, Publication]:
    """Every file of a board; None: of the whole site."""
    query = _SQL.of_site if board is None else _SQL.of_board
    return {row[0]: Publication(*row) for row in db.execute(query, {"board": board})}


def record(db: Connection, board: str | None, change_no: int, files: list[Published]) -> None:
    if files:
        paths, sha256s, sizes, orders, are_urgent = zip(*files, strict=True)
        db.execute(
            _SQL.record,
            {
                "board": board,
                "change_no": change_no,
                "paths": list(paths),
                "sha256s": list(sha256s),
                "sizes": list(sizes),
                "service_orders": list(orders),
                "are_urgent": list(are_urgent),
            },
        )


def forget(db: Connection, paths: list[str], change_no: int) -> None:
    """These files are gone from the web root since `change_no`. Call it in a transaction.

    The first statement holds the rows: the second stage can't begin with one in between.
    """
    if paths:
        db.execute(_SQL.gone, {"paths": paths, "change_no": change_no})
        db.execute(_SQL.forget, {"paths": paths})


def shows_change(db: Connection, path: str, change_no: int) -> bool:
    """Whether the file at `path`, which this change made different, shows it."""
    row = db.execute(_SQL.shows_change, {"path": path, "change_no": change_no}).fetchone()
    return row == (True,)
