"""Allowances as they are taken: how much of each is used, until when. See imageboard.allowances.

A row is made by what was taken, and counts for an hour at most: as many as there were posts since,
times six. The table is not logged: a server that crashes has forgotten it, as has a replica that
becomes the primary.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from imageboard.allowances import Allowance, Of, refusal
from imageboard.store import queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)


def as_told(allowances: Iterable[Allowance]) -> list[dict[str, Any]]:
    """As take_allowances() reads them."""
    return [
        {"name": of.value, "key": key, "cost_s": cost_s, "room_s": room_s}
        for of, key, cost_s, room_s in allowances
    ]


def take(db: Connection, allowances: tuple[Allowance, ...]) -> None:
    """One use of all of them, or of none.

    Of those who come together, no more get through than there is room for.

    Raises:
        TooFast: one of its kinds, for the allowance that takes longest to have room again.
    """
    if not allowances:
        return
    row = db.execute(_SQL.take, {"asked": _asked(allowances)}).fetchone()
    if row is not None and row[0] is not None:
        raise refusal(Of(row[0]), row[1])


def give_back(db: Connection, allowances: tuple[Allowance, ...]) -> None:
    """What was taken does not count."""
    db.execute(_SQL.give_back, {"asked": _asked(allowances)})


def is_used_up(db: Connection, allowance: Allowance) -> bool:
    """Whether it has no room for one more use at this moment."""
    row = db.execute(_SQL.used_up, {"asked": _asked((allowance,))}).fetchone()
    return row is not None


def half_used(db: Connection, allowances: tuple[Allowance, ...]) -> set[Of]:
    """Those of which more than half is used."""
    rows = db.execute(_SQL.half_used, {"asked": _asked(allowances)})
    return {Of(name) for (name,) in rows}


def forget_expired(db: Connection) -> int:
    """Drop what is not used any more; the number of rows."""
    return db.execute(_SQL.forget_expired).rowcount


def _asked(allowances: tuple[Allowance, ...]) -> Any:
    return queries.as_json({"allowances": as_told(allowances)})
