"""Boxes within boxes, and the index of items in `meta`: what AVIF and HEIC have in common.

Sources: ISO/IEC 14496-12 (boxes), 23008-12 (items).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from imageboard.errors import FileRefused
from writer.media.containers.container import broken

BOXES_MAX = 5_000
ITEMS_MAX = 2_000

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Box:
    kind: bytes
    start: int
    body: int
    end: int


class Cut(NamedTuple):
    """`clap`: what is shown of the picture, as pixels from its left upper corner."""

    left: int
    top: int
    right: int
    bottom: int


class Boxes:
    """One file, read. `title` is what its refusals call it."""

    def __init__(self, title: str, data: bytes) -> None:
        self.title = title
        self.data = data
        self.boxes_left = BOXES_MAX

    def boxes(self, start: int, end: int) -> Iterator[Box]:
        """The boxes that fill `start` to `end`."""
        while start < end:
            box = self.box_at(start, end)
            if box is None:
                raise self.broken(f"box at {start} does not fit")
            yield box
            start = box.end

    def box_at(self, start: int, end: int) -> Box | None:
        """The box at `start`, or None when it does not fit before `end`."""
        self.boxes_left -= 1
        if self.boxes_left < 0:
            raise self.broken("too many boxes")
        size, body = self.uint(start, 4), start + 8
        if size == 1:
            size, body = self.uint(start + 8, 8), start + 16
        box_end = end if size == 0 else start + size
        if body > box_end or box_end > end:
            return None
        return Box(self.data[start + 4 : start + 8], start, body, box_end)

    def uint(self, pos: int, length: int) -> int:
        return int.from_bytes(self.data[pos : pos + length])

    def item_spans(self, iloc: Box, stores: list[Box], idat: Box | None) -> dict[int, list[Span]]:
        """Item number → where its bytes are in the file; all must lie in a data box."""
        pos = iloc.body
        version, sizes = self.uint(pos, 1), self.uint(pos + 4, 2)
        offset_bytes, length_bytes = sizes >> 12, sizes >> 8 & 15
        base_bytes, index_bytes = sizes >> 4 & 15, (sizes & 15) if version else 0
        id_bytes = 4 if version == 2 else 2
        count = self.uint(pos + 6, id_bytes)
        pos += 6 + id_bytes
        spans: dict[int, list[Span]] = {}
        extents_left = ITEMS_MAX
        for _ in range(min(count, ITEMS_MAX)):
            item = self.uint(pos, id_bytes)
            pos += id_bytes
            method = self.uint(pos, 2) & 15 if version else 0
            pos += 4 if version else 2
            base = self.uint(pos, base_bytes)
            extents = self.uint(pos + base_bytes, 2)
            pos += base_bytes + 2
            if method == 1 and idat:
                base += idat.body
            elif method:
                raise self.broken("item within an item")
            extents_left -= extents
            if extents_left < 0 or pos > iloc.end:
                raise self.broken("too many extents")
            for _ in range(extents):
                start = base + self.uint(pos + index_bytes, offset_bytes)
                length = self.uint(pos + index_bytes + offset_bytes, length_bytes)
                pos += index_bytes + offset_bytes + length_bytes
                spans.setdefault(item, []).append(self._within(stores, start, length))
        return spans

    def properties_of(self, ipma: Box, wanted: int) -> list[int]:
        """The numbers of the properties that `ipma` links to the item `wanted`."""
        pos = ipma.body
        id_bytes = 4 if self.uint(pos, 1) else 2
        link_bytes = 2 if self.uint(pos + 3, 1) & 1 else 1
        mask = 0x7FFF if link_bytes == 2 else 0x7F
        count = self.uint(pos + 4, 4)
        pos += 8
        for _ in range(min(count, ITEMS_MAX)):
            item, links = self.uint(pos, id_bytes), self.uint(pos + id_bytes, 1)
            pos += id_bytes + 1
            if item == wanted:
                return [self.uint(pos + n * link_bytes, link_bytes) & mask for n in range(links)]
            pos += links * link_bytes
        return []

    def size_in(self, ispe: Box) -> tuple[int, int]:
        return self.uint(ispe.body + 4, 4), self.uint(ispe.body + 8, 4)

    def cut(self, clap: Box, width: int, height: int) -> Cut:
        """Its sizes and the way of its centre from the picture's are fractions."""
        numbers = [self.uint(clap.body + 4 * n, 4) for n in range(8)]
        if clap.end - clap.body < 32 or not all(numbers[1::2]):
            raise self.broken("clap")
        across, down = numbers[4], numbers[6]
        signed = [n - 2**32 if n >= 2**31 else n for n in (across, down)]
        cut_width, cut_height = numbers[0] / numbers[1], numbers[2] / numbers[3]
        left = round(signed[0] / numbers[5] + (width - cut_width) / 2)
        top = round(signed[1] / numbers[7] + (height - cut_height) / 2)
        made = Cut(left, top, left + round(cut_width), top + round(cut_height))
        if not (0 <= left < made.right <= width and 0 <= top < made.bottom <= height):
            raise self.broken("clap outside the picture")
        return made

    def _within(self, stores: list[Box], start: int, length: int) -> Span:
        """The span as (start, end); a length of 0 means up to the end of its data box.

        SECURITY: a span elsewhere could name the index itself, and have it blanked.
        """
        for store in stores:
            if store.body <= start <= start + length <= store.end:
                return start, start + length if length else store.end
        raise self.broken("item outside the data")

    def broken(self, detail: str) -> FileRefused:
        return broken(f"{self.title}: {detail}")
