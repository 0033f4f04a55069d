"""/mod/held: posts that nobody has seen yet, and their files below it."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.errors import NoSuchHeldFile
from imageboard.parts import Part
from imageboard.served_kinds import MEDIA_TYPES
from imageboard.staff_roles import Power
from imageboard.store import held
from templates.desk import queue_pages, urls
from writer.desk.gate import deed_of, visitor_of
from writer.desk.parts import Desk, is_whole, list_page, see


@dataclass(frozen=True, slots=True)
class HeldList:
    """/mod/held"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        visitor, page = visitor_of(req), list_page(req)
        with self.desk.database.connection() as db:
            found = held.waiting(
                db,
                on=visitor.boards(Power.JUDGE_HELD),
                limit=page.limit,
                after=page.after,
            )
        shown, next_page = page.cut(found)
        resp.text = queue_pages.held_page(
            visitor,
            shown,
            is_whole=is_whole(req),
            next_page=next_page,
            done=req.get_param("done"),
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        self.desk.carry_out(req)
        see(resp, urls.with_done(urls.HELD_URL, deed_of(req).name))


@dataclass(frozen=True, slots=True)
class HeldFiles:
    """/mod/held/{held}/{number}: what a file of such a post shows, since no page has it yet."""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response, held: int, number: int) -> None:
        file = self._find(req, held, number)
        part = Part.ORIGINAL if file.thumb_extension is None else Part.THUMBNAIL
        path = self.desk.uploads.path_of(file.stored_as, part)
        try:
            resp.data = path.read_bytes()
        except FileNotFoundError:
            raise NoSuchHeldFile from None
        resp.content_type = MEDIA_TYPES[(file.thumb_extension or file.extension).removeprefix(".")]
        resp.set_header("X-Content-Type-Options", "nosniff")
        if part is Part.ORIGINAL:
            # What a browser would not show as a picture it is not to show at all.
            resp.set_header("Content-Disposition", "attachment")

    def _find(self, req: falcon.Request, held_id: int, number: int) -> held.HeldFile:
        """Raises NoSuchHeldFile, NotAllowed, SecondFactorNeeded."""
        with self.desk.database.connection() as db:
            board = held.boards_of(db, [held_id]).get(held_id)
            if board is not None:
                visitor_of(req).require(Power.JUDGE_HELD, board)
            file = held.file(db, held_id, number)
        if file is None:
            raise NoSuchHeldFile
        return file
