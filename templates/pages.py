"""The static pages: each function returns a whole one, from '<!DOCTYPE' to '</html>' and newline.

Every reader gets the same page: what depends on who looks (captcha, ban, draft) is the writer's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from imageboard.boards import Board
from imageboard.threads import Post, Thread
from templates.engine import Site, environment

#: Replies from which on a thread links to the page of its last ones.
TAIL_MIN_REPLIES = 100

# Stands where the posts belong while the frame around them is rendered. It can't occur a second
# time: whatever else is in the frame is escaped, so holds no '<'.
_POSTS = Markup("<posts>")


@dataclass(frozen=True, slots=True)
class PreviewedThread:
    """A thread on a board page: its OP, its last replies, and what is left out between them."""

    thread: Thread
    op_html: str
    replies_html: tuple[str, ...]
    omitted_posts: int
    omitted_images: int


@dataclass(frozen=True, slots=True)
class Tile:
    """A thread in the catalog; `excerpt_html` is the beginning of the OP's text as safe HTML."""

    thread: Thread
    op: Post
    excerpt_html: str


@dataclass(frozen=True, slots=True)
class RecentLine:
    """A post on the front page; `excerpt` is plain text."""

    board: str
    no: int
    thread: int
    created_s: int
    subject: str | None
    excerpt: str


@dataclass(frozen=True, slots=True)
class BoardCount:
    """A board on the front page and what it holds."""

    board: Board
    threads: int
    posts: int


def thread_frame(site: Site, board: Board, thread: Thread, title: str) -> tuple[str, str]:
    """What stands before and after the fragments of a thread's posts.

    `title` is plain text: the OP's subject, or how its text begins.
    """
    return _thread_frame(site, board, thread, title, omitted_posts=0)


def thread_tail_frame(
    site: Site, board: Board, thread: Thread, title: str, omitted_posts: int
) -> tuple[str, str]:
    """The frame of a thread's last replies; `omitted_posts` stand only on the whole page."""
    return _thread_frame(site, board, thread, title, omitted_posts=omitted_posts)


def _thread_frame(
    site: Site, board: Board, thread: Thread, title: str, *, omitted_posts: int
) -> tuple[str, str]:
    reply_limit = board.settings.reply_limit
    page = _render(
        "thread",
        site=site,
        board=board,
        thread=thread,
        title=title,
        omitted_posts=omitted_posts,
        has_tail=thread.replies >= TAIL_MIN_REPLIES,
        is_full=bool(reply_limit) and thread.replies >= reply_limit,
        posts=_POSTS,
    )
    before, after = page.split(_POSTS)
    return before, after


def board_page(
    site: Site, board: Board, threads: Sequence[PreviewedThread], page: int, pages: int
) -> str:
    """Page `page` of `pages`, counted from 1."""
    return _render("board", site=site, board=board, threads=threads, page=page, pages=pages)


def catalog_page(site: Site, board: Board, tiles: Sequence[Tile]) -> str:
    return _render("catalog", site=site, board=board, tiles=tiles)


def front_page(site: Site, boards: Sequence[BoardCount], recent: Sequence[RecentLine]) -> str:
    return _render("front", site=site, boards=boards, recent=recent)


def not_found_page(site: Site) -> str:
    return _render("not_found", site=site)


def _render(name: str, **values: object) -> str:
    return environment().get_template(f"pages/{name}.html").render(values)
