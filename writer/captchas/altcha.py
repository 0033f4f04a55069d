"""ALTCHA: the poster's machine looks for a number, which takes it a moment and ours none.

The protocol is that of https://altcha.org/docs/v2/proof-of-work-v1/ (read 2026-11-28): a challenge
is SHA-256(salt + number) in hexadecimal digits, and signed with HMAC-SHA-256; the answer is the
challenge with its number, as base64 of JSON. The salt says when it expires, and ends in `&`: digits
of the number can't be counted to it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from imageboard.cloaks import Address, derived_key
from imageboard.errors import CaptchaFailed
from imageboard.settings import Settings
from imageboard.store import spent_answers
from imageboard.store.database import Database
from imageboard.words import N_
from monitoring import metrics
from writer.board_list import BoardList
from writer.forms import Form

ALGORITHM = "SHA-256"
#: PERF: on average half of them are tried, in Chromium within 0.4 s of two busy cores; on one that
#: is slowed down 20 times, as old phones are, within 4 s, while somebody writes.
NUMBER_MAX = 120_000
#: For who begins to write, and goes for a coffee.
GOOD_FOR_S = 30 * 60
_ANSWER_CHARS_MAX = 2_000
_SALT = re.compile(r"[0-9a-f]{24}\?expires=([0-9]{1,12})&")


class _Answer(NamedTuple):
    algorithm: str
    challenge: str
    number: int
    salt: str
    signature: str


@dataclass(frozen=True, slots=True)
class Altcha:
    """Signs challenges with `key`, and takes each answer once."""

    key: bytes = field(repr=False)
    database: Database

    def challenge(self, _board_name: str) -> dict[str, Any]:
        expires_s = int(time.time()) + GOOD_FOR_S
        salt = f"{secrets.token_hex(12)}?expires={expires_s}&"
        challenge = _challenge(salt, secrets.randbelow(NUMBER_MAX + 1))
        return {
            "algorithm": ALGORITHM,
            "challenge": challenge,
            "maxnumber": NUMBER_MAX,
            "salt": salt,
            "signature": self._signature(challenge),
        }

    def check(self, form: Form, _address: Address) -> None:
        """Let a form pass whose number is right, and comes for the first time.

        Raises:
            CaptchaFailed: it is not.
            StoreUnavailable: nobody can tell whether it was used before.
        """
        sent = form.get("altcha")
        if not sent:
            metrics.captchas.labels("missing").inc()
            raise CaptchaFailed(
                N_(
                    "The captcha was not solved. With JavaScript your browser solves it by itself:"
                    " send the form again. Without, type the letters of the picture first."
                )
            )
        answer = _read(sent)
        if answer is None or not self._is_right(answer):
            metrics.captchas.labels("failed").inc()
            raise CaptchaFailed(N_("The captcha was not solved: its answer is wrong. Try again."))
        expires_s = _expires_s(answer.salt)
        if expires_s < time.time() or not self._spend(answer, expires_s, form):
            metrics.captchas.labels("failed").inc()
            raise CaptchaFailed(
                N_("The captcha was not solved: it was too old or used before. Send it again.")
            )
        metrics.captchas.labels("solved").inc()

    def _is_right(self, answer: _Answer) -> bool:
        return (
            answer.algorithm == ALGORITHM
            and _SALT.fullmatch(answer.salt) is not None
            and hmac.compare_digest(self._signature(answer.challenge), answer.signature)
            and hmac.compare_digest(_challenge(answer.salt, answer.number), answer.challenge)
        )

    def _spend(self, answer: _Answer, expires_s: int, form: Form) -> bool:
        with self.database.connection() as db:
            return spent_answers.spend(db, answer.challenge, expires_s, form.delivery)

    def _signature(self, challenge: str) -> str:
        return hmac.digest(self.key, challenge.encode(), "sha256").hex()


def from_settings(settings: Settings, database: Database, _boards: BoardList) -> Altcha:
    return Altcha(derived_key(settings.csrf_key, b"altcha"), database)


def _challenge(salt: str, number: int) -> str:
    return hashlib.sha256(f"{salt}{number}".encode()).hexdigest()


def _expires_s(salt: str) -> int:
    found = _SALT.fullmatch(salt)
    assert found is not None, "it was signed"
    return int(found[1])


def _read(sent: str) -> _Answer | None:
    """None: it is no answer at all."""
    try:
        told = json.loads(base64.b64decode(sent[:_ANSWER_CHARS_MAX], validate=True))
        answer = _Answer(**{name: told[name] for name in _Answer._fields})
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    texts = (answer.algorithm, answer.challenge, answer.salt, answer.signature)
    if not all(isinstance(text, str) and text.isascii() for text in texts):
        return None
    return answer if type(answer.number) is int and 0 <= answer.number <= NUMBER_MAX else None
