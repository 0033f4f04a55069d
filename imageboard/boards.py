"""Boards and their names."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from imageboard import plain_text
from imageboard.addresses import BOARD_NAME
from imageboard.errors import BadBoardSetting, NoSuchBoard
from imageboard.settings import BoardSettings
from imageboard.words import ENGLISH, LANGUAGES, N_, Language

#: First parts of addresses that are no board's: ours, and those of other engines.
RESERVED = frozenset(
    "assets captcha healthz log metrics mod overboard post readyz"
    " file js static stylesheets".split()
)

_NAME = re.compile(BOARD_NAME)
_NEW_NAME = re.compile(r"[a-z0-9]{1,16}")


@dataclass(frozen=True, slots=True)
class Board:
    """One board as the database holds it."""

    name: str
    settings: BoardSettings
    #: Number of the board's last change; every page says which change it shows.
    change_no: int = 0
    last_no: int = 0
    #: Change at which the settings last changed: every fragment made before it is stale.
    settings_change_no: int = 0
    #: What all of its pages look like (renderer/appearance.py); None: not all look the same.
    drawn_as: str | None = None
    #: Of its pages, as `on_site_in` finds it.
    language: Language = ENGLISH

    def on_site_in(self, language: Language) -> Board:
        """The same on a site of this language, which is the board's if it has none of its own."""
        return replace(self, language=LANGUAGES.get(self.settings.language, language))


def read_board_name(text: str) -> str:
    """'b' and '/b/' -> 'b'. Raises NoSuchBoard when no board can be called that."""
    name = text.strip().strip("/")
    if not _NAME.fullmatch(name):
        raise NoSuchBoard(board=name)
    return name


def read_new_name(text: str) -> str:
    """The name of a board that is to be: 'b'. Raises BadBoardSetting."""
    if not _NEW_NAME.fullmatch(text):
        fault = N_("a name of 1 to 16 small letters and digits, please")
        raise BadBoardSetting(name=text, fault=fault)
    if text in RESERVED:
        raise BadBoardSetting(name=text, fault=N_("this name is taken by an address of the site"))
    return text


def read_old_name(text: str) -> str:
    """The name of a board that comes from another engine: 'λ', as it was there.

    Raises BadBoardSetting: an address of the site has it, or nobody could see or type it.
    """
    is_seen = plain_text.only_seen(text) == text == unicodedata.normalize("NFC", text)
    if not (_NAME.fullmatch(text) and is_seen and text.isprintable()):
        fault = N_("a name of 1 to 58 letters, digits, `$` and `_`, please")
        raise BadBoardSetting(name=text, fault=fault)
    if text in RESERVED:
        raise BadBoardSetting(name=text, fault=N_("this name is taken by an address of the site"))
    return text
