"""/mod/log: what was done, by whom, newest first."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.staff_roles import Power
from imageboard.store import moderation_log, removals
from templates.desk import history_pages
from writer.desk.gate import visitor_of
from writer.desk.parts import Desk, cut, number

ROWS_MAX = 100


@dataclass(frozen=True, slots=True)
class LogPage:
    """/mod/log"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        visitor = visitor_of(req)
        before = number(req.get_param("before"))
        with self.desk.database.connection() as db:
            found = moderation_log.newest(
                db, on=visitor.boards(Power.READ_LOG), limit=ROWS_MAX + 1, before=before
            )
            entries, has_more = cut(found, ROWS_MAX)
            undoable = removals.still_open(
                db, [entry.removal for entry in entries if entry.removal is not None]
            )
        resp.text = history_pages.log_page(
            visitor,
            entries,
            undoable=undoable,
            has_more=has_more,
            done=req.get_param("done"),
        )
