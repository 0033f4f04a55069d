"""WAV: samples as they are, behind a header."""

from __future__ import annotations

from imageboard.media import MediaLimits
from writer.media.containers.container import Container


def is_one(head: bytes) -> bool:
    return head.startswith(b"RIFF") and head[8:12] == b"WAVE"


def walk(data: bytes, limits: MediaLimits) -> Container:
    return Container("wav", width=0, height=0, kept=[data])
