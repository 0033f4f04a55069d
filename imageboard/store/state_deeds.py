"""What staff do in a bad hour, a row each: states that boards are put into, and posts that wait.

A state is a setting of the board, so that pages, forms and commands know it. See
imageboard.store.deeds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from imageboard.boards import read_board_name
from imageboard.cloaks import Cloak
from imageboard.errors import BadField, RuleBroken
from imageboard.moderation import Action
from imageboard.staff_roles import Power
from imageboard.store import boards, held, removals
from imageboard.store.database import Connection
from imageboard.store.deeds import Deed, Done, Order, undone_by
from imageboard.words import N_, Message


class State(NamedTuple):
    """One that a press puts boards into: its button, and the setting that says it."""

    button: Message
    setting: str
    value: str


#: By setting, the state of every day first.
STATES: tuple[tuple[State, ...], ...] = (
    (
        State(N_("Open"), "read_only", "off"),
        State(N_("Read-only"), "read_only", "on"),
    ),
    (
        State(N_("Captcha as usual"), "captcha_for_all", "off"),
        State(N_("Captcha for every post"), "captcha_for_all", "on"),
    ),
    (
        State(N_("Posts appear at once"), "staff_look_first", "nowhere"),
        State(N_("Staff look at files first"), "staff_look_first", "files"),
        State(N_("Staff look at posts first"), "staff_look_first", "posts"),
    ),
)
_VALUES = {(state.setting, state.value) for states in STATES for state in states}


class AskedState(NamedTuple):
    #: None: all boards on which the visitor may.
    board: str | None
    setting: str
    value: str


def set_state(db: Connection, order: Order) -> Done:
    asked: AskedState = order.asked
    if asked.board is None:
        on = [each.name for each in boards.list_all(db)]
        names = [name for name in on if order.visitor.may(Power.SET_STATE, name)]
    else:
        order.visitor.require(Power.SET_STATE, asked.board)
        names = [asked.board]
    stale: set[str] = set()
    for name in sorted(names):
        stale |= set(boards.change_settings(db, name, {asked.setting: asked.value}))
    return Done(
        board=asked.board or (names[0] if len(names) == 1 else None),
        detail={"settings": f"{asked.setting}={asked.value}"},
        stale=tuple(sorted(stale)),
    )


def read_state(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> AskedState:
    """{'board': 'b', 'state': 'read_only=on'}; without a board all are meant.

    Raises NoSuchBoard, BadField.
    """
    setting, _, value = typed.get("state", "").partition("=")
    if (setting, value) not in _VALUES:
        raise BadField(N_("Press one of the page's buttons."), field="state")
    where = typed.get("board", "").strip()
    return AskedState(read_board_name(where) if where else None, setting, value)


def release(db: Connection, order: Order) -> Done | None:
    """Raises RuleBroken: none of those that wait has a thread any more."""
    mine = _held_for(db, order)
    released = [each for each in mine if held.release(db, each)]
    if not released and held.boards_of(db, list(mine)):
        raise RuleBroken(
            N_("The thread of what you ticked is gone: it can't appear, only be refused.")
        )
    return _done(mine, released)


def refuse(db: Connection, order: Order) -> Done | None:
    mine = _held_for(db, order)
    if not mine:
        return None
    removal = removals.begin(db, order.visitor.name, set(mine.values()))
    return _done(mine, held.refuse(db, removal, list(mine)), removal)


def _held_for(db: Connection, order: Order) -> dict[int, str]:
    """{id: board} of what was ticked and still waits. Raises NotAllowed, SecondFactorNeeded."""
    found = held.boards_of(db, order.asked)
    for board in set(found.values()):
        order.visitor.require(Power.JUDGE_HELD, board)
    # In the order of boards, as all that hold several of them.
    return dict(sorted(found.items(), key=lambda item: (item[1], item[0])))


def _done(mine: Mapping[int, str], judged: list[int], removal: int | None = None) -> Done | None:
    # None: somebody else was quicker.
    if not judged:
        return None
    on = sorted({mine[each] for each in judged})
    board = on[0] if len(on) == 1 else None
    return Done(board=board, detail={"posts": len(judged), **undone_by(removal)}, stale=tuple(on))


def read_held(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> list[int]:
    """{'held-7': 'on'} -> [7]. Raises BadField."""
    found = filter(None, map(_TICKED.fullmatch, typed))
    ids = sorted(int(ticked[1]) for ticked in found)
    if not ids:
        raise BadField(N_("Tick a post first."), field="held")
    return ids


_TICKED = re.compile(r"held-([0-9]{1,15})")

SET_STATE = Deed(
    name="set_state",
    power=Power.SET_STATE,
    button=N_("Set it"),
    done=N_("It is so from now on."),
    actions=(Action("set_state", N_("put boards into a state")),),
    work=set_state,
    read=read_state,
)
OF_STATES: tuple[Deed, ...] = (SET_STATE,)

RELEASE = Deed(
    name="release",
    power=Power.JUDGE_HELD,
    button=N_("Release the ticked posts"),
    done=N_("The ticked posts appear on their pages."),
    actions=(Action("release", N_("released held posts")),),
    work=release,
    read=read_held,
)
REFUSE = Deed(
    name="refuse",
    power=Power.JUDGE_HELD,
    button=N_("Refuse the ticked posts"),
    done=N_("The ticked posts will not appear."),
    actions=(Action("refuse", N_("refused held posts")),),
    work=refuse,
    read=read_held,
    shows=False,
)
#: On the list of held posts.
OF_HELD: tuple[Deed, ...] = (RELEASE, REFUSE)
