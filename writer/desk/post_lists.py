"""/mod/recent and /mod/b/124/author: posts newest first, with a box to tick beside each."""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass

import falcon

from imageboard.bans import offered_ranges
from imageboard.boards import read_board_name
from imageboard.cloaks import Address
from imageboard.errors import BadField, RuleBroken
from imageboard.staff_roles import Power, Visitor
from imageboard.store import bans, boards, notes, posts, ranges, threads
from imageboard.store.database import Connection
from imageboard.words import N_
from templates.desk import post_pages, urls
from templates.desk.forms import Refusal
from templates.desk.post_pages import Poster
from writer.desk.gate import WITH_LIVE_SCRIPT, deed_of, let_script, visitor_of
from writer.desk.parts import Desk, is_whole, list_page, refused, see

#: Of one poster.
BANS_MAX = 20
#: Others of their network that are named.
NEAR_MAX = 50


@dataclass(frozen=True, slots=True)
class RecentPosts:
    """/mod/recent"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        visitor, page = visitor_of(req), list_page(req)
        on = visitor.boards(Power.READ_REPORTS)
        version = ""
        with self.desk.database.transaction() as db:
            if page.number == 1 and not is_whole(req):
                version = _version(visitor, boards.changes(db, on=on))
                let_script(resp, WITH_LIVE_SCRIPT)
                resp.etag = version
                if version in (req.if_none_match or ()):
                    resp.status = falcon.HTTP_304
                    del resp.content_type
                    return
            found = threads.newest_for_staff(db, on=on, limit=page.limit, after=page.after)
        shown, next_page = page.cut(found)
        resp.text = post_pages.recent_page(
            visitor,
            shown,
            is_whole=is_whole(req),
            next_page=next_page,
            version=version,
            done=req.get_param("done"),
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        self.desk.carry_out(req)
        see(resp, urls.with_done(urls.RECENT_URL, deed_of(req).name))


def _version(visitor: Visitor, changes: int) -> str:
    """Of what a visitor is shown: another one when a board has changed, or what they may do."""
    may = [visitor.boards(power) for power in (Power.READ_REPORTS, Power.DELETE)]
    shown = f"{visitor.form_token} {may} {changes}"
    return hashlib.sha256(shown.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class AuthorPage:
    """/mod/{board}/{no}/author: what the author of a post wrote, bans, notes, neighbours."""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response, board: str, no: int) -> None:
        resp.text = self._page(req, read_board_name(board), no, done=req.get_param("done"))

    def on_post(self, req: falcon.Request, resp: falcon.Response, board: str, no: int) -> None:
        board, deed = read_board_name(board), deed_of(req)
        try:
            self.desk.carry_out(req, board=board, no=no)
        except BadField as ex:
            resp.text = self._page(req, board, no, refusal=refused(req, resp, ex))
            return
        see(resp, urls.with_done(urls.author_url(board, no), deed.name))

    def _page(
        self,
        req: falcon.Request,
        board: str,
        no: int,
        *,
        done: str | None = None,
        refusal: Refusal | None = None,
    ) -> str:
        visitor, page = visitor_of(req), list_page(req)
        on = visitor.boards(Power.READ_REPORTS)
        of_network = req.get_param("of") == urls.NETWORK
        with self.desk.database.transaction() as db:
            author = posts.author(db, board, no)
            if author.address_hash is None:
                raise RuleBroken(N_("Whose address it was is no longer kept."))
            address = self.desk.opened(author.address_sealed)
            near = self._near(db, author.address_hash, address)
            posters = [author.address_hash, *(near if of_network else ())]
            found = threads.newest_for_staff(
                db,
                on=on,
                address_hashes=posters,
                limit=page.limit,
                after=page.after,
            )
            about = Poster(
                bans=bans.of_poster(db, author.address_hash, address, on=on, limit=BANS_MAX),
                notes=notes.on_poster(db, author.address_hash),
                near=ranges.counted(db, near, on=on, limit=NEAR_MAX),
                is_network_known=address is not None,
            )
        shown, next_page = page.cut(found)
        return post_pages.author_page(
            visitor,
            (board, no),
            shown,
            about,
            of_network=of_network,
            is_whole=is_whole(req),
            next_page=next_page,
            done=done,
            refusal=refusal,
        )

    def _near(self, db: Connection, poster: bytes, address: Address | None) -> list[bytes]:
        """Others of the narrowest range that is offered for bans."""
        if address is None:
            return []
        network = ipaddress.ip_network(offered_ranges(address)[0])
        found = ranges.posters_in(db, network, self.desk.cloak.open_address)
        return [each for each in found if each != poster]
