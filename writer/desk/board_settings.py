"""/mod/board-settings: the boards that one may change, and a new one; below it one board's."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.boards import read_board_name
from imageboard.errors import BadBoardSetting, BadField
from imageboard.staff_roles import Power
from imageboard.store import board_deeds, boards
from templates.desk import board_pages, urls
from templates.desk.forms import Refusal
from writer.desk.gate import deed_of, visitor_of
from writer.desk.parts import Desk, boards_with, refused, see


@dataclass(frozen=True, slots=True)
class BoardChoice:
    """/mod/board-settings"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.text = self._page(req, done=req.get_param("done"))

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        deed = deed_of(req)
        try:
            self.desk.carry_out(req)
        except BadBoardSetting as ex:
            resp.text = self._page(req, refusal=refused(req, resp, ex))
        else:
            see(resp, urls.with_done(urls.BOARD_SETTINGS_URL, deed.name))

    def _page(
        self, req: falcon.Request, *, done: str | None = None, refusal: Refusal | None = None
    ) -> str:
        visitor = visitor_of(req)
        with self.desk.database.connection() as db:
            mine = boards_with(db, visitor, Power.SET_BOARD)
        return board_pages.board_choice_page(visitor, mine, done=done, refusal=refusal)


@dataclass(frozen=True, slots=True)
class BoardSettingsPage:
    """/mod/board-settings/{board}"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response, board: str) -> None:
        resp.text = self._page(req, board)

    def on_post(self, req: falcon.Request, resp: falcon.Response, board: str) -> None:
        board = read_board_name(board)
        try:
            self.desk.carry_out(req, board=board)
        except (BadBoardSetting, BadField) as ex:
            resp.text = self._page(req, board, refusal=refused(req, resp, ex))
            return
        is_gone = deed_of(req) is board_deeds.REMOVE_BOARD
        page = urls.BOARD_SETTINGS_URL if is_gone else urls.board_settings_url(board)
        see(resp, urls.with_done(page, deed_of(req).name))

    def _page(self, req: falcon.Request, board: str, *, refusal: Refusal | None = None) -> str:
        with self.desk.database.connection() as db:
            found = boards.get(db, read_board_name(board))
        return board_pages.board_settings_page(
            visitor_of(req), found, refusal=refusal, done=req.get_param("done")
        )
