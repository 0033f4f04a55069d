"""One post as HTML: the same bytes on its thread's page, on board pages, in the poster's answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, TypeVar

import jinja2
from markupsafe import Markup

from imageboard import addresses, markup
from imageboard.boards import Board
from imageboard.threads import Post
from imageboard.words import N_, Language
from templates.assets import asset_url
from templates.engine import environment
from templates.languages import say

#: Replies of one thread that its page has in one element. PERF: browsers look at each frame where
#: all elements are that they may leave out; of 1,000 replies that took a slow phone 60 ms of it.
GROUP_REPLIES = 8
GROUP_OPENS = b'<div class="posts">\n'
#: PERF: behind a script, be it one that is never run, Chromium reads on for 10 ms and then lets
#: others work. Else that of a desktop reads half a second of a page in one go, a phone's 50 ms.
GROUP_CLOSES = b'</div>\n<script type="text/plain"></script>\n'

_SPOILER = N_("Spoiler")
Part = TypeVar("Part")
# The first post's pictures are what the reader came for; the others load when they come near.
_LAZY = Markup(' loading="lazy"')
_AT_ONCE = Markup("")
#: What the template calls.
_ADDRESSES = {
    "asset_url": asset_url,
    "flag_url": addresses.flag_url,
    "media_name": addresses.media_name,
    "media_url": addresses.media_url,
    "post_url": addresses.post_url,
    "thumb_name": addresses.thumb_name,
    "dense_name": addresses.dense_name,
}


def post_html(board: Board, post: Post, body_html: str) -> str:
    """One <article>; `body_html` is the post's text as safe HTML, from `markup.to_html`.

    PERF: 14 µs without a file, 28 with one, 74 with five; 2 more for each backlink (the figures of
    tests/templates/bench_fragments.py on a 2-core machine).
    """
    is_op = post.is_op
    values = {
        **_ADDRESSES,
        "board": board.name,
        "post": post,
        "name": board.settings.anonymous_name if post.name is None else post.name,
        "page_url": addresses.thread_url(board.name, post.thread),
        "kind": "op" if is_op else "reply",
        "loading": _AT_ONCE if is_op else _LAZY,
        "is_edited": post.edited_s is not None and board.settings.edited_mark,
        "body": body_on_page(board, post, body_html),
    }
    return _rendered(_template(board.language), values)


def groups(replies: Sequence[Part]) -> Iterator[Sequence[Part]]:
    """One thread's replies, or something of each, as its page groups them: by their place in it."""
    return (replies[at : at + GROUP_REPLIES] for at in range(0, len(replies), GROUP_REPLIES))


def grouped(replies: Sequence[bytes]) -> Iterator[bytes]:
    """HTML of replies, with what stands around each group."""
    for group in groups(replies):
        yield GROUP_OPENS
        yield from group
        yield GROUP_CLOSES


def body_on_page(board: Board, post: Post, body_html: str) -> Markup:
    """What `markup.to_html` made of its text, as every page shows it."""
    op_url = addresses.post_url(board.name, post.thread, post.thread)
    shown = markup.on_page(body_html, op_url, _spoiler(board.language))
    return Markup(shown)  # noqa: S704 - safe by contract


def _rendered(template: jinja2.Template, values: dict[str, Any]) -> str:
    """PERF: without a copy of all that any template may use, 1.7 µs less a post."""
    return "".join(template.root_render_func(template.new_context(values, shared=True)))


@cache
def _spoiler(language: Language) -> str:
    return say(_SPOILER, language)


@cache
def _template(language: Language) -> jinja2.Template:
    return environment(language).get_template("fragments/post.html")
