"""FLAC: sound without loss."""

from __future__ import annotations

from imageboard.media import MediaLimits
from writer.media.containers import id3
from writer.media.containers.container import Container


def is_one(head: bytes) -> bool:
    return head.startswith(b"fLaC")


def walk(data: bytes, limits: MediaLimits) -> Container:
    return Container("flac", width=0, height=0, kept=[data[id3.ends_at(data) :]])
