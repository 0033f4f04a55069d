"""/mod/pages: rules, questions and announcements, of a board or of the whole site."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.boards import read_board_name
from imageboard.errors import BadPage, NoSuchBoard
from imageboard.staff_roles import Power
from imageboard.store import boards, written
from imageboard.written_pages import WrittenPage
from templates.desk import board_pages, urls
from templates.desk.forms import Refusal
from writer.desk.gate import deed_of, form_of, visitor_of
from writer.desk.parts import Desk, places_with, refused, see


@dataclass(frozen=True, slots=True)
class WrittenPages:
    """/mod/pages, /mod/pages?where=b, /mod/pages?where=b&page=rules"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        where = req.get_param("where") or ""
        resp.text = self._page(req, where, shown=req.get_param("page"))

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        deed, form = deed_of(req), form_of(req)
        where = form.get("where").strip()
        try:
            self.desk.carry_out(req)
        except (BadPage, NoSuchBoard) as ex:
            is_there = not isinstance(ex, NoSuchBoard)
            resp.text = self._page(req, where if is_there else "", refusal=refused(req, resp, ex))
            return
        self.desk.wake_up.ask_for_site()
        see(resp, urls.pages_url(where, done=deed.name))

    def _page(
        self,
        req: falcon.Request,
        where: str,
        *,
        shown: str | None = None,
        refusal: Refusal | None = None,
    ) -> str:
        visitor = visitor_of(req)
        board = read_board_name(where) if where.strip() else None
        places = visitor.boards(Power.WRITE_PAGES)
        if board is None and places:
            board = places[0]
        visitor.require(Power.WRITE_PAGES, board)
        with self.desk.database.connection() as db:
            if board is not None:
                boards.get(db, board)
            there = places_with(db, visitor, Power.WRITE_PAGES)
            pages = written.pages(db, board)
        return board_pages.written_pages_page(
            visitor,
            board,
            places=there,
            pages=pages,
            page=_named(pages, shown),
            refusal=refusal,
            done=req.get_param("done"),
        )


def _named(pages: list[WrittenPage], name: str | None) -> WrittenPage | None:
    return next((page for page in pages if page.name == name), None)
