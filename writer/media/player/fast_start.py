"""An MP4's index before its pictures: a browser that has the first bytes can begin to play.

FFmpeg writes the index (`moov`) last, where it knows all places. Moved before the data (`mdat`) it
is the data that moves, by as many bytes as the index has, and each place in it grows by that.

Source: ISO/IEC 14496-12 (boxes; 8.7.5: chunk offsets).
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import pack_into, unpack_from
from typing import NamedTuple

_PARENTS = frozenset({b"trak", b"mdia", b"minf", b"stbl"})
#: Of a table of places: version and flags, how many; each is of so many bytes.
_PLACES = {b"stco": "I", b"co64": "Q"}


class _Box(NamedTuple):
    kind: bytes
    start: int
    body: int
    end: int


def of_mp4(data: bytes) -> bytes:
    """The same file, its index moved to the front. `data` is what FFmpeg wrote, and whole."""
    top = list(_boxes(data, 0, len(data)))
    kinds = [box.kind for box in top]
    index, media = top[kinds.index(b"moov")], top[kinds.index(b"mdat")]
    if index.start < media.start:
        return data
    moov = bytearray(data[index.start : index.end])
    _move(moov, index.body - index.start, len(moov), by=len(moov))
    before = next(box for box in top if box.kind not in (b"ftyp", b"free"))
    rest = data[before.start : index.start] + data[index.end :]
    return data[: before.start] + bytes(moov) + rest


def _move(moov: bytearray, start: int, end: int, *, by: int) -> None:
    for box in _boxes(moov, start, end):
        if box.kind in _PARENTS:
            _move(moov, box.body, box.end, by=by)
        elif box.kind in _PLACES:
            (count,) = unpack_from(">I", moov, box.body + 4)
            shape = f">{count}{_PLACES[box.kind]}"
            places = unpack_from(shape, moov, box.body + 8)
            pack_into(shape, moov, box.body + 8, *(place + by for place in places))


def _boxes(data: bytes | bytearray, start: int, end: int) -> Iterator[_Box]:
    while start < end:
        size, kind = unpack_from(">I4s", data, start)
        body = start + 8
        if size == 1:
            (size,) = unpack_from(">Q", data, body)
            body += 8
        yield _Box(bytes(kind), start, body, start + size)
        start += size
