"""QuickTime's films: MP4's elder, whose first box may be any of a few."""

from __future__ import annotations

from imageboard.media import MediaLimits
from writer.media.containers.container import Container


def is_one(head: bytes) -> bool:
    return head[4:12] == b"ftypqt  " or head[4:8] in (b"moov", b"mdat", b"wide")


def walk(data: bytes, limits: MediaLimits) -> Container:
    return Container("mov", width=0, height=0, kept=[data])
