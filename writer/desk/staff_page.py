"""/mod/staff: who is of the staff, as what, and who is invited; /mod/roles: who may what."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.errors import BadField, BadRole, NoSuchBoard, StaffRefused
from imageboard.staff_roles import Visitor
from imageboard.store import boards, invitations, roles, staff, staff_deeds
from templates.desk import staff_pages, urls
from templates.desk.forms import Refusal
from writer.clients import SCHEME_HEADER
from writer.desk.gate import deed_of, visitor_of
from writer.desk.parts import Desk, refused, see


@dataclass(frozen=True, slots=True)
class StaffPage:
    """/mod/staff"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.text = self._page(visitor_of(req), done=req.get_param("done"))

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        deed, visitor = deed_of(req), visitor_of(req)
        try:
            asked = self.desk.carry_out(req)
        except (BadField, NoSuchBoard, StaffRefused) as ex:
            resp.text = self._page(visitor, refusal=refused(req, resp, ex))
            return
        if isinstance(asked, staff_deeds.Asked) and asked.code:
            # Shown once, in the answer itself: nobody finds it in an address or in the history.
            link = _site(req) + urls.invitation_url(asked.code)
            resp.text = self._page(visitor, done=deed.name, link=link)
            return
        see(resp, urls.with_done(urls.STAFF_URL, deed.name))

    def _page(
        self,
        visitor: Visitor,
        *,
        done: str | None = None,
        refusal: Refusal | None = None,
        link: str | None = None,
    ) -> str:
        with self.desk.database.connection() as db:
            return staff_pages.staff_page(
                visitor,
                accounts=staff.list_all(db),
                invitations=invitations.open_ones(db),
                made_roles=roles.made(db),
                boards=[board.name for board in boards.list_all(db)],
                done=done,
                refusal=refusal,
                link=link,
            )


@dataclass(frozen=True, slots=True)
class RolesPage:
    """/mod/roles"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.text = self._page(visitor_of(req), done=req.get_param("done"))

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        deed = deed_of(req)
        try:
            self.desk.carry_out(req)
        except BadRole as ex:
            resp.text = self._page(visitor_of(req), refusal=refused(req, resp, ex))
        else:
            see(resp, urls.with_done(urls.ROLES_URL, deed.name))

    def _page(
        self, visitor: Visitor, *, done: str | None = None, refusal: Refusal | None = None
    ) -> str:
        with self.desk.database.connection() as db:
            made = roles.made(db)
        return staff_pages.roles_page(visitor, made, done=done, refusal=refusal)


def _site(req: falcon.Request) -> str:
    """'https://example.org', with its port if it has one, as the browser calls it."""
    return f"{req.get_header(SCHEME_HEADER) or req.scheme}://{req.netloc}"
