"""The ledger of the web root: which file shows which change, and the hash of its bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)

#: Raw bytes of a hash, not its hexadecimal digits.
Digest = bytes


class Publication(NamedTuple):
    """One file as it was last published."""

    path: str
    sha256: Digest
    change_no: int
    bytes: int


class Published(NamedTuple):
    """One file that was just put in place."""

    path: str
    sha256: Digest
    bytes: int
    #: What goes into the cloud first: 0 media, 1 threads, 2 the rest.
    service_order: int
    #: A takedown waits for it.
    is_urgent: bool
    #: Its siblings were compressed in haste.
    is_hasty: bool = False


class Rested(NamedTuple):
    """A file whose siblings were compressed in haste, and that has rested since."""

    path: str
    #: None: a file of the whole site.
    board: str | None
    sha256: Digest


#: What leads to threads (board pages, catalogs) has to rest so many times as long as a thread.
#: PERF: of 30 files that a post changes all but three are such; compressing them takes 1.2 s.
LISTING_REST_FACTOR = 12


def known(db: Connection, paths: list[str]) -> dict[str, Publication]:
    """Those of `paths` that stand in the web root."""
    rows = db.execute(_SQL.known, {"paths": paths})
    return {row[0]: Publication(*row) for row in rows}


def of_board(db: Connection, board: str | None) -> dict[str, Publication]:
    """Every file of a board; None: of the whole site."""
    query = _SQL.of_site if board is None else _SQL.of_board
    return {row[0]: Publication(*row) for row in db.execute(query, {"board": board})}


def lists_of_board(db: Connection, board: str) -> set[str]:
    """The paths of a board's files that are neither a thread's nor media."""
    return {path for (path,) in db.execute(_SQL.lists_of_board, {"board": board})}


def paths_of_board(db: Connection, board: str, at_once: int) -> Iterator[list[str]]:
    """Where files of a board stand, so many at a time; each time they may be forgotten."""
    # The server keeps them meanwhile. PERF: asked anew each time, those that wait for the cloud
    # were gone through once more for each thousand of a million.
    with db.cursor(name=f"files of {board}", withhold=True) as cursor:
        cursor.execute(_SQL.paths_of_board, {"board": board})
        while rows := cursor.fetchmany(at_once):
            yield [path for (path,) in rows]


def hold(db: Connection, paths: list[str]) -> None:
    """These are about to be written, in this transaction.

    Renderer and publisher write the same files down; each would wait for a row that the other has,
    until PostgreSQL ends one of them a second later.
    """
    db.execute(_SQL.hold, {"paths": paths})


def record(db: Connection, board: str | None, change_no: int, files: list[Published]) -> None:
    if files:
        paths, sha256s, sizes, orders, are_urgent, are_hasty = zip(*files, strict=True)
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
                "are_hasty": list(are_hasty),
            },
        )


def hurry(db: Connection, paths: list[str]) -> None:
    """The cloud is to follow with these at once, where it has not. Call it in a transaction, before
    others of these are recorded.
    """
    hold(db, paths)
    db.execute(_SQL.hurry, {"paths": paths})


def forget(db: Connection, paths: list[str], change_no: int) -> None:
    """These files are gone from the web root since `change_no`. Call it in a transaction.

    The first statement holds the rows: the second stage can't begin with one in between.
    """
    if paths:
        hold(db, paths)
        db.execute(_SQL.gone, {"paths": paths, "change_no": change_no})
        db.execute(_SQL.forget, {"paths": paths})


def shows_change(db: Connection, path: str, change_no: int) -> bool:
    """Whether the file at `path`, which this change made different, shows it."""
    row = db.execute(_SQL.shows_change, {"path": path, "change_no": change_no}).fetchone()
    return row == (True,)


def rested(db: Connection, *, after: str, rest_s: float, limit: int) -> list[Rested]:
    """Files that wait to be compressed thoroughly, by path, those whose path comes `after`."""
    rows = db.execute(
        _SQL.rested,
        {
            "after": after,
            "rest_s": rest_s,
            "listing_rest_factor": LISTING_REST_FACTOR,
            "limit": limit,
        },
    )
    return [Rested(*row) for row in rows]


def compressed(db: Connection, files: list[Rested]) -> None:
    """These have thorough siblings now. Call it while holding their board."""
    if files:
        db.execute(
            _SQL.compressed,
            {"paths": [f.path for f in files], "sha256s": [f.sha256 for f in files]},
        )
