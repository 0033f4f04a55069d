"""Parts of a long page that are compressed once, and joined to streams of gzip and of brotli.

A reply changes the head and the end of its thread's page. What lies between would be compressed
again for each one: of a page of 3,000 replies 2.8 MB, of which 1 KB is new. It is kept compressed.
A segment begins and ends on a byte and refers to nothing before it, so it may stand anywhere:

gzip    deflate, flushed (RFC 1951), as pigz joins what its threads compress; CRCs are combined.
brotli  of quality 1, flushed before and after. Its blocks refer neither to each other nor to
        brotli's dictionary, and know no contexts; from quality 2 on they do, and a segment would
        be read otherwise behind another one. A test holds the library to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Self

import brotli
from isal import isal_zlib

#: How far back brotli looks, as a power of two: 256 KB. PERF: what repeats in a page is near, so
#: the files are as small as with 4 MB, at an eighth of the memory.
BROTLI_WINDOW_BITS = 18

_BROTLI_QUALITY = 1
_BROTLI_END = b"\x03"
#: No name, no time, an unknown system.
_GZIP_HEADER = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
_DEFLATE_END = b"\x03\x00"
_QUICK_LEVEL = 1


class Segment(NamedTuple):
    """A part of a page, compressed."""

    size: int
    crc: int
    deflated: bytes
    #: Empty: it is too short to be kept in this form too.
    brotlied: bytes

    @classmethod
    def of(cls, part: bytes, *, level: int = _QUICK_LEVEL, brotlies: bool = True) -> Self:
        deflating = isal_zlib.compressobj(level, isal_zlib.DEFLATED, -isal_zlib.MAX_WBITS)
        deflated = deflating.compress(part) + deflating.flush(isal_zlib.Z_SYNC_FLUSH)
        return cls(len(part), isal_zlib.crc32(part), deflated, _brotlied(part) if brotlies else b"")

    def __len__(self) -> int:
        return self.size

    def __bytes__(self) -> bytes:
        ended = self.deflated + _DEFLATE_END
        return bytes(isal_zlib.decompress(ended, -isal_zlib.MAX_WBITS, max(1, self.size)))


def gzip_stream(segments: Iterable[Segment]) -> list[bytes]:
    """What they are one after the other, as one gzip file, in chunks."""
    chunks, crc, size = [_GZIP_HEADER], 0, 0
    for segment in segments:
        chunks.append(segment.deflated)
        crc = isal_zlib.crc32_combine(crc, segment.crc, segment.size)
        size += segment.size
    end = crc.to_bytes(4, "little") + (size % 2**32).to_bytes(4, "little")
    return [*chunks, _DEFLATE_END + end]


def brotli_stream(segments: Iterable[Segment]) -> list[bytes]:
    """What they are one after the other, as one brotli file, in chunks."""
    return [_brotli_header(), *(segment.brotlied for segment in segments), _BROTLI_END]


def _brotlied(part: bytes) -> bytes:
    stream = _brotli_compressor()
    stream.flush()  # the header, which stands once before all segments
    return bytes(stream.process(part) + stream.flush())


def _brotli_header() -> bytes:
    return bytes(_brotli_compressor().flush())


def _brotli_compressor() -> brotli.Compressor:
    return brotli.Compressor(quality=_BROTLI_QUALITY, lgwin=BROTLI_WINDOW_BITS)
