"""Threads whose posts are kept in the worker's memory, drawn, while they look the same.

A thread says at which change it was read (`as_of`). Each post's row bears the change at which it
last came to look different, so bringing a thread up to date reads just those rows; a removal, or
new settings of the board, drops the thread.

The newest posts are kept as they are, since they are looked at most and changed most; those before
them in packs.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from imageboard.boards import Board
from imageboard.store import threads as stored_threads
from imageboard.store.database import Connection
from imageboard.store.threads import ThreadPreview
from imageboard.threads import Thread
from imageboard.words import Language
from renderer.bodies import Piece
from renderer.fragments import Fragment, draw_all
from renderer.packs import PACK_REPLIES, PACK_REPLIES_MAX, PACKS_MERGED, Pack
from templates.fragments import grouped

#: What the kept threads may take: 30,000 posts or so. PERF: a burst over more than that reads and
#: draws whole threads again at each step, which takes four times as long.
KEPT_BYTES_MAX = 12 * 1024 * 1024
#: The newest replies that are not packed: board pages show fewer, as a rule.
NEWEST_REPLIES = 8
#: Replies of one pack in a thread that is read as a whole. PERF: it comes to have the same packs as
#: reply by reply, but a fifth as many are made on the way.
_PACKED_AT_ONCE = PACK_REPLIES * PACKS_MERGED
#: What Python needs to keep a fragment, beside its bytes; for an OP, its post and fields too.
_OVERHEAD_BYTES = 300
_OPENING_BYTES = 3_000
#: A poster's hash in a set.
_POSTER_BYTES = 100
#: Before any change of a board.
_NEVER = -1


@dataclass(slots=True)
class KeptThread:
    """Posts of one thread: all of them, or those that board pages show."""

    settings_change_no: int
    as_of: int
    is_whole: bool
    size_bytes: int = 0
    _op: Fragment | None = None
    _packs: list[Pack] = field(default_factory=list)
    _newest: dict[int, Fragment] = field(default_factory=dict)
    _posters: set[bytes] = field(default_factory=set)

    @property
    def op(self) -> Fragment:
        assert self._op is not None, "read"
        return self._op

    @property
    def replies(self) -> int:
        return sum(len(pack.nos) for pack in self._packs) + len(self._newest)

    @property
    def posters(self) -> int:
        """Different posters of the posts that are kept."""
        return len(self._posters)

    def missing(self, nos: list[int]) -> list[int]:
        """Those of `nos`, posts of this thread, that are not kept."""
        if self.is_whole:
            return []
        kept = self._newest.keys() | ({self._op.no} if self._op else set())
        return [no for no in nos if no not in kept]

    def lacks_some(self, last_replies: Sequence[int]) -> bool:
        """Whether it says to be whole and is not.

        An import that is under way brings replies to threads that are not said to have changed
        before all of them are there; numbers were reserved for them.
        """
        return self.is_whole and not self._found(last_replies).keys() >= set(last_replies)

    def opening_and(self, last_replies: Sequence[int]) -> list[Fragment]:
        """The OP and the last replies, oldest first."""
        found = self._found(last_replies)
        return [self.op, *(found[no] for no in last_replies)]

    def _found(self, last_replies: Sequence[int]) -> dict[int, Fragment]:
        """As many of the last that are kept, or more, by their numbers."""
        if self._newest.keys() >= set(last_replies):
            return self._newest
        return {reply.no: reply for reply in self.last(len(last_replies))}

    def html(self) -> list[Piece]:
        """All replies, oldest first, in groups, in pieces to be written one after the other."""
        newest = grouped([reply.html for reply in self._in_order()])
        return [*(pack.html.segment for pack in self._packs), *newest]

    def json(self) -> list[Piece]:
        """The same, with a comma before each reply."""
        newest = (piece for reply in self._in_order() for piece in (b",", reply.json))
        return [*(pack.json.segment for pack in self._packs), *newest]

    def last(self, replies: int) -> list[Fragment]:
        """The last replies, one by one, oldest first."""
        last = self._in_order()
        for pack in reversed(self._packs):
            if len(last) >= replies:
                break
            last = pack.replies() + last
        return last[-replies:]

    def change_nos(self) -> Iterator[int]:
        """At which change each post last came to look different, in no order."""
        yield self.op.changed_no
        for pack in self._packs:
            yield from pack.changed_nos
        for reply in self._newest.values():
            yield reply.changed_no

    def changed_after(self, change_no: int) -> list[Fragment]:
        """Posts that came to look different after that change, oldest first."""
        found = [self.op]
        for pack in self._packs:
            if max(pack.changed_nos) > change_no:
                found += pack.replies()
        found += self._in_order()
        return [post for post in found if post.changed_no > change_no]

    def keep(self, fragment: Fragment, poster: bytes) -> None:
        """Keep a post that is new, or looks different; a thread's new replies come in order."""
        if poster not in self._posters:
            self._posters.add(poster)
            self.size_bytes += _POSTER_BYTES
        if fragment.opening is not None:
            self.size_bytes += _size(fragment) - (_size(self._op) if self._op else 0)
            self._op = fragment
        elif self._packs and fragment.no <= self._packs[-1].last_no:
            self._repack(fragment)
        else:
            before = self._newest.get(fragment.no)
            self.size_bytes += _size(fragment) - (_size(before) if before else 0)
            self._newest[fragment.no] = fragment
            if self.is_whole and len(self._newest) >= NEWEST_REPLIES + _PACKED_AT_ONCE:
                self._pack_oldest(_PACKED_AT_ONCE if self._ends_with_large() else PACK_REPLIES)

    def pack(self) -> None:
        """All but the newest replies; once those that came have been kept."""
        while self.is_whole and len(self._newest) >= NEWEST_REPLIES + PACK_REPLIES:
            self._pack_oldest(PACK_REPLIES)

    def keep_only(self, nos: Sequence[int]) -> None:
        """Let go of replies that no board page shows any more."""
        for no in self._newest.keys() - set(nos):
            self.size_bytes -= _size(self._newest.pop(no))

    def _in_order(self) -> list[Fragment]:
        return [self._newest[no] for no in sorted(self._newest)]

    def _repack(self, reply: Fragment) -> None:
        index = bisect_left(self._packs, reply.no, key=attrgetter("last_no"))
        self.size_bytes -= self._packs[index].size_bytes
        self._packs[index] = self._packs[index].replace(reply)
        self.size_bytes += self._packs[index].size_bytes

    def _ends_with_large(self) -> bool:
        """Whether no small pack waits to be made one with those that follow."""
        return not self._packs or len(self._packs[-1].nos) >= _PACKED_AT_ONCE

    def _pack_oldest(self, replies: int) -> None:
        oldest = self._in_order()[:replies]
        for reply in oldest:
            self.size_bytes -= _size(self._newest.pop(reply.no))
        self._packs.append(Pack.of(oldest))
        self.size_bytes += self._packs[-1].size_bytes
        while len(small := self._of_one_size()) == PACKS_MERGED:
            self._packs[-PACKS_MERGED:] = [Pack.merged(small)]
            self.size_bytes += self._packs[-1].size_bytes - sum(pack.size_bytes for pack in small)

    def _of_one_size(self) -> list[Pack]:
        """The last packs that may be made one."""
        last = self._packs[-PACKS_MERGED:]
        size = len(last[-1].nos)
        return [pack for pack in last if len(pack.nos) == size < PACK_REPLIES_MAX]


