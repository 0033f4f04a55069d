"""reCAPTCHA, Google's.

The call is that of https://developers.google.com/recaptcha/docs/verify (read 2026-11-24). A
response is good for two minutes.
"""

from __future__ import annotations

from typing import ClassVar

from imageboard.captchas import BY_NAME
from imageboard.settings import Settings
from imageboard.store.database import Database
from writer.board_list import BoardList
from writer.siteverify import SOLVE_AGAIN, TICK_THE_BOX, TOO_OLD, Siteverify, made


class Recaptcha(Siteverify):
    provider = BY_NAME["recaptcha"]
    missing = TICK_THE_BOX
    sentences: ClassVar = {
        "invalid-input-response": SOLVE_AGAIN,
        "missing-input-response": SOLVE_AGAIN,
        "timeout-or-duplicate": TOO_OLD,
    }


def from_settings(settings: Settings, database: Database, _boards: BoardList) -> Siteverify:
    """Raises BadSetting: the widget is shown, and nobody could check its answers."""
    return made(Recaptcha, settings, database)
