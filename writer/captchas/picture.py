"""A picture with letters to type: for posters without JavaScript, or for all."""

from __future__ import annotations

import base64
import hmac
import secrets
import time
from dataclasses import dataclass
from random import Random, SystemRandom
from typing import Any

from imageboard.captchas import BY_NAME
from imageboard.cloaks import derived_key
from imageboard.settings import Settings
from imageboard.store.database import Database
from imageboard.words import N_
from writer import speech
from writer.board_list import BoardList
from writer.forms import Form
from writer.sealing import SealedCaptcha, Sentences

#: None that is taken for another one, in capitals or small.
LETTERS = "ACDEFHJKLMNPRTUWXY"
LENGTH = 6


@dataclass(frozen=True, slots=True)
class PictureCaptcha(SealedCaptcha):
    """Asks for what a picture shows, and a sound says at `sounds_at`."""

    sounds_at: str

    sentences = Sentences(
        missing=N_("Type the letters of the picture, then send the form."),
        too_old=N_(
            "The picture is too old, or its letters were typed before."
            " Here is another one: type its letters, then send the form."
        ),
        wrong=N_(
            "These were not the letters of the picture."
            " Here is another one: type its letters, then send the form."
        ),
    )

    def challenge(self, _board_name: str) -> dict[str, Any]:
        """`image` is a data: URL; `audio` an address, since few listen: it is made when they do."""
        # Imported here: Pillow and its libraries are 4 MB, and few boards ask by pictures.
        from writer import letters

        text = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        png = base64.b64encode(letters.drawn(text, SystemRandom())).decode()
        challenge_id = self.fresh_id(text)
        return {
            "id": challenge_id,
            "image": f"data:image/png;base64,{png}",
            "audio": f"{self.sounds_at}?id={challenge_id}",
        }

    def sound(self, challenge_id: str) -> bytes | None:
        """A WAV, the same whenever it is asked for; None: it is none of ours, or too old.

        SECURITY: the noise of one that changed could be reckoned away, and so could one that
        followed from the id, which everybody has.
        """
        asked = self.opened(challenge_id)
        if asked is None or asked.expires_s < time.time():
            return None
        noise = hmac.digest(self.key, b"noise" + asked.nonce, "sha256")
        return speech.spoken(asked.text, Random(noise))  # noqa: S311 - as secret as the key

    def is_right(self, asked: str, typed: str, _form: Form) -> bool:
        read = "".join(typed.split()).upper()
        return secrets.compare_digest(asked.encode(), read.encode())


def from_settings(settings: Settings, database: Database, _boards: BoardList) -> PictureCaptcha:
    sounds_at = BY_NAME["picture"].sound
    assert sounds_at is not None
    return PictureCaptcha(derived_key(settings.csrf_key, b"picture captcha"), database, sounds_at)
