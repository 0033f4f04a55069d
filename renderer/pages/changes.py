"""What changed last in a thread: who follows it asks for this alone, however long it is.

A reader who has seen change `since` or a later one takes each post as it is here, drops those that
are `gone`, and has seen `change`. One who has not fetches the thread, whose OP says in `change` up
to where it goes.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from imageboard import addresses
from imageboard.threads import Thread
from renderer.pages.kind import Drawn, Key, ThreadKind
from renderer.pages.view import BoardView
from templates.post_json import dump, op_fields, thread_change


class Room(NamedTuple):
    """What a feed holds at most."""

    #: Of posts: as many, unless they are too large.
    changes: int
    bytes: int
    #: Whether each post also bears its `html`, as its thread's page has it: pages put that in.
    has_html: bool = False


#: PERF: whoever follows a thread asks for the short one. With posts as people write them it is
#: 1.4 KB compressed, the long one 6. HTML tells again what the JSON told: a third more, compressed.
LONG = Room(50, 64 * 1024)
SHORT = Room(6, 10 * 1024, has_html=True)
#: One more than the long one has room for: by that it is known how far it reaches.
_MARKS_MAX = LONG.changes + 1
#: For what stands around the posts, numbers that are gone among it.
_FRAME_BYTES = 1024


class Changes(ThreadKind):
    name = "changes"
    order = 2

    def paths(self, view: BoardView, key: Key) -> Sequence[str]:
        board, thread = view.board.name, int(key)
        return (
            addresses.thread_latest_path(board, thread),
            addresses.thread_changes_path(board, thread),
        )

    def read_ahead(self, view: BoardView, keys: Sequence[Key]) -> None:
        super().read_ahead(view, keys)
        view.read_removals_ahead([int(key) for key in keys], _MARKS_MAX)

    def draw(self, view: BoardView, key: Key) -> Iterator[Drawn]:
        latest_path, changes_path = self.paths(view, key)
        thread = view.thread(int(key))
        if thread is None:
            yield Drawn(latest_path, None)
            yield Drawn(changes_path, None)
            return
        changed = _Changed(view, thread)
        long_address = addresses.thread_changes_url(view.board.name, thread.no)
        yield Drawn(latest_path, changed.feed(SHORT, following=long_address))
        yield Drawn(changes_path, changed.feed(LONG, following=None))


class _Changed:
    """What changed in a thread: as much as the long feed has room for."""

    def __init__(self, view: BoardView, thread: Thread) -> None:
        kept, board = view.posts_of(thread), view.board
        removed = view.removed_from(thread, _MARKS_MAX)
        marks = {*kept.change_nos(), *(removal.change_no for removal in removed)}
        #: Changes by which posts came, went or came to look different: the last of them first.
        self._marks = heapq.nlargest(_MARKS_MAX, marks)
        #: Whoever has not seen this one can't be told what changed.
        self._start = max(
            board.settings_change_no,
            *(removal.change_no for removal in removed if removal.no is None),
            0,
        )
        op = op_fields(board, thread._replace(posters=kept.posters), kept.op.as_op.fields)
        oldest = max(self._start, *self._marks[LONG.changes :], 0)
        self._posts = [
            (post.changed_no, dump(op) if post.opening else post.json, post.html)
            for post in kept.changed_after(oldest)
        ]
        self._gone = sorted((removal.no, removal.change_no) for removal in removed if removal.no)
        self._frame = {
            "thread": thread.no,
            "change": thread_change(board, thread),
            "closed": int(thread.is_closed),
            "archived": int(thread.archived_s is not None),
        }

    def feed(self, room: Room, *, following: str | None) -> bytes:
        """`following`: the address of what reaches further back."""
        start = max(self._start, *self._marks[room.changes :], 0)
        told = [
            (change_no, _with_html(post, html) if room.has_html else post)
            for change_no, post, html in self._posts
            if change_no > start
        ]
        since = _reach(room, start, told)
        frame = self._frame | {
            "since": since,
            "gone": [no for no, change_no in self._gone if change_no > since],
            "next": following,
        }
        posts = b",".join(post for change_no, post in told if change_no > since)
        return b"".join((dump(frame)[:-1], b',"posts":[', posts, b"]}"))


def _reach(room: Room, start: int, told: Sequence[tuple[int, bytes]]) -> int:
    """The last change that has no room; else `start`: all posts after it have."""
    left = room.bytes - _FRAME_BYTES
    for change_no, post in sorted(told, reverse=True):
        left -= len(post) + 1
        if left < 0:
            return change_no
    return start


def _with_html(post: bytes, html: bytes) -> bytes:
    return b"".join((post[:-1], b',"html":', dump(html.decode()), b"}"))


KIND = Changes()
