"""Pictures that cost more than they weigh."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image


def many_scans(side_px: int = 6_300, scans: int = 85) -> bytes:
    """A JPEG of 40 MP and some 250 KB, each scan of which is another pass over all of it."""
    out = io.BytesIO()
    Image.new("L", (side_px, side_px), 128).save(out, "jpeg", progressive=True, quality=10)
    jpeg = out.getvalue()
    last = jpeg.rindex(b"\xff\xda")
    return jpeg[:last] + jpeg[last:-2] * scans + b"\xff\xd9"


def large_from_little(side_px: int = 12_000) -> bytes:
    """A PNG that is the same dot over and over: a few bytes a megabyte."""
    rows = (b"\x00" + bytes(side_px)) * 64
    deflate = zlib.compressobj(9)
    body = b"".join(deflate.compress(rows) for _ in range(side_px // 64))
    body += deflate.compress((b"\x00" + bytes(side_px)) * (side_px % 64)) + deflate.flush()
    header = struct.pack(">IIBBBBB", side_px, side_px, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
