"""Passes: whoever has solved a captcha is spared the next ones, a number of posts within a day.

A pass is signed and says nothing but when it ends; it belongs to nobody and to no network, so that
phones and Tor may change theirs. What bounds it is its count, which all writers share: a row is
written when it is first used, and forgotten with it. A pass is never made longer: the next captcha
that is solved earns another, which has nothing in common with it.
"""

from __future__ import annotations

import base64
import hmac
import secrets
import struct
import time
from dataclasses import dataclass, field
from typing import NamedTuple

import falcon

from imageboard.captchas import PASS_FIELD, CaptchaPass
from imageboard.cloaks import derived_key
from imageboard.settings import BoardSettings, Settings
from imageboard.store import spent_answers
from imageboard.store.database import Database
from monitoring import metrics
from writer import clients
from writer.forms import Form

GOOD_FOR_S = 24 * 60 * 60
#: Readers' pages are never sent it.
COOKIE_PATH = "/post"
COOKIE = "stillboard_captcha_pass"
_EXPIRES = struct.Struct(">Q")
_NONCE_BYTES = 16
_SIGNATURE_BYTES = 32
_VALUE_CHARS_MAX = 200


class _Opened(NamedTuple):
    nonce: bytes
    expires_s: int


@dataclass(frozen=True, slots=True)
class CaptchaPasses:
    """Signs passes with `key`, and counts what each of them has spared."""

    key: bytes = field(repr=False)
    database: Database
    is_production: bool = False

    def earned(self, settings: BoardSettings) -> CaptchaPass | None:
        """A fresh one, for who has solved a captcha; None: the board spares nobody."""
        if not settings.captcha_pass_posts:
            return None
        expires_s = int(time.time()) + GOOD_FOR_S
        said = secrets.token_bytes(_NONCE_BYTES) + _EXPIRES.pack(expires_s)
        value = base64.urlsafe_b64encode(said + self._signature(said)).decode()
        return CaptchaPass(value, settings.captcha_pass_posts, expires_s)

    def spares(self, form: Form, settings: BoardSettings) -> bool:
        """Whether its pass spares this form a captcha, which is then counted.

        Each board takes as many posts of a pass as it says itself, wherever they were used.
        Raises StoreUnavailable: nobody can tell how often it was.
        """
        opened = self._opened(form.captcha_pass) if settings.captcha_pass_posts else None
        if opened is None or opened.expires_s < time.time():
            return False
        with self.database.connection() as db:
            is_spared = spent_answers.spend(
                db,
                opened.nonce.hex(),
                opened.expires_s,
                form.delivery,
                uses_max=settings.captcha_pass_posts,
            )
        if is_spared:
            metrics.captchas.labels("spared").inc()
        return is_spared

    def hand_out(self, req: falcon.Request, resp: falcon.Response, earned: CaptchaPass) -> None:
        """As a cookie; programs find the same in the answer's JSON."""
        resp.set_cookie(
            COOKIE,
            earned.value,
            max_age=GOOD_FOR_S,
            path=COOKIE_PATH,
            # Over plain http, as on a developer's machine, a browser would not send it back.
            secure=self.is_production or clients.is_secure(req),
            http_only=True,
            same_site="Strict",
        )

    def _opened(self, value: str) -> _Opened | None:
        """None: it is none of ours."""
        try:
            whole = base64.urlsafe_b64decode(value[:_VALUE_CHARS_MAX].encode("ascii"))
        except ValueError:
            return None
        said, signature = whole[:-_SIGNATURE_BYTES], whole[-_SIGNATURE_BYTES:]
        if len(said) != _NONCE_BYTES + _EXPIRES.size:
            return None
        if not hmac.compare_digest(self._signature(said), signature):
            return None
        return _Opened(said[:_NONCE_BYTES], *_EXPIRES.unpack(said[_NONCE_BYTES:]))

    def _signature(self, said: bytes) -> bytes:
        return hmac.digest(self.key, said, "sha256")


def sent_with(req: falcon.Request, form: Form) -> str:
    """The pass that came with a form: a program's in its field, a browser's as a cookie; or ''."""
    return form.get(PASS_FIELD) or next(iter(req.get_cookie_values(COOKIE) or ()), "")


def from_settings(settings: Settings, database: Database) -> CaptchaPasses:
    key = derived_key(settings.csrf_key, b"captcha pass")
    return CaptchaPasses(key, database, settings.environment == "production")
