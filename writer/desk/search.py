"""/mod/search: posts by what is in them, with a box to tick beside each."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.errors import BadField
from imageboard.staff_roles import Power, Visitor
from imageboard.store import desk_search, threads
from imageboard.store.desk_search import Sought
from imageboard.threads import Post
from imageboard.words import Message
from templates.desk import post_pages, urls
from writer.desk.gate import deed_of, visitor_of
from writer.desk.parts import Desk, ListPage, is_whole, list_page, see
from writer.statuses import status_of

FIELDS = ("text", "name", "hash", "like")


@dataclass(frozen=True, slots=True)
class DeskSearch:
    """/mod/search"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        typed = {name: req.get_param(name, default="") for name in FIELDS}
        sentence: Message | None = None
        sought = Sought()
        try:
            sought = _read(typed)
        except BadField as ex:
            resp.status, sentence = status_of(ex), ex.message
        visitor, page = visitor_of(req), list_page(req)
        found = self._find(visitor, sought, page) if sought != Sought() else []
        shown, next_page = page.cut(found)
        resp.text = post_pages.search_page(
            visitor,
            typed,
            shown,
            is_asked=sought != Sought(),
            is_whole=is_whole(req),
            next_page=next_page,
            sentence=sentence,
            done=req.get_param("done"),
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        self.desk.carry_out(req)
        see(resp, urls.with_done(urls.SEARCH_URL, deed_of(req).name))

    def _find(self, visitor: Visitor, sought: Sought, page: ListPage) -> list[tuple[str, Post]]:
        on = visitor.boards(Power.READ_REPORTS)
        if sought.like is not None:
            visitor.require(Power.READ_REPORTS, sought.like[0])
        with self.desk.database.transaction() as db:
            keys = desk_search.find(db, sought, on=on, limit=page.limit, after=page.after)
            return threads.for_staff(db, keys)


def _read(typed: dict[str, str]) -> Sought:
    """Raises BadField."""
    return Sought(
        text=desk_search.read_text(typed["text"], "text"),
        name=desk_search.read_text(typed["name"], "name"),
        digest=desk_search.read_digest(typed["hash"]),
        like=desk_search.read_post(typed["like"]),
    )
