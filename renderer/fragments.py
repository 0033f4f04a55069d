"""Posts as HTML and JSON, kept in the worker's memory while they look the same.

A thread's entry says at which change it was read (`as_of`). Each post's row bears the change at
which it last came to look different, so bringing an entry up to date reads just those rows; a
removal, or new settings of the board, drops the entry.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from imageboard import markup
from imageboard.boards import Board
from imageboard.store import threads as stored_threads
from imageboard.store.database import Connection
from imageboard.threads import Post, Thread, quote_links
from renderer import json_pages
from templates import fragments

#: As much of an OP as a tile of the catalog has room for.
EXCERPT_CHARS_MAX = 300
#: What the kept fragments may take: 20,000 posts or so. PERF: a burst over more than that reads
#: and draws whole threads again at each step (visible p50 870 ms instead of 230 ms).
KEPT_BYTES_MAX = 36 * 1024 * 1024
#: What Python needs to keep one, beside its bytes.
_OVERHEAD_BYTES = 300


class Opening(NamedTuple):
    """What else is shown of an OP: its page's title, its tile, its thread's counts in the JSON."""

    post: Post
    fields: Mapping[str, Any]
    #: How it begins.
    excerpt: str


class Fragment(NamedTuple):
    """One post, drawn; encoded, since that is what is kept by the thousand and joined."""

    no: int
    html: bytes
    json: bytes
    #: Files that are there.
    images: int
    #: Whose it is: the same for two posts of one address in a thread.
    poster: bytes
    #: None: a reply.
    opening: Opening | None

    @property
    def as_op(self) -> Opening:
        assert self.opening is not None, "an OP"
        return self.opening


@dataclass(slots=True)
class _Entry:
    """The fragments of one thread that are kept."""

    settings_change_no: int
    as_of: int
    is_whole: bool = False
    by_no: dict[int, Fragment] = field(default_factory=dict)
    bytes: int = 0

    def is_stale(self, board: Board, thread: Thread) -> bool:
        return self.settings_change_no != board.settings_change_no or self.as_of < thread.removal_no

    def keep(self, drawn: Iterable[Fragment]) -> None:
        for fragment in drawn:
            before = self.by_no.get(fragment.no)
            if before is not None:
                self.bytes -= _size(before)
            self.by_no[fragment.no] = fragment
            self.bytes += _size(fragment)


def _size(fragment: Fragment) -> int:
    return len(fragment.html) + len(fragment.json) + _OVERHEAD_BYTES


class Fragments:
    """The kept fragments of all boards; the least recently used threads go first."""

    def __init__(self, kept_bytes_max: int = KEPT_BYTES_MAX) -> None:
        self._kept_bytes_max = kept_bytes_max
        self._entries: OrderedDict[tuple[str, int], _Entry] = OrderedDict()

    def read_ahead(
        self, db: Connection, board: Board, board_names: frozenset[str], threads: list[Thread]
    ) -> None:
        """Bring the entries of these threads up to date with one query for all."""
        entries = {thread.no: self._entry(board, thread) for thread in threads}
        whole = [t for t in threads if entries[t.no].is_whole]
        changed = [t.no for t in whole if t.changed_no > entries[t.no].as_of]
        unread = [no for no, entry in entries.items() if not entry.is_whole]
        oldest = min((entries[no].as_of for no in changed), default=0)
        for nos, after in ((changed, oldest), (unread, -1)):
            if nos:
                for post in stored_threads.posts(db, board.name, nos, after=after):
                    entries[post.thread].keep([draw(board, board_names, post)])
        for entry in entries.values():
            entry.is_whole = True
            entry.as_of = board.change_no
        self._make_room()

    def of_thread(
        self, db: Connection, board: Board, board_names: frozenset[str], thread: Thread
    ) -> list[Fragment]:
        """Every post of the thread, oldest first, as of the snapshot on `db`."""
        self.read_ahead(db, board, board_names, [thread])
        by_no = self._entry(board, thread).by_no
        return [by_no[no] for no in sorted(by_no)]

    def of_previews(
        self,
        db: Connection,
        board: Board,
        board_names: frozenset[str],
        previews: list[stored_threads.ThreadPreview],
    ) -> list[list[Fragment]]:
        """OP and last replies of each thread, as of the snapshot on `db`."""
        # Oldest thread first: those at the top, which are posted to, are then the last to go.
        wanted = [
            (preview, self._fresh_entry(board, preview.thread)) for preview in reversed(previews)
        ][::-1]
        missing = [
            no
            for preview, entry in wanted
            for no in (preview.thread.no, *preview.last_replies)
            if no not in entry.by_no
        ]
        if missing:
            entries = {preview.thread.no: entry for preview, entry in wanted}
            for post in stored_threads.posts_by_no(db, board.name, missing):
                entries[post.thread].keep([draw(board, board_names, post)])
        shown = [
            [entry.by_no[no] for no in (preview.thread.no, *preview.last_replies)]
            for preview, entry in wanted
        ]
        self._make_room()
        return shown

    def _fresh_entry(self, board: Board, thread: Thread) -> _Entry:
        """An entry whose every fragment shows the snapshot; what is not in it is to be read."""
        entry = self._entry(board, thread)
        if thread.changed_no > entry.as_of:
            entry = self._new_entry(board, thread)
        entry.as_of = board.change_no
        return entry

    def _entry(self, board: Board, thread: Thread) -> _Entry:
        entry = self._entries.get((board.name, thread.no))
        if entry is None or entry.is_stale(board, thread):
            return self._new_entry(board, thread)
        self._entries.move_to_end((board.name, thread.no))
        return entry

    def _new_entry(self, board: Board, thread: Thread) -> _Entry:
        entry = _Entry(settings_change_no=board.settings_change_no, as_of=board.change_no)
        self._entries[board.name, thread.no] = entry
        self._entries.move_to_end((board.name, thread.no))
        return entry

    def _make_room(self) -> None:
        kept = sum(entry.bytes for entry in self._entries.values())
        while kept > self._kept_bytes_max and len(self._entries) > 1:
            _, entry = self._entries.popitem(last=False)
            kept -= entry.bytes


def draw(board: Board, board_names: frozenset[str], post: Post) -> Fragment:
    """One post as HTML and JSON: a pure function of what the database holds."""
    tree = markup.parse(post.body)
    body_html = markup.to_html(tree, quote_links(board.name, post.quotes), board_names)
    fields = json_pages.post_fields(board, post, body_html)
    opening = None
    if post.is_op:
        opening = Opening(post, fields, markup.excerpt(tree, EXCERPT_CHARS_MAX))
    return Fragment(
        no=post.no,
        html=fragments.post_html(board, post, body_html).encode(),
        json=json_pages.dump(fields),
        images=sum(not file.is_removed for file in post.files),
        poster=post.poster,
        opening=opening,
    )
