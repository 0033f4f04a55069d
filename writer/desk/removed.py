"""/mod/removed: what staff removed and can bring back."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.staff_roles import Power
from imageboard.store import removals
from templates.desk import history_pages, urls
from writer.desk.gate import deed_of, form_of, visitor_of
from writer.desk.parts import Desk, list_page, see


@dataclass(frozen=True, slots=True)
class RemovedList:
    """/mod/removed"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        visitor, page = visitor_of(req), list_page(req)
        with self.desk.database.connection() as db:
            found = removals.newest(
                db,
                on=visitor.boards(Power.DELETE),
                limit=page.limit,
                after=page.after,
            )
        shown, next_page = page.cut(found)
        resp.text = history_pages.removed_page(
            visitor,
            shown,
            next_page=next_page,
            done=req.get_param("done"),
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        deed = deed_of(req)
        self.desk.carry_out(req)
        url = urls.BACK_URLS.get(form_of(req).get("back"), urls.REMOVED_URL)
        see(resp, urls.with_done(url, deed.name))
