"""What staff do about others of the staff, and about roles, a row each.

SECURITY: a row's power says who may try. To whom, and with which role, its work asks by
`require_over`: nobody gives or takes a power that they lack.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from imageboard.boards import read_board_name
from imageboard.cloaks import Cloak
from imageboard.errors import BadField, NoSuchRole
from imageboard.moderation import Action
from imageboard.staff_roles import Grant, MadeRole, Power, Role, Visitor
from imageboard.store import invitations, roles, second_factors, staff
from imageboard.store.database import Connection
from imageboard.store.deeds import Deed, Done, Field, Order
from imageboard.words import N_

#: What a form calls the box of a power: 'may_ban'.
_BOX = "may_{}"


class Asked(NamedTuple):
    """What a form says of somebody; each as it was typed, but for the board."""

    account: str
    role: str = ""
    board: str | None = None
    #: Of the link, for an invitation: its page shows it once.
    code: str = ""


def invite(db: Connection, order: Order) -> Done:
    asked: Asked = order.asked
    grant = Grant(roles.named(db, asked.role), asked.board)
    order.visitor.require_over([grant])
    by = order.visitor.name
    invitations.add(db, asked.account, grant, invited_by=by, code=asked.code)
    return _done(asked)


def take_back(db: Connection, order: Order) -> Done | None:
    """Nothing to log when it was used meanwhile."""
    for invitation in invitations.open_ones(db):
        if invitation.no == order.asked:
            order.visitor.require_over([invitation.grant])
            invitations.take_back(db, invitation.no)
            return _done(Asked(invitation.name, str(invitation.grant.role), invitation.grant.board))
    return None


def appoint(db: Connection, order: Order) -> Done:
    """A role on a board, or on all, in place of the one that was held there."""
    asked: Asked = order.asked
    held = [grant for grant in staff.get(db, asked.account).grants if grant.board == asked.board]
    role = roles.named(db, asked.role) if asked.role else None
    given = [] if role is None else [Grant(role, asked.board)]
    order.visitor.require_over(held + given)
    staff.appoint(db, asked.account, role, asked.board)
    return _done(asked)


def suspend(db: Connection, order: Order) -> Done:
    return _let_in(db, order, False)


def let_in(db: Connection, order: Order) -> Done:
    return _let_in(db, order, True)


def _let_in(db: Connection, order: Order, is_enabled: bool) -> Done:
    require_over_account(db, order.visitor, order.asked.account)
    staff.set_enabled(db, order.asked.account, is_enabled)
    return _done(order.asked)


def reset_factor(db: Connection, order: Order) -> Done:
    """For who lost the app and the codes: they log in by the password alone, and are out now."""
    require_over_account(db, order.visitor, order.asked.account)
    second_factors.reset(db, order.asked.account)
    return _done(order.asked)


def make_role(db: Connection, order: Order) -> Done:
    """Also other powers for one that is there: whoever holds it may gain or lose some."""
    role: MadeRole = order.asked
    before = next((one for one in roles.made(db) if one.name == role.name), None)
    order.visitor.require_over([Grant(role), *([Grant(before)] if before else [])])
    roles.make(db, role)
    return Done(detail={"role": role.name})


def remove_role(db: Connection, order: Order) -> Done:
    role = roles.named(db, order.asked)
    if isinstance(role, Role):
        raise NoSuchRole(name=role)
    order.visitor.require_over([Grant(role)])
    roles.remove(db, role.name)
    return Done(detail={"role": role.name})


def require_over_account(db: Connection, visitor: Visitor, name: str) -> None:
    """Raises NoSuchStaff, BeyondOwnPowers."""
    visitor.require_over(staff.get(db, name).grants)


def _done(asked: Asked) -> Done:
    role = {"role": asked.role} if asked.role else {}
    return Done(board=asked.board, detail={"account": asked.account} | role)


# --- what is read from forms ---


def read_asked(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> Asked:
    """Raises NoSuchBoard, BadField."""
    account, role = (typed.get(name, "").strip().lower() for name in ("account", "role"))
    board = typed.get("board", "")
    if not account:
        raise BadField(N_("Whom? The name of an account, please."), field="account")
    return Asked(account, role, read_board_name(board) if board.strip() else None)


def read_invitation(typed: Mapping[str, str], cloak: Cloak, board: str | None) -> Asked:
    return read_asked(typed, cloak, board)._replace(code=invitations.new_code())


def read_number(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> int:
    text = typed.get("invitation", "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise BadField(N_("Which invitation?"), field="invitation")
    return int(text)


def read_role(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> MadeRole:
    powers = frozenset(power for power in Power if typed.get(box_of(power)))
    return MadeRole(typed.get("role", "").strip().lower(), powers)


def read_role_name(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> str:
    return typed.get("role", "").strip().lower()


def box_of(power: Power) -> str:
    """'may_ban'"""
    return _BOX.format(power.spelled)


# --- the rows ---

_ACCOUNT = Field("account", N_("Name"), N_("1 to 32 of a to z, 0 to 9, _ and -"), chars_max=32)
_BOARD = Field("board", N_("Board"), N_("Empty: all boards"), is_required=False)

INVITE = Deed(
    name="invite",
    power=Power.APPOINT,
    heading=N_("Invite somebody"),
    button=N_("Invite"),
    done=N_("The invitation is there."),
    actions=(Action("invite", N_("invited somebody to the staff")),),
    work=invite,
    fields=(_ACCOUNT, Field("role", N_("Role")), _BOARD),
    read=read_invitation,
    shows=False,
    is_dangerous=True,
)
TAKE_BACK = Deed(
    name="take_back",
    power=Power.APPOINT,
    button=N_("Take it back"),
    done=N_("The invitation was taken back."),
    actions=(Action("take_back_invitation", N_("took back an invitation")),),
    work=take_back,
    read=read_number,
    shows=False,
)
APPOINT = Deed(
    name="appoint",
    power=Power.APPOINT,
    heading=N_("Give or take a role"),
    button=N_("Change the role"),
    done=N_("The role was changed."),
    actions=(Action("appoint", N_("changed a role of the staff")),),
    work=appoint,
    fields=(
        Field("account", N_("Name"), chars_max=32),
        Field("role", N_("Role"), N_("Empty: none there any more"), is_required=False),
        _BOARD,
    ),
    read=read_asked,
    shows=False,
    is_dangerous=True,
)
SUSPEND = Deed(
    name="suspend",
    power=Power.APPOINT,
    button=N_("Suspend"),
    done=N_("The account is suspended, and logged out."),
    actions=(Action("suspend", N_("suspended an account")),),
    work=suspend,
    read=read_asked,
    shows=False,
    is_dangerous=True,
)
LET_IN = Deed(
    name="let_in",
    power=Power.APPOINT,
    button=N_("Let in again"),
    done=N_("The account may log in again."),
    actions=(Action("let_in", N_("let an account in again")),),
    work=let_in,
    read=read_asked,
    shows=False,
    is_dangerous=True,
)
RESET_FACTOR = Deed(
    name="reset_factor",
    power=Power.APPOINT,
    button=N_("Reset the second factor"),
    done=N_("The account has no second factor any more, and is logged out."),
    actions=(Action("reset_factor", N_("reset somebody's second factor")),),
    work=reset_factor,
    read=read_asked,
    shows=False,
    is_dangerous=True,
)
OF_STAFF: tuple[Deed, ...] = (INVITE, TAKE_BACK, APPOINT, SUSPEND, LET_IN, RESET_FACTOR)

MAKE_ROLE = Deed(
    name="make_role",
    power=Power.MAKE_ROLES,
    heading=N_("A new role, or other powers for one"),
    button=N_("Make it"),
    done=N_("The role is there."),
    actions=(Action("make_role", N_("made a role")),),
    work=make_role,
    fields=(
        Field("role", N_("Name"), N_("1 to 32 of a to z, 0 to 9, _ and -"), chars_max=32),
        *(Field(box_of(power), power.words, ticked="on") for power in Power),
    ),
    read=read_role,
    shows=False,
    is_dangerous=True,
)
REMOVE_ROLE = Deed(
    name="remove_role",
    power=Power.MAKE_ROLES,
    button=N_("Remove it"),
    done=N_("The role is gone."),
    actions=(Action("remove_role", N_("removed a role")),),
    work=remove_role,
    read=read_role_name,
    shows=False,
    is_dangerous=True,
)
OF_ROLES: tuple[Deed, ...] = (MAKE_ROLE, REMOVE_ROLE)
