"""/mod/reports: the posts that were reported and that nobody has dealt with."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import falcon

from imageboard.moderation import ReportedPost
from imageboard.staff_roles import Power
from imageboard.store import reports, threads
from imageboard.store.database import Connection
from imageboard.store.deeds import Case
from imageboard.threads import Post
from templates import desk_pages
from writer.desk.gate import visitor_of
from writer.desk.parts import Desk

#: More than one sitting's work; what is beyond comes up as these are dealt with.
SHOWN_MAX = 50


@dataclass(frozen=True, slots=True)
class ReportQueue:
    """/mod/reports"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        visitor = visitor_of(req)
        with self.desk.database.transaction() as db:
            queue = reports.queue(db, on=visitor.boards(Power.READ_REPORTS), limit=SHOWN_MAX)
            shown = _posts(db, queue)
        resp.text = desk_pages.reports_page(
            visitor,
            [
                (report, Case(report.board, shown[report.board, report.no], is_reported=True))
                for report in queue
                # Deleted between the two queries: no longer anybody's work.
                if (report.board, report.no) in shown
            ],
            done=req.get_param("done"),
        )


def _posts(db: Connection, queue: list[ReportedPost]) -> dict[tuple[str, int], Post]:
    nos_by_board: defaultdict[str, list[int]] = defaultdict(list)
    for report in queue:
        nos_by_board[report.board].append(report.no)
    return {
        (board, post.no): post
        for board, nos in nos_by_board.items()
        for post in threads.posts_for_staff(db, board, nos)
    }
