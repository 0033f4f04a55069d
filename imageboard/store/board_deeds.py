"""What staff change of a board: its settings."""

from __future__ import annotations

from collections.abc import Mapping

from imageboard.cloaks import Cloak
from imageboard.moderation import Action
from imageboard.settings import BoardSettings
from imageboard.staff_roles import Power
from imageboard.store import boards
from imageboard.store.database import Connection
from imageboard.store.deeds import Deed, Done, Order
from imageboard.words import N_

#: Before a setting's name, in a form: how it was when the form was made.
WAS = "was_"


def set_board(db: Connection, order: Order) -> Done | None:
    """Checks, sentences and what is to be drawn anew are those of the command."""
    assert order.board is not None
    stale = boards.change_settings(db, order.board, order.asked)
    if not order.asked:
        return None
    return Done(detail={"settings": ", ".join(sorted(order.asked))}, stale=tuple(stale))


def read_settings(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> dict[str, str]:
    """What was typed anew: what somebody else has changed meanwhile stays as they left it."""
    names = [row.name for row in BoardSettings.rows()]
    return {
        name: typed[name].strip()
        for name in names
        if name in typed and typed[name].strip() != typed.get(WAS + name, "").strip()
    }


SET_BOARD = Deed(
    name="set_board",
    power=Power.SET_BOARD,
    button=N_("Change the settings"),
    done=N_("The settings were changed."),
    actions=(Action("set_board", N_("changed a board's settings")),),
    work=set_board,
    read=read_settings,
)
OF_BOARDS: tuple[Deed, ...] = (SET_BOARD,)
