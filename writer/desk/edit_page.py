"""/mod/b/124/edit: the words of a post, to be changed, and what they were before."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.boards import read_board_name
from imageboard.errors import BadField
from imageboard.staff_roles import Visitor
from imageboard.store import boards, edits
from templates.desk import post_pages, urls
from templates.desk.forms import Refusal
from writer.desk.gate import deed_of, visitor_of
from writer.desk.parts import Desk, refused, see


@dataclass(frozen=True, slots=True)
class EditPage:
    """/mod/{board}/{no}/edit"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response, board: str, no: int) -> None:
        board = read_board_name(board)
        resp.text = self._page(visitor_of(req), board, no, done=req.get_param("done"))

    def on_post(self, req: falcon.Request, resp: falcon.Response, board: str, no: int) -> None:
        board, deed = read_board_name(board), deed_of(req)
        try:
            self.desk.carry_out(req, board=board, no=no)
        except BadField as ex:
            resp.text = self._page(visitor_of(req), board, no, refusal=refused(req, resp, ex))
        else:
            see(resp, urls.with_done(urls.edit_url(board, no), deed.name))

    def _page(
        self,
        visitor: Visitor,
        board: str,
        no: int,
        *,
        done: str | None = None,
        refusal: Refusal | None = None,
    ) -> str:
        with self.desk.database.transaction() as db:
            boards.get(db, board)
            held = edits.get(db, board, no)
        return post_pages.edit_page(visitor, board, no, held, done=done, refusal=refusal)
