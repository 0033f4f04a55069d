"""What staff do to the words of a post, a row each. See imageboard.store.deeds."""

from __future__ import annotations

from collections.abc import Mapping

from imageboard import edits as rules
from imageboard.cloaks import Cloak
from imageboard.errors import BadField, RuleBroken
from imageboard.moderation import Action
from imageboard.staff_roles import Power
from imageboard.store import boards, edits
from imageboard.store.database import Connection
from imageboard.store.deeds import Deed, Done, Order
from imageboard.words import N_


def edit(db: Connection, order: Order) -> Done | None:
    name, no = order.post
    board = boards.lock(db, name)
    held = edits.get(db, name, no)
    names_too = order.visitor.may(Power.EDIT_NAMES, name)
    written = rules.read(order.asked, held.written, board, names_too=names_too)
    try:
        is_new = edits.rewrite(db, board, no, held, written, order.visitor.name)
    except RuleBroken as ex:
        raise BadField(ex.message, field=ex.field) from ex
    # Not: somebody pressed the button and had changed nothing.
    return Done() if is_new else None


def undo(db: Connection, order: Order) -> Done | None:
    name, no = order.post
    board = boards.lock(db, name)
    held = edits.get(db, name, no)
    if held.versions and held.versions[-1].written.name != held.written.name:
        # Else whoever may not type a name would bring one back that was taken away.
        order.visitor.require(Power.EDIT_NAMES, name)
    # Not: two of the staff pressed the same button.
    return Done() if edits.undo(db, board, no, held) else None


def read_edit(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> Mapping[str, str]:
    """As it was typed: what it may be depends on the board."""
    return typed


EDIT = Deed(
    name="edit",
    power=Power.EDIT,
    button=N_("Change the post"),
    done=N_("The post was changed."),
    actions=(Action("edit", N_("edited a post")),),
    work=edit,
    read=read_edit,
)
UNDO_EDIT = Deed(
    name="undo_edit",
    power=Power.EDIT,
    button=N_("Undo the last change"),
    done=N_("The post says again what it said before."),
    actions=(Action("undo_edit", N_("undid an edit of a post")),),
    work=undo,
)
OF_EDITS: tuple[Deed, ...] = (EDIT, UNDO_EDIT)
