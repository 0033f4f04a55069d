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
#: How many bytes each has that is kept, and counts once; of another length, none reads it.
_KEPT = {
    b"gAMA": (4,), b"cHRM": (32,), b"sRGB": (1,), b"cICP": (4,), b"mDCV": (24,), b"cLLI": (8,),
    b"sBIT": (1, 2, 3, 4), b"bKGD": (1, 2, 6), b"pHYs": (9,),
}  # fmt: skip
#: By the type of its colours, how many bits a sample may have.
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
#: By the type of its colours, how long the chunk is that says what of a PNG is clear.
_CLEAR_BYTES = {0: (2,), 2: (6,), 3: range(1, 257)}
_PALETTE_BYTES_MAX = 3 * 256
_HAS_PALETTE = 3
_ANIMATION_BYTES = 8
_PROFILE_NAME_CHARS = range(1, 81)
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
        self.colours = data[25]
        self.has_pixels = False
        self.frames = 0
        self.frames_told = 0
        #: A frame's header came, and no pixels yet.
        self.is_frame_open = False
        self.is_frame_whole = False
        self.told: set[bytes] = set()

    def png(self) -> Container:
        pos = len(SIGNATURE)
        for _ in range(PIECES_MAX):
            chunk = self.chunk_at(pos)
            if chunk is None:
                self.keep_cut(pos)
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
        if kind == b"IHDR" and self.found.kept[1:]:
            raise broken("PNG: two headers")
        if self.is_passed_over(chunk):
            return
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
            self.check_before_pixels(kind)
            self.has_pixels = self.has_pixels or kind == b"IDAT"
            self.is_frame_open = False
        self.found.kept.append(chunk.whole)

    def is_passed_over(self, chunk: _Chunk) -> bool:
        """Damaged, or of a length that it can't have: browsers do without, Pillow would stumble.

        Raises when there is no picture without it.
        """
        length = len(chunk.payload)
        if not chunk.is_sound and chunk.kind != b"tRNS":
            raise broken(f"PNG: checksum of {chunk.kind!r}")
        if chunk.kind == b"PLTE":
            is_second = b"PLTE" in self.told
            self.told.add(b"PLTE")
            is_wrong = not 0 < length <= _PALETTE_BYTES_MAX
            if is_wrong and self.colours == _HAS_PALETTE and not is_second:
                raise broken("PNG: palette")
            return is_wrong or is_second
        if chunk.kind == b"tRNS":
            return not chunk.is_sound or length not in _CLEAR_BYTES.get(self.colours, ())
        return chunk.kind == b"acTL" and length != _ANIMATION_BYTES

    def check_before_pixels(self, kind: bytes) -> None:
        """Raises when what comes now shows nothing after what came before."""
        if kind == b"IDAT" and self.is_frame_open and not self.is_frame_whole:
            raise broken("PNG: the first frame is not the picture")
        if self.colours == _HAS_PALETTE and b"PLTE" not in self.told:
            raise broken("PNG: no palette")

    def check_frame(self, payload: memoryview) -> None:
        """Raises when an animation's frame does not lie inside the picture."""
        if len(payload) != 26:
            raise broken("PNG: frame header")
        width, height, left, top = unpack_from(">4L", payload, 4)
        if left + width > self.found.width or top + height > self.found.height:
            raise broken("PNG: frame outside the picture")
        self.is_frame_whole = (width, height) == (self.found.width, self.found.height)

    def sort(self, chunk: _Chunk) -> None:
        """Keeps a chunk that tells of colours or measures; drops any other."""
        kind, payload = chunk.kind, chunk.payload
        if kind == b"iCCP":
            profile = _inflated(payload)
            if profile is None:
                return
            self.found.undrawn.append(profile)
            self.keep_profile(icc.cleaned(profile))
        elif kind == b"eXIf" and not self.has_pixels:  # behind them no browser looks for it
            self.found.orientation = exif.orientation(payload)
        elif not kind[0] & 0x20 and not self.has_pixels:
            # An upper-case first letter: no picture without it, unless that is there already.
            raise refused(
                N_("This kind of PNG can't be shown by browsers. Save it as an ordinary PNG.")
            )
        if len(payload) in _KEPT.get(kind, ()) and not _is_code_unknown(kind, payload):
            self.found.undrawn.append(payload)
            self.found.kept.append(chunk.whole)

    def keep_profile(self, profile: bytes) -> None:
        """Under a name that says nothing; not at all when it says nothing of colours."""
        if profile:
            self.keep_chunk(b"iCCP", b"-\0\0" + zlib.compress(profile))

    def keep_chunk(self, kind: bytes, payload: bytes) -> None:
        """One of our own making."""
        body = kind + payload
        self.found.kept.append(pack(">L", len(payload)) + body + pack(">L", zlib.crc32(body)))

    def keep_cut(self, pos: int) -> None:
        """What is left of the chunk at `pos`, within which the file stops, if it is of the pixels.

        Raises when some of the picture is missing. Whether the last rows are there is for the
        decoder to notice.
        """
        is_animated_whole = self.frames == self.frames_told and not self.is_frame_open
        kind = self.data[pos + 4 : pos + 8]
        if not is_animated_whole or (kind in _DRAWING and (kind != b"IDAT" or self.frames)):
            raise broken("PNG: no end of image")
        if kind == b"IDAT":
            (length,) = unpack_from(">L", self.data, pos)
            self.keep_chunk(kind, self.data[pos + 8 : pos + 8 + length])
            self.has_pixels = True

    def finished(self, end: int) -> Container:
        if not self.has_pixels:
            raise broken("PNG: no picture")
        self.found.frames = max(self.frames, 1)
        if not self.frames:  # browsers would wait for one, and show nothing
            self.found.kept = [each for each in self.found.kept if each[4:8] != b"acTL"]
        self.found.kept.append(_END)
        self.found.behind.append(memoryview(self.data)[end:])
        return self.found


def _size(data: bytes) -> tuple[int, int]:
    if data[8:16] != b"\0\0\0\x0dIHDR" or len(data) < 33:
        raise broken("PNG: no header")
    width, height = unpack_from(">LL", data, 16)
    if not width or not height:
        raise broken("PNG: size 0")
    if data[24] not in _DEPTHS.get(data[25], ()) or data[26:28] != b"\0\0" or data[28] > 1:
        raise broken("PNG: header")
    return width, height


def _is_code_unknown(kind: bytes, payload: memoryview) -> bool:
    """A code of colours that are no red, green and blue: Chromium shows nothing of such a PNG."""
    return kind == b"cICP" and (payload[2] != 0 or payload[3] > 1)


def _inflated(payload: memoryview) -> bytes | None:
    """The colour profile of an iCCP chunk; None when it makes no sense or is beyond the limit."""
    name, _, compressed = bytes(payload).partition(b"\0")  # then a byte, the method
    if len(name) not in _PROFILE_NAME_CHARS or compressed[:1] != b"\0":
        return None
    inflater = zlib.decompressobj()
    try:
        profile = inflater.decompress(compressed[1:], PROFILE_BYTES_MAX)
    except zlib.error:
        return None
    return profile if inflater.eof else None
