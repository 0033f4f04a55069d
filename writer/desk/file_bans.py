"""/mod/file-bans: files that may not be posted; /mod/b/124/file-ban: banning one of a post."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard import file_bans as rules
from imageboard.boards import read_board_name
from imageboard.errors import BadField, NoSuchPost
from imageboard.staff_roles import Power, Visitor
from imageboard.store import file_ban_deeds, file_bans, threads
from imageboard.store.deeds import Case
from templates.desk import ban_pages, urls
from templates.desk.ban_pages import WouldHit
from templates.desk.forms import Refusal
from writer.desk.gate import deed_of, form_of, visitor_of
from writer.desk.parts import Desk, cut, list_page, number, refused, see

HITS_SHOWN_MAX = 50


@dataclass(frozen=True, slots=True)
class FileBanList:
    """/mod/file-bans"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        visitor, page = visitor_of(req), list_page(req)
        with self.desk.database.connection() as db:
            found = file_bans.newest(
                db,
                on=visitor.boards(Power.BAN),
                limit=page.limit,
                after=page.after,
            )
        shown, next_page = page.cut(found)
        resp.text = ban_pages.file_bans_page(
            visitor,
            shown,
            next_page=next_page,
            done=req.get_param("done"),
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        self.desk.carry_out(req)
        see(resp, urls.with_done(urls.FILE_BANS_URL, deed_of(req).name))


@dataclass(frozen=True, slots=True)
class BanOfPostFile:
    """/mod/{board}/{no}/file-ban: what it would have hit, before it goes live."""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response, board: str, no: int) -> None:
        asked = {name: req.get_param(name, default="") for name in ("file", "bits")}
        resp.text = self._page(visitor_of(req), read_board_name(board), no, asked)

    def on_post(self, req: falcon.Request, resp: falcon.Response, board: str, no: int) -> None:
        board, fields = read_board_name(board), form_of(req).fields
        try:
            self.desk.carry_out(req, board=board, no=no)
        except BadField as ex:
            resp.text = self._page(visitor_of(req), board, no, fields, refused(req, resp, ex))
        else:
            see(resp, urls.with_done(urls.FILE_BANS_URL, deed_of(req).name))

    def _page(
        self,
        visitor: Visitor,
        board: str,
        no: int,
        asked: dict[str, str],
        refusal: Refusal | None = None,
    ) -> str:
        """Raises NoSuchPost: it has no such file."""
        file_number = number(asked.get("file") or "1") or 1
        try:
            bits = rules.read_bits(asked.get("bits", ""))
        except BadField as ex:
            bits, refusal = None, refusal or Refusal(file_ban_deeds.BAN_FILE, asked, ex.message)
        with self.desk.database.transaction() as db:
            found = threads.posts_for_staff(db, board, [no])
            file = file_bans.file_of_post(db, board, no, file_number)
            if not found or file is None:
                raise NoSuchPost(board=board, no=no)
            hits = file_bans.hits(
                db,
                file,
                bits_apart_max=bits,
                on=visitor.boards(Power.BAN),
                limit=HITS_SHOWN_MAX + 1,
            )
            shown, has_more = cut(hits, HITS_SHOWN_MAX)
            posts = threads.for_staff(db, shown)
        return ban_pages.file_ban_page(
            visitor,
            Case(board, found[0], False),
            number=file_number,
            bits=bits,
            file=file,
            would_hit=WouldHit(posts, has_more=has_more),
            refusal=refusal,
        )
