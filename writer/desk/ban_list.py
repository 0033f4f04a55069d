"""/mod/bans: the bans in force, a new one, and lifting one."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard import bans
from imageboard.bans import NewBan
from imageboard.boards import read_board_name
from imageboard.cloaks import Address, Cloak
from imageboard.errors import BadField, NoSuchBoard
from imageboard.staff_roles import Power, Visitor
from imageboard.store import bans as stored_bans
from templates import desk_pages
from writer.desk import deeds
from writer.desk.parts import Desk, number, see
from writer.forms import Form

PAGE_MAX = 50


@dataclass(frozen=True, slots=True)
class BanList:
    """/mod/bans"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        with self.desk.answering(req, resp):
            visitor = self.desk.visitor(req, Power.BAN)
            resp.text = self._page(
                visitor, before=number(req.get_param("before")), done=req.get_param("done")
            )

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        with self.desk.answering(req, resp), self.desk.form_of_staff(req) as (visitor, form):
            visitor.require_somewhere(Power.BAN)
            name = form.get("deed")
            try:
                self._do(visitor, form, name)
            except (BadField, NoSuchBoard) as ex:
                resp.status = falcon.code_to_http_status(ex.status)
                resp.text = self._page(visitor, typed=form, sentence=ex.sentence)
            else:
                see(resp, desk_pages.with_done(desk_pages.BANS_URL, name))

    def _do(self, visitor: Visitor, form: Form, name: str) -> None:
        match name:
            case "ban":
                board = read_board_name(form.get("board")) if form.get("board").strip() else None
                new_ban = read_new_ban(form, board, self.desk.cloak)
                self.desk.database.again_on_deadlock(
                    lambda db: deeds.ban(db, visitor, new_ban, for_post=None)
                )
            case "lift":
                ban_id = form.number("ban")
                if ban_id is None:
                    raise BadField(field="ban", reason="Which ban?")
                self.desk.database.again_on_deadlock(lambda db: deeds.lift_ban(db, visitor, ban_id))
            case _:
                raise BadField(field="deed", reason="Press one of the page's buttons.")

    def _page(
        self,
        visitor: Visitor,
        *,
        before: int | None = None,
        done: str | None = None,
        typed: Form | None = None,
        sentence: str | None = None,
    ) -> str:
        with self.desk.database.connection() as db:
            found = stored_bans.in_force(
                db, on=visitor.boards(Power.BAN), limit=PAGE_MAX + 1, before=before
            )
        return desk_pages.bans_page(
            visitor,
            found[:PAGE_MAX],
            has_more=len(found) > PAGE_MAX,
            done=done,
            typed=typed.fields if typed else {},
            sentence=sentence,
        )


def read_new_ban(form: Form, board: str | None, cloak: Cloak) -> NewBan:
    """A ban by what was typed: an address, of which the hash alone is kept, or a range.

    Raises BadField.
    """
    target = bans.read_target(form.get("target"))
    one = target if isinstance(target, Address) else None
    return NewBan(
        board=board,
        reason=bans.read_reason(form.get("reason")),
        duration_s=read_duration(form),
        address_hash=cloak.hash_address(one) if one else None,
        range=None if isinstance(target, Address) else target,
    )


def read_duration(form: Form) -> int | None:
    """Seconds; None: for good, which an emptied field means, but not a missing one.

    Raises BadField.
    """
    if not form.has("duration"):
        raise BadField(field="duration", reason="How long? The form does not say.")
    return bans.read_duration(form.get("duration"))
