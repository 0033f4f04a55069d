"""FLAC: sound without loss."""

from __future__ import annotations

from imageboard.media import MediaLimits
from writer.media.containers.container import Bytes, Container

_TITLE_HEAD_BYTES = 10


def is_one(head: bytes) -> bool:
    return head.startswith(b"fLaC")


def begins_at(data: Bytes) -> int:
    """Where a FLAC begins behind a title as MP3s have it, which some programs put before any sound.

    0 for all else.
    """
    head = bytes(data[:_TITLE_HEAD_BYTES])
    if not head.startswith(b"ID3") or len(head) < _TITLE_HEAD_BYTES:
        return 0
    # Seven bits of each of its last four bytes are the title's length (ID3v2.4, 6.2).
    lengths = zip(head[6:], (21, 14, 7, 0), strict=True)
    start = _TITLE_HEAD_BYTES + sum((bits & 0x7F) << shift for bits, shift in lengths)
    return start if is_one(bytes(data[start : start + 4])) else 0


def walk(data: bytes, limits: MediaLimits) -> Container:
    return Container("flac", width=0, height=0, kept=[data[begins_at(data) :]])
