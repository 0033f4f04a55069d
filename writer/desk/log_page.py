"""/mod/log: what was done, by whom, newest first; behind it what was done elsewhere before."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.moderation import LogEntry
from imageboard.staff_roles import Power
from imageboard.store import moderation_log, old_log, removals
from imageboard.store.old_log import OldEntry
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
        elsewhere = number(req.get_param("elsewhere"))
        on = visitor.boards(Power.READ_LOG)
        with self.desk.database.connection() as db:
            found: list[LogEntry] = []
            if elsewhere is None:
                found = moderation_log.newest(db, on=on, limit=ROWS_MAX + 1, before=before)
            entries, has_more = cut(found, ROWS_MAX)
            older: list[OldEntry] = []
            if not has_more:
                older = old_log.newest(db, on=on, limit=ROWS_MAX + 1, before=elsewhere)
            from_elsewhere, has_more_elsewhere = cut(older, ROWS_MAX)
            undoable = removals.still_open(
                db, [entry.removal for entry in entries if entry.removal is not None]
            )
        resp.text = history_pages.log_page(
            visitor,
            entries,
            from_elsewhere,
            undoable=undoable,
            has_more=has_more or has_more_elsewhere,
            done=req.get_param("done"),
        )
