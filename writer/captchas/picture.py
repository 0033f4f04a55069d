"""A picture with letters to type: for posters without JavaScript, or for all."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from random import SystemRandom
from typing import Any

from imageboard.cloaks import derived_key
from imageboard.settings import Settings
from imageboard.store.database import Database
from imageboard.words import N_
from writer import letters
from writer.board_list import BoardList
from writer.forms import Form
from writer.sealing import SealedCaptcha, Sentences

#: None that is taken for another one, in capitals or small.
LETTERS = "ACDEFHJKLMNPRTUWXY"
LENGTH = 6


@dataclass(frozen=True, slots=True)
class PictureCaptcha(SealedCaptcha):
    """Asks for what a picture shows."""

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
        """`image` is a data: URL; there is no `audio` yet."""
        text = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        png = base64.b64encode(letters.drawn(text, SystemRandom())).decode()
        return {
            "id": self.fresh_id(text),
            "image": f"data:image/png;base64,{png}",
            "audio": None,
        }

    def is_right(self, asked: str, typed: str, _form: Form) -> bool:
        read = "".join(typed.split()).upper()
        return secrets.compare_digest(asked.encode(), read.encode())


def from_settings(settings: Settings, database: Database, _boards: BoardList) -> PictureCaptcha:
    return PictureCaptcha(derived_key(settings.csrf_key, b"picture captcha"), database)
