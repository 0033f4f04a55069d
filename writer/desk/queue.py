"""/mod/reports: the posts that were reported and that nobody has dealt with."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import falcon

from imageboard.moderation import ReportedPost
from imageboard.staff_roles import Power
from imageboard.store import claims, reports, second_acts, surroundings, threads
from imageboard.store.database import Connection
from imageboard.store.deeds import Case
from imageboard.store.surroundings import Surroundings
from imageboard.threads import Post
from templates.desk import queue_pages, urls
from templates.desk.queue_pages import ReportedCase
from writer.desk.gate import deed_of, visitor_of
from writer.desk.parts import Desk, is_whole, page_number, see

#: More than one sitting's work, and a page that loads at once.
PAGE_MAX = 25
#: A form has at most 64 fields, and each post is one.
DISMISSED_MAX = 50


@dataclass(frozen=True, slots=True)
class ReportQueue:
    """/mod/reports"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        visitor, page = visitor_of(req), page_number(req)
        on = visitor.boards(Power.READ_REPORTS)
        most_first = req.get_param("sort") == urls.MOST_REPORTED
        with self.desk.database.transaction() as db:
            # First: what comes in between is dismissed by nobody.
            known = reports.newest(db)
            queue = reports.queue(
                db,
                on=on,
                limit=PAGE_MAX,
                after=(page - 1) * PAGE_MAX,
                most_first=most_first,
            )
            total = reports.count(db, on=on)
            shown = _posts(db, queue)
            keys = list(shown)
            around = surroundings.of(db, keys)
            taken = claims.of_others(db, keys, visitor.name)
            seen = second_acts.seen(db, keys)
        resp.text = queue_pages.reports_page(
            visitor,
            [
                ReportedCase(
                    report,
                    Case(report.board, shown[key], is_reported=True),
                    around.get(key, Surroundings()),
                    taken.get(key),
                    seen[key],
                )
                for report in queue
                # Deleted between the two queries: no longer anybody's work.
                if (key := (report.board, report.no)) in shown
            ],
            total=total,
            known=known,
            next_page=page + 1 if page * PAGE_MAX < total else None,
            most_first=most_first,
            is_whole=is_whole(req),
            done=req.get_param("done"),
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        self.desk.carry_out(req)
        see(resp, urls.with_done(urls.REPORTS_URL, deed_of(req).name))


@dataclass(frozen=True, slots=True)
class Dismissed:
    """/mod/dismissed"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        visitor = visitor_of(req)
        with self.desk.database.transaction() as db:
            on = visitor.boards(Power.READ_REPORTS)
            found = reports.dismissed(db, on=on, limit=DISMISSED_MAX)
            shown = threads.for_staff(db, [(report.board, report.no) for report in found])
        resp.text = queue_pages.dismissed_page(
            visitor,
            shown,
            is_whole=is_whole(req),
            done=req.get_param("done"),
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        self.desk.carry_out(req)
        see(resp, urls.with_done(urls.DISMISSED_URL, deed_of(req).name))


def _posts(db: Connection, queue: list[ReportedPost]) -> dict[tuple[str, int], Post]:
    nos_by_board: defaultdict[str, list[int]] = defaultdict(list)
    for report in queue:
        nos_by_board[report.board].append(report.no)
    return {
        (board, post.no): post
        for board, nos in nos_by_board.items()
        for post in threads.posts_for_staff(db, board, nos)
    }
