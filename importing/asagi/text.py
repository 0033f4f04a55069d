"""What was typed, out of what asagi made of it: HTML is text there, and marks stand in brackets.

'a[banned](USER WAS BANNED FOR THIS POST)[/banned]' -> 'a', and what staff wrote
"""

from __future__ import annotations

import re
from typing import NamedTuple

_BAN_MESSAGE = re.compile(r"\s*\[banned\](.*?)\[/banned\]", re.DOTALL)
_BRACKETS = re.compile(r"\((.*)\)", re.DOTALL)
#: {what asagi writes: what stands for it here}; spoilers, code and formulas are written alike.
_MARKS = (
    (re.compile(r"\[/?(?:b|fortune(?: color=\"[^\"\]]*\")?)\]"), "'''"),
    (re.compile(r"\[/?moot\]"), ""),
    (re.compile(r"\[(/?)shiftjis\]"), r"[\1aa]"),
    # Typed so, and no mark.
    (re.compile(r"\[(/?(?:banned|moot|spoiler|code)):lit\]"), r"[\1]"),
)
#: '>>124' and '>>>/b/124'; a ghost's is '>>124,1'.
_QUOTE = re.compile(r"(?<!>)>>(?:>/([0-9A-Za-z]{1,16})/)?([0-9]{1,10})(?![0-9,])")


class Said(NamedTuple):
    """A post's text, and what staff wrote below it."""

    body: str
    ban_message: str | None
    #: (board, number) of the posts to which it may lead; board '': its own.
    quotes: tuple[tuple[str, int], ...]


def said(comment: str, no: int) -> Said:
    """Of post `no`: what it quotes of its own board stood there before."""
    comment = comment.replace("\r\n", "\n").replace("\r", "")
    banned = _BAN_MESSAGE.search(comment)
    body = _BAN_MESSAGE.sub("", comment)
    for found, meant in _MARKS:
        body = found.sub(meant, body)
    return Said(
        body=body.rstrip() if body.strip() else "",
        ban_message=_message(banned[1]) if banned is not None else None,
        quotes=_quotes(comment, no),
    )


def _message(spelled: str) -> str | None:
    text = " ".join(spelled.split())
    inside = _BRACKETS.fullmatch(text)
    return (inside[1] if inside is not None else text) or None


def _quotes(comment: str, no: int) -> tuple[tuple[str, int], ...]:
    found = ((board, int(quoted)) for board, quoted in _QUOTE.findall(comment))
    posts = dict.fromkeys(post for post in found if post[0] or post[1] < no)
    return tuple(posts)
