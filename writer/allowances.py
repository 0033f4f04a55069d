"""Whether a board is under pressure, as one poster meets it: what a captcha may be asked for."""

from __future__ import annotations

from typing import NamedTuple

from imageboard.allowances import Allowance
from imageboard.store import allowances
from imageboard.store.database import Database


class Pressure(NamedTuple):
    """More than half of an allowance is used: of the board's own, or of the poster's network.

    Falsy where there is none. Up to the whole allowance a post is taken; beyond it, refused.
    """

    on_board: bool
    from_network: bool

    def __bool__(self) -> bool:
        return self.on_board or self.from_network


NONE = Pressure(on_board=False, from_network=False)


def pressure(database: Database, taken: tuple[Allowance, ...]) -> Pressure:
    """Before a post that is to take these (Allowances.of_post).

    A look, not a use: of those who come together none sees the others. What bounds them is taken
    with the post. Raises StoreUnavailable.
    """
    if not taken:
        return NONE
    with database.connection() as db:
        half_used = allowances.half_used(db, taken)
    return Pressure(
        on_board=any(of.is_of_board for of in half_used),
        from_network=any(not of.is_of_board for of in half_used),
    )
