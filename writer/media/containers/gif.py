"""GIF: blocks, and inside them chains of sub-blocks of up to 255 bytes.

Source: https://www.w3.org/Graphics/GIF/spec-gif89a.txt
"""

from __future__ import annotations

from struct import unpack_from

from imageboard.media import MediaLimits
from writer.media.containers.container import Container, broken

# Two blocks a frame and some comments; frames have their own limit.
BLOCKS_MAX = 20_000

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_CONTROL, _APPLICATION, _PLAIN_TEXT = 0xF9, 0xFF, 0x01
_LOOPING = {b"NETSCAPE2.0", b"ANIMEXTS1.0"}


def walk(data: bytes, limits: MediaLimits) -> Container:
    """Takes a GIF apart. Its size is that of the screen, or of a larger first frame."""
    if len(data) < 13:
        raise broken("GIF: no header")
    width, height = unpack_from("<HH", data, 6)
    limits.check_canvas(width, height)
    pos = 13 + _table_bytes(data[10])
    gif = Container("gif", width, height, frames=0, lossless=True, kept=[b"", data[13:pos]])
    control = b""  # belongs to the next image, and is dropped with a dropped text
    for _ in range(BLOCKS_MAX):
        label = _byte(data, pos)
        if label == _TRAILER:
            return _finished(gif, data, pos + 1)
        if label == _IMAGE:
            end = _image_end(data, pos, gif, limits)
            gif.kept += [control, memoryview(data)[pos:end]]
            control = b""
        elif label == _EXTENSION:
            end = _sub_blocks_end(data, pos + 2)
            if data[pos + 1] == _CONTROL:
                control = data[pos:end]
            else:
                gif.asides.append(memoryview(data)[pos:end])
                gif.kept.append(_kept_of_extension(data[pos:end]))
                control = b"" if data[pos + 1] == _PLAIN_TEXT else control
        else:
            raise broken(f"GIF: block {label:02X}")
        pos = end
    raise broken("GIF: too many blocks")


def _byte(data: bytes, pos: int) -> int:
    if pos >= len(data):
        raise broken("GIF: no end of image")
    return data[pos]


def _table_bytes(flags: int) -> int:
    """Bytes of the colour table that `flags` announces; 0 without one."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _sub_blocks_end(data: bytes, pos: int) -> int:
    """Where the chain of sub-blocks that begins at `pos` ends, past its empty last one."""
    total = len(data)
    while pos < total:
        length = data[pos]
        pos += length + 1
        if not length:
            return pos
    raise broken("GIF: no end of image")


def _image_end(data: bytes, pos: int, gif: Container, limits: MediaLimits) -> int:
    """Counts and checks the frame at `pos`; where it ends."""
    if pos + 10 > len(data):
        raise broken("GIF: no end of image")
    left, top, width, height = unpack_from("<4H", data, pos + 1)
    if not width or not height:
        raise broken("GIF: size 0")
    limits.check_canvas(left + width, top + height)
    gif.frames += 1
    limits.check_frames(gif.frames)
    if gif.frames == 1:
        gif.width, gif.height = max(gif.width, left + width), max(gif.height, top + height)
        limits.check_canvas(gif.width, gif.height)
    pixels = pos + 10 + _table_bytes(data[pos + 9])
    return _sub_blocks_end(data, pixels + 1)  # one byte: the code size


def _kept_of_extension(extension: bytes) -> bytes:
    """The loop count of an application extension, in its plainest form; b'' of all others.

    b'\\x21\\xff\\x0bNETSCAPE2.0\\x03\\x01\\x00\\x00\\x00': 3 bytes, kind 1, count 0 (for ever).
    """
    is_loop = extension[1] == _APPLICATION and extension[3:14] in _LOOPING
    if is_loop and extension[14:16] == b"\x03\x01":
        return extension[:18] + b"\0"
    return b""


def _finished(gif: Container, data: bytes, pos: int) -> Container:
    if not gif.frames:
        raise broken("GIF: no picture")
    size = gif.width.to_bytes(2, "little") + gif.height.to_bytes(2, "little")
    gif.kept[0] = data[:6] + size + data[10:13]
    gif.kept.append(b";")
    if pos < len(data):
        gif.asides.append(memoryview(data)[pos:])
    return gif
