"""M4A: an MP4 that says to have no pictures."""

from __future__ import annotations

from imageboard.media import MediaLimits
from writer.media.containers.container import Container


def is_one(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in (b"M4A ", b"M4B ")


def walk(data: bytes, limits: MediaLimits) -> Container:
    return Container("m4a", width=0, height=0, kept=[data])
