"""boards.json: what boards are called, and which settings of ours say the same."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

BYTES_MAX = 16 << 20


class _Same(NamedTuple):
    """A setting of ours that says the same as a field."""

    ours: str
    told: Callable[[Any], str]


def _whole(lowest: int, highest: int) -> Callable[[Any], str]:
    def told(value: Any) -> str:
        if not isinstance(value, int) or isinstance(value, bool):
            return ""
        return str(min(max(value, lowest), highest))

    return told


def _flag(value: Any) -> str:
    return "on" if value in (1, True) else "off"


#: {4chan's: ours}
_SAME = {
    "per_page": _Same("threads_per_page", _whole(1, 50)),
    "pages": _Same("pages_max", _whole(1, 100)),
    "bump_limit": _Same("bump_limit", _whole(0, 100_000)),
    "image_limit": _Same("image_limit", _whole(0, 100_000)),
    "max_comment_chars": _Same("body_chars_max", _whole(1, 20_000)),
    "user_ids": _Same("poster_ids", _flag),
    "forced_anon": _Same("forced_anonymous", _flag),
    "ws_board": _Same("worksafe", _flag),
}


class Told(NamedTuple):
    """What is told of one board."""

    title: str = ""
    subtitle: str = ""
    settings: Mapping[str, str] = {}


def read(path: Path) -> dict[str, Told]:
    """{board: what is told of it}; of a file that is not there, or says nothing of boards, {}."""
    try:
        with path.open("rb") as file:
            return boards(json.loads(file.read(BYTES_MAX)))
    except (OSError, ValueError, RecursionError):
        return {}


def boards(told: Any) -> dict[str, Told]:
    """4chan's {"boards": [{"board": "b", …}]}, or the list of infinity and lainchan, with `uri`."""
    listed = told.get("boards") if isinstance(told, dict) else told
    found = {}
    for fields in listed if isinstance(listed, list) else []:
        name = fields.get("board", fields.get("uri")) if isinstance(fields, dict) else None
        if isinstance(name, str) and name:
            found[name] = Told(_line(fields, "title"), _line(fields, "subtitle"), ours(fields))
    return found


def ours(fields: Mapping[str, Any]) -> dict[str, str]:
    told = {same.ours: same.told(fields[name]) for name, same in _SAME.items() if name in fields}
    return {name: value for name, value in told.items() if value}


def _line(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return " ".join(html.unescape(value).split()) if isinstance(value, str) else ""
