"""WebM, and Matroska, which it is a part of: EBML. What is in it the player finds out."""

from __future__ import annotations

from imageboard.media import MediaLimits
from writer.media.containers.container import Container


def is_one(head: bytes) -> bool:
    return head.startswith(b"\x1aE\xdf\xa3")


def walk(data: bytes, limits: MediaLimits) -> Container:
    return Container("webm", width=0, height=0, kept=[data])
