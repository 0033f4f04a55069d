"""A picture with letters to type: for posters without JavaScript, or for all.

What is to be typed is sealed into the picture's id, so that nothing is kept of pictures that nobody
answers. One try is one id: whoever types something wrong is shown another picture.
"""

from __future__ import annotations

import base64
import secrets
import struct
import time
from dataclasses import dataclass, field
from random import SystemRandom
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from imageboard.cloaks import Address, derived_key
from imageboard.errors import CaptchaFailed
from imageboard.settings import Settings
from imageboard.store import spent_answers
from imageboard.store.database import Database
from imageboard.words import N_
from monitoring import metrics
from writer import letters
from writer.forms import Form

#: None that is taken for another one, in capitals or small.
LETTERS = "ACDEFHJKLMNPRTUWXY"
LENGTH = 6
#: A refused form is mended meanwhile.
GOOD_FOR_S = 20 * 60
_NONCE_BYTES = 12
_EXPIRES = struct.Struct(">Q")
_ID_CHARS_MAX = 200


class Asked(NamedTuple):
    text: str
    expires_s: int
    #: Tells this picture from all others.
    nonce: bytes


@dataclass(frozen=True, slots=True)
class PictureCaptcha:
    """Seals what pictures show with `key`, and takes each answer once."""

    key: bytes = field(repr=False)
    database: Database

    def challenge(self) -> dict[str, Any]:
        """`image` is a data: URL; there is no `audio` yet."""
        text = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        png = base64.b64encode(letters.drawn(text, SystemRandom())).decode()
        return {
            "id": self.sealed(text, int(time.time()) + GOOD_FOR_S),
            "image": f"data:image/png;base64,{png}",
            "audio": None,
        }

    def check(self, form: Form, _address: Address) -> None:
        """Let a form pass whose letters are right, at the first try.

        Raises:
            CaptchaFailed: they are not; the picture is used up.
            StoreUnavailable: nobody can tell whether it was used before.
        """
        typed = "".join(form.get("captcha_text").split()).upper()
        if not typed:
            metrics.captchas.labels("missing").inc()
            raise CaptchaFailed(
                N_("Type the letters of the picture, then send the form."), field="captcha_text"
            )
        asked = self.opened(form.get("captcha_id"))
        if asked is None or asked.expires_s < time.time() or not self._spend(asked, form):
            metrics.captchas.labels("failed").inc()
            raise CaptchaFailed(
                N_(
                    "The picture is too old, or its letters were typed before."
                    " Here is another one: type its letters, then send the form."
                ),
                field="captcha_text",
            )
        if not secrets.compare_digest(asked.text.encode(), typed.encode()):
            metrics.captchas.labels("failed").inc()
            raise CaptchaFailed(
                N_(
                    "These were not the letters of the picture."
                    " Here is another one: type its letters, then send the form."
                ),
                field="captcha_text",
            )
        metrics.captchas.labels("solved").inc()

    def sealed(self, text: str, expires_s: int) -> str:
        """The id of a picture that shows `text`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        closed = AESGCM(self.key).encrypt(nonce, _EXPIRES.pack(expires_s) + text.encode(), None)
        return base64.urlsafe_b64encode(nonce + closed).decode().rstrip("=")

    def opened(self, picture_id: str) -> Asked | None:
        """What it asks for; None: it is none of ours."""
        try:
            padded = picture_id[:_ID_CHARS_MAX] + "=" * (-len(picture_id) % 4)
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


def from_settings(settings: Settings, database: Database) -> PictureCaptcha:
    return PictureCaptcha(derived_key(settings.csrf_key, b"picture captcha"), database)
