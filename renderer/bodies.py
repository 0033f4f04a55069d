"""What is to stand at a path: a page's bytes, and the same compressed.

A short page is bytes. A long one is made anew from its pieces each time that it is read, a block
at a time, so a page of 9 MB never lies in memory. Those of its pieces that are kept compressed (a
thread's older replies) go into its siblings as they are: renderer/segments.py tells how.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Protocol, cast

import brotli
from isal import igzip, isal_zlib

from renderer.segments import BROTLI_WINDOW_BITS, Segment, brotli_stream, gzip_stream

#: Kinds that are served in three encodings; images are compressed already.
COMPRESSED_SUFFIXES = frozenset(
    {".html", ".json", ".css", ".js", ".svg", ".txt", ".xml", ".rss", ".atom"}
)
ENCODING_SUFFIXES = (".gz", ".br")

#: Of a long page: as far as brotli looks back. PERF: of 128 KB its files are 3 % larger.
BLOCK_BYTES = 256 * 1024
#: A page of more bytes is long; a shorter one is one block.
SHORT_BYTES_MAX = BLOCK_BYTES

#: While a page is hot. PERF: of a page of 50 KB ISA-L's level 2 takes 0.05 ms, brotli's 2 takes
#: 0.16; 5 takes 0.6 for a file 11 % smaller, 1 takes 0.09 for one 11 % larger.
_GZIP_LEVEL = 2
_GZIP_WBITS = 16 + isal_zlib.MAX_WBITS
#: Brotli's quality by size: (bytes at most, quality). A page of megabytes must not hold up the
#: next change.
_BROTLI_QUALITY = ((1024 * 1024, 2),)
_BROTLI_QUALITY_LARGEST = 1
#: Once it rests. PERF: of the page of 50 KB brotli's 11 takes 60 ms and 0.79 of the bytes, zlib's 9
#: takes 1 ms and 0.85 of ISA-L's; of one of 2.8 MB brotli's 10 takes 1.5 s and 0.66.
_BROTLI_QUALITY_AT_REST = ((256 * 1024, 11),)
_BROTLI_QUALITY_AT_REST_LARGEST = 10
#: Where many pages come to rest. PERF: of all pages of `seed` 10 takes 0.4 of the time of 11, for
#: 2.5 % more bytes; of threads that say the same again and again an eighth, for 5 %.
_BROTLI_QUALITY_OF_MANY = 10
_GZIP_LEVEL_AT_REST = 9


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

    @property
    def has_segments(self) -> bool:
        """Whether some of it is kept compressed in every encoding."""
        return any(_is_kept(piece) for piece in self._pieces)

    def segments(self, *, brotlies: bool) -> Iterator[Segment]:
        """All of it; what is not kept compressed is compressed now, in brotli if that is asked."""
        for is_kept, pieces in groupby(self._pieces, key=_is_kept):
            if is_kept:
                yield from cast("Iterator[Segment]", pieces)
            else:
                loose = b"".join(map(bytes, pieces))
                yield Segment.of(loose, level=_GZIP_LEVEL, brotlies=brotlies)


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


def _is_kept(piece: Piece) -> bool:
    return isinstance(piece, Segment) and bool(piece.brotlied)


def sha256(body: Body) -> bytes:
    digest = hashlib.sha256()
    for block in blocks(body):
        digest.update(block)
    return digest.digest()


def has_siblings(path: str) -> bool:
    """Whether what stands at this path is served in three encodings."""
    return path[path.rfind(".") :] in COMPRESSED_SUFFIXES


def gzipped(body: Body) -> Chunks:
    """In haste. The same bytes for the same body: no time, no name in the header."""
    if isinstance(body, LongBody) and body.has_segments:
        return gzip_stream(body.segments(brotlies=False))
    if len(body) <= SHORT_BYTES_MAX:
        return [igzip.compress(bytes(body), compresslevel=_GZIP_LEVEL, mtime=0)]
    stream = isal_zlib.compressobj(_GZIP_LEVEL, isal_zlib.DEFLATED, _GZIP_WBITS)
    return [*map(stream.compress, blocks(body)), stream.flush()]


def brotlied(body: Body) -> Chunks:
    """In haste. The same bytes for the same body."""
    if isinstance(body, LongBody) and body.has_segments:
        return brotli_stream(body.segments(brotlies=True))
    return _brotlied(body, _by_size(body, _BROTLI_QUALITY, _BROTLI_QUALITY_LARGEST))


def gzipped_thoroughly(body: Body) -> Chunks:
    """A sixth smaller, and it takes twenty times as long."""
    stream = zlib.compressobj(_GZIP_LEVEL_AT_REST, zlib.DEFLATED, _GZIP_WBITS)
    return [*map(stream.compress, blocks(body)), stream.flush()]


def brotlied_thoroughly(body: Body, *, of_many: bool = False) -> Chunks:
    """A fifth to a third smaller, and it takes three hundred times as long.

    `of_many`: a hundred times, for whoever has so many pages that most would stay as they are.
    """
    if of_many:
        return _brotlied(body, _BROTLI_QUALITY_OF_MANY)
    return _brotlied(body, _by_size(body, _BROTLI_QUALITY_AT_REST, _BROTLI_QUALITY_AT_REST_LARGEST))


def unpacked(path: str, stored: bytes) -> bytes | None:
    """What a reader gets of the file at this path; None when it can't be unpacked."""
    try:
        if path.endswith(".gz"):
            return gzip.decompress(stored)
        if path.endswith(".br"):
            return cast("bytes", brotli.decompress(stored))
    except (OSError, EOFError, zlib.error, brotli.error):
        return None
    return stored


def _by_size(body: Body, qualities: Sequence[tuple[int, int]], largest: int) -> int:
    return next((quality for bytes_max, quality in qualities if len(body) <= bytes_max), largest)


def _brotlied(body: Body, quality: int) -> Chunks:
    stream = brotli.Compressor(mode=brotli.MODE_TEXT, quality=quality, lgwin=BROTLI_WINDOW_BITS)
    chunks = [*map(stream.process, blocks(body)), stream.finish()]
    return [chunk for chunk in chunks if chunk]
