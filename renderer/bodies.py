"""What is to stand at a path: a page's bytes, and the same compressed.

A short page is bytes. A long one is made anew from its pieces each time that it is read, a block
at a time, so a page of 9 MB never lies in memory. What comes out of the compressors depends on the
page's bytes alone, and not on the pieces that it was made from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import brotli
from isal import igzip, isal_zlib

#: Kinds that are served in three encodings; images are compressed already.
COMPRESSED_SUFFIXES = frozenset(
    {".html", ".json", ".css", ".js", ".svg", ".txt", ".xml", ".rss", ".atom"}
)
ENCODING_SUFFIXES = (".gz", ".br")

#: A page of more bytes is long; a shorter one is one block.
SHORT_BYTES_MAX = 1024 * 1024
#: Of a long page: as far as brotli looks back. PERF: of 128 KB its files are 3 % larger.
BLOCK_BYTES = 256 * 1024

#: ISA-L's level 2: within 3 % of zlib's level 6 at a tenth of its time on a 45 KB page.
_GZIP_LEVEL = 2
_GZIP_WBITS = 16 + isal_zlib.MAX_WBITS
#: Brotli's quality by size: (bytes at most, quality). Small pages are read most and cost
#: least; a page of megabytes must not hold up the next change. PERF: of 3 and 2 the second takes
#: a third less time for the same size.
_BROTLI_QUALITY = ((128 * 1024, 5), (1024 * 1024, 2))
_BROTLI_QUALITY_LARGEST = 1
#: How far back it looks, as a power of two: 256 KB. PERF: what repeats in a page is near, so the
#: files are as small as with 4 MB, at an eighth of the memory.
_BROTLI_WINDOW_BITS = 18


class Piece(Protocol):
    """Bytes, or what becomes bytes when it is asked: a pack."""

    def __len__(self) -> int: ...

    def __bytes__(self) -> bytes: ...


class LongBody:
    """A page that is read in blocks, as often as it is asked for."""

    __slots__ = ("_pieces", "_size")

    def __init__(self, pieces: Sequence[Piece], size: int) -> None:
        self._pieces, self._size = pieces, size

    def __len__(self) -> int:
        """Bytes."""
        return self._size

    def __bytes__(self) -> bytes:
        return b"".join(map(bytes, self._pieces))

    def blocks(self) -> Iterator[bytes]:
        """Each of BLOCK_BYTES, and what is left."""
        block: list[bytes] = []
        room = BLOCK_BYTES
        for piece in self._pieces:
            rest = bytes(piece)
            while len(rest) >= room:
                block.append(rest[:room])
                rest = rest[room:]
                yield b"".join(block)
                block, room = [], BLOCK_BYTES
            block.append(rest)
            room -= len(rest)
        if room < BLOCK_BYTES:
            yield b"".join(block)


Body = bytes | LongBody
#: Of a compressed page, in order. PERF: joined, those of a page of 9 MB would take 4 MB more.
Chunks = list[bytes]


def body_of(pieces: Iterable[Piece]) -> Body:
    """The page that these make, one after the other."""
    pieces = tuple(pieces)
    size = sum(map(len, pieces))
    return b"".join(map(bytes, pieces)) if size <= SHORT_BYTES_MAX else LongBody(pieces, size)


def blocks(body: Body) -> Iterable[bytes]:
    """A short page whole, a long one block by block; the same for the same bytes."""
    if isinstance(body, LongBody):
        return body.blocks()
    return (body,) if len(body) <= SHORT_BYTES_MAX else LongBody((body,), len(body)).blocks()


def sha256(body: Body) -> bytes:
    digest = hashlib.sha256()
    for block in blocks(body):
        digest.update(block)
    return digest.digest()


def gzipped(body: Body) -> Chunks:
    """The same bytes for the same body: no time, no name in the header."""
    if len(body) <= SHORT_BYTES_MAX:
        return [igzip.compress(bytes(body), compresslevel=_GZIP_LEVEL, mtime=0)]
    stream = isal_zlib.compressobj(_GZIP_LEVEL, isal_zlib.DEFLATED, _GZIP_WBITS)
    return [*map(stream.compress, blocks(body)), stream.flush()]


def brotlied(body: Body) -> Chunks:
    """The same bytes for the same body."""
    fitting = (quality for bytes_max, quality in _BROTLI_QUALITY if len(body) <= bytes_max)
    quality = next(fitting, _BROTLI_QUALITY_LARGEST)
    stream = brotli.Compressor(mode=brotli.MODE_TEXT, quality=quality, lgwin=_BROTLI_WINDOW_BITS)
    chunks = [*map(stream.process, blocks(body)), stream.finish()]
    return [chunk for chunk in chunks if chunk]
