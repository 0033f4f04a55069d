"""Names of WAL segments: their order, and what is missing among them. Pure.

'000000010000000A000000FF' is timeline 1, log 10, segment 255 of it; the next one is
'000000010000000B00000000'. Segments are of 16 MiB, PostgreSQL's default.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

SEGMENT_BYTES = 16 * 2**20
_PER_LOG = 2**32 // SEGMENT_BYTES

_SEGMENT = re.compile(r"[0-9A-F]{24}")
_HISTORY = re.compile(r"[0-9A-F]{8}\.history")
PARTIAL = ".partial"


class Segment(NamedTuple):
    """A segment's timeline, and where in the WAL it is: positions count up by one."""

    timeline: int
    position: int

    @property
    def name(self) -> str:
        log, number = divmod(self.position, _PER_LOG)
        return f"{self.timeline:08X}{log:08X}{number:08X}"


def parse(name: str) -> Segment | None:
    """Of a segment, whole or partial; None for everything else."""
    text = name.removesuffix(PARTIAL)
    if not _SEGMENT.fullmatch(text):
        return None
    timeline, log, number = (int(text[at : at + 8], 16) for at in (0, 8, 16))
    return Segment(timeline, log * _PER_LOG + number)


def is_wal(name: str) -> bool:
    """Whether it belongs into the archive: a segment, a partial one, a timeline's history."""
    return parse(name) is not None or _HISTORY.fullmatch(name) is not None


def missing(names: Iterable[str], start: str) -> list[str]:
    """Segments from `start` on that a recovery would need and not find, up to the newest there.

    A timeline begins within the segment in which it left the one before, so that for each position
    one segment, of any timeline, has to be there. A partial one will do for the newest alone.
    """
    first = parse(start)
    assert first is not None
    whole: dict[int, int] = {}
    newest = first.position - 1
    for name in names:
        segment = parse(name)
        if segment is None or segment.position < first.position:
            continue
        newest = max(newest, segment.position)
        if not name.endswith(PARTIAL):
            whole[segment.position] = max(segment.timeline, whole.get(segment.position, 0))
    timeline = first.timeline
    lacking = []
    for position in range(first.position, max(newest, first.position)):
        timeline = max(timeline, whole.get(position, 0))
        if position not in whole:
            lacking.append(Segment(timeline, position).name)
    return lacking


def between(names: Iterable[str], start: str, end: str | None) -> list[str]:
    """Those that a recovery from `start` may ask for: up to `end`, None: all; every history."""
    first, last = parse(start), parse(end) if end else None
    assert first is not None
    chosen = []
    for name in names:
        segment = parse(name)
        if segment is None:
            if is_wal(name):
                chosen.append(name)
        elif segment.position >= first.position and (
            last is None or segment.position <= last.position
        ):
            chosen.append(name)
    return sorted(chosen)
