"""/mod/aside: threads that fell off their boards and can be brought back."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.staff_roles import Power
from imageboard.store import threads
from templates import desk_pages
from writer.desk.gate import visitor_of
from writer.desk.parts import Desk, page_number

PAGE_MAX = 50


@dataclass(frozen=True, slots=True)
class AsideList:
    """/mod/aside"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        visitor, page = visitor_of(req), page_number(req)
        with self.desk.database.connection() as db:
            found = threads.aside(
                db,
                on=visitor.boards(Power.BRING_BACK),
                limit=PAGE_MAX + 1,
                after=(page - 1) * PAGE_MAX,
            )
        resp.text = desk_pages.aside_page(
            visitor,
            found[:PAGE_MAX],
            next_page=page + 1 if len(found) > PAGE_MAX else None,
            done=req.get_param("done"),
        )
