"""/mod/b/124: one post, and what can be done to it."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard import bans
from imageboard.bans import NewBan
from imageboard.boards import read_board_name
from imageboard.errors import BadField, NoSuchPost
from imageboard.staff_roles import Power, Visitor
from imageboard.store import boards, posts, reports, threads
from imageboard.store.database import Connection
from imageboard.store.posts import Author
from templates import desk_pages
from writer.desk import deeds
from writer.desk.ban_list import read_duration, read_new_ban
from writer.desk.parts import Desk, see
from writer.forms import Form


@dataclass(frozen=True, slots=True)
class PostPage:
    """/mod/{board}/{no}"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response, board: str, no: int) -> None:
        with self.desk.answering(req, resp):
            visitor = self.desk.visitor(req)
            board = read_board_name(board)
            resp.text = self._page(visitor, board, no, done=req.get_param("done"))

    def on_post(self, req: falcon.Request, resp: falcon.Response, board: str, no: int) -> None:
        with self.desk.answering(req, resp), self.desk.form_of_staff(req) as (visitor, form):
            board = read_board_name(board)
            name = form.get("deed")
            if name != "ban":
                removes = self._do(visitor, deeds.deed_named(name), board, no)
                to_queue = removes or form.get("back") == "reports"
                url = desk_pages.REPORTS_URL if to_queue else desk_pages.post_url(board, no)
                see(resp, desk_pages.with_done(url, name))
                return
            try:
                self._ban(visitor, form, board, no)
            except BadField as ex:
                resp.status = falcon.code_to_http_status(ex.status)
                resp.text = self._page(visitor, board, no, typed=form, sentence=ex.sentence)
            else:
                see(resp, desk_pages.with_done(desk_pages.post_url(board, no), name))

    def _do(self, visitor: Visitor, deed: deeds.Deed, board: str, no: int) -> bool:
        """Whether the post is gone now."""
        visitor.require(deed.power, board)
        self.desk.database.again_on_deadlock(lambda db: deed.work(db, visitor.name, board, no))
        if deed.shows:
            self.desk.wake_up.ask_for_render(board)
        return deed.removes

    def _ban(self, visitor: Visitor, form: Form, board: str, no: int) -> None:
        visitor.require(Power.BAN, board)

        def ban(db: Connection) -> None:
            author = posts.author(db, board, no)
            deeds.ban(db, visitor, self._read_ban(form, board, author), for_post=(board, no))

        self.desk.database.again_on_deadlock(ban)

    def _read_ban(self, form: Form, board: str, author: Author) -> NewBan:
        where = board if form.get("where") == "board" else None
        if form.get("target").strip():
            return read_new_ban(form, where, self.desk.cloak)
        return NewBan(
            board=where,
            reason=bans.read_reason(form.get("reason")),
            duration_s=read_duration(form),
            address_hash=author.address_hash,
        )

    def _page(
        self,
        visitor: Visitor,
        board: str,
        no: int,
        *,
        done: str | None = None,
        typed: Form | None = None,
        sentence: str | None = None,
    ) -> str:
        with self.desk.database.transaction() as db:
            boards.get(db, board)
            author = posts.author(db, board, no)
            found = threads.posts_by_no(db, board, [no])
            thread = threads.get(db, board, author.thread)
            if not found or thread is None:
                raise NoSuchPost(board=board, no=no)
            reasons = reports.of_post(db, board, no)
        return desk_pages.post_page(
            visitor,
            board,
            found[0],
            thread,
            report_reasons=reasons,
            ranges=self._ranges(author) if visitor.may(Power.BAN, board) else (),
            done=done,
            typed=typed.fields if typed else {},
            sentence=sentence,
        )

    def _ranges(self, author: Author) -> tuple[str, ...]:
        """Ranges around the author's address, while that is kept."""
        if author.address_sealed is None:
            return ()
        address = self.desk.cloak.open_address(author.address_sealed)
        return bans.offered_ranges(address) if address else ()
