"""Settings as vichan's owners write them: `$config['secure_trip_salt'] = 'x';`.

Read, never executed: strings, numbers, true, false and null are taken, and whatever else stands
there (a call, a sum, a list) is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

Value = str | int | float | bool | None

#: A file of settings is shorter.
CHARS_MAX = 1_000_000

_STRING = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_TOKEN = re.compile(
    rf"""(?P<passed>/\*.*?\*/ | (?://|\#)[^\n]*)
       | \$config(?P<keys>(?:\s*\[\s*(?:{_STRING})\s*\])+)\s*=\s*
         (?P<value>{_STRING}|-?[0-9][0-9.]*|true|false|null)\s*;
       | (?P<other>{_STRING})""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_STRINGS = re.compile(_STRING, re.DOTALL)
_WORDS: dict[str, Value] = {"true": True, "false": False, "null": None}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "$": "$", '"': '"'}


def settings(texts: Iterable[str]) -> dict[str, Value]:
    """{'secure_trip_salt': 'x', 'db.prefix': ''}; of one that is set twice the last counts."""
    found: dict[str, Value] = {}
    for text in texts:
        for token in _TOKEN.finditer(text[:CHARS_MAX]):
            if token["keys"]:
                keys = (_string(key[0]) for key in _STRINGS.finditer(token["keys"]))
                found[".".join(keys)] = _value(token["value"])
    return found


def _value(spelled: str) -> Value:
    if spelled[0] in "'\"":
        return _string(spelled)
    if spelled.lower() in _WORDS:
        return _WORDS[spelled.lower()]
    try:
        return float(spelled) if "." in spelled else int(spelled)
    except ValueError:
        return spelled


def _string(spelled: str) -> str:
    inside = spelled[1:-1]
    if spelled[0] == "'":
        return re.sub(r"\\(['\\])", r"\1", inside)
    return re.sub(r"\\([ntr\\$\"])", lambda found: _ESCAPES[found[1]], inside)
