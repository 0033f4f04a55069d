"""From the tree of a post to HTML that is safe inside an element.

SECURITY: every character of the post passes through `_text_html` or `escape`, and tags and
attributes are written only here: span, strong, em, pre, br, and `a` whose href is an address of
ours or http(s).

The block holding it must not be a paragraph, since `pre` can't stand in one, and must not be
indented or squeezed by a template, since blanks count in `pre`.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from html import escape

from imageboard import addresses
from imageboard.markup.tree import (
    EMPHASIS,
    HEADING,
    QUOTE_OR_GREENTEXT,
    SPOILER,
    STRONG,
    TEXT,
    BoardLink,
    CodeBlock,
    Inline,
    Line,
    Mark,
    Quote,
    Styled,
    Tree,
    WebLink,
)

_TAGS: dict[Mark, tuple[str, str]] = {
    STRONG: ("<strong>", "</strong>"),
    EMPHASIS: ("<em>", "</em>"),
    SPOILER: ('<span class="spoiler">', "</span>"),
}


def to_html(tree: Tree, links: Mapping[Quote, str], board_links: Container[str]) -> str:
    """The HTML of a post: as vichan writes it, without its onclick and target.

    `links` has the URL of each quoted post that exists and `board_links` the names of the boards
    that exist; a quote of anything else is text.
    """
    html: list[str] = []
    for block in tree:
        if isinstance(block, CodeBlock):
            html.append(_code_html(block.code))
            continue
        if block.parts:
            html.append(_line_html(block, links, board_links))
        if block.breaks:
            html.append("<br/>")
    return "".join(html)


def _line_html(line: Line, links: Mapping[Quote, str], board_links: Container[str]) -> str:
    html = _inline_html(line.parts, links, board_links)
    if line.kind == TEXT:
        return html
    if line.kind == HEADING:
        return f'<span class="heading">{html}</span>'
    if line.kind == QUOTE_OR_GREENTEXT and _leads_somewhere(line.first_quote, links, board_links):
        return html
    return f'<span class="quote">{html}</span>'


def _leads_somewhere(
    quote: Quote | BoardLink | None, links: Mapping[Quote, str], board_links: Container[str]
) -> bool:
    if isinstance(quote, BoardLink):
        return quote.board in board_links
    return quote in links


def _inline_html(
    parts: tuple[Inline, ...], links: Mapping[Quote, str], board_links: Container[str]
) -> str:
    if len(parts) == 1 and isinstance(parts[0], str):
        return _text_html(parts[0])
    html: list[str] = []
    for part in parts:
        if isinstance(part, str):
            html.append(_text_html(part))
        elif isinstance(part, Quote):
            html.append(_quote_html(part, links.get(part)))
        elif isinstance(part, Styled):
            opens, closes = _TAGS[part.mark]
            html.append(f"{opens}{_inline_html(part.parts, links, board_links)}{closes}")
        elif isinstance(part, WebLink):
            url = escape(part.url)
            html.append(f'<a href="{url}" rel="nofollow noopener">{url}</a>')
        else:
            html.append(_board_link_html(part, part.board in board_links))
    return "".join(html)


def _text_html(text: str) -> str:
    """Escaped for the inside of an element, where quotation marks are harmless, as in vichan."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _quote_html(quote: Quote, url: str | None) -> str:
    text = escape(quote.text)
    return text if url is None else f'<a class="post-link" href="{escape(url)}">{text}</a>'


def _board_link_html(link: BoardLink, exists: bool) -> str:
    text = escape(link.text)
    if not exists:
        return text
    return f'<a href="/{addresses.board_page_path(link.board, 1)}">{text}</a>'


def _code_html(code: str) -> str:
    # A parser drops a line end right after <pre>: the one written here, not the poster's.
    first = "\n" if code.startswith("\n") else ""
    return f'<pre class="code">{first}{_text_html(code)}</pre>'
