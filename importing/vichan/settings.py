"""What vichan's settings say that matters for what comes, and which of our settings say the same.

Defaults are those of inc/config.php of vichan 5.2.1 (read 2026-11-28).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from imageboard.markup.marks import MARKS, VICHANS
from importing.vichan.php import Listed, Value

Settings = Mapping[str, Value]


#: {public_logs: public_log}
_LOG_WAS_TOLD = {1: "with_names", 2: "without_names"}
_NO_FLAG = re.compile(r"[^a-z0-9_-]+")
_FLAG_CHARS_MAX = 32
_ANONYMOUS = "Anonymous"
_SRC = "src/"
_THUMB = "thumb/"


@dataclass(frozen=True, slots=True)
class BoardConfig:
    """Of one board."""

    board: str
    anonymous: str = _ANONYMOUS
    #: None: it has no IDs.
    poster_id_chars: int | None = None
    secure_trip_salt: str | None = None
    #: Folders of its files, below its own.
    src: str = _SRC
    thumb: str = _THUMB
    #: Flags that posters choose from, by vichan's own names: a country may be called the same.
    flags: frozenset[str] = frozenset()


def config_of(board: str, settings: Settings) -> BoardConfig:
    """`settings` are those of the site, with the board's own over them."""
    anonymous = settings.get("anonymous")
    salt = settings.get("secure_trip_salt")
    return BoardConfig(
        board,
        anonymous=anonymous if isinstance(anonymous, str) else _ANONYMOUS,
        poster_id_chars=(
            _count(settings, "poster_id_length", 5) if settings.get("poster_ids") else None
        ),
        secure_trip_salt=str(salt) if salt else None,
        src=_folder(settings, "dir.img", _SRC),
        thumb=_folder(settings, "dir.thumb", _THUMB),
        flags=frozenset(flag_titles(settings)),
    )


def flag_titles(settings: Settings) -> dict[str, str]:
    """{'nz': 'Nazi'} of those that posters choose from, by vichan's own names for them."""
    if not settings.get("user_flag"):
        return {}
    listed = settings.get("user_flags")
    told = (
        {str(name): title for name, title in listed.items()} if isinstance(listed, Listed) else {}
    )
    alone = "user_flags."
    told |= {
        name.removeprefix(alone): title
        for name, title in settings.items()
        if name.startswith(alone)
    }
    return {name: title if isinstance(title, str) else name for name, title in told.items()}


def flag_name(spelled: str) -> str:
    """As our flags are called: 'AK 47' -> 'ak-47'; '' if nothing of it can be."""
    return _NO_FLAG.sub("-", spelled.lower()).lstrip("_-")[:_FLAG_CHARS_MAX]


def log_was_told(settings: Settings) -> str:
    """To whom, in the words of our setting public_log."""
    told = settings.get("public_logs")
    return _LOG_WAS_TOLD.get(int(told) if isinstance(told, int | float) else 0, "none")


def secrets_of(settings: Settings) -> dict[str, str]:
    """By the names that it has for them, those that it uses for passwords and tripcodes."""
    names = ("secure_trip_salt", "secure_password_salt")
    return {name: str(settings[name]) for name in names if settings.get(name)}


class _Same(NamedTuple):
    """A setting of ours that says the same as one of vichan's."""

    ours: str
    default: Value
    #: vichan's value -> ours; '' leaves ours as it is.
    told: Callable[[Value], str]


def _whole(lowest: int, highest: int) -> Callable[[Value], str]:
    def told(value: Value) -> str:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return ""
        return str(min(max(int(value), lowest), highest))

    return told


def _flag(value: Value) -> str:
    return "on" if value else "off"


#: {vichan's: ours}
_SAME = {
    "threads_per_page": _Same("threads_per_page", 10, _whole(1, 50)),
    "max_pages": _Same("pages_max", 10, _whole(1, 100)),
    "threads_preview": _Same("preview_replies", 5, _whole(0, 20)),
    "threads_preview_sticky": _Same("preview_replies_sticky", 1, _whole(0, 20)),
    # Both count the reply that no longer bumps (tests/imageboard/test_post_rules.py).
    "reply_limit": _Same("bump_limit", 250, _whole(0, 100_000)),
    "reply_hard_limit": _Same("reply_limit", 0, _whole(0, 100_000)),
    "image_hard_limit": _Same("image_limit", 0, _whole(0, 100_000)),
    "cycle_limit": _Same("cyclical_replies", 250, _whole(10, 5_000)),
    "max_images": _Same("files_max", 1, _whole(0, 5)),
    "max_body": _Same("body_chars_max", 1800, _whole(1, 20_000)),
    "poster_ids": _Same("poster_ids", False, _flag),
    "force_image_op": _Same("thread_needs_file", True, _flag),
    "force_body": _Same("reply_needs_body", False, _flag),
    "force_body_op": _Same("thread_needs_body", True, _flag),
    "force_subject_op": _Same("thread_needs_subject", False, _flag),
    "field_disable_name": _Same("forced_anonymous", False, _flag),
}


def ours(settings: Settings) -> dict[str, str]:
    """{'bump_limit': '250', …}: a board with these behaves as it did."""
    told = {
        same.ours: same.told(settings.get(theirs, same.default)) for theirs, same in _SAME.items()
    }
    anonymous = settings.get("anonymous")
    if isinstance(anonymous, str) and 0 < len(anonymous) <= 35:
        told["anonymous_name"] = anonymous
    # Old texts look as they did: what our other marks would make of them nobody meant.
    marks = VICHANS if settings.get("markup_code") else VICHANS - {"code"}
    told["marks"] = " ".join(mark for mark in MARKS if mark in marks)
    return {name: value for name, value in told.items() if value}


def _count(settings: Settings, name: str, default: int) -> int:
    value = settings.get(name)
    return value if isinstance(value, int) and 0 < value <= 16 else default


def _folder(settings: Settings, name: str, default: str) -> str:
    """'src/'; nothing that leads out of the board's own."""
    value = str(settings.get(name) or default).strip("/")
    return f"{value}/" if value and ".." not in value.split("/") else default
