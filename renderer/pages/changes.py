"""What changed last in a thread: who follows it asks for this alone, however long it is.

A reader who has seen change `since` or a later one takes each post as it is here, drops those that
are `gone`, and has seen `change`. One who has not fetches the thread, whose OP says in `change` up
to where it goes.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence

from imageboard import addresses
from imageboard.facts import Fact
from imageboard.store import threads as stored_threads
from imageboard.store.threads import Removal
from imageboard.threads import Thread
from renderer.bodies import Body
from renderer.kept_threads import KeptThread
from renderer.pages.kind import BoardKind, Drawn, Key
from renderer.pages.post_json import dump, op_fields, thread_change
from renderer.pages.view import BoardView

#: So many changes of posts it holds, unless they are too large.
CHANGES = 50
BYTES_MAX = 64 * 1024
#: For what stands around the posts, numbers that are gone among it.
_FRAME_BYTES = 2 * 1024


class Changes(BoardKind):
    name = "changes"
    order = 2

    def stale(self, fact: Fact) -> Iterable[Key]:
        return fact.touched_threads

    def there(self, view: BoardView) -> Iterable[Key]:
        return (preview.thread.no for preview in view.previews)

    def there_despite_damage(self, view: BoardView) -> Iterable[Key]:
        return view.numbers

    def paths(self, view: BoardView, key: Key) -> Sequence[str]:
        return (addresses.thread_changes_path(view.board.name, int(key)),)

    def read_ahead(self, view: BoardView, keys: Sequence[Key]) -> None:
        view.read_ahead([int(key) for key in keys])

    def draw(self, view: BoardView, key: Key) -> Iterator[Drawn]:
        (path,) = self.paths(view, key)
        thread = view.thread(int(key))
        yield Drawn(path, None if thread is None else _changes(view, thread))


def _changes(view: BoardView, thread: Thread) -> Body:
    kept = view.posts_of(thread)
    removed: list[Removal] = []
    if thread.removal_no:
        removed = stored_threads.removed(view.db, view.board.name, thread.no, CHANGES + 1)
    since = max(_oldest_unless_all(kept, removed), view.board.settings_change_no)
    op = op_fields(view.board, thread._replace(posters=kept.posters), kept.op.as_op.fields)
    posts = [
        (post.changed_no, dump(op) if post.opening else post.json)
        for post in kept.changed_after(since)
    ]
    since = max(since, _too_large(posts))
    frame = dump(
        {
            "thread": thread.no,
            "change": thread_change(view.board, thread),
            "since": since,
            "gone": sorted(no for change_no, no in removed if no and change_no > since),
            "closed": int(thread.is_locked),
            "archived": 0,
            "next": None,
        }
    )
    shown = b",".join(post for change_no, post in posts if change_no > since)
    return b"".join((frame[:-1], b',"posts":[', shown, b"]}"))


def _oldest_unless_all(kept: KeptThread, removed: Sequence[Removal]) -> int:
    """The last change that is one too many; 0: all that the thread had have room."""
    marks = heapq.nlargest(
        CHANGES + 1, {*kept.change_nos(), *(removal.change_no for removal in removed)}
    )
    too_many = marks[CHANGES:]
    unknown = (removal.change_no for removal in removed if removal.no is None)
    return max((*too_many, *unknown), default=0)


def _too_large(posts: Iterable[tuple[int, bytes]]) -> int:
    """The last change that has no room, of those that these posts last had; 0: all have."""
    room = BYTES_MAX - _FRAME_BYTES
    for change_no, post in sorted(posts, reverse=True):
        room -= len(post) + 1
        if room < 0:
            return change_no
    return 0


KIND = Changes()
