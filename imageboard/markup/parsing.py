"""From the text of a post to its tree; the grammar is in the package's docstring."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, cast

from imageboard.addresses import BOARD_NAME
from imageboard.markup.marks import USUAL
from imageboard.markup.tracking import without_tracking
from imageboard.markup.tree import (
    EMPHASIS,
    GREENTEXT,
    HEADING,
    PINKTEXT,
    QUOTE_OR_GREENTEXT,
    SPOILER,
    SPOILER_BARS,
    SPOILER_TAG,
    STRONG,
    TEXT,
    BoardLink,
    BoardSearch,
    Code,
    Inline,
    Line,
    LineKind,
    Mark,
    Quote,
    Styled,
    Tree,
    Verbatim,
    VerbatimKind,
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


def _in_brackets(opens: str, closes: str) -> str:
    """What a URL opens belongs to it, once within itself too: '/a_(b_(c))'."""
    inside = _url_chars(opens + closes)
    return rf"{opens} (?: {inside} | {opens} (?: {inside} )* {closes} )* {closes}"


_URL_CHARS = _url_chars(r"(){}\[\]")
_ROUND, _BRACES = _in_brackets(r"\(", r"\)"), _in_brackets(r"\{", r"\}")
_SQUARE = r"(?!\[/)" + _in_brackets(r"\[", r"\]")


# PERF: each alternative begins with one of a few characters, to which the scan can skip;
# runs are possessive and alternatives disjoint, so nothing is tried twice. (Repeats of groups are
# not possessive: Python before 3.11.5 matches those wrongly, see its issue 106052.)
_LINKS = rf"""
      (?P<url> [Hh][Tt][Tt][Pp][Ss]?:// (?= \w | \[[0-9A-Fa-f:.]++\] ) (?:
            {_URL_CHARS} | {_ROUND} | {_BRACES} | {_SQUARE} )+ )
    | >> (?<! [^\s(*'_~|\u0080-\U0010ffff] >> )
        (?: (?P<no> [1-9][0-9]{{0,17}} )
          | >/ (?P<board> {BOARD_NAME} ) /
                (?: (?P<board_no> [1-9][0-9]{{0,17}} )
                  | (?P<term> (?! [0-9]++ (?! [\w-] ) ) [^\W_][\w-]{{0,49}} ) )? )
        (?= [\s,.)?!*'_~|\u0080-\U0010ffff] | \Z )
"""
#: {mark of a board: what it looks like in a line}
_IN_LINES = {
    "bold": r"''++",
    "italic": r"''++",
    "underline": r"__++",
    "strike": r"~~++",
    "spoiler": r"\*\*++ | \|\|++ | \[ (?: /? [Ss][Pp][Oo][Ii][Ll][Ee][Rr] \] )",
    "inline_code": r"` (?P<code> [^`]++ ) `",
}
#: Whatever _IN_LINES and _LINKS look for has one of these in it. PERF: in a line that has none,
#: which most are, to look for these takes a fifth of the time of the pattern.
_SIGNS = ("''", "__", "~~", "**", "||", "[", "`", "://", ">>")
#: {mark of a board: tags of what stands as it is typed, or is hidden, over lines}
_TAGS = {"code": ("code",), "aa": ("aa",), "math": ("math", "eqn"), "spoiler": ("spoiler",)}
_CLOSES = {
    tag: re.compile(rf"\n?\[/{tag}\]", re.IGNORECASE) for tags in _TAGS.values() for tag in tags
} | {SPOILER_BARS: re.compile(r"(?<=\S)\|\|")}
#: The languages that [code] may name on its first line, as highlighters know them.
_LANGUAGES = frozenset(
    "bash c cpp csharp css diff go haskell html java javascript json kotlin lisp lua nix pascal"
    " perl php python ruby rust scala sh sql swift toml typescript xml yaml zig".split()
)
# Ends the sentence around a URL rather than the URL; beside these, in any script, whatever Unicode
# calls a quotation mark, a bracket, another punctuation mark or a format control.
_AFTER_URL = ".,!?;:'*|"
_AFTER_URL_CATEGORIES = frozenset({"Pi", "Pf", "Ps", "Pe", "Po", "Cf"})

#: Where a pair may close within a URL, which could be taken for a part of it.
_PAIR_ENDS = {
    mark: re.compile(rf"(?<!{char}){char}{char}(?![A-Za-z0-9{char}])")
    for mark, char in (("__", "_"), ("~~", "~"), (SPOILER_BARS, r"\|"))
}

# PERF: what is behind a URL that is cut is read once more.
_CUT_URL_CHARS_MAX = 1_000

_EMPTY_LINE = Line(TEXT, (), breaks=True)


class Marking(NamedTuple):
    """What a board makes of the text of its posts."""

    #: Names of imageboard.markup.marks.
    marks: frozenset[str] = USUAL
    #: Whether links lose what tells their owners who passed them on.
    drops_tracking: bool = False


class _Grammar(NamedTuple):
    """What to look for, where a board allows these marks."""

    marking: Marking
    in_line: re.Pattern[str]
    #: What may go on over lines begins here. None: nothing may.
    opens: re.Pattern[str] | None


@lru_cache(maxsize=256)
def _grammar(marking: Marking) -> _Grammar:
    marks = marking.marks
    in_line = dict.fromkeys(look for mark, look in _IN_LINES.items() if mark in marks)
    tags = [tag for mark, tags in _TAGS.items() if mark in marks for tag in tags]
    opens = [rf"\[(?P<tag>{'|'.join(tags)})\]\n?"] if tags else []
    opens += [r"\|\|(?=\S)"] if "spoiler" in marks else []
    return _Grammar(
        marking,
        re.compile(" | ".join([*in_line, _LINKS]), re.VERBOSE),
        re.compile("|".join(opens), re.IGNORECASE) if opens else None,
    )


def parse(text: str, marking: Marking = Marking()) -> Tree:  # noqa: B008 - it never changes
    """The tree of a post's text, whose line ends are LF (see plain_text.clean_body).

    Never fails: what is not markup is text.
    """
    parser = _Parser(_grammar(marking))
    if "[" not in text and "||" not in text:
        return tuple(parser.lines(text))
    return tuple(parser.blocks(text))


class _LinkBudget:
    """How many links the rest of the post may make."""

    __slots__ = ("links", "quotes")

    def __init__(self) -> None:
        self.links = LINKS_MAX
        self.quotes: set[Quote] = set()

    def pays_for(self, link: _Link) -> bool:
        if self.links == 0:
            return False
        if isinstance(link, Quote) and link not in self.quotes:
            if len(self.quotes) == QUOTES_MAX:
                return False
            self.quotes.add(link)
        self.links -= 1
        return True


class _Parser:
    """One post's."""

    __slots__ = ("_budget", "_grammar", "_marks")

    def __init__(self, grammar: _Grammar) -> None:
        self._grammar = grammar
        self._marks = grammar.marking.marks
        self._budget = _LinkBudget()

    def blocks(self, text: str) -> Iterator[Line | Verbatim]:
        """The lines of a text, and what stands as it is typed between them."""
        shown_up_to = position = 0
        opens_at = self._grammar.opens
        # What has no end from here on: it is looked for once, however often it begins.
        endless: set[str] = set()
        while opens_at is not None and (opens := opens_at.search(text, position)) is not None:
            position = opens.end()
            tag = (opens["tag"] or SPOILER_BARS).lower()
            if tag in endless:
                continue
            closes = _CLOSES[tag].search(text, position)
            if closes is None:
                endless.add(tag)
                continue
            position = closes.end()
            inside = text[opens.end() : closes.start()]
            hides = tag in ("spoiler", SPOILER_BARS)
            if hides and "\n" not in text[opens.start() : position]:
                continue
            yield from self.lines(
                text[shown_up_to : opens.start()], goes_on=shown_up_to > 0, leads_on=True
            )
            if hides:
                begins = opens.start() == 0 or text[opens.start() - 1] == "\n"
                yield from self._hidden(inside, goes_on=not begins)
            else:
                yield _verbatim(cast("VerbatimKind", tag), inside)
            shown_up_to = position
        yield from self.lines(text[shown_up_to:], goes_on=shown_up_to > 0)

    def _hidden(self, text: str, *, goes_on: bool) -> Iterator[Line]:
        """Lines of a spoiler: each is one, so that what is around them nests."""
        for line in self.lines(text, goes_on=goes_on, leads_on=True):
            hidden = (Styled(SPOILER, line.parts),) if line.parts else ()
            yield Line(line.kind, hidden, line.breaks)

    def lines(self, text: str, *, goes_on: bool = False, leads_on: bool = False) -> Iterator[Line]:
        """The lines of a text; `goes_on` after a block, `leads_on` before one.

        A line that shares its line with a block is neither heading nor, after it, greentext.
        """
        *ended, last = text.split("\n")
        for line in ended:
            if not line:
                yield _EMPTY_LINE
            else:
                yield self._line(line, begins=not goes_on)
            goes_on = False
        if last:
            yield self._line(last, begins=not goes_on, ends=not leads_on, breaks=False)

    def _line(self, line: str, *, begins: bool, ends: bool = True, breaks: bool = True) -> Line:
        shown = line.lstrip()
        if not begins or not shown.startswith((">", "==", "<")):
            return Line(TEXT, self._inline(line), breaks)
        if shown[0] == ">" and "greentext" in self._marks:
            parts = self._inline(line)
            return Line(_greentext_kind(parts), parts, breaks)
        # A heart and an arrow are no pinktext.
        if shown[0] == "<" and "pinktext" in self._marks and shown[1:2] not in ("3", "-"):
            return Line(PINKTEXT, self._inline(line), breaks)
        heading = line.strip(" \t") if ends and "heading" in self._marks else ""
        # One character at least between the marks: '====' is a line that someone drew.
        if len(heading) > 4 and heading.startswith("==") and heading.endswith("=="):
            return Line(HEADING, self._inline(heading[2:-2]), breaks)
        return Line(TEXT, self._inline(line), breaks)

    def _inline(self, line: str) -> tuple[Inline, ...]:
        for sign in _SIGNS:
            if sign in line:
                break
        else:
            return (line,)
        search = self._grammar.in_line.search
        mark = search(line)
        if mark is None:
            return (line,)
        nest = _Nest(self._marks)
        position = 0
        while mark is not None:
            start = mark.start()
            if start > position:
                nest.parts.append(line[position:start])
            if mark.lastgroup is None:
                nest.add_run(mark.group(), line, mark.end())
                position = mark.end()
            elif mark.lastgroup == "code":
                self._add_code(nest.parts, mark)
                position = mark.end()
            else:
                position = start + self._add_link(nest.parts, mark, nest)
            mark = search(line, position)
        if position < len(line):
            nest.parts.append(line[position:])
        return nest.close_all()

    def _add_code(self, parts: list[Inline], mark: re.Match[str]) -> None:
        """An address alone between the marks is there to be opened, whoever typed it."""
        address = self._grammar.in_line.fullmatch(mark["code"])
        if address is None or address["url"] is None:
            parts.append(Code(mark["code"]))
        else:
            parts.append("`")
            shown = self._add_link(parts, address)
            parts.append(mark["code"][shown:] + "`")

    def _add_link(self, parts: list[Inline], mark: re.Match[str], nest: _Nest | None = None) -> int:
        """Add a link, or its text when there are too many; how much of the line it is."""
        closes_at = nest.closing_in(mark["url"] or "") if nest is not None else None
        link, text = _link(mark, closes_at)
        if not self._budget.pays_for(link):
            parts.append(text)
        elif isinstance(link, WebLink) and self._grammar.marking.drops_tracking:
            parts.append(WebLink(without_tracking(link.url)))
        else:
            parts.append(link)
        return len(text)


def _verbatim(kind: VerbatimKind, text: str) -> Verbatim:
    first, _, rest = text.partition("\n")
    if kind == "code" and rest and first.strip().lower() in _LANGUAGES:
        return Verbatim(kind, rest, first.strip().lower())
    return Verbatim(kind, text)


def _greentext_kind(parts: tuple[Inline, ...]) -> LineKind:
    if len(parts) == 1 and isinstance(parts[0], str):
        return GREENTEXT
    first = parts[0]
    if isinstance(first, str) and first.isspace():
        first = parts[1]
    return GREENTEXT if isinstance(first, str) else QUOTE_OR_GREENTEXT


_Link = Quote | BoardLink | BoardSearch | WebLink


def _link(mark: re.Match[str], closes_at: int | None) -> tuple[_Link, str]:
    """What a mark of _LINKS leads to, and how much of the text it is.

    `closes_at`: how much of a URL stands before the end of a mark that is open around it.
    """
    url, no, board, board_no, term = mark.group("url", "no", "board", "board_no", "term")
    if url is not None:
        url = url[:closes_at]
        url = url[: _url_end(url)]
        return WebLink(url), url
    if no is not None:
        return Quote(None, int(no)), mark.group()
    if board_no is not None:
        return Quote(board, int(board_no)), mark.group()
    if term is not None:
        return BoardSearch(board, term), mark.group()
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

    Each mark is open at most once, so the nest is at most seven deep and a part moves at most
    seven times before it has its place.
    """

    __slots__ = ("_marks", "_open", "parts")

    def __init__(self, marks: frozenset[str]) -> None:
        #: Where the next part goes: the parts of the innermost mark, or of the line.
        self.parts: list[Inline] = []
        #: Each open mark with the parts that stood before it.
        self._open: list[tuple[Mark, list[Inline]]] = []
        self._marks = marks

    def closing_in(self, url: str) -> int | None:
        """Where in a URL a pair closes that was open before: '~~http://a.b~~'."""
        if not self._open or len(url) > _CUT_URL_CHARS_MAX:
            return None
        ends = (_PAIR_ENDS[mark].search(url) for mark, _ in self._open if mark in _PAIR_ENDS)
        return min((end.start() for end in ends if end), default=None)

    def add_run(self, run: str, line: str, end: int) -> None:
        """A mark, or a run of its characters, that ends there in its line."""
        if run[0] == "'":
            self._add_apostrophes(run)
        elif run[0] == "*":
            self._toggle(SPOILER)
            if run[2:]:
                self.parts.append(run[2:])
        elif run[0] == "[":
            self._add_spoiler_tag(run)
        else:
            self._add_pair(run, line, end)

    def _add_apostrophes(self, run: str) -> None:
        """Each mark at most once, what is left over is text.

        ''''' is bold and italic: it closes the inner one first.
        """
        if len(run) == 2:
            used = self._toggle_if(EMPHASIS, "italic")
        elif len(run) < 5 or "italic" not in self._marks:
            used = self._toggle_if(STRONG, "bold")
        elif "bold" not in self._marks:
            used = self._toggle_if(EMPHASIS, "italic")
        else:
            inner_first = self._is_innermost(EMPHASIS)
            self._toggle(EMPHASIS if inner_first else STRONG)
            self._toggle(STRONG if inner_first else EMPHASIS)
            used = 5
        if run[used:]:
            self.parts.append(run[used:])

    def _toggle_if(self, mark: Mark, name: str) -> int:
        """Toggle a mark that the board allows; how many characters it took."""
        if name not in self._marks:
            return 0
        self._toggle(mark)
        return len(mark)

    def _add_spoiler_tag(self, tag: str) -> None:
        closes = tag[1] == "/"
        if closes == self._is_open(SPOILER_TAG):
            self._toggle(SPOILER_TAG)
        else:
            self.parts.append(tag)

    def _add_pair(self, run: str, line: str, end: int) -> None:
        """'__', '~~' or '||': it opens before a letter and closes after one, not within a word.

        So a name like snake__case, a line that someone drew and a tilde~~ are text.
        """
        before, after = line[end - len(run) - 1 : end - len(run)], line[end : end + 1]
        mark = cast("Mark", run)
        is_mark = len(run) == 2 and (
            before.strip() != "" and not _is_in_word(after)
            if self._is_open(mark)
            else after.strip() != "" and not _is_in_word(before)
        )
        if is_mark:
            self._toggle(mark)
        else:
            self.parts.append(run)

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


def _is_in_word(char: str) -> bool:
    """Of a script that parts its words by blanks: in others a mark stands where it will."""
    return char.isascii() and char.isalnum()
