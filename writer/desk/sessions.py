"""Logging in and out, the cookie that stands for it, and the token in every form."""

from __future__ import annotations

import hmac
import secrets
import time
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import falcon

from imageboard.allowances import Allowance, Allowances
from imageboard.cloaks import Address, Cloak
from imageboard.errors import (
    CodeWrong,
    FormNotOurs,
    LogInAgain,
    LoginFailed,
    PasskeyRefused,
    TooManyLogins,
)
from imageboard.settings import Settings
from imageboard.staff_roles import Grant, Visitor
from imageboard.store import allowances, moderation_log, second_factors, staff
from imageboard.store.account_deeds import USED_RECOVERY_CODE
from imageboard.store.database import Connection, Database
from writer.desk import browsers
from writer.desk.half_logins import HALF_COOKIE, HalfLogins
from writer.desk.half_logins import KEPT_S as HALF_KEPT_S
from writer.desk.known_devices import DEVICE_COOKIE, KEPT_S, KnownDevices
from writer.desk.password_checks import PasswordChecks
from writer.forms import Form

if TYPE_CHECKING:
    from writer.desk.passkeys import Passkeys

SESSION_COOKIE = "stillboard_session"
#: Held by a browser that is shown the log-in form, so that this form has a token too.
LOGIN_COOKIE = "stillboard_login"
COOKIE_PATH = "/mod"
#: The same session for who posts: readers' pages are never sent it.
POSTING_COOKIE = "stillboard_posting"
POSTING_COOKIE_PATH = "/post"
TOKEN_FIELD = "form_token"  # noqa: S105 - the name of a form's field

_TOKEN_BYTES = 32
#: Enough for staff with a new browser; a flood of guesses takes no more of the posts' processors.
#: PERF: 0.11 s of a processor each.
STRANGERS_QUICK_PER_MINUTE = 6


class LoggedIn(NamedTuple):
    """The values of the cookies that a log-in leaves."""

    session: str
    device: str


class HalfLoggedIn(NamedTuple):
    """The value of the cookie that a right password leaves where it is not all."""

    half: str


class _Checked(NamedTuple):
    """A password that is right."""

    password_hash: str
    #: As a Verdict has it.
    renewed_hash: str | None
    #: What the try took.
    taken: tuple[Allowance, ...]

    @property
    def kept_hash(self) -> str:
        return self.renewed_hash or self.password_hash


