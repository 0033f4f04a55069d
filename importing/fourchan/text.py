"""What was typed, out of the HTML that 4chan's API has of it, and what stands beside it.

    'So<wbr>me <s>word</s><br><i>&gt;so</i>' -> 'Some [spoiler]word[/spoiler]\\n>so'

Classes and colours as in 4chan's API and in what archives make of it (net.easymodo.asagi, Yotsuba;
read 2026-11-29).
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from importing.vichan.text import Mark, from_html

#: Longer ones are no post: 65,536 characters can be kept of what is typed.
HTML_CHARS_MAX = 1 << 18
#: Marks of ours by which an old text looks as it did. Of what else they read as a mark 4chan
#: shows the signs.
MARKS = "bold spoiler greentext code aa math"

_MARKS = {
    "s": Mark("[spoiler]", "[/spoiler]"),
    "span.spoiler": Mark("[spoiler]", "[/spoiler]"),
    "b": Mark("'''", "'''"),
    "strong": Mark("'''", "'''"),
    "span.mu-s": Mark("'''", "'''"),
    "pre.prettyprint": Mark("[code]\n", "\n[/code]"),
    "span.sjis": Mark("[aa]", "[/aa]"),
    "span.math": Mark("[math]", "[/math]"),
    "div.math": Mark("[eqn]", "[/eqn]"),
}
# SECURITY: each of these looks so far and no farther, and begins in few places: a site may send
# what is made to be looked through without end.
_LINK = re.compile(r'<a [^<>]{0,200}?href="([^"<>]{0,300})"[^<>]{0,200}>')
#: '#p124', '/b/thread/100#p124', '//boards.4chan.org/b/thread/100#p124', and res/100#124 of before.
_TO_A_POST = re.compile(
    r"(?:(?:https?:)?//[^/]*)?(?:/([^/]+)/(?:thread|res)/[0-9]+[^#]*|[0-9]*(?:\.html)?)#[pq]?([0-9]{1,18})"
)
#: How a camera had a picture taken: what is read of a file here is read of its bytes.
_EXIF = re.compile(
    r'(?:<br ?/?>){0,2}<span class="abbr">\[EXIF.{0,500}?</span>(?:<br ?/?>)?'
    r'|<table class="exif".{0,20000}?(?:</table>|\Z)',
    re.DOTALL,
)
_BAN_MESSAGE = re.compile(
    r'(?:<br ?/?>){0,2}<(b|strong) style="color: ?red;?">(.{0,2000}?)</\1>', re.DOTALL
)
_NO_TAG = re.compile(r"<(?!/?[a-zA-Z][^<>]{0,1000}>)")
#: Lines of the HTML itself, which show as a blank, and behind a break as nothing.
_LINES = re.compile(r"(<br ?/?>)?(?<![ \t])[ \t]*[\r\n][ \t\r\n]*")
_BRACKETS = re.compile(r"\((.*)\)", re.DOTALL)


class Said(NamedTuple):
    """A post's text, and what staff wrote below it."""

    body: str
    ban_message: str | None
    #: (board, number) of the posts to which it leads; board '': its own.
    quotes: tuple[tuple[str, int], ...]
    had_exif: bool


def html_of(com: str) -> str:
    """SECURITY: so long and no longer, and whole tags alone: a reader of HTML looks for the end of
    each that has none, all the way to the end."""
    return _NO_TAG.sub("&lt;", com[:HTML_CHARS_MAX])


def said(com: str) -> Said:
    """Of what html_of() has left. SECURITY: only the text is taken, and what our marks say."""
    com = _LINES.sub(_as_shown, com.replace("<wbr>", ""))
    without, found = _EXIF.subn("", com)
    banned = _BAN_MESSAGE.search(without)
    text = from_html(_BAN_MESSAGE.sub("", without), _MARKS)
    return Said(
        body=text.rstrip() if text.strip() else "",
        ban_message=_message(banned[2]) if banned is not None else None,
        quotes=_quotes(com),
        had_exif=found > 0,
    )


def _as_shown(line: re.Match[str]) -> str:
    return line[1] or " "


def _message(spelled: str) -> str | None:
    """'(USER WAS BANNED FOR THIS POST)' -> 'USER WAS BANNED FOR THIS POST'"""
    text = " ".join(from_html(spelled, {}).split())
    inside = _BRACKETS.fullmatch(text)
    return (inside[1] if inside is not None else text) or None


def _quotes(com: str) -> tuple[tuple[str, int], ...]:
    found = (_TO_A_POST.fullmatch(href) for href in _LINK.findall(com))
    posts = ((unquote(post[1] or ""), int(post[2])) for post in found if post is not None)
    return tuple(dict.fromkeys(posts))
