"""One post as HTML and JSON: what all pages are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from imageboard import markup
from imageboard.boards import Board
from imageboard.threads import Post, quote_links
from templates import fragments, post_json

#: As much of an OP as a tile of the catalog has room for.
EXCERPT_CHARS_MAX = 300


class Opening(NamedTuple):
    """What else is shown of an OP: its page's title, its tile, its thread's counts in the JSON."""

    post: Post
    fields: Mapping[str, Any]
    #: How it begins.
    excerpt: str
    #: The same in its lines, as safe HTML.
    excerpt_html: str


class Fragment(NamedTuple):
    """One post, drawn; encoded, since that is what is kept by the thousand and joined."""

    no: int
    html: bytes
    json: bytes
    #: Files that are there.
    images: int
    #: Change at which the post last came to look different.
    changed_no: int
    #: None: a reply.
    opening: Opening | None

    @property
    def as_op(self) -> Opening:
        assert self.opening is not None, "an OP"
        return self.opening


def draw(board: Board, board_names: frozenset[str], post: Post) -> Fragment:
    """One post as HTML and JSON: a pure function of what the database holds."""
    tree = markup.parse(post.body, board.settings.marking)
    body_html = markup.to_html(tree, quote_links(board.name, post, board_names))
    fields = post_json.post_fields(board, post, body_html)
    opening = None
    if post.is_op:
        line, lines = (
            begin(tree, EXCERPT_CHARS_MAX) for begin in (markup.excerpt, markup.excerpt_html)
        )
        opening = Opening(post, fields, line, lines)
    return Fragment(
        no=post.no,
        html=fragments.post_html(board, post, body_html).encode(),
        # PERF: a copy, since what orjson returns holds on to the 4 KB that it was written into.
        json=bytes(memoryview(post_json.dump(fields))),
        images=sum(not file.is_removed for file in post.files),
        changed_no=post.changed_no,
        opening=opening,
    )
