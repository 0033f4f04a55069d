"""A thread's page and its last-50 page, both as JSON too: made from the same posts, in one go."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from imageboard import addresses, markup
from imageboard.store.moves import MovedThread
from imageboard.threads import PostFile, Thread
from renderer.bodies import Body, Piece, body_of
from renderer.fragments import Fragment, Opening
from renderer.kept_threads import KeptThread
from renderer.pages.kind import Drawn, Key, ThreadKind
from renderer.pages.view import BoardView
from templates import pages
from templates.fragments import grouped
from templates.pages import About
from templates.post_json import dump, op_fields

#: Replies on the page of a long thread's last ones (vichan: noko50_count).
TAIL_REPLIES = 50

TITLE_CHARS_MAX = 60
#: As much as those who show a link have room for.
_DESCRIPTION_CHARS_MAX = 160


class Threads(ThreadKind):
    name = "thread"
    order = 1
    has_time = False
    #: PERF: a post that comes in just after a step's snapshot waits for the whole of it, so in a
    #: burst over twenty threads small steps halve the wait.
    at_once_max = 6

    def paths(self, view: BoardView, key: Key) -> Sequence[str]:
        board, thread = view.board.name, int(key)
        return (
            addresses.thread_path(board, thread),
            addresses.thread_json_path(board, thread),
            addresses.thread_tail_path(board, thread),
            addresses.thread_tail_json_path(board, thread),
        )

    def paths_there(self, view: BoardView) -> Iterator[str]:
        for thread, _ in view.previews:
            whole, tail = (paths := self.paths(view, thread.no))[:2], paths[2:]
            yield from (*whole, *tail) if _has_tail(thread.replies) else whole

        for no in view.moved_numbers:
            yield from self.paths(view, no)[:2]

    def there(self, view: BoardView) -> Iterable[Key]:
        return chain(super().there(view), view.moved_numbers)

    def there_despite_damage(self, view: BoardView) -> Iterable[Key]:
        return chain(super().there_despite_damage(view), view.moved_numbers)

    def drawn_anew(self, view: BoardView) -> Iterable[Key]:
        return chain(super().drawn_anew(view), view.moved_numbers)

    def draw(self, view: BoardView, key: Key) -> Iterator[Drawn]:
        paths = self.paths(view, key)
        page_path, json_path, tail_path, tail_json_path = paths
        thread = view.thread(int(key))
        if thread is None:
            moved = view.moved_to(int(key))
            url = addresses.thread_url(moved.board, moved.thread) if moved else ""
            yield Drawn(page_path, pages.moved_page(view.site, view.board, url) if moved else None)
            yield Drawn(json_path, _moved_json(moved) if moved else None)
            yield from (Drawn(path, None) for path in (tail_path, tail_json_path))
            return
        kept = view.posts_of(thread)
        thread = thread._replace(posters=kept.posters)
        about = _about(view.board.name, kept.op.as_op)
        frame = pages.thread_frame(view.site, view.board, thread, about)
        yield Drawn(page_path, _framed(frame, kept.op.html, kept.html()))
        op = op_fields(view.board, thread, kept.op.as_op.fields)
        yield Drawn(json_path, thread_json(op, kept.json()))
        has_tail = _has_tail(kept.replies)
        yield Drawn(tail_path, _tail(view, thread, about, kept) if has_tail else None)
        yield Drawn(tail_json_path, _tail_json(op, kept) if has_tail else None)


def _moved_json(moved: MovedThread) -> bytes:
    """No `posts`: a client that knows nothing of it takes the thread for one that is gone."""
    url = addresses.thread_url(moved.board, moved.thread)
    return dump({"moved": url, "board": moved.board, "thread": moved.thread})


def _has_tail(replies: int) -> bool:
    return replies >= pages.TAIL_MIN_REPLIES


def _tail(view: BoardView, thread: Thread, about: About, kept: KeptThread) -> Body:
    omitted = kept.replies - TAIL_REPLIES
    frame = pages.thread_tail_frame(view.site, view.board, thread, about, omitted)
    posts = [kept.op, *kept.last(TAIL_REPLIES)]
    op_html, *replies = _with_links_on_the_page(view.board.name, thread.no, posts)
    return _framed(frame, op_html, grouped(replies))


def _tail_json(op: Mapping[str, Any], kept: KeptThread) -> Body:
    """As 4chan's: whoever has the post `tail_id` needs no more than the `tail_size` behind it."""
    before, *replies = kept.last(TAIL_REPLIES + 1)
    told = {"tail_size": len(replies), "tail_id": before.no}
    return thread_json({**op, **told}, with_commas(reply.json for reply in replies))


def _with_links_on_the_page(board: str, thread: int, posts: Sequence[Fragment]) -> list[bytes]:
    """These posts of a thread with links among them that stay on the page that shows them.

    A post is drawn once for all pages, and its links lead to the whole thread's: from its last-50
    page they would load all that this page is there to leave out.
    """
    shown = {post.no for post in posts}
    page = re.escape(addresses.thread_url(board, thread).encode())
    # In a post's HTML nothing that was typed holds a '<'.
    to_thread = re.compile(b'(<a [^>]*?href=")%s(#q?([0-9]+)")' % page)

    def on_the_page(link: re.Match[bytes]) -> bytes:
        return link[1] + link[2] if int(link[3]) in shown else link[0]

    return [to_thread.sub(on_the_page, post.html) for post in posts]


def thread_title(op: Opening) -> str:
    """Subject, or how the text begins, or the number."""
    if op.post.subject:
        return op.post.subject
    return markup.cut(op.excerpt, TITLE_CHARS_MAX) or f"No. {op.post.no}"


def picture(op: Opening) -> PostFile | None:
    """The file whose thumbnail may be shown unasked, wherever somebody links to the thread."""
    return next(
        (
            file
            for file in op.post.files
            if file.is_there and not file.is_spoiler and file.thumb_extension
        ),
        None,
    )


def picture_url(board: str, file: PostFile) -> str:
    return addresses.media_url(board, addresses.thumb_name(file.tim, file.thumb_extension or ""))


def _about(board: str, op: Opening) -> About:
    file = picture(op)
    description = markup.cut(op.excerpt, _DESCRIPTION_CHARS_MAX)
    return About(
        thread_title(op),
        op.post.subject,
        description,
        None if file is None else picture_url(board, file),
    )


def thread_json(op: Mapping[str, Any], replies: Iterable[Piece]) -> Body:
    """{"posts": [OP, reply, …]} from the OP's whole fields and the replies as they are kept.

    Each of `replies` is one, or several, or a part of one; there is a comma before each reply.
    """
    return body_of((b'{"posts":[', dump(op), *replies, b"]}"))


def with_commas(replies: Iterable[bytes]) -> Iterator[bytes]:
    """Replies one by one, with a comma before each."""
    for reply in replies:
        yield b","
        yield reply


def _framed(frame: tuple[bytes, bytes], op_html: bytes, replies: Iterable[Piece]) -> Body:
    before, after = frame
    return body_of((before, op_html, *replies, after))


KIND = Threads()
