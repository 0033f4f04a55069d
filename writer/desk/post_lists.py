"""/mod/recent and /mod/b/124/author: posts newest first, with a box to tick beside each."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.boards import read_board_name
from imageboard.errors import RuleBroken
from imageboard.staff_roles import Power
from imageboard.store import bans, posts, threads
from imageboard.words import N_
from templates import desk_pages
from writer.desk.gate import deed_of, visitor_of
from writer.desk.parts import Desk, page_number, see

#: A form has at most 64 fields, and each post is one.
PAGE_MAX = 50
#: Of one poster.
BANS_MAX = 20


@dataclass(frozen=True, slots=True)
class RecentPosts:
    """/mod/recent"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        visitor, page = visitor_of(req), page_number(req)
        with self.desk.database.transaction() as db:
            found = threads.newest_for_staff(
                db,
                on=visitor.boards(Power.READ_REPORTS),
                limit=PAGE_MAX + 1,
                after=(page - 1) * PAGE_MAX,
            )
        resp.text = desk_pages.recent_page(
            visitor,
            found[:PAGE_MAX],
            next_page=page + 1 if len(found) > PAGE_MAX else None,
            done=req.get_param("done"),
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        self.desk.carry_out(req)
        see(resp, desk_pages.with_done(desk_pages.RECENT_URL, deed_of(req).name))


@dataclass(frozen=True, slots=True)
class AuthorPage:
    """/mod/{board}/{no}/author: what else the author of a post wrote, and their bans."""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response, board: str, no: int) -> None:
        visitor, page = visitor_of(req), page_number(req)
        board = read_board_name(board)
        with self.desk.database.transaction() as db:
            author = posts.author(db, board, no)
            if author.address_hash is None:
                raise RuleBroken(N_("Whose address it was is no longer kept."))
            found = threads.newest_for_staff(
                db,
                on=visitor.boards(Power.READ_REPORTS),
                address_hash=author.address_hash,
                limit=PAGE_MAX + 1,
                after=(page - 1) * PAGE_MAX,
            )
            address = self.desk.opened(author.address_sealed)
            theirs = bans.of_poster(
                db,
                author.address_hash,
                address,
                on=visitor.boards(Power.READ_REPORTS),
                limit=BANS_MAX,
            )
        resp.text = desk_pages.author_page(
            visitor,
            (board, no),
            found[:PAGE_MAX],
            theirs,
            next_page=page + 1 if len(found) > PAGE_MAX else None,
        )
