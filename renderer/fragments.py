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
#: What the kept fragments may take, in bytes of HTML and JSON: 20 threads of 3,000 replies.
KEPT_BYTES_MAX = 48 * 1024 * 1024


class Fragment(NamedTuple):
    """One post, drawn."""

    post: Post
    html: str
    #: Field by field, since an OP's is completed with what its thread counts.
    fields: Mapping[str, Any]
    json: bytes
    #: How an OP begins, for titles and tiles; '' for a reply.
    excerpt: str

    @property
    def images(self) -> int:
        return sum(not file.is_removed for file in self.post.files)


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
            before = self.by_no.get(fragment.post.no)
            if before is not None:
                self.bytes -= _size(before)
            self.by_no[fragment.post.no] = fragment
            self.bytes += _size(fragment)


def _size(fragment: Fragment) -> int:
    return len(fragment.html) + len(fragment.json)


class Fragments:
    """The kept fragments of all boards; the least recently used threads go first."""

    def __init__(self, kept_bytes_max: int = KEPT_BYTES_MAX) -> None:
        self._kept_bytes_max = kept_bytes_max
        self._entries: OrderedDict[tuple[str, int], _Entry] = OrderedDict()

    def of_thread(
        self, db: Connection, board: Board, board_names: frozenset[str], thread: Thread
    ) -> list[Fragment]:
        """Every post of the thread, oldest first, as of the snapshot on `db`."""
        entry = self._entry(board, thread)
        after = entry.as_of if entry.is_whole else -1
        if not entry.is_whole or thread.changed_no > entry.as_of:
            posts = stored_threads.posts(db, board.name, thread.no, after=after)
            entry.keep(draw(board, board_names, post) for post in posts)
        entry.is_whole = True
        entry.as_of = board.change_no
        self._make_room()
        return [entry.by_no[no] for no in sorted(entry.by_no)]

    def of_previews(
        self,
        db: Connection,
        board: Board,
        board_names: frozenset[str],
        previews: list[stored_threads.ThreadPreview],
    ) -> list[list[Fragment]]:
        """OP and last replies of each thread, as of the snapshot on `db`."""
        wanted = [(preview, self._fresh_entry(board, preview.thread)) for preview in previews]
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
    return Fragment(
        post=post,
        html=fragments.post_html(board, post, body_html),
        fields=fields,
        json=json_pages.dump(fields),
        excerpt=markup.excerpt(tree, EXCERPT_CHARS_MAX) if post.is_op else "",
    )
