"""The beginning of a post: as one line of plain text for titles, as HTML for tiles and lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape

from imageboard.markup.tree import (
    GREENTEXT,
    HEADING,
    PINKTEXT,
    SPOILERS,
    TEXT,
    Code,
    Inline,
    Line,
    LineKind,
    Styled,
    Tree,
    Verbatim,
    WebLink,
)

#: Stands for each letter of a spoiler: an excerpt must not give away what the post hides.
_HIDDEN = "█"

#: As a post's own HTML has them.
_CLASSES: dict[LineKind, str] = {GREENTEXT: "quote", HEADING: "heading", PINKTEXT: "pinktext"}

# Embeddings, overrides, isolates and their ends.
_TURNS = "\u202a-\u202e\u2066-\u2069"
_DIRECTIONS = re.compile(f"[{_TURNS}]")
# A direction that began before the spoiler must find its end in it.
_LETTERS = re.compile(rf"[^\s{_TURNS}]")


def texts(tree: Tree) -> Iterator[str]:
    """What a post says, without its marks: '**a**b[code][/code]' -> 'a', 'b', ''."""
    for block in tree:
        if isinstance(block, Verbatim):
            yield block.text
        else:
            yield from _texts(block.parts)


def excerpt(tree: Tree, chars_max: int) -> str:
    """'''''Never''' and **ever**\\n>told' -> 'Never and ████ >told', cut at a word.

    Marks are left out, spoilers blotted out, line ends made spaces.
    """
    words: list[str] = []
    length = 0
    for block in tree:
        for word in _shown(block).split():
            words.append(word)
            length += len(word) + 1
            if length > chars_max + 1:
                return cut(" ".join(words), chars_max)
    return " ".join(words)


def excerpt_html(tree: Tree, chars_max: int) -> str:
    """The same as safe HTML, in which lines stay lines and a quoted one stays green.

    '>told\\n\\nme <3' -> '<span class="quote">&gt;told</span><br>me &lt;3'.
    """
    lines: list[str] = []
    left = chars_max
    for block in tree:
        kind = TEXT if isinstance(block, Verbatim) else block.kind
        for text in _shown(block).splitlines():
            if left <= 0:
                return "<br>".join(lines)
            if words := " ".join(text.split()):
                lines.append(_line_html(kind, cut(words, left)))
                left -= len(words) + 1
    return "<br>".join(lines)


def _shown(block: Line | Verbatim) -> str:
    if isinstance(block, Verbatim):
        return block.text
    return "".join(_texts(block.parts, hides_spoilers=True))


def _line_html(kind: LineKind, text: str) -> str:
    html = escape(text, quote=False)
    name = _CLASSES.get(kind)
    return f'<span class="{name}">{html}</span>' if name else html


def cut(text: str, chars_max: int) -> str:
    """At most so much of a line, cut at a space unless that would cost more than half.

    What is cut turns no direction of writing: its end may be lost, and words that are not the
    poster's follow.
    """
    if len(text) <= chars_max:
        return text
    kept = _DIRECTIONS.sub("", text[:chars_max])
    space = kept.rfind(" ")
    if space > chars_max // 2:
        kept = kept[:space]
    return kept.rstrip(" …") + "…"


def _texts(parts: Iterable[Inline], *, hides_spoilers: bool = False) -> Iterator[str]:
    for part in parts:
        if isinstance(part, str):
            yield part
        elif isinstance(part, WebLink):
            yield part.url
        elif isinstance(part, Code):
            yield part.code
        elif isinstance(part, Styled):
            inside = _texts(part.parts, hides_spoilers=hides_spoilers)
            if hides_spoilers and part.mark in SPOILERS:
                yield _blotted("".join(inside))
            else:
                yield from inside
        else:
            yield part.text


def _blotted(text: str) -> str:
    return _LETTERS.sub(_HIDDEN, text)
