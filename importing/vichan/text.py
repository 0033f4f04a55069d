"""What was typed, out of what vichan keeps: the text with its modifiers, or only the HTML.

    body_nomarkup   'Hello\\r\\n<tinyboard flag>de</tinyboard>' -> 'Hello' and {'flag': 'de'}
    body            'Hello<br/>&gt;&gt;1'                       -> 'Hello\\n>>1'

Nothing that our own forms refuse is refused here: what stood on the board goes on standing there.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import unquote

# inc/functions.php, extract_modifiers() and remove_modifiers() of vichan 5.2.1 (read 2026-11-28).
_MODIFIER = re.compile(r"<tinyboard (?!escape )([\w\s]+)>(.*?)</tinyboard>", re.DOTALL)
_ESCAPED_TAG = re.compile(r"<(tinyboard) escape ([\w\s]+)>", re.IGNORECASE)
_BLANK_LINES_BEHIND = re.compile(r"\n\s*\Z")
#: SECURITY: no longer ones, so that no text is looked through without end.
_A_TAG = re.compile(r"<a [^<>]{1,500}>")
#: A link to a post; a text that looks like one is escaped in HTML.
_POST_LINK = re.compile(
    r"<a [^>]*?href=[\"'][^\"']*?([^/\"']+)/[^/\"']+/[0-9]+[^/\"'#]*\.html#q?([0-9]{1,18})[\"']"
)


class Mark(NamedTuple):
    """What stands before and behind what it marks."""

    before: str
    behind: str


class Typed(NamedTuple):
    """What was typed, and what vichan noted beside it."""

    body: str
    modifiers: dict[str, str]
    #: Staff wrote it as HTML, of which only the text is here.
    was_html: bool = False


def typed(body_nomarkup: str | None, body: str) -> Typed:
    """SECURITY: of HTML only the text is taken, and what our marks say as well."""
    if body_nomarkup is None:
        return Typed(_tidied(from_html(body)), {})
    modifiers = {name: html.unescape(text) for name, text in _MODIFIER.findall(body_nomarkup)}
    if modifiers.get("raw html") == "1":
        return Typed(_tidied(from_html(body)), modifiers, was_html=True)
    text = _MODIFIER.sub("", body_nomarkup)
    return Typed(_tidied(_ESCAPED_TAG.sub(r"<\1 \2>", text)), modifiers)


def linked_posts(body: str) -> tuple[tuple[str, int], ...]:
    """(board, number) of the posts that the HTML of a post leads to, once each.

    Not from the text: '>>1' of a number that was not there then has never been a link.
    """
    found = (_POST_LINK.match(tag) for tag in _A_TAG.findall(body))
    posts = ((unquote(link[1]), int(link[2])) for link in found if link is not None)
    return tuple(dict.fromkeys(posts))


def _tidied(text: str) -> str:
    """Line ends as we have them; blank lines behind it, where modifiers stood, dropped."""
    text = text.replace("\r\n", "\n").replace("\r", "")
    return _BLANK_LINES_BEHIND.sub("", text) if text.strip() else ""


def from_html(body: str, marks: Mapping[str, Mark] | None = None) -> str:
    """'<strong>a</strong><br/>&lt;' -> "'''a'''\\n<": marks that we have, and all that is said.

    `marks` {tag, or tag.class: what stands before and behind it}; without them vichan's.
    """
    reader = _Reader(_MARKS if marks is None else marks)
    reader.feed(body)
    reader.close()
    return "".join(reader.parts)


_MARKS = {
    "strong": Mark("'''", "'''"),
    "b": Mark("'''", "'''"),
    "em": Mark("''", "''"),
    "i": Mark("''", "''"),
    "s": Mark("~~", "~~"),
    "strike": Mark("~~", "~~"),
    "u": Mark("__", "__"),
    "span.spoiler": Mark("**", "**"),
    "span.heading": Mark("==", "=="),
    "pre.code": Mark("[code]\n", "\n[/code]"),
}
_NEW_LINE, _NOTHING = Mark("\n", ""), Mark("", "")
_BREAKS = frozenset({"br", "p", "div"})
_UNSEEN = frozenset({"script", "style"})
#: What shows something from elsewhere.
_SHOWING = frozenset({"img", "iframe", "embed", "video", "audio", "source"})
_ELSEWHERE = re.compile(r"https?://[^\s<>\"']{1,500}")


class _Opened(NamedTuple):
    """A tag that is open: what is to stand behind it, and where what is in it begins."""

    tag: str
    behind: str
    began: int
    #: To which it leads; '': nowhere, or to another post.
    address: str


class _Reader(HTMLParser):
    """Writes down what a reader of a page reads."""

    def __init__(self, marks: Mapping[str, Mark]) -> None:
        super().__init__(convert_charrefs=True)
        self._of_names = marks
        self.parts: list[str] = []
        self._opened: list[_Opened] = []
        #: How many of each are open.
        self._open: Counter[str] = Counter()
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN
        self._show(tag, attrs)
        if tag == "br" or tag in _SHOWING:
            return
        told = dict(attrs)
        before, behind = self._marks(tag, told.get("class") or "")
        self.parts.append(before)
        address = _elsewhere(told.get("href")) if tag == "a" else ""
        self._opened.append(_Opened(tag, behind, len(self.parts), address))
        self._open[tag] += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._show(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self._unseen = max(0, self._unseen - (tag in _UNSEEN))
        while self._open[tag]:
            opened = self._opened.pop()
            self._open[opened.tag] -= 1
            self._tell_address(opened)
            self.parts.append(opened.behind)
            if opened.tag == tag:
                return

    def _show(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.parts.append("\n")
        elif tag in _SHOWING and not self._unseen:
            self.parts.append(_elsewhere(dict(attrs).get("src")))

    def _tell_address(self, opened: _Opened) -> None:
        """Behind a link that says something else."""
        if not opened.address:
            return
        said = "".join(self.parts[opened.began :]).strip()
        is_said = opened.address in said or (
            _elsewhere(said) == said != "" and opened.address.endswith(said)
        )
        if not is_said and not self._unseen:
            self.parts.append(f" ({opened.address})")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data)

    def _marks(self, tag: str, classes: str) -> Mark:
        if tag in _BREAKS and self.parts:
            return _NEW_LINE
        names = [tag, *(f"{tag}.{each}" for each in classes.split())]
        return next((self._of_names[name] for name in names if name in self._of_names), _NOTHING)


def _elsewhere(address: str | None) -> str:
    """'' for what leads to this site, or is none: 'javascript:…'."""
    found = _ELSEWHERE.fullmatch((address or "").strip())
    return found[0] if found is not None else ""
