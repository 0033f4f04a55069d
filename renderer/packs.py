"""Replies that hardly change any more, drawn, end to end and compressed: a third of their size.

PERF: of a lifelike reply 760 bytes of HTML, 420 of JSON and 300 of Python's own become 450; 260
without the form in brotli, which packs of 64 and more have too. The HTML of a thread of 3,000 is
read back in 1.8 ms; joining as many single pieces takes 1.2 ms. Small packs take a third more in
both, but a reply waits as it is until there are enough for one.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from renderer.fragments import Fragment
from renderer.segments import Segment
from templates.fragments import GROUP_CLOSES, GROUP_OPENS, GROUP_REPLIES, groups

#: Replies in one pack, how many packs of one size are made one as soon as they are there, and up
#: to how many replies. PERF: siblings joined of packs of 64 are a tenth larger than those that are
#: compressed whole, of 256 as large; a reply of 256 is exchanged in 1.5 ms, of 64 in 0.4.
#: A pack holds whole groups, so that those of a page stand where they would without packs.
PACK_REPLIES = 2 * GROUP_REPLIES
PACKS_MERGED = 4
PACK_REPLIES_MAX = PACK_REPLIES * PACKS_MERGED**2
#: A level of ISA-L's for packs that are made once in a while, and are part of many pages.
_MERGED_LEVEL = 3
#: What Python needs to keep a pack, beside its bytes; and for each reply's numbers in it.
_OVERHEAD_BYTES = 900
_NUMBERS_BYTES = 26


class _Marks(NamedTuple):
    """What stands between pieces, and belongs to none."""

    before_each: bytes = b""
    #: Before each `GROUP_REPLIES` of them, and behind.
    opens: bytes = b""
    closes: bytes = b""


_HTML = _Marks(opens=GROUP_OPENS, closes=GROUP_CLOSES)
_JSON = _Marks(before_each=b",")


@dataclass(frozen=True, slots=True)
class _Joined:
    """Pieces one after the other, compressed."""

    segment: Segment
    #: Bytes of each piece.
    sizes: array[int]
    marks: _Marks

    @classmethod
    def of(cls, pieces: Sequence[bytes], marks: _Marks) -> Self:
        whole = b"".join(
            part
            for group in groups(pieces)
            for part in (marks.opens, *(marks.before_each + each for each in group), marks.closes)
        )
        if len(pieces) > PACK_REPLIES:
            segment = Segment.of(whole, level=_MERGED_LEVEL)
        else:
            segment = Segment.of(whole, brotlies=False)
        return cls(segment, array("I", map(len, pieces)), marks)

    @property
    def size_bytes(self) -> int:
        return len(self.segment.deflated) + len(self.segment.brotlied)

    def pieces(self) -> list[bytes]:
        whole, pieces, start = bytes(self.segment), [], 0
        for sizes in groups(self.sizes):
            start += len(self.marks.opens)
            for size in sizes:
                start += len(self.marks.before_each)
                pieces.append(whole[start : start + size])
                start += size
            start += len(self.marks.closes)
        return pieces


@dataclass(frozen=True, slots=True)
class Pack:
    """Replies of one thread, oldest first."""

    nos: array[int]
    _images: array[int]
    changed_nos: array[int]
    #: All of them, in groups.
    html: _Joined
    #: All of them, with a comma before each.
    json: _Joined

    @classmethod
    def of(cls, replies: Sequence[Fragment]) -> Self:
        return cls(
            array("q", (reply.no for reply in replies)),
            array("H", (reply.images for reply in replies)),
            array("q", (reply.changed_no for reply in replies)),
            _Joined.of([reply.html for reply in replies], _HTML),
            _Joined.of([reply.json for reply in replies], _JSON),
        )

    @property
    def last_no(self) -> int:
        return self.nos[-1]

    @property
    def size_bytes(self) -> int:
        """What it takes in memory."""
        numbers = len(self.nos) * _NUMBERS_BYTES
        return self.html.size_bytes + self.json.size_bytes + numbers + _OVERHEAD_BYTES

    def replies(self) -> list[Fragment]:
        """One by one."""
        columns = (
            self.nos,
            self.html.pieces(),
            self.json.pieces(),
            self._images,
            self.changed_nos,
        )
        return [Fragment(*row, opening=None) for row in zip(*columns, strict=True)]

    @classmethod
    def merged(cls, packs: Sequence[Self]) -> Self:
        """Several, of replies that follow each other, in one."""
        return cls.of([reply for pack in packs for reply in pack.replies()])

    def replace(self, reply: Fragment) -> Self:
        """The same with one of them drawn anew."""
        replies = self.replies()
        index = bisect_left(self.nos, reply.no)
        assert replies[index].no == reply.no, "a reply of this pack"
        replies[index] = reply
        return self.of(replies)
