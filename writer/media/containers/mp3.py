"""MP3: frames, each with a header of its own; often what holds its title stands before them."""

from __future__ import annotations

from imageboard.media import MediaLimits
from writer.media.containers.container import Container


def is_one(head: bytes) -> bool:
    if head.startswith(b"ID3"):
        return True
    # MPEG's layer III, of a version, a rate of bits and of samples that there is.
    sync, coded = int.from_bytes(head[:2]), head[2:3]
    is_frame = sync & 0xFFE6 == 0xFFE2 and sync & 0x18 != 0x08
    return is_frame and bool(coded) and coded[0] >> 4 not in (0, 15) and coded[0] >> 2 & 3 != 3


def walk(data: bytes, limits: MediaLimits) -> Container:
    return Container("mp3", width=0, height=0, kept=[data])
