"""What staff do to removals that can be undone, a row each: see imageboard.store.deeds."""

from __future__ import annotations

from collections.abc import Mapping

from imageboard.cloaks import Cloak
from imageboard.errors import BadField, RuleBroken
from imageboard.moderation import Action
from imageboard.staff_roles import Power
from imageboard.store import removals
from imageboard.store.database import Connection
from imageboard.store.deeds import Deed, Done, Order
from imageboard.words import N_


def undo(db: Connection, order: Order) -> Done:
    boards = _boards(db, order)
    back = removals.undo(db, order.asked)
    if not back:
        raise RuleBroken(
            N_("Its thread or post was removed by itself later on: bring that back first.")
        )
    return _done(boards, order, posts=back)


def erase(db: Connection, order: Order) -> Done:
    boards = _boards(db, order)
    removals.erase(db, order.asked)
    return _done(boards, order)


def read_removal(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> int:
    text = typed.get("removal", "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise BadField(N_("Which removal?"), field="removal")
    return int(text)


def _boards(db: Connection, order: Order) -> list[str]:
    """Of which it took something, on all of which the visitor may delete.

    Raises NotAllowed, SecondFactorNeeded, RuleBroken.
    """
    boards = removals.boards_of(db, order.asked)
    for board in boards:
        order.visitor.require(Power.DELETE, board)
    if not boards:
        raise RuleBroken(N_("This was undone or erased already."))
    return boards


def _done(boards: list[str], order: Order, **detail: int) -> Done:
    """On no board when it was on several: who reads the log of one of them reads of it alone."""
    return Done(
        board=boards[0] if len(boards) == 1 else None,
        detail={"removal": order.asked, **detail},
        stale=tuple(boards),
    )


UNDO = Deed(
    name="undo",
    power=Power.DELETE,
    button=N_("Undo"),
    done=N_("It is back."),
    actions=(Action("undo", N_("brought back what was removed")),),
    work=undo,
    read=read_removal,
)
ERASE = Deed(
    name="erase_removal",
    power=Power.DELETE,
    button=N_("Erase now"),
    done=N_("It is erased."),
    actions=(Action("erase_removal", N_("erased what was removed")),),
    work=erase,
    read=read_removal,
    shows=False,
)
OF_REMOVALS: tuple[Deed, ...] = (UNDO, ERASE)
