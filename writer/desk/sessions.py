"""Logging in and out, the cookie that stands for it, and the token in every form."""

from __future__ import annotations

import hmac
import secrets

import falcon

from imageboard.cloaks import Address, Cloak
from imageboard.errors import FormNotOurs, LoginFailed
from imageboard.settings import Settings
from imageboard.staff_roles import Visitor
from imageboard.store import staff
from imageboard.store.database import Connection, Database
from writer.desk.password_checks import PasswordChecks
from writer.forms import Form

SESSION_COOKIE = "stillboard_session"
#: Held by a browser that is shown the log-in form, so that this form has a token too.
LOGIN_COOKIE = "stillboard_login"
COOKIE_PATH = "/mod"
TOKEN_FIELD = "form_token"  # noqa: S105 - the name of a form's field

_TOKEN_BYTES = 32


class Sessions:
    """Who is logged in; kept in the database, so that every writer knows."""

    def __init__(self, settings: Settings, database: Database, cloak: Cloak) -> None:
        self._csrf_key = settings.csrf_key
        self._is_production = settings.environment == "production"
        self._database = database
        self._cloak = cloak
        self._password_checks = PasswordChecks()

    def visitor(self, req: falcon.Request) -> Visitor | None:
        """Who sends the request; None: nobody who is logged in."""
        token = _cookie(req, SESSION_COOKIE)
        if token is None:
            return None
        with self._database.connection() as db:
            session = staff.session(db, token)
        return Visitor(session.staff, session.grants, self._form_token(token)) if session else None

    def log_in(self, name: str, password: str, address: Address) -> str:
        """A new session; the value of its cookie.

        Raises:
            LoginFailed: the same for a wrong name, a wrong password and a disabled account.
            TooManyLogins, LoginsBusy: not even looked at.
            LoginUnavailable: it could not be looked at.
        """
        address_hash = self._cloak.hash_address(address)
        with self._password_checks.turn():
            with self._database.transaction() as db:
                staff.begin_attempt(db, address_hash, name)
            with self._database.connection() as db:
                password_hash = staff.password_hash(db, name)
            # No connection is held meanwhile: this is slow by design.
            verdict = self._password_checks.check(password, password_hash)
        if password_hash is None or not verdict.matches:
            raise LoginFailed
        token = secrets.token_urlsafe(_TOKEN_BYTES)

        def open_session(db: Connection) -> None:
            if not staff.open_session(db, name, token, password_hash=password_hash):
                raise LoginFailed
            staff.forgive_attempt(db, address_hash, name)
            if verdict.renewed_hash is not None:
                staff.renew_hash(db, name, verdict.renewed_hash)

        self._database.again_on_deadlock(open_session)
        return token

    def begin(self, req: falcon.Request, resp: falcon.Response, token: str) -> None:
        """Hand the browser its new cookie; the session that it had before is over."""
        self._end_old(req)
        self._set_cookie(req, resp, SESSION_COOKIE, token, max_age=staff.SESSION_KEPT_S)
        resp.unset_cookie(LOGIN_COOKIE, path=COOKIE_PATH, same_site="Strict")

    def log_out(self, req: falcon.Request, resp: falcon.Response) -> None:
        self._end_old(req)
        resp.unset_cookie(SESSION_COOKIE, path=COOKIE_PATH, same_site="Strict")

    def login_form_token(self, req: falcon.Request, resp: falcon.Response) -> str:
        """The token of the log-in form, for which the browser is given a cookie if need be."""
        cookie = _cookie(req, LOGIN_COOKIE)
        if cookie is None:
            cookie = secrets.token_urlsafe(_TOKEN_BYTES)
            self._set_cookie(req, resp, LOGIN_COOKIE, cookie)
        return self._form_token(cookie)

    def check_login_form(self, req: falcon.Request, form: Form) -> None:
        """Raises FormNotOurs: another site filled in the form, or the browser keeps no cookies."""
        cookie = _cookie(req, LOGIN_COOKIE)
        if cookie is None:
            raise FormNotOurs
        check_token(self._form_token(cookie), form)

    def _form_token(self, cookie: str) -> str:
        """SECURITY: derived from the cookie, so it is as good as no session but this one.

        Another site can neither read the cookie nor, without the key, make a token that fits one
        that it planted.
        """
        return hmac.new(self._csrf_key, b"form/" + cookie.encode(), "sha256").hexdigest()

    def _end_old(self, req: falcon.Request) -> None:
        token = _cookie(req, SESSION_COOKIE)
        if token is not None:
            with self._database.connection() as db:
                staff.end_session(db, token)

    def _set_cookie(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        name: str,
        value: str,
        max_age: int | None = None,
    ) -> None:
        resp.set_cookie(
            name,
            value,
            max_age=max_age,
            path=COOKIE_PATH,
            # Over plain http, as on a developer's machine, a browser would not send it back.
            secure=self._is_production or req.get_header("X-Forwarded-Proto") == "https",
            http_only=True,
            same_site="Strict",
        )


def check_token(expected: str, form: Form) -> None:
    """Raises FormNotOurs."""
    if not hmac.compare_digest(expected.encode(), form.get(TOKEN_FIELD).encode()):
        raise FormNotOurs


def _cookie(req: falcon.Request, name: str) -> str | None:
    values = req.get_cookie_values(name)
    return values[0] if values and values[0] else None
