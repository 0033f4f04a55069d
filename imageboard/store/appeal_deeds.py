"""What staff do about appeals, a row each. See imageboard.store.deeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from imageboard import appeals as appeal_rules
from imageboard import bans as ban_rules
from imageboard.cloaks import Cloak
from imageboard.errors import BadField
from imageboard.moderation import Action
from imageboard.staff_roles import Power
from imageboard.store import appeals, bans
from imageboard.store.database import Connection
from imageboard.store.deeds import Deed, Done, Order
from imageboard.words import N_


class Verdict(NamedTuple):
    """What the form says of an appeal."""

    appeal: int
    #: What whoever made it will read; None: they see what was done.
    answer: str | None = None
    #: How long the ban lasts from now on.
    duration_s: int | None = None


def lift(db: Connection, order: Order) -> Done:
    ban = _held_ban(db, order)
    shown_on = bans.lift(db, ban.id)
    return _answered(db, order, ban, stale=(shown_on,) if shown_on else ())


def shorten(db: Connection, order: Order) -> Done:
    ban = _held_ban(db, order)
    if not bans.shorten(db, ban.id, order.asked.duration_s):
        raise BadField(N_("The ban would not end sooner by that."), field="duration")
    return _answered(db, order, ban)


def keep(db: Connection, order: Order) -> Done:
    return _answered(db, order, _held_ban(db, order))


def read_lifted(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> Verdict:
    return Verdict(_read_id(typed))


def read_shortened(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> Verdict:
    duration_s = ban_rules.read_duration(typed.get("duration", ""))
    if duration_s is None:
        raise BadField(N_("For how long from now on? 12h, 3 days, 1w."), field="duration")
    return Verdict(_read_id(typed), _read_answer(typed), duration_s)


def read_kept(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> Verdict:
    return Verdict(_read_id(typed), _read_answer(typed))


def _read_answer(typed: Mapping[str, str]) -> str:
    return appeal_rules.read_answer(typed.get("answer", ""))


def _read_id(typed: Mapping[str, str]) -> int:
    text = typed.get("appeal", "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise BadField(N_("Which appeal?"), field="appeal")
    return int(text)


def _held_ban(db: Connection, order: Order) -> ban_rules.Ban:
    """Raises NoSuchAppeal, NotAllowed."""
    ban = bans.get(db, appeals.hold(db, order.asked.appeal))
    order.visitor.require(Power.ANSWER_APPEALS, ban.board)
    return ban


def _answered(
    db: Connection, order: Order, ban: ban_rules.Ban, stale: tuple[str, ...] = ()
) -> Done:
    appeals.answer(db, order.asked.appeal, order.asked.answer)
    return Done(board=ban.board, detail={"ban": ban.id}, stale=stale)


LIFT = Deed(
    name="lift_appealed",
    power=Power.ANSWER_APPEALS,
    button=N_("Lift the ban"),
    done=N_("The ban was lifted."),
    actions=(Action("lift_appealed", N_("lifted a ban on appeal")),),
    work=lift,
    read=read_lifted,
    shows=False,
)
SHORTEN = Deed(
    name="shorten",
    power=Power.ANSWER_APPEALS,
    button=N_("Shorten it"),
    done=N_("The ban was shortened."),
    actions=(Action("shorten_ban", N_("shortened a ban on appeal")),),
    work=shorten,
    read=read_shortened,
    shows=False,
)
KEEP = Deed(
    name="keep",
    power=Power.ANSWER_APPEALS,
    button=N_("Keep it"),
    done=N_("The ban stays as it is."),
    actions=(Action("keep_ban", N_("turned down an appeal")),),
    work=keep,
    read=read_kept,
    shows=False,
)
OF_APPEALS: tuple[Deed, ...] = (LIFT, SHORTEN, KEEP)
