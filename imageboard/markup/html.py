"""From the tree of a post to HTML that is safe inside an element.

SECURITY: every character of the post passes through `_text_html` or `escape`, and tags and
attributes are written only here: span, strong, em, u, s, code, pre, br, and `a` whose href is an
address of ours or http(s).

The block holding it must not be a paragraph, since `pre` can't stand in one, and must not be
indented or squeezed by a template, since blanks count in `pre`.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from functools import cache
from html import escape
from typing import NamedTuple

from imageboard import addresses
from imageboard.markup.tree import (
    EMPHASIS,
    HEADING,
    PINKTEXT,
    QUOTE_OR_GREENTEXT,
    SPOILER,
    SPOILERS,
    STRIKE,
    STRONG,
    TEXT,
    UNDERLINE,
    BoardLink,
    BoardSearch,
    Code,
    Inline,
    Line,
    Mark,
    Quote,
    Styled,
    Tree,
    Verbatim,
    WebLink,
)

_TAGS: dict[Mark, tuple[str, str]] = {
    STRONG: ("<strong>", "</strong>"),
    EMPHASIS: ("<em>", "</em>"),
    UNDERLINE: ("<u>", "</u>"),
    STRIKE: ("<s>", "</s>"),
    **dict.fromkeys(SPOILERS, ('<span class="spoiler">', "</span>")),
}


class Links(NamedTuple):
    """Where the quotes of a post lead to."""

    #: The URL of each quoted post that exists; a quote of another is text.
    posts: Mapping[Quote, str]
    #: The names of the boards that exist.
    boards: Container[str]


def to_html(tree: Tree, links: Links) -> str:
    """The HTML of a post: as vichan writes it, without its onclick and target."""
    html: list[str] = []
    for block in tree:
        if isinstance(block, Verbatim):
            html.append(_verbatim_html(block))
            continue
        if block.parts:
            html.append(_line_html(block, links))
        if block.breaks:
            html.append("<br/>")
    return "".join(html)


def on_page(html: str, op_url: str, spoiler: str) -> str:
    """The HTML of a post as pages have it, whose readers may have no eyes, or no mouse.

    Quotes of its thread's first post are of the class "op", and all quotes are written from left to
    right. What opens or scrolls is reached by the keyboard; `spoiler` is what a spoiler is called.
    """
    # SECURITY: no text of a post has "<" in its HTML.
    link = f'<a class="post-link" href="{escape(op_url)}">'
    html = html.replace(link, link.replace("post-link", "post-link op", 1))
    html = html.replace('<a class="post-link', '<a dir="ltr" class="post-link')
    html = html.replace("<pre ", '<pre tabindex="0" ')
    return html.replace(_TAGS[SPOILER][0], _within_reach(spoiler))


@cache
def _within_reach(spoiler: str) -> str:
    return f'<span class="spoiler" tabindex="0" role="group" aria-label="{escape(spoiler)}">'


def _line_html(line: Line, links: Links) -> str:
    html = _inline_html(line.parts, links)
    if line.kind == TEXT:
        return html
    if line.kind in (HEADING, PINKTEXT):
        return f'<span class="{line.kind}">{html}</span>'
    if line.kind == QUOTE_OR_GREENTEXT and _leads_somewhere(line.first_quote, links):
        return html
    return f'<span class="quote">{html}</span>'


def _leads_somewhere(quote: Quote | BoardLink | BoardSearch | None, links: Links) -> bool:
    if isinstance(quote, BoardLink | BoardSearch):
        return quote.board in links.boards
    return quote in links.posts


def _inline_html(parts: tuple[Inline, ...], links: Links) -> str:
    if len(parts) == 1 and isinstance(parts[0], str):
        return _text_html(parts[0])
    html: list[str] = []
    for part in parts:
        if isinstance(part, str):
            html.append(_text_html(part))
        elif isinstance(part, Quote):
            html.append(_quote_html(part, links))
        elif isinstance(part, Styled):
            opens, closes = _TAGS[part.mark]
            html.append(f"{opens}{_inline_html(part.parts, links)}{closes}")
        elif isinstance(part, WebLink):
            url = escape(part.url)
            html.append(f'<a href="{url}" rel="nofollow noopener">{url}</a>')
        elif isinstance(part, Code):
            html.append(f"<code>{_text_html(part.code)}</code>")
        else:
            html.append(_board_link_html(part, part.board in links.boards))
    return "".join(html)


def _text_html(text: str) -> str:
    """Escaped for the inside of an element, where quotation marks are harmless, as in vichan."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _quote_html(quote: Quote, links: Links) -> str:
    text, url = escape(quote.text), links.posts.get(quote)
    if url is None:
        return text
    return f'<a class="post-link" href="{escape(url)}">{text}</a>'


def _board_link_html(link: BoardLink | BoardSearch, exists: bool) -> str:
    text = escape(link.text)
    if not exists:
        return text
    if isinstance(link, BoardSearch):
        return f'<a href="{escape(addresses.search_url(link.board, link.term))}">{text}</a>'
    return f'<a href="{addresses.url_of(addresses.board_page_path(link.board, 1))}">{text}</a>'


def _verbatim_html(block: Verbatim) -> str:
    text = _text_html(block.text)
    if block.kind in ("math", "eqn"):
        return f'<span class="{block.kind}">{text}</span>'
    names = f"{block.kind} language-{block.language}" if block.language else block.kind
    # A parser drops a line end right after <pre>: the one written here, not the poster's.
    first = "\n" if text.startswith("\n") else ""
    return f'<pre class="{names}">{first}{text}</pre>'
