"""ID3v2: what holds the title of an MP3, and stands before it, or before any other sound."""

from __future__ import annotations

from writer.media.containers.container import Bytes

_HEAD_BYTES = 10


def ends_at(data: Bytes) -> int:
    """Where what it was put before begins. 0: there is none."""
    head = bytes(data[:_HEAD_BYTES])
    if not head.startswith(b"ID3") or len(head) < _HEAD_BYTES:
        return 0
    # Seven bits of each of its last four bytes are its length (ID3v2.4, 6.2).
    lengths = zip(head[6:], (21, 14, 7, 0), strict=True)
    return _HEAD_BYTES + sum((bits & 0x7F) << shift for bits, shift in lengths)
