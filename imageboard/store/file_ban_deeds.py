"""What staff do about files that may not be posted, a row each. See imageboard.store.deeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from imageboard import bans as ban_rules
from imageboard import file_bans as rules
from imageboard.cloaks import Cloak
from imageboard.errors import BadField
from imageboard.file_bans import NewFileBan
from imageboard.likeness import says_nothing
from imageboard.moderation import Action
from imageboard.staff_roles import Power
from imageboard.store import file_bans
from imageboard.store.ban_deeds import reach
from imageboard.store.database import Connection
from imageboard.store.deeds import Deed, Done, Field, Order, read_file_number
from imageboard.words import N_

BANNED_FILE = Action("ban_file", N_("banned a file"))


class BanOfFile(NamedTuple):
    """Of a post's first file (1), second …"""

    number: int
    ban: NewFileBan


def ban_file(db: Connection, order: Order) -> Done:
    """The log names the ban; which bytes they are is nobody's business."""
    asked: BanOfFile = order.asked
    board, no = order.post
    new_ban = asked.ban._replace(board=asked.ban.board or reach(order))
    order.visitor.require(Power.BAN, new_ban.board)
    file = file_bans.file_of_post(db, board, no, asked.number)
    if file is None:
        there_is_none = N_("Post {no} has no file {number}.")
        raise BadField(there_is_none, field="file", no=no, number=asked.number)
    if asked.ban.bits_apart_max is not None and (
        file.likeness is None or says_nothing(file.likeness)
    ):
        raise BadField(
            N_("It shows too little to be told by what it looks like: ban the same bytes alone."),
            field="bits",
        )
    ban = file_bans.add(db, file, new_ban, order.visitor.name)
    return Done(detail={"file_ban": ban, "file": asked.number}, stale=())


def lift(db: Connection, order: Order) -> Done:
    board = file_bans.get(db, order.asked).board
    order.visitor.require(Power.BAN, board)
    file_bans.lift(db, order.asked)
    return Done(board=board, detail={"file_ban": order.asked})


def read_ban_of_file(typed: Mapping[str, str], cloak: Cloak, board: str | None) -> BanOfFile:
    bans_poster = typed.get("poster") == "yes"
    return BanOfFile(
        read_file_number(typed, cloak, board),
        NewFileBan(
            board=board if typed.get("where") == "board" else None,
            reason=ban_rules.read_reason(typed.get("reason", "")),
            bits_apart_max=rules.read_bits(typed.get("bits", "")),
            bans_poster=bans_poster,
            ban_s=ban_rules.read_duration(typed.get("duration", "")) if bans_poster else None,
        ),
    )


def read_id(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> int:
    text = typed.get("file_ban", "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise BadField(N_("Which ban?"), field="file_ban")
    return int(text)


BAN_FILE = Deed(
    name="ban_file",
    power=Power.BAN,
    button=N_("Ban the file"),
    done=N_("Such files are refused from now on."),
    actions=(BANNED_FILE,),
    work=ban_file,
    fields=(
        Field(
            "reason",
            N_("Reason, which whoever posts it will read"),
            chars_max=ban_rules.REASON_CHARS_MAX,
            is_wide=True,
        ),
        Field(
            "where", lambda case: N_("On /{board}/ only").filled(board=case.board), ticked="board"
        ),
        Field("poster", N_("And ban whoever posts it"), ticked="yes"),
        Field(
            "duration",
            N_("For how long"),
            N_("30m, 12h, 3 days, 1w 2d, 1mo, 1y; {for_good} or empty: for good").filled(
                for_good=ban_rules.FOR_GOOD
            ),
            initial="3d",
            is_required=False,
        ),
    ),
    read=read_ban_of_file,
    shows=False,
)
LIFT = Deed(
    name="lift_file_ban",
    power=Power.BAN,
    button=N_("Lift it"),
    done=N_("The file may be posted again."),
    actions=(Action("lift_file_ban", N_("lifted the ban of a file")),),
    work=lift,
    read=read_id,
    shows=False,
)
#: On the page of a post's file; on the list.
OF_POST_FILES: tuple[Deed, ...] = (BAN_FILE,)
OF_FILE_BANS: tuple[Deed, ...] = (LIFT,)
