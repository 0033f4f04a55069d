"""PNG and animated PNG: chunks, each `length type payload crc`.

Source: https://www.w3.org/TR/png-3/ (sections 5 and 11).
"""

from __future__ import annotations

import zlib
from struct import unpack_from

from imageboard.media import MediaLimits
from writer.media.containers import exif
from writer.media.containers.container import PROFILE_BYTES_MAX, Container, broken, refused

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# A 10 MB file in 8 KB pieces has 1,280.
CHUNKS_MAX = 20_000

_DRAWING = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"acTL", b"fcTL", b"fdAT"}
_COLOUR = {b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"mDCV", b"cLLI", b"sBIT", b"bKGD"}
_KEPT = _DRAWING | _COLOUR | {b"pHYs"}
_COMPRESSED = {b"iCCP", b"zTXt", b"iTXt"}
_CRITICAL = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}
_SMALL_BYTES_MAX = 1024


def walk(data: bytes, limits: MediaLimits) -> Container:
    """Takes a PNG apart, checking every chunk's checksum."""
    width, height = _size(data, limits)
    png = Container("png", width, height, lossless=True, kept=[SIGNATURE])
    pos, frames, has_pixels = len(SIGNATURE), 0, False
    for _ in range(CHUNKS_MAX):
        kind, payload, end = _chunk(data, pos)
        if kind == b"fcTL":
            frames += 1
            limits.check_frames(frames)
            _check_frame(payload, width, height)
        has_pixels = has_pixels or kind == b"IDAT"
        _sort(png, kind, payload, data[pos:end] if kind in _KEPT else b"")
        if kind == b"IEND":
            if not has_pixels:
                raise broken("PNG: no picture")
            png.frames = max(frames, 1)
            if end < len(data):
                png.asides.append(memoryview(data)[end:])
            return png
        pos = end
    raise broken("PNG: too many chunks")


def _size(data: bytes, limits: MediaLimits) -> tuple[int, int]:
    if data[8:16] != b"\0\0\0\x0dIHDR" or len(data) < 33:
        raise broken("PNG: no header")
    width, height = unpack_from(">LL", data, 16)
    if not width or not height:
        raise broken("PNG: size 0")
    limits.check_canvas(width, height)
    return width, height


def _chunk(data: bytes, pos: int) -> tuple[bytes, memoryview, int]:
    """The chunk at `pos`: its type, its payload, where it ends."""
    if pos + 12 > len(data):
        raise broken("PNG: no end of image")
    (length,) = unpack_from(">L", data, pos)
    end = pos + 12 + length
    if end > len(data):
        raise broken(f"PNG: chunk at {pos} does not fit")
    view = memoryview(data)
    (crc,) = unpack_from(">L", data, end - 4)
    if zlib.crc32(view[pos + 4 : end - 4]) != crc:
        raise broken(f"PNG: checksum of the chunk at {pos}")
    return data[pos + 4 : pos + 8], view[pos + 8 : end - 4], end


def _sort(png: Container, kind: bytes, payload: memoryview, whole: bytes) -> None:
    """Keeps the chunk or drops it, and notes what may hide something."""
    if kind in _KEPT:
        png.kept.append(whole)
    elif not kind[0] & 0x20:  # an upper-case first letter: no picture without it
        raise refused("This kind of PNG can't be shown by browsers. Save it as an ordinary PNG.")
    if kind in _DRAWING - {b"PLTE"}:
        return
    if kind in _COLOUR - {b"iCCP"} and len(payload) > _SMALL_BYTES_MAX:
        raise broken(f"PNG: {kind!r} too long")
    png.asides.append(payload)
    if kind in _COMPRESSED:
        png.asides.append(_inflated(kind, payload))
    if kind == b"eXIf":
        png.orientation = exif.orientation(payload)


def _inflated(kind: bytes, payload: memoryview) -> bytes:
    """The plain bytes of a compressed chunk; b'' when it is not compressed or makes no sense."""
    _, _, rest = bytes(payload).partition(b"\0")  # keyword
    if kind == b"iTXt":
        if rest[:1] != b"\1":
            return b""
        # After flag and method: the language, the translated keyword.
        rest = b"\0" + rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(rest[1:], PROFILE_BYTES_MAX)
    except zlib.error:
        return b""
    if inflater.unconsumed_tail:
        raise refused("The file holds more text or colour data than picture. Save it without.")
    return plain


def _check_frame(payload: memoryview, width: int, height: int) -> None:
    """Raises when an animation's frame does not lie inside the picture."""
    if len(payload) != 26:
        raise broken("PNG: frame header")
    frame_width, frame_height, left, top = unpack_from(">4L", payload, 4)
    if left + frame_width > width or top + frame_height > height:
        raise broken("PNG: frame outside the picture")
