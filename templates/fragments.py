"""One post as HTML: the same bytes on its thread's page, on board pages, in the poster's answer."""

from __future__ import annotations

from functools import cache

import jinja2
from markupsafe import Markup

from imageboard import addresses, markup
from imageboard.boards import Board
from imageboard.threads import Post
from imageboard.words import Language
from templates import wording
from templates.assets import asset_url
from templates.engine import environment

# The first post's pictures are what the reader came for; the others load when they come near.
_LAZY = Markup(' loading="lazy"')
_AT_ONCE = Markup("")


def post_html(board: Board, post: Post, body_html: str) -> str:
    """One <article>; `body_html` is the post's text as safe HTML, from `markup.to_html`.

    PERF: 14 µs without a file, 28 with one, 74 with five; 2 more for each backlink (the figures of
    tests/templates/bench_fragments.py on a 2-core machine).
    """
    op_url = addresses.post_url(board.name, post.thread, post.thread)
    shown = markup.with_op_marked(body_html, op_url)
    return _template(board.language).render(
        board=board.name,
        post=post,
        name=board.settings.anonymous_name if post.name is None else post.name,
        created=wording.moment(post.created_s),
        page_url=addresses.thread_url(board.name, post.thread),
        spoiler_url=asset_url("spoiler.svg"),
        loading=_AT_ONCE if post.is_op else _LAZY,
        body=Markup(shown),  # noqa: S704 - safe by contract
    )


@cache
def _template(language: Language) -> jinja2.Template:
    return environment(language).get_template("fragments/post.html")
