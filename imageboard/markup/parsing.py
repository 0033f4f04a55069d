"""From the text of a post to its tree; the grammar is in the package's docstring."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from imageboard.markup.tree import (
    EMPHASIS,
    GREENTEXT,
    HEADING,
    QUOTE_OR_GREENTEXT,
    SPOILER,
    STRONG,
    TEXT,
    BoardLink,
    CodeBlock,
    Inline,
    Line,
    LineKind,
    Mark,
    Quote,
    Styled,
    Tree,
    WebLink,
)

#: Different quotes in one post, each of which costs a look-up and a backlink (vichan: 45 in all).
QUOTES_MAX = 40
#: Quotes, board links and URLs in one post: more is a flood, and each is bytes for every reader.
LINKS_MAX = 200

# What ends a URL also where text follows at once: quotation marks that are no apostrophes,
# the sentence marks and brackets of Chinese and Japanese (which put no blank behind them), an
# ellipsis, and what nobody sees: U+200B and marks of direction.
_NEVER_IN_URL = (
    r"«»‹›“”„‟‥…※、。〃〈-】〔-〛〝-〟︐-︙︵-﹄﹇﹈﹐-﹞！＂（），．：；＜＞？［］｛｝｟-､"
    r"\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069"
)


def _url_chars(brackets: str) -> str:
    """What may stand in a URL, but for these brackets."""
    return rf"""[^\s<>"'*`{_NEVER_IN_URL}{brackets}]++ | '(?!') | \*(?!\*)"""


# PERF: each alternative begins with a literal, which lets the scan skip to one of four characters;
# runs are possessive and alternatives disjoint, so nothing is tried twice. (Repeats of groups are
# not possessive: Python before 3.11.5 matches those wrongly, see its issue 106052.)
_MARK = re.compile(
    rf"""
      ''++
    | \*\*++
    | (?P<url> https?:// (?=\w) (?:
            {_url_chars("(){}")}
          | \( (?: {_url_chars("()")} )* \)
          | \{{ (?: {_url_chars("{}")} )* \}} )+ )
    | >> (?<! [^\s(*'] >> )
        (?: (?P<no> [1-9][0-9]{{0,17}} )
          | >/ (?P<board> [a-z0-9]{{1,16}} ) / (?P<board_no> [1-9][0-9]{{0,17}} )? )
        (?= [\s,.)?!*'] | \Z )
    """,
    re.VERBOSE,
)
# Ends the sentence around a URL rather than the URL; beside these, in any script, whatever Unicode
# calls a quotation mark, a bracket, another punctuation mark or a format control.
_AFTER_URL = ".,!?;:]'*|"
_AFTER_URL_CATEGORIES = frozenset({"Pi", "Pf", "Ps", "Pe", "Po", "Cf"})

_CODE_OPENS = re.compile(r"\[code\]\n?", re.IGNORECASE)
_CODE_CLOSES = re.compile(r"\n?\[/code\]", re.IGNORECASE)

_EMPTY_LINE = Line(TEXT, (), breaks=True)


def parse(text: str) -> Tree:
    """The tree of a post's text, whose line ends are LF (see plain_text.clean_body).

    Never fails: what is not markup is text.
    """
    if "[" not in text:
        return tuple(_lines(text, _LinkBudget()))
    return tuple(_lines_and_code(text, _LinkBudget()))


class _LinkBudget:
    """How many links the rest of the post may make."""

    __slots__ = ("links", "quotes")

    def __init__(self) -> None:
        self.links = LINKS_MAX
        self.quotes: set[Quote] = set()

    def pays_for(self, link: Quote | BoardLink | WebLink) -> bool:
        if self.links == 0:
            return False
        if isinstance(link, Quote) and link not in self.quotes:
            if len(self.quotes) == QUOTES_MAX:
                return False
            self.quotes.add(link)
        self.links -= 1
        return True


def _lines_and_code(text: str, budget: _LinkBudget) -> Iterator[Line | CodeBlock]:
    position = 0
    while (opens := _CODE_OPENS.search(text, position)) is not None:
        closes = _CODE_CLOSES.search(text, opens.end())
        if closes is None:
            break
        yield from _lines(
            text[position : opens.start()], budget, goes_on=position > 0, leads_on=True
        )
        yield CodeBlock(text[opens.end() : closes.start()])
        position = closes.end()
    yield from _lines(text[position:], budget, goes_on=position > 0)


def _lines(
    text: str, budget: _LinkBudget, *, goes_on: bool = False, leads_on: bool = False
) -> Iterator[Line]:
    """The lines of a text; `goes_on` after a code block, `leads_on` before one.

    A line that shares its line with a code block is neither heading nor, after it, greentext.
    """
    *ended, last = text.split("\n")
    for line in ended:
        if not line:
            yield _EMPTY_LINE
        else:
            yield _line(line, budget, begins=not goes_on)
        goes_on = False
    if last:
        yield _line(last, budget, begins=not goes_on, ends=not leads_on, breaks=False)


def _line(
    line: str, budget: _LinkBudget, *, begins: bool, ends: bool = True, breaks: bool = True
) -> Line:
    shown = line.lstrip()
    if not begins or not shown.startswith((">", "==")):
        return Line(TEXT, _inline(line, budget), breaks)
    if shown[0] == ">":
        parts = _inline(line, budget)
        return Line(_greentext_kind(parts), parts, breaks)
    heading = line.strip(" \t") if ends else ""
    # One character at least between the marks: '====' is a line that someone drew.
    if len(heading) > 4 and heading.startswith("==") and heading.endswith("=="):
        return Line(HEADING, _inline(heading[2:-2], budget), breaks)
    return Line(TEXT, _inline(line, budget), breaks)


def _greentext_kind(parts: tuple[Inline, ...]) -> LineKind:
    if len(parts) == 1 and isinstance(parts[0], str):
        return GREENTEXT
    first = parts[0]
    if isinstance(first, str) and first.isspace():
        first = parts[1]
    return GREENTEXT if isinstance(first, str) else QUOTE_OR_GREENTEXT


def _inline(line: str, budget: _LinkBudget) -> tuple[Inline, ...]:
    mark = _MARK.search(line)
    if mark is None:
        return (line,)
    nest = _Nest()
    position = 0
    while mark is not None:
        start = mark.start()
        if start > position:
            nest.parts.append(line[position:start])
        if mark.lastgroup is None:
            nest.add_run(mark.group())
            position = mark.end()
        else:
            link, text = _link(mark)
            nest.parts.append(link if budget.pays_for(link) else text)
            position = start + len(text)
        mark = _MARK.search(line, position)
    if position < len(line):
        nest.parts.append(line[position:])
    return nest.close_all()


def _link(mark: re.Match[str]) -> tuple[Quote | BoardLink | WebLink, str]:
    """What a mark of _MARK leads to, and how much of the text it is."""
    url, no, board, board_no = mark.group("url", "no", "board", "board_no")
    if url is not None:
        url = url[: _url_end(url)]
        return WebLink(url), url
    if no is not None:
        return Quote(None, int(no)), mark.group()
    if board_no is not None:
        return Quote(board, int(board_no)), mark.group()
    return BoardLink(board), mark.group()


def _url_end(url: str) -> int:
    """Where the punctuation behind it begins: 'http://a.b/c’.' -> 12."""
    end = len(url)
    while (char := url[end - 1]) in _AFTER_URL or (
        not char.isascii() and unicodedata.category(char) in _AFTER_URL_CATEGORIES
    ):
        end -= 1
    return end


class _Nest:
    """The marks that are open at one point of a line, outermost first.

    Each mark is open at most once, so the nest is at most three deep and a part moves at most
    three times before it has its place.
    """

    __slots__ = ("_open", "parts")

    def __init__(self) -> None:
        #: Where the next part goes: the parts of the innermost mark, or of the line.
        self.parts: list[Inline] = []
        #: Each open mark with the parts that stood before it.
        self._open: list[tuple[Mark, list[Inline]]] = []

    def add_run(self, run: str) -> None:
        """A run of apostrophes or stars: each mark at most once, what is left over is text.

        ''''' is bold and italic: it closes the inner one first.
        """
        if run[0] == "*":
            self._toggle(SPOILER)
            left_over = len(run) - 2
        elif len(run) == 2:
            self._toggle(EMPHASIS)
            left_over = 0
        elif len(run) < 5:
            self._toggle(STRONG)
            left_over = len(run) - 3
        else:
            inner_first = self._is_innermost(EMPHASIS)
            self._toggle(EMPHASIS if inner_first else STRONG)
            self._toggle(STRONG if inner_first else EMPHASIS)
            left_over = len(run) - 5
        if left_over:
            self.parts.append(run[:left_over])

    def close_all(self) -> tuple[Inline, ...]:
        """The line's parts; the marks that are still open are text."""
        while self._open:
            self._unmark_innermost()
        return tuple(self.parts)

    def _is_innermost(self, mark: Mark) -> bool:
        return bool(self._open) and self._open[-1][0] == mark

    def _is_open(self, mark: Mark) -> bool:
        for opened, _ in self._open:  # noqa: SIM110 - PERF: any() takes four times as long
            if opened == mark:
                return True
        return False

    def _toggle(self, mark: Mark) -> None:
        if not self._is_open(mark):
            self._open.append((mark, self.parts))
            self.parts = []
            return
        while not self._is_innermost(mark):
            self._unmark_innermost()
        inside = tuple(self.parts)
        _, self.parts = self._open.pop()
        self.parts.append(Styled(mark, inside))

    def _unmark_innermost(self) -> None:
        inside = self.parts
        mark, self.parts = self._open.pop()
        self.parts.append(mark)
        self.parts.extend(inside)
