"""hCaptcha, of Intuition Machines.

The call is that of https://docs.hcaptcha.com/ (read 2026-11-29).
"""

from __future__ import annotations

from typing import ClassVar

from imageboard.captchas import BY_NAME
from imageboard.settings import Settings
from imageboard.store.database import Database
from writer.board_list import BoardList
from writer.siteverify import SOLVE_AGAIN, TICK_THE_BOX, TOO_OLD, Siteverify, made


class Hcaptcha(Siteverify):
    provider = BY_NAME["hcaptcha"]
    missing = TICK_THE_BOX
    sentences: ClassVar = {
        "invalid-input-response": SOLVE_AGAIN,
        "missing-input-response": SOLVE_AGAIN,
        "expired-input-response": TOO_OLD,
        "already-seen-response": TOO_OLD,
        "invalid-or-already-seen-response": TOO_OLD,
    }


def from_settings(settings: Settings, database: Database, _boards: BoardList) -> Siteverify:
    """Raises BadSetting: the widget is shown, and nobody could check its answers."""
    return made(Hcaptcha, settings, database)
