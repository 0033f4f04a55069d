"""GIF: blocks, and inside them chains of sub-blocks of up to 255 bytes.

Source: https://www.w3.org/Graphics/GIF/spec-gif89a.txt. As browsers do, it passes over zeros
between two blocks and takes any other stray byte, or the end of the file, for the end of the
picture.
"""

from __future__ import annotations

import re
from struct import unpack_from
from typing import NamedTuple

from imageboard.media import MediaLimits
from writer.media.containers.container import PIECES_MAX, Container, broken, too_many_pieces

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
# Up to the length of the first sub-block, where that is always the same.
_CONTROL, _APPLICATION, _PLAIN_TEXT = b"\x21\xf9\x04", b"\x21\xff\x0b", b"\x21\x01"
_CONTROL_BYTES = 7
_HAS_TABLE = 0x80
_LOOPING = {b"NETSCAPE2.0", b"ANIMEXTS1.0"}
_ZEROS = re.compile(rb"\0*")
_IMAGE_HEADER_BYTES = 10
_BYTES_PER_PX = 5.1


class _Chain(NamedTuple):
    """Where a chain of sub-blocks ends, and whether its empty last one is there.

    None as `end`: the file stops within a sub-block.
    """

    end: int | None
    is_closed: bool


def is_one(head: bytes) -> bool:
    return head.startswith((b"GIF87a", b"GIF89a"))


def walk(data: bytes, limits: MediaLimits) -> Container:
    """Takes a GIF apart. Its size is that of the screen, or of a larger first frame."""
    if len(data) < 13:
        raise broken("GIF: no header")
    width, height = unpack_from("<HH", data, 6)
    limits.check_canvas(width, height)
    pos = 13 + _table_bytes(data[10])
    gif = Container("gif", width, height, frames=0, lossless=True, bytes_per_px=_BYTES_PER_PX)
    gif.kept = [b"", data[13:pos]]
    control = b""  # belongs to the next image, and is dropped with a dropped text
    for _ in range(PIECES_MAX):
        pos = _past_zeros(data, pos)
        label = data[pos] if pos < len(data) else None
        if label == _TRAILER:
            return _finished(gif, data, pos + 1)
        if label == _IMAGE:
            end = _keep_image(gif, data, pos, control, limits)
            control = b""
        elif label == _EXTENSION:
            end = _chain(data, pos + 2).end
            extension = data[pos:end]
            if extension.startswith(_CONTROL):
                control = extension[:_CONTROL_BYTES] + b"\0"
            elif extension.startswith(_PLAIN_TEXT):
                control = b""
            else:
                gif.kept.append(_kept_of_extension(extension))
        else:
            end = None
        if end is None:
            return _finished(gif, data, pos)
        pos = end
    raise too_many_pieces()


def _past_zeros(data: bytes, pos: int) -> int:
    found = _ZEROS.match(data, pos)
    return found.end() if found else pos


def _table_bytes(flags: int) -> int:
    """Bytes of the colour table that `flags` announces; 0 without one."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & _HAS_TABLE else 0


def _chain(data: bytes, pos: int) -> _Chain:
    """The chain of sub-blocks that begins at `pos`."""
    total = len(data)
    while pos < total:
        length = data[pos]
        pos += length + 1
        if not length:
            return _Chain(pos, is_closed=True)
    return _Chain(pos if pos == total else None, is_closed=False)


def _keep_image(
    gif: Container, data: bytes, pos: int, control: bytes, limits: MediaLimits
) -> int | None:
    """Counts, checks and keeps the frame at `pos`; where it ends. None: it is not all there.

    Of the first frame the decoder will tell whether its last rows are there.
    """
    if pos + _IMAGE_HEADER_BYTES > len(data):
        return None
    pixels = pos + _IMAGE_HEADER_BYTES + _table_bytes(data[pos + 9])
    end, is_closed = _chain(data, pixels + 1)  # one byte: the code size
    if end is None or not (is_closed or gif.frames == 0):
        return None
    left, top, width, height = unpack_from("<4H", data, pos + 1)
    if not width or not height:
        return end  # browsers show nothing of it
    if gif.frames == 0 and not (data[10] & _HAS_TABLE or data[pos + 9] & _HAS_TABLE):
        raise broken("GIF: no colours")
    limits.check_canvas(left + width, top + height)
    gif.frames += 1
    limits.check_frames(gif.frames)
    if gif.frames == 1:
        gif.width, gif.height = max(gif.width, left + width), max(gif.height, top + height)
        limits.check_canvas(gif.width, gif.height)
    gif.kept += [control, memoryview(data)[pos:end], b"" if is_closed else b"\0"]
    return end


def _kept_of_extension(extension: bytes) -> bytes:
    """The loop count of an application extension, in its plainest form; b'' of all others.

    b'\\x21\\xff\\x0bNETSCAPE2.0\\x03\\x01\\x00\\x00\\x00': 3 bytes, kind 1, count 0 (for ever).
    """
    is_loop = extension.startswith(_APPLICATION) and extension[3:14] in _LOOPING
    if is_loop and extension[14:16] == b"\x03\x01":
        return extension[:18] + b"\0"
    return b""


def _finished(gif: Container, data: bytes, pos: int) -> Container:
    if not gif.frames:
        raise broken("GIF: no picture")
    size = gif.width.to_bytes(2, "little") + gif.height.to_bytes(2, "little")
    gif.kept[0] = data[:6] + size + data[10:13]
    gif.kept.append(b";")
    gif.behind.append(memoryview(data)[pos:])
    return gif
