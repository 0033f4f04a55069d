"""/mod/appeals: what the banned ask, and the answers of staff."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.errors import BadField
from imageboard.staff_roles import Power, Visitor
from imageboard.store import appeals
from templates import desk_pages
from templates.desk_pages import Refusal
from writer.desk.gate import deed_of, form_of, visitor_of
from writer.desk.parts import Desk, page_number, see
from writer.statuses import status_of

PAGE_MAX = 50


@dataclass(frozen=True, slots=True)
class AppealList:
    """/mod/appeals"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.text = self._page(visitor_of(req), page_number(req), done=req.get_param("done"))

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        deed = deed_of(req)
        try:
            self.desk.carry_out(req)
        except BadField as ex:
            resp.status = status_of(ex)
            refusal = Refusal(deed, form_of(req).fields, ex.message)
            resp.text = self._page(visitor_of(req), 1, refusal=refusal)
        else:
            see(resp, desk_pages.with_done(desk_pages.APPEALS_URL, deed.name))

    def _page(
        self,
        visitor: Visitor,
        page: int,
        *,
        done: str | None = None,
        refusal: Refusal | None = None,
    ) -> str:
        with self.desk.database.connection() as db:
            found = appeals.waiting(
                db,
                on=visitor.boards(Power.ANSWER_APPEALS),
                limit=PAGE_MAX + 1,
                after=(page - 1) * PAGE_MAX,
            )
        return desk_pages.appeals_page(
            visitor,
            found[:PAGE_MAX],
            next_page=page + 1 if len(found) > PAGE_MAX else None,
            done=done,
            refusal=refusal,
        )
