"""/mod/board-settings: the boards whose settings one may change; below it those of one board."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.boards import read_board_name
from imageboard.errors import BadBoardSetting
from imageboard.staff_roles import Power
from imageboard.store import boards
from imageboard.words import Message
from templates import desk_pages
from writer.desk.gate import form_of, visitor_of
from writer.desk.parts import Desk, see
from writer.statuses import status_of


@dataclass(frozen=True, slots=True)
class BoardChoice:
    """/mod/board-settings"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        visitor = visitor_of(req)
        with self.desk.database.connection() as db:
            found = boards.list_all(db)
        mine = [board for board in found if visitor.may(Power.SET_BOARD, board.name)]
        resp.text = desk_pages.board_choice_page(visitor, mine)


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
        except BadBoardSetting as ex:
            resp.status = status_of(ex)
            resp.text = self._page(req, board, sentence=ex.message)
            return
        url = desk_pages.board_settings_url(board)
        see(resp, desk_pages.with_done(url, desk_pages.SET_BOARD))

    def _page(self, req: falcon.Request, board: str, *, sentence: Message | None = None) -> str:
        with self.desk.database.connection() as db:
            found = boards.get(db, read_board_name(board))
        return desk_pages.board_settings_page(
            visitor_of(req),
            found,
            typed=form_of(req).fields if sentence else {},
            sentence=sentence,
            done=req.get_param("done"),
        )
