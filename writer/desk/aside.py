"""/mod/aside: threads that fell off their boards and can be brought back."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.staff_roles import Power
from imageboard.store import threads
from templates.desk import history_pages
from writer.desk.gate import visitor_of
from writer.desk.parts import Desk, list_page


@dataclass(frozen=True, slots=True)
class AsideList:
    """/mod/aside"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        visitor, page = visitor_of(req), list_page(req)
        with self.desk.database.connection() as db:
            found = threads.aside(
                db,
                on=visitor.boards(Power.BRING_BACK),
                limit=page.limit,
                after=page.after,
            )
        shown, next_page = page.cut(found)
        resp.text = history_pages.aside_page(
            visitor,
            shown,
            next_page=next_page,
            done=req.get_param("done"),
        )
