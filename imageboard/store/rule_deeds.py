"""What staff do with rules against spam, a row each.

SECURITY: a rule is its board's, one of all boards is for those who may so everywhere; its work asks
for that, of the rule as it was and as it is to be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from imageboard.cloaks import Cloak
from imageboard.errors import BadField
from imageboard.moderation import Action
from imageboard.spam import rules
from imageboard.spam.rules import NewRule
from imageboard.staff_roles import Power
from imageboard.store import spam_rules
from imageboard.store.database import Connection
from imageboard.store.deeds import Deed, Done, Order
from imageboard.words import N_


class Change(NamedTuple):
    """A rule as it is to be."""

    number: int
    rule: NewRule


def add(db: Connection, order: Order) -> Done:
    rule: NewRule = order.asked
    order.visitor.require(Power.MAKE_RULES, rule.board)
    return _done(rule.board, spam_rules.add(db, rule, order.visitor.name))


def change(db: Connection, order: Order) -> Done:
    asked: Change = order.asked
    _require(db, order, asked.number)
    order.visitor.require(Power.MAKE_RULES, asked.rule.board)
    spam_rules.change(db, asked.number, asked.rule)
    return _done(asked.rule.board, asked.number)


def switch_on(db: Connection, order: Order) -> Done | None:
    return _switch(db, order, is_on=True)


def switch_off(db: Connection, order: Order) -> Done | None:
    return _switch(db, order, is_on=False)


def remove(db: Connection, order: Order) -> Done:
    board = _require(db, order, order.asked)
    spam_rules.remove(db, order.asked)
    return _done(board, order.asked)


def _switch(db: Connection, order: Order, *, is_on: bool) -> Done | None:
    board = _require(db, order, order.asked)
    was_other = spam_rules.switch(db, order.asked, is_on=is_on)
    return _done(board, order.asked) if was_other else None


def _require(db: Connection, order: Order, number: int) -> str | None:
    """The board of a rule that the visitor may change. Raises NoSuchRule, NotAllowed."""
    board = spam_rules.get(db, number).board
    order.visitor.require(Power.MAKE_RULES, board)
    return board


def _done(board: str | None, number: int) -> Done:
    """SECURITY: the log has no word of the rule, which may be somebody's address or name."""
    return Done(board=board, detail={"rule": number})


def try_(_db: Connection, order: Order) -> None:
    """Nothing is done: the page shows what it would have hit, of posts that everybody sees."""
    rule: NewRule = order.asked
    order.visitor.require(Power.MAKE_RULES, rule.board)


def read_rule(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> NewRule:
    return rules.read(typed)


def read_change(typed: Mapping[str, str], cloak: Cloak, board: str | None) -> Change:
    return Change(read_number(typed, cloak, board), rules.read(typed))


def read_number(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> int:
    text = typed.get("rule", "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise BadField(N_("Which rule?"), field="rule")
    return int(text)


ADD = Deed(
    name="add_rule",
    power=Power.MAKE_RULES,
    button=N_("Add the rule"),
    done=N_("The rule was added."),
    actions=(Action("add_rule", N_("added a rule against spam")),),
    work=add,
    read=read_rule,
)
CHANGE = Deed(
    name="change_rule",
    power=Power.MAKE_RULES,
    button=N_("Change the rule"),
    done=N_("The rule was changed."),
    actions=(Action("change_rule", N_("changed a rule against spam")),),
    work=change,
    read=read_change,
)
TRY = Deed(
    name="try_rule",
    power=Power.MAKE_RULES,
    button=N_("Try it on the last day's posts"),
    done=N_("Nothing was changed."),
    actions=(),
    work=try_,
    read=read_rule,
)
SWITCH_ON = Deed(
    name="switch_rule_on",
    power=Power.MAKE_RULES,
    button=N_("Put in force"),
    done=N_("The rule is in force."),
    actions=(Action("switch_rule_on", N_("put a rule against spam in force")),),
    work=switch_on,
    read=read_number,
)
SWITCH_OFF = Deed(
    name="switch_rule_off",
    power=Power.MAKE_RULES,
    button=N_("Suspend"),
    done=N_("The rule is no longer in force."),
    actions=(Action("switch_rule_off", N_("suspended a rule against spam")),),
    work=switch_off,
    read=read_number,
)
REMOVE = Deed(
    name="remove_rule",
    power=Power.MAKE_RULES,
    button=N_("Remove"),
    done=N_("The rule is gone."),
    actions=(Action("remove_rule", N_("removed a rule against spam")),),
    work=remove,
    read=read_number,
)
OF_RULES: tuple[Deed, ...] = (ADD, CHANGE, TRY, SWITCH_ON, SWITCH_OFF, REMOVE)
