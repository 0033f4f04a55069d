"""What staff do about bans, a row each. See imageboard.store.deeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from imageboard import bans as ban_rules
from imageboard.bans import FOR_GOOD, REASON_CHARS_MAX, BanMessage, NewBan
from imageboard.boards import read_board_name
from imageboard.cloaks import Address, Cloak
from imageboard.errors import BadField
from imageboard.moderation import Action
from imageboard.staff_roles import Power
from imageboard.store import bans
from imageboard.store.database import Connection
from imageboard.store.deeds import Deed, Done, Field, Order
from imageboard.words import N_

BANNED = Action("ban", N_("banned a poster"))


def ban(db: Connection, order: Order) -> Done:
    return add_ban(db, order, order.asked)


def add_ban(
    db: Connection, order: Order, new_ban: NewBan, message: BanMessage | None = None
) -> Done:
    """The log names the ban, not whom it hits."""
    order.visitor.require(Power.BAN, new_ban.board)
    ban_id = bans.add(db, new_ban, order.visitor.name, message=message)
    stale = () if message is None else (message.board,)
    return Done(board=order.board or new_ban.board, detail={"ban": ban_id}, stale=stale)


def reach(order: Order) -> str | None:
    """Where what a post is about is banned by who does not say: on all boards, or on the post's."""
    return None if order.visitor.may(Power.BAN, None) else order.board


def lift_ban(db: Connection, order: Order) -> Done:
    """What stands of it under a post goes too."""
    board = bans.get(db, order.asked).board
    order.visitor.require(Power.BAN, board)
    shown_on = bans.lift(db, order.asked)
    return Done(board=board, detail={"ban": order.asked}, stale=(shown_on,) if shown_on else ())


# --- what is read from forms ---


def read_ban(typed: Mapping[str, str], cloak: Cloak, _board: str | None) -> NewBan:
    board = typed.get("board", "")
    return read_new_ban(typed, cloak, read_board_name(board) if board.strip() else None)


def read_new_ban(typed: Mapping[str, str], cloak: Cloak, board: str | None) -> NewBan:
    """Of an address, of which the hash alone is kept, or of a range."""
    target = ban_rules.read_target(typed.get("target", ""))
    new_ban = read_terms(typed, board)
    if isinstance(target, Address):
        return replace(new_ban, address_hash=cloak.hash_address(target))
    return replace(new_ban, range=target)


def read_terms(typed: Mapping[str, str], board: str | None) -> NewBan:
    """An emptied duration means for good, but not a missing one."""
    if "duration" not in typed:
        raise BadField(N_("How long? The form does not say."), field="duration")
    return NewBan(
        board=board,
        reason=ban_rules.read_reason(typed.get("reason", "")),
        duration_s=ban_rules.read_duration(typed["duration"]),
    )


def read_ban_id(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> int:
    text = typed.get("ban", "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise BadField(N_("Which ban?"), field="ban")
    return int(text)


# --- fields of forms ---


REASON = Field(
    "reason",
    N_("Reason, which the banned will read"),
    chars_max=REASON_CHARS_MAX,
    is_wide=True,
)
TERMS = (
    Field(
        "duration",
        N_("For how long"),
        N_("30m, 12h, 3 days, 1w 2d, 1mo, 1y; {for_good} or empty: for good").filled(
            for_good=FOR_GOOD
        ),
        initial="3d",
        is_required=False,
    ),
    REASON,
)


# --- the rows ---


BAN = Deed(
    name="ban",
    power=Power.BAN,
    button=N_("Ban"),
    done=N_("The ban is in force."),
    actions=(BANNED,),
    work=ban,
    fields=(
        Field(
            "target",
            N_("Address or range"),
            N_("192.0.2.7, 192.0.2.0/24, 192.0.2.*, 192.0.2.0-192.0.2.255, 2001:db8::/48"),
        ),
        Field("board", N_("Board"), N_("Empty: all boards"), is_required=False),
        *TERMS,
    ),
    read=read_ban,
    shows=False,
)
LIFT = Deed(
    name="lift",
    power=Power.BAN,
    button=N_("Lift it"),
    done=N_("The ban was lifted."),
    actions=(Action("lift_ban", N_("lifted a ban")),),
    work=lift_ban,
    read=read_ban_id,
    shows=False,
)
#: On the list of bans: of whom is named, and of a ban that stands there.
OF_BANS: tuple[Deed, ...] = (BAN, LIFT)
