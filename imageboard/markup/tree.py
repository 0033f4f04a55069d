"""What a post says, as a small immutable tree.

Named tuples rather than frozen dataclasses: a board re-renders thousands of posts at once, and
these are made four times as fast.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple, TypeAlias


class Quote(NamedTuple):
    """'>>124' (board None: the board of the post it stands in) or '>>>/b/124'."""

    board: str | None
    no: int

    @property
    def text(self) -> str:
        return f">>{self.no}" if self.board is None else f">>>/{self.board}/{self.no}"


class BoardLink(NamedTuple):
    """'>>>/b/'."""

    board: str

    @property
    def text(self) -> str:
        return f">>>/{self.board}/"


class BoardSearch(NamedTuple):
    """'>>>/b/words': the posts of a board that say so."""

    board: str
    term: str

    @property
    def text(self) -> str:
        return f">>>/{self.board}/{self.term}"


class WebLink(NamedTuple):
    """'http://…' or 'https://…', without the punctuation that follows it."""

    url: str


#: A mark as typed. PERF: marks and kinds are strings, since an Enum's member takes longer to reach
#: and to hash than its line takes to render.
Mark: TypeAlias = Literal["'''", "''", "**", "||", "[spoiler]", "__", "~~"]
STRONG: Final = "'''"
EMPHASIS: Final = "''"
SPOILER: Final = "**"
SPOILER_BARS: Final = "||"
SPOILER_TAG: Final = "[spoiler]"
UNDERLINE: Final = "__"
STRIKE: Final = "~~"
#: Of each, what it hides is not to be seen before the reader wants to.
SPOILERS: Final[frozenset[Mark]] = frozenset({SPOILER, SPOILER_BARS, SPOILER_TAG})


class Styled(NamedTuple):
    """What stands between a pair of marks."""

    mark: Mark
    parts: tuple[Inline, ...]


class Code(NamedTuple):
    """'`…`' within a line."""

    code: str

    @property
    def text(self) -> str:
        return f"`{self.code}`"


Inline: TypeAlias = str | Quote | BoardLink | BoardSearch | WebLink | Styled | Code


LineKind: TypeAlias = Literal["text", "heading", "greentext", "pinktext", "quote or greentext"]
TEXT: Final = "text"
HEADING: Final = "heading"
GREENTEXT: Final = "greentext"
PINKTEXT: Final = "pinktext"
#: Its first '>' begins a quote: greentext only when that quote leads nowhere.
QUOTE_OR_GREENTEXT: Final = "quote or greentext"


class Line(NamedTuple):
    """A line, or what stands before or after a code block on one."""

    kind: LineKind
    #: Texts and marks in order; two texts may be neighbours.
    parts: tuple[Inline, ...]
    #: Whether a line break follows.
    breaks: bool

    @property
    def first_quote(self) -> Quote | BoardLink | BoardSearch | None:
        """What a line of the kind QUOTE_OR_GREENTEXT begins with, after its blanks."""
        quotes = (p for p in self.parts if isinstance(p, Quote | BoardLink | BoardSearch))
        return next(quotes, None)


VerbatimKind: TypeAlias = Literal["code", "aa", "math", "eqn"]


class Verbatim(NamedTuple):
    """'[code]…[/code]' and its like: nothing inside is marked.

    The line ends next to the two marks belong to the marks.
    """

    kind: VerbatimKind
    text: str
    #: Of code, where its first line named one that is known: 'python'.
    language: str = ""


Tree: TypeAlias = tuple[Line | Verbatim, ...]


def quoted(tree: Tree) -> tuple[Quote, ...]:
    """The different quotes of a post, in order; `parse` lets at most QUOTES_MAX through."""
    quotes = (quote for line in tree if isinstance(line, Line) for quote in _quotes(line.parts))
    return tuple(dict.fromkeys(quotes))


def _quotes(parts: Iterable[Inline]) -> Iterator[Quote]:
    for part in parts:
        if isinstance(part, Quote):
            yield part
        elif isinstance(part, Styled):
            yield from _quotes(part.parts)
