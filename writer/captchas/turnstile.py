"""Turnstile, Cloudflare's.

The call is that of
https://developers.cloudflare.com/turnstile/get-started/server-side-validation/
(read 2026-11-29). A response is good for five minutes.
"""

from __future__ import annotations

from typing import ClassVar

from imageboard.captchas import BY_NAME
from imageboard.settings import Settings
from imageboard.store.database import Database
from imageboard.words import N_
from writer.board_list import BoardList
from writer.siteverify import SOLVE_AGAIN, TOO_OLD, Siteverify, made


class Turnstile(Siteverify):
    provider = BY_NAME["turnstile"]
    missing = N_(
        "The captcha was not solved: wait until it says so above the button, then send the form"
        " again. It needs JavaScript."
    )
    sentences: ClassVar = {
        "invalid-input-response": SOLVE_AGAIN,
        "missing-input-response": SOLVE_AGAIN,
        "timeout-or-duplicate": TOO_OLD,
    }


def from_settings(settings: Settings, database: Database, _boards: BoardList) -> Siteverify:
    """Raises BadSetting: the widget is shown, and nobody could check its answers."""
    return made(Turnstile, settings, database)
