"""/mod/invited: where the link of an invitation leads; whoever has it makes their account."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.errors import BadField, WeakPassword
from imageboard.store import account_deeds, invitations
from imageboard.words import Message
from templates.desk import entrance_pages, urls
from writer.desk.gate import form_of
from writer.desk.parts import Desk, see
from writer.statuses import status_of


@dataclass(frozen=True, slots=True)
class Invited:
    """/mod/invited?code=…: nginx and the writer log addresses without what is asked for."""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.text = self._page(req, resp, req.get_param("code") or "")

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        form = form_of(req)
        code = form.get("code")
        try:
            password = account_deeds.read_new_password(form.fields, self.desk.cloak, None)
        except (BadField, WeakPassword) as ex:
            resp.status = status_of(ex)
            resp.text = self._page(req, resp, code, sentence=ex.message)
            return
        with self.desk.database.connection() as db:
            # A hash is slow to make: not for whoever comes without an invitation.
            invitations.get(db, code)
        password_hash = self.desk.sessions.new_hash(password)
        self.desk.database.again_on_deadlock(lambda db: invitations.accept(db, code, password_hash))
        see(resp, urls.DESK_URL)

    def _page(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        code: str,
        *,
        sentence: Message | None = None,
    ) -> str:
        with self.desk.database.connection() as db:
            invitation = invitations.get(db, code)
        return entrance_pages.invited_page(
            invitation,
            code=code,
            form_token=self.desk.sessions.login_form_token(req, resp),
            sentence=sentence,
            language=self.desk.settings.language,
        )
