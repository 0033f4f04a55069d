"""/mod/bans: the bans in force, a new one, and lifting one."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.errors import BadField, NoSuchBoard
from imageboard.staff_roles import Power, Visitor
from imageboard.store import bans
from templates.desk import ban_pages, urls
from templates.desk.forms import Refusal
from writer.desk.gate import deed_of, visitor_of
from writer.desk.parts import ROWS_MAX, Desk, cut, number, refused, see


@dataclass(frozen=True, slots=True)
class BanList:
    """/mod/bans"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        before, done = number(req.get_param("before")), req.get_param("done")
        resp.text = self._page(visitor_of(req), before=before, done=done)

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        deed = deed_of(req)
        try:
            self.desk.carry_out(req)
        except (BadField, NoSuchBoard) as ex:
            resp.text = self._page(visitor_of(req), refusal=refused(req, resp, ex))
        else:
            see(resp, urls.with_done(urls.BANS_URL, deed.name))

    def _page(
        self,
        visitor: Visitor,
        *,
        before: int | None = None,
        done: str | None = None,
        refusal: Refusal | None = None,
    ) -> str:
        with self.desk.database.connection() as db:
            found = bans.in_force(
                db, on=visitor.boards(Power.BAN), limit=ROWS_MAX + 1, before=before
            )
        shown, has_more = cut(found)
        return ban_pages.bans_page(visitor, shown, has_more=has_more, done=done, refusal=refusal)
