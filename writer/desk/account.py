"""/mod/account: one's own sessions, password and second factor; /mod/proof: that it is oneself."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.errors import BadField, CodeWrong, LoginFailed, WeakPassword
from imageboard.staff_roles import Visitor
from imageboard.store import account_deeds, second_factors, staff
from templates import desk_pages
from templates.desk_pages import Refusal
from writer import clients
from writer.desk.gate import deed_of, form_of, visitor_of
from writer.desk.parts import Desk, see
from writer.statuses import status_of


@dataclass(frozen=True, slots=True)
class AccountPage:
    """/mod/account"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.text = self._page(visitor_of(req), done=req.get_param("done"))

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        deed = deed_of(req)
        try:
            if deed is account_deeds.CHANGE_PASSWORD:
                asked = self._change_password(req, resp)
            else:
                asked = self.desk.carry_out(req)
        except (BadField, CodeWrong, WeakPassword) as ex:
            resp.status = status_of(ex)
            # What was typed is a password: it is not shown again.
            resp.text = self._page(visitor_of(req), refusal=Refusal(deed, {}, ex.message))
            return
        if isinstance(asked, account_deeds.Code) and asked.recovery_codes:
            resp.text = self._page(visitor_of(req), done=deed.name, codes=asked.recovery_codes)
        else:
            see(resp, desk_pages.with_done(desk_pages.ACCOUNT_URL, deed.name))

    def _change_password(self, req: falcon.Request, resp: falcon.Response) -> object:
        password = deed_of(req).read(form_of(req).fields, self.desk.cloak, None)
        password_hash = self.desk.sessions.new_hash(str(password))
        self.desk.carry_out(req, asked=password_hash)
        self.desk.sessions.remember(req, resp, visitor_of(req).name, password_hash)
        return None

    def _page(
        self,
        visitor: Visitor,
        *,
        done: str | None = None,
        refusal: Refusal | None = None,
        codes: tuple[str, ...] = (),
    ) -> str:
        with self.desk.database.connection() as db:
            sessions = staff.sessions(db, visitor.name)
            factors = second_factors.of(db, visitor.name, self.desk.cloak)
        return desk_pages.account_page(
            visitor,
            sessions,
            factors,
            # SECURITY: whoever stole a session would set up an app of their own by the secret.
            secret=factors.waiting if visitor.is_proved else None,
            site=self.desk.settings.site_name,
            codes=codes,
            done=done,
            refusal=refusal,
        )


@dataclass(frozen=True, slots=True)
class Proof:
    """/mod/proof"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.text = desk_pages.proof_page(visitor_of(req), back=req.get_param("back") or "")

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        visitor, form = visitor_of(req), form_of(req)
        address = clients.client_address(req, self.desk.settings.trusted_proxies)
        back = form.get("back")
        try:
            self.desk.sessions.prove(req, visitor, form.get("password"), address)
        except LoginFailed as ex:
            resp.status = status_of(ex)
            resp.text = desk_pages.proof_page(visitor, back=back, sentence=ex.message)
        else:
            see(resp, desk_pages.back_url(back))
