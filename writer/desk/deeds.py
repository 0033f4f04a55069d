"""What staff do to posts. Each runs in a transaction that holds its entry in the log too."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from imageboard.bans import NewBan
from imageboard.errors import BadField, NoSuchPost, RuleBroken
from imageboard.moderation import Action
from imageboard.staff_roles import Power, Visitor
from imageboard.store import bans, moderation_log, posts, reports
from imageboard.store.database import Connection

#: (db, staff, board, post number). Raises NoSuchPost, RuleBroken.
Work = Callable[[Connection, str, str, int], None]


class Deed(NamedTuple):
    """One button under a post."""

    power: Power
    work: Work
    #: The post is no longer there afterwards.
    removes: bool = False
    #: The public pages look different afterwards.
    shows: bool = True


def delete_post(db: Connection, staff: str, board: str, no: int) -> None:
    """An OP takes its thread along."""
    thread = posts.author(db, board, no).thread
    if not posts.remove(db, board, no):
        raise NoSuchPost(board=board, no=no)
    action = Action.DELETE_THREAD if thread == no else Action.DELETE_POST
    moderation_log.add(db, action, staff=staff, board=board, post_no=no)


def delete_file(db: Connection, staff: str, board: str, no: int) -> None:
    posts.author(db, board, no)
    if not posts.remove_files(db, board, no):
        raise RuleBroken(reason=f"Post {no} has no file.")
    moderation_log.add(db, Action.DELETE_FILE, staff=staff, board=board, post_no=no)


def dismiss_reports(db: Connection, staff: str, board: str, no: int) -> None:
    posts.author(db, board, no)
    count = reports.dismiss(db, board, no)
    if count:
        moderation_log.add(
            db, Action.DISMISS_REPORTS, staff=staff, board=board, post_no=no, reports=count
        )


def ban(
    db: Connection, visitor: Visitor, new_ban: NewBan, *, for_post: tuple[str, int] | None
) -> None:
    """Of the post's author, or of anyone. The log names the ban, never whom it hits."""
    visitor.require(Power.BAN, new_ban.board)
    ban_id = bans.add(db, new_ban, visitor.name)
    board, no = for_post or (new_ban.board, None)
    moderation_log.add(db, Action.BAN, staff=visitor.name, board=board, post_no=no, ban=ban_id)


def lift_ban(db: Connection, visitor: Visitor, ban_id: int) -> None:
    """Raises NoSuchBan, NotAllowed."""
    board = bans.get(db, ban_id).board
    visitor.require(Power.BAN, board)
    bans.lift(db, ban_id)
    moderation_log.add(db, Action.LIFT_BAN, staff=visitor.name, board=board, ban=ban_id)


def _mark(action: Action, *, is_sticky: bool | None = None, is_locked: bool | None = None) -> Work:
    def mark(db: Connection, staff: str, board: str, no: int) -> None:
        if posts.author(db, board, no).thread != no:
            raise RuleBroken(reason=f"Post {no} is a reply: only threads can be marked.")
        # False: two of the staff pressed the same button.
        if posts.mark_thread(db, board, no, is_sticky=is_sticky, is_locked=is_locked):
            moderation_log.add(db, action, staff=staff, board=board, post_no=no)

    return mark


DEEDS = {
    "dismiss": Deed(Power.DISMISS_REPORTS, dismiss_reports, shows=False),
    "delete": Deed(Power.DELETE, delete_post, removes=True),
    "delete_file": Deed(Power.DELETE_FILE, delete_file),
    "sticky": Deed(Power.STICKY, _mark(Action.STICKY, is_sticky=True)),
    "unsticky": Deed(Power.STICKY, _mark(Action.UNSTICKY, is_sticky=False)),
    "lock": Deed(Power.LOCK, _mark(Action.LOCK, is_locked=True)),
    "unlock": Deed(Power.LOCK, _mark(Action.UNLOCK, is_locked=False)),
}


def deed_named(name: str) -> Deed:
    """Raises BadField."""
    if name not in DEEDS:
        raise BadField(field="deed", reason="Press one of the page's buttons.")
    return DEEDS[name]
