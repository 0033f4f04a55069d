"""What staff do to whole threads that belong elsewhere, a row each. See imageboard.store.deeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from imageboard.boards import read_board_name
from imageboard.cloaks import Cloak
from imageboard.errors import BadField, NoSuchThread, RuleBroken
from imageboard.moderation import Action
from imageboard.staff_roles import Power
from imageboard.store import moves, posts
from imageboard.store.database import Connection
from imageboard.store.deeds import Case, Deed, Done, Field, Order, read_sure
from imageboard.words import N_

_NO_UNDO = N_("There is no undo: moved back, it would get new numbers once more")


class Elsewhere(NamedTuple):
    """Where a thread is to go."""

    board: str | None = None
    thread: int = 0


def move(db: Connection, order: Order) -> Done:
    """The log of both boards tells where it is now."""
    board, no = order.post
    _require_op(db, board, no)
    to_board: str = order.asked.board
    order.visitor.require(Power.MOVE, to_board)
    try:
        new_no = moves.move(db, board, no, to_board)
    except RuleBroken as ex:
        raise BadField(ex.message, field="board") from ex
    return Done(detail={"moved_to": f"/{to_board}/ {new_no}"}, stale=(board, to_board))


def merge(db: Connection, order: Order) -> Done:
    board, no = order.post
    _require_op(db, board, no)
    try:
        into = moves.merge(db, board, no, order.asked.thread)
    except (NoSuchThread, RuleBroken) as ex:
        raise BadField(ex.message, field="thread") from ex
    return Done(detail={"moved_to": f"/{board}/ {into}"})


def read_move(typed: Mapping[str, str], cloak: Cloak, board: str | None) -> Elsewhere:
    read_sure(typed, cloak, board)
    return Elsewhere(board=read_board_name(typed.get("board", "")))


def read_merge(typed: Mapping[str, str], cloak: Cloak, board: str | None) -> Elsewhere:
    read_sure(typed, cloak, board)
    text = typed.get("thread", "").strip().removeprefix(">>")
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise BadField(N_("Which thread? Its number, please."), field="thread")
    return Elsewhere(thread=int(text))


def _require_op(db: Connection, board: str, no: int) -> None:
    if posts.author(db, board, no).thread != no:
        raise RuleBroken(N_("Post {no} is a reply: only threads can be moved."), no=no)


def _stands(case: Case) -> bool:
    return case.begins is not None


MOVE = Deed(
    name="move",
    power=Power.MOVE,
    heading=N_("Move the thread to another board"),
    button=N_("Move it"),
    done=N_("The thread stands on the other board; where it was a page leads there."),
    actions=(Action("move", N_("moved a thread to another board")),),
    work=move,
    fits=_stands,
    fields=(
        Field("board", N_("Board"), N_("Its posts get new numbers there.")),
        Field("sure", _NO_UNDO, ticked="yes"),
    ),
    read=read_move,
    removes=True,
)
MERGE = Deed(
    name="merge",
    power=Power.MOVE,
    heading=N_("Put it together with another thread"),
    button=N_("Put them together"),
    done=N_("The two threads are one; where the newer one was a page leads to the older."),
    actions=(Action("merge", N_("put two threads together")),),
    work=merge,
    fits=_stands,
    fields=(
        Field(
            "thread",
            N_("The other thread's number"),
            N_("The posts of the newer one go into the older one. They keep their numbers."),
        ),
        Field("sure", N_("There is no undo"), ticked="yes"),
    ),
    read=read_merge,
    removes=True,
)
OF_THREADS: tuple[Deed, ...] = (MOVE, MERGE)
