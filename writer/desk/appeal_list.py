"""/mod/appeals: what the banned ask, and the answers of staff."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.errors import BadField
from imageboard.staff_roles import Power, Visitor
from imageboard.store import appeals
from templates.desk import ban_pages, urls
from templates.desk.forms import Refusal
from writer.desk.gate import deed_of, visitor_of
from writer.desk.parts import Desk, ListPage, list_page, refused, see


@dataclass(frozen=True, slots=True)
class AppealList:
    """/mod/appeals"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.text = self._page(visitor_of(req), list_page(req), done=req.get_param("done"))

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        deed = deed_of(req)
        try:
            self.desk.carry_out(req)
        except BadField as ex:
            resp.text = self._page(visitor_of(req), ListPage(), refusal=refused(req, resp, ex))
        else:
            see(resp, urls.with_done(urls.APPEALS_URL, deed.name))

    def _page(
        self,
        visitor: Visitor,
        page: ListPage,
        *,
        done: str | None = None,
        refusal: Refusal | None = None,
    ) -> str:
        with self.desk.database.connection() as db:
            found = appeals.waiting(
                db,
                on=visitor.boards(Power.ANSWER_APPEALS),
                limit=page.limit,
                after=page.after,
            )
        shown, next_page = page.cut(found)
        return ban_pages.appeals_page(
            visitor,
            shown,
            next_page=next_page,
            done=done,
            refusal=refusal,
        )
