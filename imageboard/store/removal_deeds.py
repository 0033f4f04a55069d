"""What staff do to several posts at once, and to removals that can be undone, a row each.

See imageboard.store.deeds.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from imageboard.addresses import BOARD_NAME
from imageboard.cloaks import Cloak
from imageboard.errors import BadField, RuleBroken
from imageboard.moderation import Action
from imageboard.staff_roles import Power
from imageboard.store import removals, reports, second_acts
from imageboard.store.database import Connection
from imageboard.store.deeds import Deed, Done, Order
from imageboard.words import N_


def undo(db: Connection, order: Order) -> Done:
    boards = _boards(db, order, Power.DELETE)
    back = removals.undo(db, order.asked)
    if not back:
        raise RuleBroken(
            N_("Its thread or post was removed by itself later on: bring that back first.")
        )
    return _done(boards, order, posts=back)


def erase(db: Connection, order: Order) -> Done:
    boards = _boards(db, order, Power.ERASE)
    removals.erase(db, order.asked)
    return _done(boards, order)


def delete_ticked(db: Connection, order: Order) -> Done | None:
    nos: dict[str, list[int]] = order.asked
    for board in nos:
        order.visitor.require(Power.DELETE, board)
    removal, gone = removals.remove(db, order.visitor.name, nos)
    if not gone:
        second_acts.refuse_removed(db, order.visitor.name, nos)
        return None
    return _removed(list(nos), gone, removal)


def dismiss_ticked(db: Connection, order: Order) -> Done | None:
    known: TickedReports = order.asked
    return _of_reports(db, order, known.nos, partial(reports.dismiss, known=known.known))


def reopen_ticked(db: Connection, order: Order) -> Done | None:
    return _of_reports(db, order, order.asked, reports.reopen)


def _of_reports(
    db: Connection,
    order: Order,
    nos: Mapping[str, Sequence[int]],
    work: Callable[[Connection, str, int], int],
) -> Done | None:
    for board in nos:
        order.visitor.require(Power.DISMISS_REPORTS, board)
    count = sum(work(db, board, no) for board in sorted(nos) for no in sorted(nos[board]))
    if not count:
        return None
    return Done(board=next(iter(nos)) if len(nos) == 1 else None, detail={"reports": count})


def read_ticked(
    typed: Mapping[str, str], _cloak: Cloak, _board: str | None
) -> dict[str, list[int]]:
    """{'post-b-12': 'on', 'post-b-13': 'on'} -> {'b': [12, 13]}"""
    nos: defaultdict[str, list[int]] = defaultdict(list)
    for name in typed:
        ticked = _TICKED.fullmatch(name)
        if ticked is not None:
            nos[ticked["board"]].append(int(ticked["no"]))
    if not nos:
        raise BadField(N_("Tick a post first."), field="post")
    return dict(nos)


class TickedReports(NamedTuple):
    """Posts whose reports are to be dismissed, as far as the page knew them."""

    nos: dict[str, list[int]]
    known: int | None


def read_ticked_reports(typed: Mapping[str, str], cloak: Cloak, board: str | None) -> TickedReports:
    return TickedReports(read_ticked(typed, cloak, board), reports.read_known(typed))


_TICKED = re.compile(rf"post-(?P<board>{BOARD_NAME})-(?P<no>[0-9]{{1,15}})")


def read_removal(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> int:
    text = typed.get("removal", "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise BadField(N_("Which removal?"), field="removal")
    return int(text)


def _boards(db: Connection, order: Order, power: Power) -> list[str]:
    """Of which it took something, on all of which the visitor has that power.

    Raises NotAllowed, SecondFactorNeeded, RuleBroken.
    """
    boards = removals.boards_of(db, order.asked)
    for board in boards:
        order.visitor.require(power, board)
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


def _removed(boards: list[str], gone: int, removal: int | None) -> Done:
    return Done(
        board=boards[0] if len(boards) == 1 else None,
        detail={"posts": gone} if removal is None else {"posts": gone, "removal": removal},
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
    power=Power.ERASE,
    button=N_("Erase now"),
    done=N_("It is erased."),
    actions=(Action("erase_removal", N_("erased what was removed")),),
    work=erase,
    read=read_removal,
    shows=False,
    is_dangerous=True,
)
OF_REMOVALS: tuple[Deed, ...] = (UNDO, ERASE)

DELETE_TICKED = Deed(
    name="delete_ticked",
    power=Power.DELETE,
    button=N_("Delete the ticked posts"),
    done=N_("The ticked posts were deleted."),
    actions=(Action("delete_several", N_("deleted several posts")),),
    work=delete_ticked,
    read=read_ticked,
    removes=True,
)
DISMISS_TICKED = Deed(
    name="dismiss_ticked",
    power=Power.DISMISS_REPORTS,
    button=N_("Dismiss the ticked reports"),
    done=N_("The ticked reports were dismissed."),
    actions=(Action("dismiss_several", N_("dismissed the reports of several posts")),),
    work=dismiss_ticked,
    read=read_ticked_reports,
    shows=False,
)
#: On lists of posts, with a box to tick beside each.
OF_SEVERAL: tuple[Deed, ...] = (DELETE_TICKED, DISMISS_TICKED)

REOPEN_TICKED = Deed(
    name="reopen_ticked",
    power=Power.DISMISS_REPORTS,
    button=N_("Open the ticked reports again"),
    done=N_("The ticked reports wait again."),
    actions=(Action("reopen_several", N_("opened dismissed reports again")),),
    work=reopen_ticked,
    read=read_ticked,
    shows=False,
)
#: On the list of what was dismissed.
OF_DISMISSED: tuple[Deed, ...] = (REOPEN_TICKED,)