class Sessions:
    """Who is logged in; kept in the database, so that every writer knows."""

    def __init__(self, settings: Settings, database: Database, cloak: Cloak) -> None:
        self._csrf_key = settings.csrf_key
        self._language = settings.language
        self._is_production = settings.environment == "production"
        self._database = database
        self._allowances = Allowances(settings, cloak)
        self._known_devices = KnownDevices(settings.csrf_key)
        self._half_logins = HalfLogins(settings.csrf_key)
        self._site_name = settings.site_name
        #: Of browsers that have logged in before. Their tries are counted, each by itself.
        self._checks_of_known = PasswordChecks()
        self._checks_of_strangers = PasswordChecks(
            waiting_max=2, quick_per_minute=STRANGERS_QUICK_PER_MINUTE
        )
        self._cloak = cloak
        self._roles_with_factor = settings.roles_with_second_factor

    @cached_property
    def passkeys(self) -> Passkeys:
        """What asks for keys in the place of passwords, and checks them."""
        # Imported here: 2 MB, and 70 ms of a start, that nobody needs before somebody of the staff
        # comes to the door.
        from writer.desk.passkeys import Passkeys

        return Passkeys(self._csrf_key, self._cloak, self._site_name)

    def visitor(self, req: falcon.Request) -> Visitor | None:
        """Who sends the request; None: nobody who is logged in."""
        return self._visitor(_cookie(req, SESSION_COOKIE))

    def poster(self, req: falcon.Request) -> Visitor | None:
        """The same of a form for a post."""
        return self._visitor(_cookie(req, POSTING_COOKIE))

    def _visitor(self, token: str | None) -> Visitor | None:
        if token is None:
            return None
        with self._database.connection() as db:
            session = staff.session(db, token)
        if session is None:
            return None
        lacks_factor = not session.has_second_factor and self._must_have_factor(session.grants)
        return Visitor(
            session.staff,
            # SECURITY: whoever lacks it has no power, here as where posts are signed.
            () if lacks_factor else session.grants,
            self._form_token(token),
            session=session.no,
            is_proved=session.is_proved,
            lacks_factor=lacks_factor,
            language=self._language,
        )

    def _must_have_factor(self, grants: tuple[Grant, ...]) -> bool:
        asked = self._roles_with_factor
        return bool(asked & {"all", *(str(grant.role) for grant in grants)})

    def log_in(
        self, req: falcon.Request, name: str, password: str, address: Address
    ) -> LoggedIn | HalfLoggedIn:
        """A new session, or half of one where a second factor is to finish it.

        Raises:
            LoginFailed: the same for a wrong name, a wrong password and a disabled account.
            TooManyLogins, LoginsBusy: not even looked at.
            LoginUnavailable: it could not be looked at.
        """
        checked = self._check(req, name, password, address)
        token = secrets.token_urlsafe(_TOKEN_BYTES)

        def open_session(db: Connection) -> LoggedIn | HalfLoggedIn:
            if staff.has_second_factor(db, name):
                self._settle(db, name, checked)
                return HalfLoggedIn(self._half_logins.cookie(name, checked.kept_hash))
            logged_in = self._open(db, req, name, token, checked.password_hash)
            self._settle(db, name, checked)
            return logged_in._replace(device=self._known_devices.cookie(name, checked.kept_hash))

        return self._database.again_on_deadlock(open_session)

    def finish(self, req: falcon.Request, code: str) -> LoggedIn:
        """A new session, for a half log-in and a code that was not used yet.

        Raises:
            LogInAgain: there is no half log-in, or no longer.
            CodeWrong: neither of an app nor a recovery code.
            TooManyLogins: not even looked at.
        """
        half = _cookie(req, HALF_COOKIE)
        name = self._half_logins.name(half)
        with self._database.connection() as db:
            password_hash = staff.password_hash(db, name)
        if password_hash is None or not self._half_logins.is_good(half, password_hash):
            raise LogInAgain
        device = self._known_devices.device(_cookie(req, DEVICE_COOKIE), name, password_hash)
        # SECURITY: whoever has the password can use up the tries of strangers, not those of a
        # browser that has logged in before.
        of_code = self._allowances.of_code(name)
        taken = of_code if device is None else self._allowances.of_device(device)
        with self._database.connection() as db:
            allowances.take(db, taken)
        token = secrets.token_urlsafe(_TOKEN_BYTES)

        def open_session(db: Connection) -> LoggedIn:
            if not second_factors.use_code(db, name, code, self._cloak, time.time()):
                if not second_factors.use_recovery_code(db, name, code):
                    raise CodeWrong
                moderation_log.add(db, USED_RECOVERY_CODE, staff=name)
            allowances.give_back(db, taken)
            return self._open(db, req, name, token, password_hash)

        return self._database.again_on_deadlock(open_session)

    def log_in_by_passkey(self, req: falcon.Request, page: str, answer: str) -> LoggedIn:
        """A new session. A passkey is both factors by itself.

        Raises PasskeyRefused.
        """
        token = secrets.token_urlsafe(_TOKEN_BYTES)

        def open_session(db: Connection) -> LoggedIn:
            name = self.passkeys.signed(db, req, page, answer)
            password_hash = staff.password_hash(db, name)
            if password_hash is None:
                raise PasskeyRefused
            return self._open(db, req, name, token, password_hash)

        return self._database.again_on_deadlock(open_session)

    def prove_by_passkey(self, req: falcon.Request, visitor: Visitor, answer: str) -> None:
        """Whoever is logged in has a passkey of theirs at hand. Raises PasskeyRefused."""
        token = _cookie(req, SESSION_COOKIE)
        assert token is not None, "the gate has seen it"

        def note(db: Connection) -> None:
            if self.passkeys.signed(db, req, visitor.form_token, answer) != visitor.name:
                raise PasskeyRefused
            staff.prove(db, token)

        self._database.again_on_deadlock(note)

    def _open(
        self, db: Connection, req: falcon.Request, name: str, token: str, password_hash: str
    ) -> LoggedIn:
        """Raises LoginFailed: the password was changed meanwhile."""
        browser = browsers.told(req.user_agent)
        if not staff.open_session(db, name, token, password_hash=password_hash, device=browser):
            raise LoginFailed
        return LoggedIn(token, self._known_devices.cookie(name, password_hash))

    def prove(self, req: falcon.Request, visitor: Visitor, password: str, address: Address) -> None:
        """Whoever is logged in knows the password too. Raises as `log_in`."""
        checked = self._check(req, visitor.name, password, address)
        token = _cookie(req, SESSION_COOKIE)
        assert token is not None, "the gate has seen it"

        def note(db: Connection) -> None:
            staff.prove(db, token)
            self._settle(db, visitor.name, checked)

        self._database.again_on_deadlock(note)

    def new_hash(self, password: str) -> str:
        """Of a password that somebody chose. Raises LoginsBusy, LoginUnavailable."""
        with self._checks_of_known.turn():
            return self._checks_of_known.new_hash(password)

    def _check(self, req: falcon.Request, name: str, password: str, address: Address) -> _Checked:
        """Look at a password, and count that it was tried."""
        with self._database.connection() as db:
            password_hash = staff.password_hash(db, name)
        device = self._known_devices.device(_cookie(req, DEVICE_COOKIE), name, password_hash)
        checks = self._checks_of_strangers if device is None else self._checks_of_known
        with checks.turn():
            with self._database.connection() as db:
                taken = self._begin_attempt(db, name, address, device)
            # No connection is held meanwhile: this is slow by design.
            verdict = checks.check(password, password_hash)
        if password_hash is None or not verdict.matches:
            raise LoginFailed
        return _Checked(password_hash, verdict.renewed_hash, taken)

    def _settle(self, db: Connection, name: str, checked: _Checked) -> None:
        """The password was right: the try does not count."""
        allowances.give_back(db, checked.taken)
        if checked.renewed_hash is not None:
            staff.renew_hash(db, name, checked.renewed_hash)

    def _begin_attempt(
        self, db: Connection, name: str, address: Address, device: str | None
    ) -> tuple[Allowance, ...]:
        """Count an attempt, before the password is looked at: what it took, for one that is right.

        A known browser is counted by itself, strangers by their networks. When many have failed
        with one account, each has fewer tries there; but nobody takes another's.

        Raises TooManyLogins.
        """
        if device is not None:
            taken = self._allowances.of_device(device)
            allowances.take(db, taken)
            return taken
        account = self._allowances.of_account(name)
        is_besieged = allowances.is_used_up(db, account)
        taken = self._allowances.of_login(address, is_besieged=is_besieged)
        allowances.take(db, taken)
        with suppress(TooManyLogins):
            allowances.take(db, (account,))
            taken = (*taken, account)
        return taken

    def begin(self, req: falcon.Request, resp: falcon.Response, logged_in: LoggedIn) -> None:
        """Hand the browser its new cookies; the session that it had before is over."""
        self._end_old(req)
        session, device = logged_in
        self._set_cookie(req, resp, SESSION_COOKIE, session, max_age=staff.SESSION_KEPT_S)
        self._set_cookie(
            req,
            resp,
            POSTING_COOKIE,
            session,
            max_age=staff.SESSION_KEPT_S,
            path=POSTING_COOKIE_PATH,
        )
        self._remember(req, resp, device)
        resp.unset_cookie(HALF_COOKIE, path=COOKIE_PATH, same_site="Strict")
        resp.unset_cookie(LOGIN_COOKIE, path=COOKIE_PATH, same_site="Strict")

    def begin_half(
        self, req: falcon.Request, resp: falcon.Response, half_logged_in: HalfLoggedIn
    ) -> None:
        """Hand the browser the cookie with which a code finishes the log-in."""
        half = half_logged_in.half
        self._set_cookie(req, resp, HALF_COOKIE, half, max_age=HALF_KEPT_S)

    def remember(
        self, req: falcon.Request, resp: falcon.Response, name: str, password_hash: str
    ) -> None:
        """The browser stays a known one: it is whose password was changed from it."""
        self._remember(req, resp, self._known_devices.cookie(name, password_hash))

    def log_out(self, req: falcon.Request, resp: falcon.Response) -> None:
        self._end_old(req)
        resp.unset_cookie(SESSION_COOKIE, path=COOKIE_PATH, same_site="Strict")
        resp.unset_cookie(POSTING_COOKIE, path=POSTING_COOKIE_PATH, same_site="Strict")

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

    def _remember(self, req: falcon.Request, resp: falcon.Response, device: str) -> None:
        self._set_cookie(req, resp, DEVICE_COOKIE, device, max_age=KEPT_S)

    def _set_cookie(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        name: str,
        value: str,
        max_age: int | None = None,
        path: str = COOKIE_PATH,
    ) -> None:
        resp.set_cookie(
            name,
            value,
            max_age=max_age,
            path=path,
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
