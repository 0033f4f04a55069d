"""Files that were stored as they were sent, and wait to be made fit to be shown.

Whoever works on one may die: it waits until it is said to be ready or to have failed, each of which
is one transaction under the board's lock. Two never work on the same: whoever begins claims it, and
counts the try. The claim is the session's and holds no row: the post may go meanwhile, and
PostgreSQL ends the claim of a worker that was killed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from imageboard.post_rules import NewFile
from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)

#: So many are looked at for one that nobody works on: there are fewer workers.
_LOOKED_AT_MAX = 100


class PendingFile(NamedTuple):
    """One file that waits."""

    board: str
    no: int
    #: Among the files of its post, from 0.
    position: int
    stored_as: str
    #: What its poster called it.
    extension: str
    original_name: str
    #: Unix seconds.
    since_s: float
    #: How often somebody has begun to work on it.
    tries: int


class Backlog(NamedTuple):
    """All files that wait."""

    files: int
    #: For how long the oldest waits, in seconds; 0: none does.
    oldest_s: float


def backlog(db: Connection) -> Backlog:
    """Those of all boards, whether somebody works on them or not."""
    (found,) = queries.by_name(Backlog, db.execute(_SQL.backlog))
    return found


@contextmanager
def claimed(db: Connection) -> Iterator[PendingFile | None]:
    """The file that has waited longest of those that nobody works on; None: there is none.

    Nobody else is given it while the block runs on `db`'s session. Its `tries` count this one.
    """
    for file in waiting(db, _LOOKED_AT_MAX):
        if not _is_free(db, file):
            continue
        try:
            if (begun := _begun(db, file)) is not None:
                yield begun
                return
        finally:
            if not db.closed and not db.broken:
                db.execute(_SQL.give_up, _name(file))
    yield None


def forget_try(db: Connection, file: PendingFile) -> None:
    """The work on it came to no end, and the file had no part in that."""
    db.execute(_SQL.forget_try, _place(file))


def waiting(db: Connection, limit: int) -> list[PendingFile]:
    """Those that have waited longest, of all boards."""
    return list(queries.by_name(PendingFile, db.execute(_SQL.waiting, {"limit": limit})))


def ready(db: Connection, file: PendingFile, made: NewFile) -> bool:
    """Show what was `made` of it; False when it waits no longer: let go of `made`.

    Its place, its name, whether it is a spoiler and what it shows stay as they were.
    """
    return _asked(db, _SQL.ready, file, made=queries.as_json(made._asdict()))


def failed(db: Connection, file: PendingFile, reason: str) -> bool:
    """Remove it, and show `reason` (a sentence of 200 characters at most) in its place.

    False when it waits no longer.
    """
    return _asked(db, _SQL.failed, file, reason=reason)


def _is_free(db: Connection, file: PendingFile) -> bool:
    row = db.execute(_SQL.claim, _name(file)).fetchone()
    assert row is not None
    return bool(row[0])


def _begun(db: Connection, file: PendingFile) -> PendingFile | None:
    """None: it waited when it was looked for, and somebody was quicker."""
    row = db.execute(_SQL.count_try, _place(file)).fetchone()
    return None if row is None else file._replace(tries=row[0])


def _name(file: PendingFile) -> dict[str, str]:
    """{'name': 'b/17/0'}: of its claim."""
    return {"name": f"{file.board}/{file.no}/{file.position}"}


def _place(file: PendingFile) -> dict[str, Any]:
    return {"board": file.board, "no": file.no, "position": file.position}


def _asked(db: Connection, query: str, file: PendingFile, **values: Any) -> bool:
    row = db.execute(query, _place(file) | values).fetchone()
    assert row is not None
    return bool(row[0])
