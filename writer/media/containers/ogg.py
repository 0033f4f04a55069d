"""Ogg: pages of one or more streams. What is in them the player finds out."""

from __future__ import annotations

from imageboard.media import MediaLimits
from writer.media.containers.container import Container


def is_one(head: bytes) -> bool:
    return head.startswith(b"OggS\0")


def walk(data: bytes, limits: MediaLimits) -> Container:
    return Container("ogg", width=0, height=0, kept=[data])
