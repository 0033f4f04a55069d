"""BMP: a header and rows of pixels. It is turned into a PNG.

Source: https://learn.microsoft.com/windows/win32/gdi/bitmap-storage (BITMAPINFOHEADER and before).
"""

from __future__ import annotations

from struct import unpack_from

from imageboard.media import MediaLimits
from writer.media.containers.container import Container, broken

#: Bytes of the header that follows the file's own: OS/2's, Windows' and what came after.
_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})
#: Decoded, and coded as a PNG.
_BYTES_PER_PX = 9.0


def is_one(head: bytes) -> bool:
    return head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _HEADERS


def walk(data: bytes, limits: MediaLimits) -> Container:
    if len(data) < 26:
        raise broken("BMP: no header")
    shape = "<HH" if data[14] == 12 else "<ii"
    width, height = unpack_from(shape, data, 18)
    # Rows from the top down have a height below 0.
    height = abs(height)
    if width <= 0 or height == 0:
        raise broken("BMP: size 0")
    limits.check_canvas(width, height)
    return Container("bmp", width, height, bytes_per_px=_BYTES_PER_PX, kept=[data])
