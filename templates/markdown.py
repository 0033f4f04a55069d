"""From what staff write in Markdown to HTML that is safe inside an element.

CommonMark with tables and strike-through. SECURITY: tags that are typed are shown as text, links
lead to http(s), mail addresses or this site, and pictures are this site's own: the pages' policy
lets in no others.
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup, escape

#: Blocks within blocks; deeper ones are left out.
_NESTING_MAX = 20
#: Pictures of one text; more of them are links.
PICTURES_MAX = 30
_LINK_SCHEMES = frozenset({"", "http", "https", "mailto"})
#: Texts that are kept, since board pages show them each time that they are drawn.
_KEPT_MAX = 64


class _Renderer(RendererHTML):
    """HTML whose headings stand below the page's own."""

    def image(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        token = tokens[idx]
        url = str(token.attrs["src"])
        shown = self.renderInlineAsText(token.children, options, env)
        env["pictures"] = env.get("pictures", 0) + 1
        if _is_own(url) and env["pictures"] <= PICTURES_MAX:
            attributes = f'src="{escape(url)}" alt="{escape(shown)}" loading="lazy"'
            return f'<img {attributes} decoding="async">'
        return f'<a href="{escape(url)}" rel="nofollow noopener">{escape(shown or url)}</a>'

    def link_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        if not _is_own(str(tokens[idx].attrs["href"])):
            tokens[idx].attrSet("rel", "nofollow noopener")
        return self.renderToken(tokens, idx, options, env)


def to_html(text: str) -> Markup:
    """'**Be kind.**' -> Markup('<p><strong>Be kind.</strong></p>\\n')."""
    return _kept(text)


@lru_cache(maxsize=_KEPT_MAX)
def _kept(text: str) -> Markup:
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 1)}"
        elif token.type in ("th_open", "td_open") and (style := token.attrs.pop("style", None)):
            # The pages' policy lets in no style but the sheet's.
            token.attrSet("class", str(style).replace("text-align:", "align-"))
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return Markup(html)  # noqa: S704 - everything typed was escaped


def _may_lead_to(url: str) -> bool:
    try:
        parts = urlsplit(url.strip().lower())
    except ValueError:
        return False
    return parts.scheme in _LINK_SCHEMES


def _is_own(url: str) -> bool:
    """Whether it is an address of this site: '/b/', '#top'."""
    return url.startswith(("/", "#")) and not url.startswith(("//", "/\\"))


def _made() -> MarkdownIt:
    made = MarkdownIt(
        "commonmark", {"html": False, "maxNesting": _NESTING_MAX}, renderer_cls=_Renderer
    )
    made.enable(["table", "strikethrough"])
    made.validateLink = _may_lead_to  # type: ignore[method-assign]
    return made


_MARKDOWN = _made()
