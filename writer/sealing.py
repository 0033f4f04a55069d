"""What captchas that people answer by typing have in common: one is a picture, one a question.

What is asked is sealed into the challenge's id, so that nothing is kept of those that nobody
answers. One try is one id: whoever types something wrong is asked anew.
"""

from __future__ import annotations

import base64
import secrets
import struct
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from imageboard.captchas import TYPED_FIELDS
from imageboard.cloaks import Address
from imageboard.errors import CaptchaFailed
from imageboard.store import spent_answers
from imageboard.store.database import Database
from imageboard.words import Message
from monitoring import metrics
from writer.forms import Form

#: A refused form is mended meanwhile.
GOOD_FOR_S = 20 * 60
ID_FIELD, TEXT_FIELD = TYPED_FIELDS
_NONCE_BYTES = 12
_EXPIRES = struct.Struct(">Q")
_ID_CHARS_MAX = 1_500
_TYPED_CHARS_MAX = 200


class Asked(NamedTuple):
    text: str
    expires_s: int
    #: Tells this challenge from all others.
    nonce: bytes


class Sentences(NamedTuple):
    """What a poster reads who has not solved it."""

    missing: Message
    too_old: Message
    wrong: Message


@dataclass(frozen=True, slots=True)
class SealedCaptcha(ABC):
    """Seals what is asked with `key`, and takes each answer once."""

    key: bytes = field(repr=False)
    database: Database

    sentences: ClassVar[Sentences]

    @abstractmethod
    def is_right(self, asked: str, typed: str, form: Form) -> bool:
        """Whether it was typed as it should be."""

    def check(self, form: Form, _address: Address) -> None:
        """Let a form pass whose answer is right, at the first try.

        Raises:
            CaptchaFailed: it is not; the challenge is used up.
            StoreUnavailable: nobody can tell whether it was used before.
        """
        typed = form.get(TEXT_FIELD)[:_TYPED_CHARS_MAX]
        if not typed.strip():
            metrics.captchas.labels("missing").inc()
            raise CaptchaFailed(self.sentences.missing, field=TEXT_FIELD)
        asked = self.opened(form.get(ID_FIELD))
        if asked is None or asked.expires_s < time.time() or not self._spend(asked, form):
            metrics.captchas.labels("failed").inc()
            raise CaptchaFailed(self.sentences.too_old, field=TEXT_FIELD)
        if not self.is_right(asked.text, typed, form):
            metrics.captchas.labels("failed").inc()
            raise CaptchaFailed(self.sentences.wrong, field=TEXT_FIELD)
        metrics.captchas.labels("solved").inc()

    def fresh_id(self, text: str) -> str:
        return self.sealed(text, int(time.time()) + GOOD_FOR_S)

    def sealed(self, text: str, expires_s: int) -> str:
        """The id of a challenge that asks for `text`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        closed = AESGCM(self.key).encrypt(nonce, _EXPIRES.pack(expires_s) + text.encode(), None)
        return base64.urlsafe_b64encode(nonce + closed).decode().rstrip("=")

    def opened(self, challenge_id: str) -> Asked | None:
        """What it asks for; None: it is none of ours."""
        try:
            padded = challenge_id[:_ID_CHARS_MAX] + "=" * (-len(challenge_id) % 4)
            whole = base64.urlsafe_b64decode(padded.encode("ascii"))
            nonce, closed = whole[:_NONCE_BYTES], whole[_NONCE_BYTES:]
            opened = AESGCM(self.key).decrypt(nonce, closed, None)
        except (ValueError, InvalidTag):
            return None
        (expires_s,) = _EXPIRES.unpack(opened[: _EXPIRES.size])
        return Asked(opened[_EXPIRES.size :].decode(), expires_s, nonce)

    def _spend(self, asked: Asked, form: Form) -> bool:
        with self.database.connection() as db:
            return spent_answers.spend(db, asked.nonce.hex(), asked.expires_s, form.delivery)
