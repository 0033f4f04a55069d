"""A thread's feed, Atom: its last posts, the newest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import orjson

from imageboard import addresses
from imageboard.threads import Thread
from renderer.pages.feeds import post_entry
from renderer.pages.kind import Drawn, Key, ThreadKind
from renderer.pages.threads import thread_title
from renderer.pages.view import BoardView
from templates import feeds
from templates.feeds import Feed

#: PERF: it is drawn for each post of the thread, so it is short.
ENTRIES = 10


class ThreadFeed(ThreadKind):
    name = "thread_feed"
    order = 3

    def paths(self, view: BoardView, key: Key) -> Sequence[str]:
        return (addresses.thread_atom_path(view.board.name, int(key)),)

    def draw(self, view: BoardView, key: Key) -> Iterator[Drawn]:
        (path,) = self.paths(view, key)
        thread = view.thread(int(key))
        yield Drawn(path, None if thread is None else _atom(view, thread, path))


def _atom(view: BoardView, thread: Thread, path: str) -> bytes:
    board, kept = view.board.name, view.posts_of(thread)
    replies = [orjson.loads(reply.json) for reply in reversed(kept.last(ENTRIES))]
    posts = [*replies, kept.op.as_op.fields][:ENTRIES]
    page = addresses.thread_path(board, thread.no)
    feed = Feed(
        path=path,
        url=addresses.thread_url(board, thread.no),
        title=f"/{board}/ - {thread_title(kept.op.as_op)}",
        subtitle="",
        entries=[post_entry(board, post, f"{page}#{post['no']}") for post in posts],
    )
    return feeds.atom(view.site, feed)


KIND = ThreadFeed()
