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


class WebLink(NamedTuple):
    """'http://…' or 'https://…', without the punctuation that follows it."""

    url: str


#: A mark as typed. PERF: marks and kinds are strings, since an Enum's member takes longer to reach
#: and to hash than its line takes to render.
Mark: TypeAlias = Literal["'''", "''", "**"]
STRONG: Final = "'''"
EMPHASIS: Final = "''"
SPOILER: Final = "**"


class Styled(NamedTuple):
    """What stands between a pair of marks."""

    mark: Mark
    parts: tuple[Inline, ...]


Inline: TypeAlias = str | Quote | BoardLink | WebLink | Styled


LineKind: TypeAlias = Literal["text", "heading", "greentext", "quote or greentext"]
TEXT: Final = "text"
HEADING: Final = "heading"
GREENTEXT: Final = "greentext"
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
    def first_quote(self) -> Quote | BoardLink | None:
        """What a line of the kind QUOTE_OR_GREENTEXT begins with, after its blanks."""
        return next((part for part in self.parts if isinstance(part, Quote | BoardLink)), None)


class CodeBlock(NamedTuple):
    """'[code]…[/code]'; the line ends next to the two marks belong to the marks."""

    code: str


Tree: TypeAlias = tuple[Line | CodeBlock, ...]


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
