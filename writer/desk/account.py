"""/mod/account: one's own sessions, password and second factor; /mod/proof: that it is oneself."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.errors import BadField, CodeWrong, LoginFailed, PasskeyRefused, WeakPassword
from imageboard.store import account_deeds, second_factors, staff
from imageboard.words import Message
from templates.desk import entrance_pages, staff_pages, urls
from templates.desk.forms import Refusal
from writer import clients
from writer.desk.gate import deed_of, form_of, let_script, visitor_of
from writer.desk.parts import Desk, see
from writer.statuses import status_of


@dataclass(frozen=True, slots=True)
class AccountPage:
    """/mod/account"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.text = self._page(req, resp, done=req.get_param("done"))

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        deed = deed_of(req)
        try:
            if deed is account_deeds.CHANGE_PASSWORD:
                asked = self._change_password(req, resp)
            elif deed is account_deeds.ADD_PASSKEY:
                asked = self._add_passkey(req)
            else:
                asked = self.desk.carry_out(req)
        except (BadField, CodeWrong, PasskeyRefused, WeakPassword) as ex:
            resp.status = status_of(ex)
            # What was typed is a password: it is not shown again.
            resp.text = self._page(req, resp, refusal=Refusal(deed, {}, ex.message))
            return
        codes = getattr(asked, "recovery_codes", ())
        if codes:
            resp.text = self._page(req, resp, done=deed.name, codes=codes)
        else:
            see(resp, urls.with_done(urls.ACCOUNT_URL, deed.name))

    def _change_password(self, req: falcon.Request, resp: falcon.Response) -> object:
        password = deed_of(req).read(form_of(req).fields, self.desk.cloak, None)
        password_hash = self.desk.sessions.new_hash(str(password))
        self.desk.carry_out(req, asked=password_hash)
        self.desk.sessions.remember(req, resp, visitor_of(req).name, password_hash)
        return None

    def _add_passkey(self, req: falcon.Request) -> object:
        """Looked at and used up before the deed: what a browser made is of this page alone."""
        form, visitor, sessions = form_of(req), visitor_of(req), self.desk.sessions
        name = str(deed_of(req).read(form.fields, self.desk.cloak, None))
        with self.desk.database.transaction() as db:
            page = visitor.form_token
            passkey = sessions.passkeys.made(db, req, page, form.get("passkey"))
            has_any = second_factors.of(db, visitor.name, self.desk.cloak).has_any
        codes = () if has_any else second_factors.new_recovery_codes()
        made = account_deeds.MadePasskey(name, passkey, codes)
        return self.desk.carry_out(req, asked=made)

    def _page(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        *,
        done: str | None = None,
        refusal: Refusal | None = None,
        codes: tuple[str, ...] = (),
    ) -> str:
        let_script(resp)
        visitor = visitor_of(req)
        with self.desk.database.connection() as db:
            sessions = staff.sessions(db, visitor.name)
            factors = second_factors.of(db, visitor.name, self.desk.cloak)
        return staff_pages.account_page(
            visitor,
            sessions,
            factors,
            # SECURITY: whoever stole a session would set up an app of their own by the secret.
            secret=factors.waiting if visitor.is_proved else None,
            site=self.desk.settings.site_name,
            passkey=self.desk.sessions.passkeys.to_make(
                req, visitor.form_token, visitor.name, [each.id for each in factors.passkeys]
            ),
            codes=codes,
            done=done,
            refusal=refusal,
        )


@dataclass(frozen=True, slots=True)
class Proof:
    """/mod/proof"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.text = self._page(req, resp, back=req.get_param("back") or "")

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        form, sessions = form_of(req), self.desk.sessions
        try:
            if form.get("passkey"):
                sessions.prove_by_passkey(req, visitor_of(req), form.get("passkey"))
            else:
                address = clients.client_address(req, self.desk.settings.trusted_proxies)
                sessions.prove(req, visitor_of(req), form.get("password"), address)
        except (LoginFailed, PasskeyRefused) as ex:
            resp.status = status_of(ex)
            resp.text = self._page(req, resp, back=form.get("back"), sentence=ex.message)
        else:
            see(resp, urls.back_url(form.get("back")))

    def _page(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        *,
        back: str,
        sentence: Message | None = None,
    ) -> str:
        let_script(resp)
        visitor = visitor_of(req)
        passkey = self.desk.sessions.passkeys.to_sign(req, visitor.form_token)
        return entrance_pages.proof_page(visitor, back=back, passkey=passkey, sentence=sentence)
