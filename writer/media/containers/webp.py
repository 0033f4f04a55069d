"""WebP: a RIFF of chunks, each `type length payload`, padded to even length.

Source: https://developers.google.com/speed/webp/docs/riff_container
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import unpack_from

from imageboard.media import MediaLimits
from writer.media.containers import exif, icc
from writer.media.containers.container import (
    PIECES_MAX,
    PROFILE_BYTES_MAX,
    Container,
    broken,
    too_many_pieces,
)

_LOSSY, _LOSSLESS, _ALPHA = b"VP8 ", b"VP8L", b"ALPH"
_CANVAS, _PROFILE = b"VP8X", b"ICCP"
_FRAME = b"ANMF"
_ANIM_BYTES, _FRAME_HEADER_BYTES = 6, 16
_BYTES_PER_PX, _LOSSLESS_BYTES_PER_PX = 16.5, 20.1
_HAS_PROFILE, _HAS_ALPHA, _HAS_EXIF, _HAS_XMP, _IS_ANIMATED = 0x20, 0x10, 0x08, 0x04, 0x02
#: In the fifth byte of a lossless picture, behind its width and height.
_LOSSLESS_HAS_ALPHA = 0x10


def is_one(head: bytes) -> bool:
    return head.startswith(b"RIFF") and head[8:12] == b"WEBP"


def walk(data: bytes, limits: MediaLimits) -> Container:
    """Takes a WebP apart, stills and animations."""
    end = 8 + int.from_bytes(data[4:8], "little")
    if len(data) < 30 or end > len(data) + (end & 1):
        raise broken("WebP: shorter than it says")
    webp = Container("webp", width=0, height=0, frames=0, bytes_per_px=_BYTES_PER_PX)
    chunks = [
        (kind, kept)
        for kind, payload in _chunks(data, 12, end)
        if (kept := _kept_of_chunk(webp, kind, payload, limits))
    ]
    if not webp.frames:
        raise broken("WebP: no picture")
    if any(kind == _CANVAS and kept[0] & _IS_ANIMATED for kind, kept in chunks):
        # Some browsers take no notice of an animation's profile: there is one picture for all.
        chunks = [(kind, kept) for kind, kept in chunks if kind != _PROFILE]
        webp.undrawn.clear()
    flags = _flags(webp, chunks)
    if end < len(data):
        webp.behind.append(memoryview(data)[end:])
    body = [_chunk(kind, _as_announced(flags, kind, kept)) for kind, kept in chunks]
    webp.kept = [b"RIFF", (4 + sum(map(len, body))).to_bytes(4, "little"), b"WEBP", *body]
    return webp


def _chunks(data: bytes, pos: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    for _ in range(PIECES_MAX):
        if pos >= end:
            return
        if pos + 8 > end:
            raise broken("WebP: chunk header does not fit")
        length = int.from_bytes(data[pos + 4 : pos + 8], "little")
        if pos + 8 + length > end:
            raise broken(f"WebP: chunk at {pos} does not fit")
        yield data[pos : pos + 4], data[pos + 8 : pos + 8 + length]
        pos += 8 + length + (length & 1)
    raise too_many_pieces()


def _chunk(kind: bytes, payload: bytes) -> bytes:
    return kind + len(payload).to_bytes(4, "little") + payload + b"\0" * (len(payload) & 1)


def _kept_of_chunk(webp: Container, kind: bytes, payload: bytes, limits: MediaLimits) -> bytes:
    """The payload as it is kept; b'' when the chunk is dropped."""
    if kind == _CANVAS:
        return _canvas(webp, payload, limits)
    if kind in (_LOSSY, _LOSSLESS):
        return _still(webp, kind, payload, limits)
    if kind == _FRAME:
        return _frame(webp, payload, limits)
    if kind == _PROFILE and not webp.undrawn and len(payload) <= PROFILE_BYTES_MAX:
        webp.undrawn.append(payload)
        return icc.cleaned(payload)
    if kind == b"EXIF":
        webp.orientation = exif.orientation(payload.removeprefix(b"Exif\0\0"))
    if kind == b"ANIM":
        return payload[:_ANIM_BYTES]
    return payload if kind == _ALPHA else b""


def _canvas(webp: Container, payload: bytes, limits: MediaLimits) -> bytes:
    if webp.width or len(payload) != 10:
        raise broken("WebP: canvas")
    webp.width, webp.height = _uint24(payload, 4) + 1, _uint24(payload, 7) + 1
    limits.check_canvas(webp.width, webp.height)
    return payload


def _flags(webp: Container, chunks: list[tuple[bytes, bytes]]) -> tuple[int, int]:
    """Of the canvas: those that go, with what was dropped, and one that has to be there.

    Chromium mixes what shows through a lossless picture, or one that moves, with the page wrongly
    when it is not told.
    """
    has_profile = any(icc.cleaned(bytes(profile)) for profile in webp.undrawn)
    gone = _HAS_EXIF | _HAS_XMP | (0 if has_profile else _HAS_PROFILE)
    shows_through = any(_shows_through(kind, payload) for kind, payload in chunks)
    return gone, _HAS_ALPHA if shows_through else 0


def _shows_through(kind: bytes, payload: bytes) -> bool:
    """Of a lossless picture and of a frame. A still lossy one shows nothing unless it says so."""
    if kind == _LOSSLESS:
        return bool(payload[4] & _LOSSLESS_HAS_ALPHA)
    if kind != _FRAME:
        return False
    parts = _chunks(payload, _FRAME_HEADER_BYTES, len(payload))
    return any(part == _ALPHA or _shows_through(part, pixels) for part, pixels in parts)


def _as_announced(flags: tuple[int, int], kind: bytes, payload: bytes) -> bytes:
    """The canvas with flags that are true; any other payload as it is."""
    if kind != _CANVAS:
        return payload
    gone, there = flags
    return bytes((payload[0] & ~gone | there,)) + payload[1:]


def _still(webp: Container, kind: bytes, payload: bytes, limits: MediaLimits) -> bytes:
    if webp.frames:  # a second picture, which no reader shows
        return b""
    size = _picture_size(kind, payload)
    limits.check_canvas(*size)
    if webp.width and size != (webp.width, webp.height):
        raise broken("WebP: picture and canvas differ in size")
    webp.width, webp.height = size
    webp.frames, webp.lossless = 1, kind == _LOSSLESS
    webp.bytes_per_px = _LOSSLESS_BYTES_PER_PX if webp.lossless else _BYTES_PER_PX
    return payload


def _frame(webp: Container, payload: bytes, limits: MediaLimits) -> bytes:
    """One frame of an animation, without unknown chunks."""
    if len(payload) < 24:
        raise broken("WebP: frame header")
    left, top = 2 * _uint24(payload, 0), 2 * _uint24(payload, 3)
    size = _uint24(payload, 6) + 1, _uint24(payload, 9) + 1
    if left + size[0] > webp.width or top + size[1] > webp.height:
        raise broken("WebP: frame outside the canvas")
    webp.frames += 1
    limits.check_frames(webp.frames)
    kept = [payload[:_FRAME_HEADER_BYTES]]
    for kind, part in _chunks(payload, _FRAME_HEADER_BYTES, len(payload)):
        if kind in (_LOSSY, _LOSSLESS) and _picture_size(kind, part) != size:
            raise broken("WebP: frame and picture differ in size")
        if kind in (_LOSSY, _LOSSLESS, _ALPHA):
            kept.append(_chunk(kind, part))
    return b"".join(kept)


def _picture_size(kind: bytes, payload: bytes) -> tuple[int, int]:
    """Width and height from the first bytes of the compressed picture itself."""
    if kind == _LOSSY and len(payload) >= 10 and payload[3:6] == b"\x9d\x01\x2a":
        width, height = unpack_from("<HH", payload, 6)
        return width & 0x3FFF, height & 0x3FFF
    if kind == _LOSSLESS and len(payload) >= 5 and payload[:1] == b"\x2f":
        bits = int.from_bytes(payload[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    raise broken("WebP: picture header")


def _uint24(payload: bytes, pos: int) -> int:
    return int.from_bytes(payload[pos : pos + 3], "little")
