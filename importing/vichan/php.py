"""Settings as vichan's owners write them: `$config['secure_trip_salt'] = 'x';`.

Read, never executed: strings, numbers, products of them, true, false, null and lists of these are
taken, and whatever else stands there (a call, a sum, a function) is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum


class Listed(dict["str | int", "Value"]):
    """PHP's array: what it holds, by its keys or places."""

    #: It was set, and not only added to.
    is_whole = False
    _next = 0

    def put(self, key: str | int, value: Value) -> None:
        self[key] = value
        if isinstance(key, int):
            self._next = max(self._next, key + 1)

    def add(self, value: Value) -> None:
        self.put(self._next, value)


class Unread(Enum):
    """Something that is no literal, in a list where it has a place."""

    THERE = "…"


Value = str | int | float | bool | None | Listed | Unread

#: A file of settings is shorter.
CHARS_MAX = 1_000_000
#: Lists within lists.
_DEPTH_MAX = 10

_STRING = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_TOKEN = re.compile(
    rf"""(?P<passed>\s+ | /\*.*?\*/ | (?://|\#)[^\n]* | <\?php | \?>)
       | (?P<string>{_STRING})
       | (?P<number>-?[0-9][0-9.]*)
       | (?P<word>\$?\w+)
       | (?P<sign>=> | .)""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_WORDS: dict[str, Value] = {"true": True, "false": False, "null": None}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "$": "$", '"': '"'}
_OPENED = {"(": ")", "[": "]", "{": "}"}
_END = ("end", "")


class _NoLiteralError(Exception):
    """Something is to be computed there."""


def settings(texts: Iterable[str]) -> dict[str, Value]:
    """{'secure_trip_salt': 'x', 'db.prefix': '', 'wordfilters': {0: {0: 'cat', 1: 'dog'}}}

    Of one that is set twice the last counts; `$config['filters'][] = …` adds to it.
    """
    found: dict[str, Value] = {}
    for text in texts:
        _Reader(text[:CHARS_MAX]).read_into(found)
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = [
            (str(token.lastgroup), token[0])
            for token in _TOKEN.finditer(text)
            if token.lastgroup != "passed"
        ]
        self._at = 0

    def read_into(self, found: dict[str, Value]) -> None:
        while (token := self._take()) != _END:
            if token == ("word", "$config"):
                self._assign(found)

    def _assign(self, found: dict[str, Value]) -> None:
        keys, adds = self._subscripts()
        if not keys or not self._takes("="):
            return
        began = self._at
        name = ".".join(keys)
        try:
            value = self._value(0)
            if self._token[1] != ";":
                raise _NoLiteralError
        except _NoLiteralError:
            self._at = began
            if not adds:
                return
            value = Unread.THERE
        if not adds:
            found[name] = value
            if isinstance(value, Listed):
                value.is_whole = True
            return
        there = found.get(name)
        listed = found[name] = there if isinstance(there, Listed) else Listed()
        listed.add(value)

    def _subscripts(self) -> tuple[list[str], bool]:
        """(['db', 'prefix'], False); the True of `$config['filters'][]` says that it adds."""
        keys: list[str] = []
        while self._takes("["):
            if self._takes("]"):
                return keys, True
            kind, spelled = self._take()
            if kind != "string" or not self._takes("]"):
                return [], False
            keys.append(_string(spelled))
        return keys, False

    def _value(self, depth: int) -> Value:
        """Raises _NoLiteralError."""
        kind, spelled = self._take()
        if kind == "string":
            return _string(spelled)
        if kind == "number":
            return self._product(_number(spelled))
        if kind == "word" and spelled.lower() in _WORDS:
            return _WORDS[spelled.lower()]
        if kind == "word" and spelled.lower() == "array" and self._takes("("):
            return self._listed(")", depth + 1)
        if spelled == "[":
            return self._listed("]", depth + 1)
        raise _NoLiteralError

    def _product(self, number: Value) -> Value:
        """60 * 60 * 24: how seconds are mostly written. Raises _NoLiteralError."""
        while isinstance(number, int | float) and self._takes("*"):
            kind, spelled = self._take()
            factor = _number(spelled)
            if kind != "number" or not isinstance(factor, int | float):
                raise _NoLiteralError
            number *= factor
        return number

    def _listed(self, end: str, depth: int) -> Listed:
        if depth > _DEPTH_MAX:
            raise _NoLiteralError
        listed = Listed()
        while not self._takes(end):
            value = self._element(end, depth)
            if not self._takes("=>"):
                listed.add(value)
            elif isinstance(value, str | int):
                listed.put(value, self._element(end, depth))
            else:
                self._element(end, depth)
            if not self._takes(",") and self._token[1] != end:
                raise _NoLiteralError
        return listed

    def _element(self, end: str, depth: int) -> Value:
        """Of a list; what is no literal is passed over to where the next one begins."""
        began = self._at
        try:
            value = self._value(depth)
            if self._token[1] in (",", "=>", end):
                return value
        except _NoLiteralError:
            pass
        self._at = began
        self._pass_over((",", "=>", end))
        return Unread.THERE

    def _pass_over(self, until: tuple[str, ...]) -> None:
        awaited: list[str] = []
        while self._token != _END and (awaited or self._token[1] not in until):
            _, spelled = self._take()
            if spelled in _OPENED:
                awaited.append(_OPENED[spelled])
            elif awaited and spelled == awaited[-1]:
                awaited.pop()
        if self._token == _END:
            raise _NoLiteralError

    @property
    def _token(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _take(self) -> tuple[str, str]:
        token = self._token
        self._at += token != _END
        return token

    def _takes(self, sign: str) -> bool:
        is_there = self._token == ("sign", sign)
        self._at += is_there
        return is_there


def _number(spelled: str) -> Value:
    try:
        return float(spelled) if "." in spelled else int(spelled)
    except ValueError:
        return spelled


def _string(spelled: str) -> str:
    inside = spelled[1:-1]
    if spelled[0] == "'":
        return re.sub(r"\\(['\\])", r"\1", inside)
    return re.sub(r"\\([ntr\\$\"])", lambda found: _ESCAPES[found[1]], inside)
