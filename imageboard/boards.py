"""Boards and what their owners can set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from imageboard.errors import BadBoardSetting, NoSuchBoard

_NAME = re.compile(r"[a-z0-9]{1,16}")


@dataclass(frozen=True, slots=True)
class BoardSettings:
    """What `stillboard board set` can change; a limit of 0 means none."""

    title: str = "Random"
    subtitle: str = ""
    anonymous_name: str = "Anonymous"
    #: The reply that no longer bumps its thread, counted from 1 (vichan: reply_limit, 250).
    bump_limit: int = 250
    #: Replies after which a thread takes no more.
    reply_limit: int = 0
    threads_per_page: int = 10
    pages_max: int = 10
    #: Replies shown under an OP on board pages.
    preview_replies: int = 5
    preview_replies_sticky: int = 1
    body_chars_max: int = 4000
    body_lines_max: int = 200
    subject_chars_max: int = 100
    name_chars_max: int = 35
    email_chars_max: int = 40
    upload_bytes_max: int = 10 * 1024 * 1024
    files_max: int = 1
    thumb_px_max: int = 255
    thread_needs_file: bool = False
    thread_needs_body: bool = False
    thread_needs_subject: bool = False
    poster_ids: bool = True
    #: Seconds that one address waits between two posts, two threads, two posts of the same text.
    reply_wait_s: int = 10
    thread_wait_s: int = 30
    same_text_wait_s: int = 120

    def changed(self, changes: Mapping[str, str]) -> BoardSettings:
        """These settings with `changes` ({'bump_limit': '300'}) made.

        Raises:
            BadBoardSetting: an unknown name, or a value that does not fit.
        """
        values: dict[str, Any] = {name: _read(name, text) for name, text in changes.items()}
        return replace(self, **values)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> BoardSettings:
        """What the database holds; a setting that it does not know yet has its default."""
        known = {attribute.name for attribute in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})


#: Lowest and highest value of each numeric setting. The highest keep a page to a size that an
#: old phone can hold and a form to what nginx lets through.
_BOUNDS = {
    "bump_limit": (0, 100_000),
    "reply_limit": (0, 100_000),
    "threads_per_page": (1, 50),
    "pages_max": (1, 100),
    "preview_replies": (0, 20),
    "preview_replies_sticky": (0, 20),
    "body_chars_max": (1, 20_000),
    "body_lines_max": (1, 2_000),
    "subject_chars_max": (1, 200),
    "name_chars_max": (1, 100),
    "email_chars_max": (4, 100),
    "upload_bytes_max": (0, 10 * 1024 * 1024),
    "files_max": (0, 5),
    "thumb_px_max": (32, 1024),
    "reply_wait_s": (0, 3600),
    "thread_wait_s": (0, 86_400),
    "same_text_wait_s": (0, 86_400),
}
_TEXT_NEEDED = ("title", "anonymous_name")
_TEXT_CHARS_MAX = {"title": 80, "subtitle": 200, "anonymous_name": 35}


def _read(name: str, text: str) -> str | int | bool:
    if name in _BOUNDS:
        low, high = _BOUNDS[name]
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise BadBoardSetting(name=name, fault=f"a whole number from {low} to {high}, please")
        return int(text)
    if name in _TEXT_NEEDED and not text.strip():
        raise BadBoardSetting(name=name, fault="can't be empty")
    if name in _TEXT_CHARS_MAX:
        if len(text) > _TEXT_CHARS_MAX[name] or any(ord(char) < 32 for char in text):
            raise BadBoardSetting(
                name=name, fault=f"one line of at most {_TEXT_CHARS_MAX[name]} characters, please"
            )
        return text
    known = {attribute.name for attribute in fields(BoardSettings)}
    if name not in known:
        raise BadBoardSetting(
            name=name, fault=f"no such setting; there are {', '.join(sorted(known))}"
        )
    if text.lower() not in ("on", "off", "true", "false", "1", "0", "yes", "no"):
        raise BadBoardSetting(name=name, fault="on or off, please")
    return text.lower() in ("on", "true", "1", "yes")


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


def read_board_name(text: str) -> str:
    """'b' and '/b/' -> 'b'. Raises NoSuchBoard when no board can be called that."""
    name = text.strip().strip("/")
    if not _NAME.fullmatch(name):
        raise NoSuchBoard(board=name)
    return name
