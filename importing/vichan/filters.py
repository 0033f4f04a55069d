"""`$config['wordfilters']` and `$config['filters']` -> rules against spam of ours.

What vichan's say is in inc/functions.php (markup) and inc/filters.php of 5.2.1 (read 2026-11-29).
A filter comes if one rule says all of it; else it is told, since a rule that hits more than it did
is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from imageboard import bans
from imageboard.spam import rules
from importing.records import OldRule
from importing.vichan.php import Listed, Value
from importing.vichan.settings import Settings
from importing.vichan.text import from_html
from importing.word_filters import NoRuleError, containing, rule

#: {condition: (place, way)}
_LOOKED_AT = {
    "body": ("body", "pattern"),
    "subject": ("subject", "pattern"),
    "name": ("name", "pattern"),
    "email": ("email", "pattern"),
    "filename": ("file_name", "pattern"),
    "trip": ("tripcode", "is"),
    "filehash": ("md5", "is"),
}
_BRACKETS = {"(": ")", "[": "]", "{": "}", "<": ">"}
#: What RE2 has too; `u`, that it is UTF-8, goes without saying.
_FLAGS = frozenset("imsu")
_BACK_REFERENCE = re.compile(r"[$\\]\{?[0-9]")
_FLOOD = "flood-"


def rules_of(
    settings: Settings, kind: str, boards: tuple[str, ...] | None
) -> Iterator[tuple[str, OldRule | NoRuleError]]:
    """Those of a kind: ('filters 3', a rule, or why it can't be one)."""
    listed = settings.get(kind)
    for place, told in enumerate(listed.values() if isinstance(listed, Listed) else ()):
        called = f"{kind} {place}"
        try:
            yield called, rule(KINDS[kind](told), boards)
        except NoRuleError as ex:
            yield called, ex


def replaces(own: Settings, kind: str) -> bool:
    """Whether a board has its own in place of the site's."""
    listed = own.get(kind)
    return isinstance(listed, Listed) and listed.is_whole


def _word_filter(told: Value) -> dict[str, str]:
    listed = _list(told)
    what, replacement, is_pattern = listed.get(0), listed.get(1), listed.get(2)
    if not isinstance(what, str) or not isinstance(replacement, str) or not what:
        raise NoRuleError("a word filter that is a program does not come")
    if is_pattern and _BACK_REFERENCE.search(replacement):
        raise NoRuleError("a word filter that puts in what it found does not come")
    if replacement != replacement.strip():
        raise NoRuleError("a word filter that puts in blanks at an end does not come")
    looked_for = {"way": "pattern", "what": _pattern(what)} if is_pattern else containing(what)
    return looked_for | {"place": "body", "action": "replace", "replacement": replacement}


def _filter(told: Value) -> dict[str, str]:
    listed = _list(told)
    asked = {str(name).lower(): value for name, value in _list(listed.get("condition")).items()}
    if any(name.lstrip("!").startswith(_FLOOD) for name in asked):
        raise NoRuleError("a filter of floods does not come: the board has allowances of its own")
    kind = _kind(asked.pop("op", None))
    if len(asked) != 1:
        raise NoRuleError("a filter that looks at several things does not come")
    name, value = asked.popitem()
    if name not in _LOOKED_AT or not isinstance(value, str):
        raise NoRuleError(f"a filter that looks at this does not come: {name}")
    place, way = _LOOKED_AT[name]
    what = _pattern(value) if way == "pattern" else value
    return {"kind": kind, "place": place, "way": way, "what": what} | _action(listed)


def _kind(is_op: Value) -> str:
    if is_op is None:
        return "any"
    return "threads" if is_op else "replies"


def _action(listed: Listed) -> dict[str, str]:
    match listed.get("action"):
        case "reject":
            return {"action": "refuse", "sentence": _sentence(listed.get("message"))}
        case "ban":
            expires = listed.get("expires") or None
            if expires is not None and not isinstance(expires, int):
                raise NoRuleError("a filter that is computed does not come")
            return {
                "action": "ban",
                "sentence": _sentence(listed.get("reason")),
                "duration": bans.FOR_GOOD if expires is None else f"{expires}s",
            }
    raise NoRuleError("a filter that does something of its own does not come")


def _sentence(told: Value) -> str:
    """As text, since vichan's are HTML; '' where it is computed: ours is said then."""
    said = " ".join(from_html(told).split()) if isinstance(told, str) else ""
    return said[: rules.SENTENCE_CHARS_MAX]


def _pattern(spelled: str) -> str:
    """'/cats?/i' -> 'cats?'; '/Cats?/' -> '(?-i)Cats?', since ours ask for no case.

    Raises NoRuleError: it says what RE2 does not.
    """
    spelled = spelled.strip()
    end = spelled.rfind(_BRACKETS.get(spelled[:1], spelled[:1] or "/"))
    pattern, flags = spelled[1:end], spelled[end + 1 :]
    if end < 1 or not _FLAGS.issuperset(flags):
        raise NoRuleError("a pattern of a filter is written in a way that does not come")
    switched = "".join(flag for flag in "ms" if flag in flags)
    switches = switched + ("" if "i" in flags else "-i")
    return f"(?{switches}){pattern}" if switches else pattern


def _list(told: Value) -> Listed:
    if not isinstance(told, Listed):
        raise NoRuleError("a filter that is computed does not come")
    return told


#: {setting: how one of it is read}
KINDS: dict[str, Callable[[Value], dict[str, str]]] = {
    "wordfilters": _word_filter,
    "filters": _filter,
}