def _size(fragment: Fragment) -> int:
    opening = _OPENING_BYTES if fragment.opening is not None else 0
    return len(fragment.html) + len(fragment.json) + _OVERHEAD_BYTES + opening


class KeptThreads:
    """The kept threads of all boards; the least recently used go first."""

    def __init__(self, kept_bytes_max: int = KEPT_BYTES_MAX) -> None:
        self._kept_bytes_max = kept_bytes_max
        #: By language, board and number, the least recently used first.
        self.threads: OrderedDict[tuple[Language, str, int], KeptThread] = OrderedDict()

    def read_ahead(
        self, db: Connection, board: Board, board_names: frozenset[str], threads: list[Thread]
    ) -> None:
        """Bring these threads up to date, with one query for all, or two."""
        kept = {thread.no: self._whole(board, thread) for thread in threads}
        changed = [t.no for t in threads if _NEVER < kept[t.no].as_of < t.changed_no]
        unread = [no for no, thread in kept.items() if thread.as_of == _NEVER]
        oldest = min((kept[no].as_of for no in changed), default=0)
        for nos, after in ((changed, oldest), (unread, _NEVER)):
            if nos:
                posts = stored_threads.posts(db, board.name, nos, after=after)
                for post, drawn in draw_all(board, board_names, posts):
                    kept[post.thread].keep(drawn, post.poster)
        # Only now: had a query failed, they would hold a part of what they say they do.
        for no, thread in kept.items():
            thread.pack()
            thread.as_of = board.change_no
            self._use(board, no, thread)
        if changed or unread:
            self._make_room()

    def of_thread(
        self, db: Connection, board: Board, board_names: frozenset[str], thread: Thread
    ) -> KeptThread:
        """Every post of the thread, as of the snapshot on `db`."""
        self.read_ahead(db, board, board_names, [thread])
        return self.threads[board.language, board.name, thread.no]

    def of_previews(
        self,
        db: Connection,
        board: Board,
        board_names: frozenset[str],
        previews: list[ThreadPreview],
    ) -> list[list[Fragment]]:
        """OP and last replies of each thread, as of the snapshot on `db`."""
        behind = [preview.thread for preview in previews if self._is_behind(board, preview.thread)]
        if behind:
            self.read_ahead(db, board, board_names, behind)
        # Oldest thread first: those at the top, which are posted to, are then the last to go.
        kept = {p.thread.no: self._previewed(board, p) for p in reversed(previews)}
        missing = [
            no
            for thread, last_replies in previews
            for no in kept[thread.no].missing([thread.no, *last_replies])
        ]
        if missing:
            posts = stored_threads.posts_by_no(db, board.name, missing)
            for post, drawn in draw_all(board, board_names, posts):
                kept[post.thread].keep(drawn, post.poster)
        shown = [kept[thread.no].opening_and(last_replies) for thread, last_replies in previews]
        for thread, last_replies in previews:
            if not kept[thread.no].is_whole:
                kept[thread.no].keep_only(last_replies)
        self._make_room()
        return shown

    def _is_behind(self, board: Board, thread: Thread) -> bool:
        """Whether the whole thread is kept, as it was before its last change."""
        kept = self._usable(board, thread)
        return kept is not None and kept.is_whole and kept.as_of < thread.changed_no

    def _whole(self, board: Board, thread: Thread) -> KeptThread:
        """The whole thread as it is kept, or one to be filled."""
        kept = self._usable(board, thread)
        if kept is not None and kept.is_whole:
            return kept
        return KeptThread(board.settings_change_no, as_of=_NEVER, is_whole=True)

    def _previewed(self, board: Board, preview: ThreadPreview) -> KeptThread:
        """The thread with nothing in it that looks different by now."""
        thread, last_replies = preview
        kept = self._usable(board, thread)
        if kept is None or kept.as_of < thread.changed_no or kept.lacks_some(last_replies):
            kept = KeptThread(board.settings_change_no, as_of=board.change_no, is_whole=False)
        kept.as_of = board.change_no
        self._use(board, thread.no, kept)
        return kept

    def _usable(self, board: Board, thread: Thread) -> KeptThread | None:
        kept = self.threads.get((board.language, board.name, thread.no))
        if kept is None or kept.settings_change_no != board.settings_change_no:
            return None
        return None if kept.as_of < thread.removal_no else kept

    def _use(self, board: Board, no: int, thread: KeptThread) -> None:
        key = board.language, board.name, no
        self.threads[key] = thread
        self.threads.move_to_end(key)

    def _make_room(self) -> None:
        kept_bytes = sum(thread.size_bytes for thread in self.threads.values())
        while kept_bytes > self._kept_bytes_max and len(self.threads) > 1:
            _, thread = self.threads.popitem(last=False)
            kept_bytes -= thread.size_bytes
