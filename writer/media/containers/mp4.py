"""MP4 and its kin: boxes, the first of which says so. What is in it the player finds out."""

from __future__ import annotations

from imageboard.media import MediaLimits
from writer.media.containers.container import Container

_OF_OTHERS = frozenset(
    {
        b"M4A ",
        b"M4B ",
        b"qt  ",
        b"avif",
        b"avis",
        b"heic",
        b"heix",
        b"heim",
        b"heis",
        b"hevc",
        b"hevx",
        b"mif1",
        b"msf1",
    }
)


def is_one(head: bytes) -> bool:
    """By a brand that is neither QuickTime's nor one of pictures or sounds alone."""
    return head[4:8] == b"ftyp" and head[8:12] not in _OF_OTHERS


def walk(data: bytes, limits: MediaLimits) -> Container:
    return Container("mp4", width=0, height=0, kept=[data])
