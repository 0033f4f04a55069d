"""/mod/board-pictures/{board}: its banners, and the flags that its posters choose from."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.boards import read_board_name
from imageboard.errors import BadBanner, BadBoardSetting, FileRefused, FileTooLarge, ImageTooLarge
from imageboard.staff_roles import Power
from imageboard.store import banners, board_deeds, boards, flags
from imageboard.words import N_, Message
from templates.desk import board_pages, urls
from writer.banners import take
from writer.desk.gate import deed_of, form_of, visitor_of
from writer.desk.parts import Desk, boards_with, see
from writer.forms import SpooledFile
from writer.statuses import status_of


@dataclass(frozen=True, slots=True)
class PicturesChoice:
    """/mod/board-pictures: of which board?"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        visitor = visitor_of(req)
        with self.desk.database.connection() as db:
            mine = boards_with(db, visitor, Power.DECORATE)
        resp.text = board_pages.pictures_choice_page(visitor, mine)


@dataclass(frozen=True, slots=True)
class BoardPictures:
    """/mod/board-pictures/{board}"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response, board: str) -> None:
        resp.text = self._page(req, board)

    def on_post(self, req: falcon.Request, resp: falcon.Response, board: str) -> None:
        deed, board = deed_of(req), read_board_name(board)
        try:
            if deed is board_deeds.HANG_BANNER:
                self._hang(req, board)
            elif deed is board_deeds.ADD_FLAG:
                self._add_flag(req, board)
            else:
                self.desk.carry_out(req, board=board)
        except (BadBanner, BadBoardSetting, FileRefused, FileTooLarge, ImageTooLarge) as ex:
            resp.status = status_of(ex)
            resp.text = self._page(req, board, sentence=ex.message)
            return
        see(resp, urls.with_done(urls.pictures_url(board), deed.name))

    def _hang(self, req: falcon.Request, board: str) -> None:
        with self.desk.database.connection() as db:
            found = boards.get(db, board)
        file = _file(req)
        if file is None:
            raise BadBanner(N_("Which picture? Choose a file."))
        new = take(self.desk.darkroom, self.desk.uploads, found, file.path, name=file.name)
        try:
            self.desk.carry_out(req, board=board, asked=new)
        except BaseException:
            self.desk.uploads.drop(new.stored_as)
            raise

    def _add_flag(self, req: falcon.Request, board: str) -> None:
        file = _file(req)
        asked = deed_of(req).read(form_of(req).fields, self.desk.cloak, board)
        assert isinstance(asked, board_deeds.AskedFlag)
        # One byte more than a flag may have shows that it is too large.
        picture = _beginning(file, flags.BYTES_MAX + 1) if file is not None else b""
        self.desk.carry_out(req, board=board, asked=asked._replace(picture=picture))

    def _page(self, req: falcon.Request, board: str, *, sentence: Message | None = None) -> str:
        with self.desk.database.connection() as db:
            found = boards.get(db, read_board_name(board))
            hanging = banners.hanging(db, found.name)
        return board_pages.board_pictures_page(
            visitor_of(req), found, hanging, sentence=sentence, done=req.get_param("done")
        )


def _file(req: falcon.Request) -> SpooledFile | None:
    return next((file for file in form_of(req).files if file.bytes), None)


def _beginning(file: SpooledFile, bytes_max: int) -> bytes:
    with file.path.open("rb") as opened:
        return opened.read(bytes_max)
