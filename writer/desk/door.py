"""/mod/: the log-in form, or the desk of who is logged in."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.boards import read_board_name
from imageboard.errors import CodeWrong, LoginFailed, NoSuchPost, PasskeyRefused
from imageboard.staff_roles import Power, Visitor
from imageboard.store import appeals, held, reports
from imageboard.words import Message
from templates.desk import entrance_pages, urls
from writer import clients
from writer.desk.gate import form_of, let_script
from writer.desk.parts import Desk, number, see
from writer.desk.sessions import HalfLoggedIn
from writer.forms import Form
from writer.statuses import status_of


@dataclass(frozen=True, slots=True)
class Door:
    """/mod/"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        visitor: Visitor | None = req.context.visitor
        if visitor is None:
            resp.text = _login_page(self.desk, req, resp)
            return
        with self.desk.database.connection() as db:
            waiting = reports.count(db, on=visitor.boards(Power.READ_REPORTS))
            asked = appeals.count(db, on=visitor.boards(Power.ANSWER_APPEALS))
            unseen = held.count(db, on=visitor.boards(Power.JUDGE_HELD))
        resp.text = entrance_pages.home_page(
            visitor, reported_posts=waiting, appeals=asked, held_posts=unseen
        )


@dataclass(frozen=True, slots=True)
class Login:
    """/mod/login"""

    desk: Desk

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        see(resp, urls.DESK_URL)

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        form = form_of(req)
        try:
            self._log_in(req, resp, form)
        except LoginFailed as ex:
            resp.status = status_of(ex)
            name = form.get("name")
            resp.text = _login_page(self.desk, req, resp, name=name, sentence=ex.message)

    def _log_in(self, req: falcon.Request, resp: falcon.Response, form: Form) -> None:
        address = clients.client_address(req, self.desk.settings.trusted_proxies)
        name = form.get("name").strip().lower()
        logged_in = self.desk.sessions.log_in(req, name, form.get("password"), address)
        if isinstance(logged_in, HalfLoggedIn):
            self.desk.sessions.begin_half(req, resp, logged_in)
            resp.text = _second_step_page(self.desk, req, resp)
            return
        self.desk.sessions.begin(req, resp, logged_in)
        see(resp, urls.DESK_URL)


@dataclass(frozen=True, slots=True)
class SecondStep:
    """/mod/second-step: a code, after the password."""

    desk: Desk

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        see(resp, urls.DESK_URL)

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        try:
            logged_in = self.desk.sessions.finish(req, form_of(req).get("code"))
        except CodeWrong as ex:
            resp.status = status_of(ex)
            resp.text = _second_step_page(self.desk, req, resp, sentence=ex.message)
            return
        self.desk.sessions.begin(req, resp, logged_in)
        see(resp, urls.DESK_URL)


@dataclass(frozen=True, slots=True)
class PasskeyDoor:
    """/mod/passkey: instead of the password, or after it."""

    desk: Desk

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        see(resp, urls.DESK_URL)

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        sessions = self.desk.sessions
        page = sessions.login_form_token(req, resp)
        try:
            logged_in = sessions.log_in_by_passkey(req, page, form_of(req).get("passkey"))
        except PasskeyRefused as ex:
            resp.status = status_of(ex)
            resp.text = _login_page(self.desk, req, resp, sentence=ex.message)
            return
        sessions.begin(req, resp, logged_in)
        see(resp, urls.DESK_URL)


@dataclass(frozen=True, slots=True)
class Logout:
    """/mod/logout"""

    desk: Desk

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        self.desk.sessions.log_out(req, resp)
        see(resp, urls.DESK_URL)


@dataclass(frozen=True, slots=True)
class Finder:
    """/mod/find?board=b&no=124: to the page of one post."""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        board = read_board_name(req.get_param("board") or "")
        typed = (req.get_param("no") or "").strip()
        no = number(typed)
        if no is None:
            raise NoSuchPost(board=board, no=typed)
        see(resp, urls.post_url(board, no))


def _login_page(
    desk: Desk,
    req: falcon.Request,
    resp: falcon.Response,
    *,
    name: str = "",
    sentence: Message | None = None,
) -> str:
    let_script(resp)
    form_token = desk.sessions.login_form_token(req, resp)
    passkey = desk.sessions.passkeys.to_sign(req, form_token)
    return entrance_pages.login_page(
        form_token=form_token,
        passkey=passkey,
        name=name,
        sentence=sentence,
        language=desk.settings.language,
    )


def _second_step_page(
    desk: Desk, req: falcon.Request, resp: falcon.Response, *, sentence: Message | None = None
) -> str:
    let_script(resp)
    form_token = desk.sessions.login_form_token(req, resp)
    passkey = desk.sessions.passkeys.to_sign(req, form_token)
    return entrance_pages.second_step_page(
        form_token=form_token,
        passkey=passkey,
        sentence=sentence,
        language=desk.settings.language,
    )
