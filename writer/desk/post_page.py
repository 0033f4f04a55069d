"""/mod/b/124: one post, and what can be done to it."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.boards import read_board_name
from imageboard.errors import BadField, DoneMeanwhile, NoSuchPost
from imageboard.staff_roles import Power, Visitor
from imageboard.store import boards, claims, moves, posts, removals, reports, second_acts, threads
from imageboard.store.deeds import Case
from imageboard.store.poster_deeds import BanOfAuthor
from templates.desk import post_pages, urls
from templates.desk.forms import Refusal
from writer.desk.gate import deed_of, form_of, visitor_of
from writer.desk.parts import Desk, refused, see
from writer.statuses import status_of


@dataclass(frozen=True, slots=True)
class PostPage:
    """/mod/{board}/{no}"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response, board: str, no: int) -> None:
        board = read_board_name(board)
        try:
            resp.text = self._page(visitor_of(req), board, no, done=req.get_param("done"))
        except NoSuchPost:
            # The log and old reports know a thread by where it was.
            with self.desk.database.connection() as db:
                moved = moves.moved_to(db, board, no)
            if moved is None:
                raise
            see(resp, urls.post_url(moved.board, moved.thread))

    def on_post(self, req: falcon.Request, resp: falcon.Response, board: str, no: int) -> None:
        deed, form = deed_of(req), form_of(req)
        board = read_board_name(board)
        try:
            asked = self.desk.carry_out(req, board=board, no=no)
        except BadField as ex:
            resp.text = self._page(visitor_of(req), board, no, refusal=refused(req, resp, ex))
            return
        except DoneMeanwhile as ex:
            resp.status = status_of(ex)
            try:
                refusal = Refusal(deed, {}, ex.message)
                resp.text = self._page(visitor_of(req), board, no, refusal=refusal)
            except NoSuchPost:
                raise ex from None
            return
        url = urls.BACK_URLS.get(form.get("back"))
        if url is None:
            # A ban may have taken the post along.
            is_gone = deed.removes or (isinstance(asked, BanOfAuthor) and asked.takes_posts)
            url = urls.REPORTS_URL if is_gone else urls.post_url(board, no)
        see(resp, urls.with_done(url, deed.name))

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
            author = posts.author(db, board, no)
            found = threads.posts_for_staff(db, board, [no])
            shown = threads.get(db, board, author.thread)
            thread = shown or threads.get_aside(db, board, author.thread)
            if not found or thread is None:
                raise NoSuchPost(board=board, no=no)
            known = reports.newest(db)
            reasons = reports.of_post(db, board, no)
            claim = claims.take(db, board, no, visitor.name)
            seen = second_acts.seen(db, [(board, no)])[board, no]
            authored = author.address_hash and removals.count_of_author(
                db,
                author.address_hash,
                board=board,
                thread=author.thread,
                on=visitor.boards(Power.DELETE),
            )
        is_archived = thread.archived_s is not None
        case = Case(
            board=board,
            post=found[0],
            is_reported=bool(reasons),
            begins=shown if found[0].is_op and not is_archived else None,
            is_aside=shown is None,
            is_archived=is_archived,
            is_author_known=author.address_hash is not None,
            address=self.desk.opened(author.address_sealed),
            authored=authored or {},
        )
        return post_pages.post_page(
            visitor,
            case,
            thread,
            report_reasons=reasons,
            claim=claim,
            seen=seen,
            known=known,
            done=done,
            refusal=refusal,
        )
