"""A clean PNG's chunks, to read and to write."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from struct import pack, unpack_from
from typing import NamedTuple

from writer.media.containers.png import SIGNATURE


class Chunk(NamedTuple):
    kind: bytes
    payload: bytes


def chunks_of(clean: bytes) -> Iterator[Chunk]:
    """All of them, IHDR to IEND; `clean` went through the walk in `containers/png.py`."""
    pos = len(SIGNATURE)
    while pos < len(clean):
        (length,) = unpack_from(">L", clean, pos)
        yield Chunk(clean[pos + 4 : pos + 8], clean[pos + 8 : pos + 8 + length])
        pos += 12 + length


def png_of(chunks: Iterable[Chunk]) -> bytes:
    """A file of these chunks, each with its length and checksum."""
    return SIGNATURE + b"".join(
        pack(">L", len(payload)) + kind + payload + pack(">L", zlib.crc32(kind + payload))
        for kind, payload in chunks
    )
