"""What staff change of a post that stays: its words, which are kept as they were; what it hides."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from psycopg.types.json import Jsonb

from imageboard import edits as rules
from imageboard.boards import Board
from imageboard.edits import Version, Written
from imageboard.errors import NoSuchPost, RuleBroken
from imageboard.store import boards, queries
from imageboard.store.database import Connection
from imageboard.words import N_

_SQL = queries.beside(__file__)


class Editable(NamedTuple):
    """A post as it is, and as it was, the oldest first."""

    written: Written
    versions: tuple[Version, ...]
    has_files: bool


def get(db: Connection, board: str, no: int) -> Editable:
    """To be changed, by whoever holds its board. Raises NoSuchPost."""
    for held in queries.by_name(_held, db.execute(_SQL.hold, {"board": board, "no": no})):
        return held
    raise NoSuchPost(board=board, no=no)


def rewrite(
    db: Connection, board: Board, no: int, held: Editable, written: Written, by: str
) -> bool:
    """Let a post say something else; what it said is kept. False: it says that already.

    Raises RuleBroken: it would say and show nothing, or was changed too often.
    """
    if written == held.written:
        return False
    if not written.body and not held.has_files:
        raise RuleBroken(N_("A post without a file needs a text."), field="body")
    if len(held.versions) >= rules.VERSIONS_MAX:
        raise RuleBroken(
            N_("This post was changed {count} times: that is enough."), count=rules.VERSIONS_MAX
        )
    version = Version(held.written, by, int(time.time()))
    _rewrite(db, board, no, written, (*held.versions, version))
    return True


def undo(db: Connection, board: Board, no: int, held: Editable) -> bool:
    """Let it say what it said before the last change, which is forgotten; False: there is none."""
    if not held.versions:
        return False
    *before, last = held.versions
    _rewrite(db, board, no, last.written, tuple(before))
    return True


def hide_files(
    db: Connection, board: str, no: int, *, is_hidden: bool, number: int | None = None
) -> bool:
    """Hide all files of a post behind a spoiler, or the first (`number` 1), the second … alone; or
    no longer. False: they are so already.
    """
    boards.lock(db, board)
    position = None if number is None else number - 1
    asked = {"board": board, "no": no, "position": position, "is_hidden": is_hidden}
    if not db.execute(_SQL.hide_files, asked).rowcount:
        return False
    db.execute(_SQL.look_different, asked)
    return True


def _rewrite(
    db: Connection, board: Board, no: int, written: Written, versions: tuple[Version, ...]
) -> None:
    db.execute(
        _SQL.rewrite,
        written._asdict()
        | {
            "board": board.name,
            "no": no,
            "quotes": Jsonb(rules.quotes(written.body, board)),
            "versions": Jsonb([rules.as_kept(each) for each in versions]) if versions else None,
            "edited_s": versions[-1].at_s if versions else None,
        },
    )


def _held(*, versions: list[dict[str, Any]] | None, files: int, **written: Any) -> Editable:
    return Editable(Written(**written), tuple(map(rules.as_read, versions or ())), files > 0)
