"""PNG and animated PNG: chunks, each `length type payload crc`.

Source: https://www.w3.org/TR/png-3/ (sections 5 and 11). As decoders do, it passes over what is
wrong with a chunk that draws nothing, and over a missing end.
"""

from __future__ import annotations

import zlib
from struct import pack, unpack_from
from typing import NamedTuple

from imageboard.media import MediaLimits
from imageboard.words import N_
from writer.media.containers import exif, icc
from writer.media.containers.container import (
    PIECES_MAX,
    PROFILE_BYTES_MAX,
    Container,
    broken,
    refused,
    too_many_pieces,
)

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_PIXELS = {b"IDAT", b"fdAT"}
_DRAWING = _PIXELS | {b"IHDR", b"PLTE", b"tRNS", b"acTL", b"fcTL"}
#: Each counts once.
_KEPT = {
    b"gAMA", b"cHRM", b"sRGB", b"cICP", b"mDCV", b"cLLI", b"sBIT", b"bKGD", b"pHYs",
}  # fmt: skip
_SMALL_BYTES_MAX = 1024
_BYTES_PER_PX = 4.1
_END = b"\0\0\0\0IEND\xae\x42\x60\x82"


def is_one(head: bytes) -> bool:
    return head.startswith(SIGNATURE)


def walk(data: bytes, limits: MediaLimits) -> Container:
    """Takes a PNG apart, checking the checksum of every chunk that draws."""
    return _Walk(data, limits).png()


class _Chunk(NamedTuple):
    kind: bytes
    payload: memoryview
    whole: bytes
    end: int
    #: Whether its checksum is right.
    is_sound: bool


class _Walk:
    """One file; what it has told so far."""

    def __init__(self, data: bytes, limits: MediaLimits) -> None:
        self.data = data
        self.limits = limits
        self.found = Container("png", *_size(data), lossless=True, bytes_per_px=_BYTES_PER_PX)
        self.found.kept.append(SIGNATURE)
        limits.check_canvas(self.found.width, self.found.height)
        self.has_pixels = False
        self.frames = 0
        self.frames_told = 0
        #: A frame's header came, and no pixels yet.
        self.is_frame_open = False
        self.told: set[bytes] = set()

    def png(self) -> Container:
        pos = len(SIGNATURE)
        for _ in range(PIECES_MAX):
            chunk = self.chunk_at(pos)
            if chunk is None:
                self.check_cut(pos)
                return self.finished(len(self.data))
            if chunk.kind == b"IEND":
                return self.finished(chunk.end)
            if chunk.kind in _DRAWING:
                self.keep_drawing(chunk)
            elif chunk.is_sound and chunk.kind not in self.told:
                self.told.add(chunk.kind)
                self.sort(chunk)
            pos = chunk.end
        raise too_many_pieces()

    def chunk_at(self, pos: int) -> _Chunk | None:
        """None when it is not all there."""
        if pos + 12 > len(self.data):
            return None
        (length,) = unpack_from(">L", self.data, pos)
        end = pos + 12 + length
        if end > len(self.data):
            return None
        whole = self.data[pos:end]
        view = memoryview(whole)
        (crc,) = unpack_from(">L", whole, length + 8)
        return _Chunk(whole[4:8], view[8:-4], whole, end, zlib.crc32(view[4:-4]) == crc)

    def keep_drawing(self, chunk: _Chunk) -> None:
        kind, payload = chunk.kind, chunk.payload
        if not chunk.is_sound:
            raise broken(f"PNG: checksum of {kind!r}")
        if kind == b"fcTL":
            self.frames += 1
            self.limits.check_frames(self.frames)
            self.check_frame(payload)
            self.is_frame_open = True
        elif kind == b"acTL":
            self.frames_told = int.from_bytes(payload[:4])
        elif kind == b"PLTE":
            self.found.undrawn.append(payload)
        elif kind in _PIXELS:
            self.has_pixels = self.has_pixels or kind == b"IDAT"
            self.is_frame_open = False
        self.found.kept.append(chunk.whole)

    def check_frame(self, payload: memoryview) -> None:
        """Raises when an animation's frame does not lie inside the picture."""
        if len(payload) != 26:
            raise broken("PNG: frame header")
        width, height, left, top = unpack_from(">4L", payload, 4)
        if left + width > self.found.width or top + height > self.found.height:
            raise broken("PNG: frame outside the picture")

    def sort(self, chunk: _Chunk) -> None:
        """Keeps a chunk that tells of colours or measures; drops any other."""
        kind, payload = chunk.kind, chunk.payload
        if kind == b"iCCP":
            profile = _inflated(payload)
            if profile is None:
                return
            self.found.undrawn.append(profile)
            self.keep_profile(icc.cleaned(profile))
        elif kind == b"eXIf":
            self.found.orientation = exif.orientation(payload)
        elif not kind[0] & 0x20:  # an upper-case first letter: no picture without it
            raise refused(
                N_("This kind of PNG can't be shown by browsers. Save it as an ordinary PNG.")
            )
        if kind in _KEPT and len(payload) <= _SMALL_BYTES_MAX:
            self.found.undrawn.append(payload)
            self.found.kept.append(chunk.whole)

    def keep_profile(self, profile: bytes) -> None:
        """Under a name that says nothing; not at all when it says nothing of colours."""
        if profile:
            payload = b"-\0\0" + zlib.compress(profile)
            body = b"iCCP" + payload
            crc = pack(">L", zlib.crc32(body))
            self.found.kept.append(pack(">L", len(payload)) + body + crc)

    def check_cut(self, pos: int) -> None:
        """Raises when the file, which stops within the chunk at `pos`, lacks some of the picture.

        Whether the last rows are there is for the decoder to notice.
        """
        is_animated_whole = self.frames == self.frames_told and not self.is_frame_open
        if not is_animated_whole or self.data[pos + 4 : pos + 8] in _DRAWING:
            raise broken("PNG: no end of image")

    def finished(self, end: int) -> Container:
        if not self.has_pixels:
            raise broken("PNG: no picture")
        self.found.frames = max(self.frames, 1)
        self.found.kept.append(_END)
        self.found.behind.append(memoryview(self.data)[end:])
        return self.found


def _size(data: bytes) -> tuple[int, int]:
    if data[8:16] != b"\0\0\0\x0dIHDR" or len(data) < 33:
        raise broken("PNG: no header")
    width, height = unpack_from(">LL", data, 16)
    if not width or not height:
        raise broken("PNG: size 0")
    return width, height


def _inflated(payload: memoryview) -> bytes | None:
    """The colour profile of an iCCP chunk; None when it makes no sense or is beyond the limit."""
    _, _, compressed = bytes(payload).partition(b"\0")  # its name; then a byte, the method
    inflater = zlib.decompressobj()
    try:
        profile = inflater.decompress(compressed[1:], PROFILE_BYTES_MAX)
    except zlib.error:
        return None
    return profile if inflater.eof else None
