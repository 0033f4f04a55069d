"""One post as HTML and JSON: what all pages are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from imageboard import markup
from imageboard.boards import Board
from imageboard.markup.tree import Tree
from imageboard.threads import Post, quote_links
from templates import fragments, post_json

#: As much of an OP as a tile of the catalog has room for.
EXCERPT_CHARS_MAX = 300
#: Posts that are drawn step by step together: it bounds the memory of what is made on the way.
DRAWN_TOGETHER = 32


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


def draw_all(
    board: Board, board_names: frozenset[str], posts: Iterable[Post]
) -> Iterator[tuple[Post, Fragment]]:
    """Each post, and itself as HTML and JSON: a pure function of what the database holds.

    PERF: some of them are parsed, then written one after the other, since what does one thing
    fits into a processor's nearest memory, and all together does not. One by one each post took
    a sixth to a third more, on a machine whose processors are shared.
    """
    posts = iter(posts)
    while some := list(islice(posts, DRAWN_TOGETHER)):
        yield from zip(some, _draw_some(board, board_names, some), strict=True)


def _draw_some(
    board: Board, board_names: frozenset[str], posts: Sequence[Post]
) -> Iterator[Fragment]:
    marking = board.settings.marking
    trees = [markup.parse(post.body, marking) for post in posts]
    body_htmls = [
        markup.to_html(tree, quote_links(board.name, post, board_names))
        for post, tree in zip(posts, trees, strict=True)
    ]
    pairs = list(zip(posts, body_htmls, strict=True))
    fields = [post_json.post_fields(board, post, body_html) for post, body_html in pairs]
    # PERF: a copy, since what orjson returns holds on to the 4 KB that it was written into.
    jsons = [bytes(memoryview(post_json.dump(each))) for each in fields]
    htmls = [fragments.post_html(board, post, body_html).encode() for post, body_html in pairs]
    for post, tree, of_post, html, json in zip(posts, trees, fields, htmls, jsons, strict=True):
        yield Fragment(
            no=post.no,
            html=html,
            json=json,
            images=sum(not file.is_removed for file in post.files),
            changed_no=post.changed_no,
            opening=_opening(post, tree, of_post) if post.is_op else None,
        )


def _opening(post: Post, tree: Tree, fields: Mapping[str, Any]) -> Opening:
    line, lines = (
        begin(tree, EXCERPT_CHARS_MAX) for begin in (markup.excerpt, markup.excerpt_html)
    )
    return Opening(post, fields, line, lines)
