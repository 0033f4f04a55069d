"""JPEG: segments, each `FF marker length payload`, and entropy-coded scans between them.

Source: ITU-T T.81 annex B (https://www.w3.org/Graphics/JPEG/itu-t81.pdf). What decoders mend is
mended here: they skip bytes between segments, and a file that stops after its last row, without the
marker that ends it, is a whole picture to them.
"""

from __future__ import annotations

import re

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

# A progressive file has about 10. Each scan of a crafted one costs a pass over the whole
# picture, which is how 100 KB can keep a decoder busy for minutes: 0.65 ms for each megapixel.
SCANS_MAX = 100

_SOI, _EOI, _SOS, _DHT, _DAC, _DNL = 0xD8, 0xD9, 0xDA, 0xC4, 0xCC, 0xDC
_APP0, _APP1, _APP2, _APP14, _APP15, _COM = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
_TABLES = {_DHT, 0xDB, 0xDD}  # Huffman, quantisation, restart interval
_BASELINE, _PROGRESSIVE = 0xC0, 0xC2
_FRAMES = {_BASELINE, 0xC1, _PROGRESSIVE}  # and extended: what browsers draw
_OTHER_FRAMES = set(range(0xC3, 0xD0)) - {_DHT, 0xC8, _DAC}
_DROPPED = {*range(_APP0, _APP15 + 1), _COM, _DNL}
# FF 00 is no marker, any number of FF may pad one, and FF 01 and FF D0…D7 have no segment.
_MARKER = re.compile(rb"\xff+([^\x00\x01\xff\xd0-\xd7])")
# Inside a scan FF 00 is a plain FF, FF D0…D7 restart the decoder, FF FF is padding.
_END_OF_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_JFIF_BYTES = 14
_PROFILE = b"ICC_PROFILE\0"
#: Of a profile, in one segment of the most that there can be.
_PIECE_BYTES = 65_535 - 2 - len(_PROFILE) - 2
_ADOBE_BYTES = 12
# A decoder that has all rows reads a little further; one that lacks some runs out, and says so.
_AFTER_LAST_ROW = bytes(16)


def is_one(head: bytes) -> bool:
    return head.startswith(b"\xff\xd8\xff")


def walk(data: bytes, limits: MediaLimits) -> Container:
    """Takes a JPEG apart; its size is known when the first frame header has been checked."""
    return _Walk(data, limits).jpeg()


class _Walk:
    """One file. `pos` is where the next segment is looked for."""

    def __init__(self, data: bytes, limits: MediaLimits) -> None:
        self.data = data
        self.limits = limits
        self.found = Container("jpeg", width=0, height=0, kept=[data[:2]])
        self.pos = 2
        self.frame = 0
        #: Its place in `kept`.
        self.frame_at = 0
        self.components = 0
        self.scans = 0
        #: The segments of the colour profile.
        self.profile: list[bytes] = []
        self.has_exif = False

    def jpeg(self) -> Container:
        for _ in range(PIECES_MAX):
            head = _MARKER.search(self.data, self.pos)
            if head is None:
                return self.cut("no end of image")
            marker, length_at = head[1][0], head.end()
            if marker == _EOI:
                return self.finished(length_at)
            end = length_at + int.from_bytes(self.data[length_at : length_at + 2])
            if marker in _DROPPED:  # a length that counts nothing, not even itself
                end = max(end, length_at + 2)
            if end < length_at + 2 or end > len(self.data):
                return self.cut(f"segment at {length_at} does not fit")
            if marker not in _TABLES | _FRAMES | _OTHER_FRAMES | _DROPPED | {_SOS}:
                return self.cut(f"marker {marker:02X}")
            self.read_segment(marker, length_at, end)
        raise too_many_pieces()

    def read_segment(self, marker: int, length_at: int, end: int) -> None:
        """Keeps the segment or drops it; goes on behind it."""
        payload = self.data[length_at + 2 : end]
        self.pos = end
        if marker in _DROPPED:
            self.keep(self.kept_of_application(marker, payload))
            return
        if marker == _SOS:
            self.scans += 1
            if self.scans > SCANS_MAX or not self.found.width:
                raise broken(f"JPEG: scan {self.scans}")
            self.limits.check_passes(self.found.width * self.found.height, self.scans)
            after = _END_OF_SCAN.search(self.data, end)
            self.pos = after.start() if after else len(self.data)
        elif marker not in _TABLES:
            self.read_frame(marker, payload)
        self.keep(b"\xff" + self.data[length_at - 1 : self.pos])

    def keep(self, segment: bytes) -> None:
        if segment:
            self.found.kept.append(segment)

    def read_frame(self, marker: int, payload: bytes) -> None:
        if self.frame:
            raise broken("JPEG: two frame headers")
        if marker not in _FRAMES or payload[:1] != b"\x08":
            raise refused(
                N_(
                    "This kind of JPEG can't be shown by browsers (lossless, arithmetic or 12 bit)."
                    " Save it as an ordinary JPEG."
                )
            )
        self.frame = marker
        self.frame_at = len(self.found.kept)
        self.components = int.from_bytes(payload[5:6])
        self.found.height = int.from_bytes(payload[1:3])
        self.found.width = int.from_bytes(payload[3:5])
        if not self.found.width or not self.found.height:
            raise broken("JPEG: size 0")
        self.limits.check_canvas(self.found.width, self.found.height)

    def kept_of_application(self, marker: int, payload: bytes) -> bytes:
        """What stays of an application or comment segment: how to read the colours, no more."""
        if marker == _APP0 and payload.startswith(b"JFIF\0") and len(payload) >= _JFIF_BYTES:
            return _segment(marker, payload[: _JFIF_BYTES - 2] + b"\0\0")  # 0 × 0 thumbnail
        if marker == _APP14 and payload.startswith(b"Adobe") and len(payload) >= _ADOBE_BYTES:
            return _segment(marker, payload[:_ADOBE_BYTES])
        if self.scans:  # browsers have read what they want to know
            return b""
        if marker == _APP2 and payload.startswith(_PROFILE):
            self.profile.append(payload)
        if marker == _APP1 and payload.startswith(b"Exif\0") and not self.has_exif:
            self.has_exif = True
            self.found.orientation = exif.orientation(payload[6:])
        return b""

    def finished(self, end: int) -> Container:
        if not self.scans:
            raise broken("JPEG: no picture")
        self.found.kept.append(b"\xff\xd9")
        return self.closed(end)

    def cut(self, detail: str) -> Container:
        """Of a file that stops without its end: what a decoder makes a whole picture of.

        Rows that are missing are for the decoder to notice. Of several scans the first has to be
        whole, the others only make the picture finer.

        Raises FileRefused(detail) where there is less.
        """
        if not self.scans:
            raise broken(f"JPEG: {detail}")
        is_one_scan = self.scans == 1 and self.frame != _PROGRESSIVE
        if self.scans == 1 and not is_one_scan and self.pos == len(self.data):
            raise broken(f"JPEG: {detail}")
        self.found.is_cut = True
        self.found.kept.append(_AFTER_LAST_ROW if is_one_scan else b"\xff\xd9")
        return self.closed(self.pos)

    def closed(self, end: int) -> Container:
        """What was found, without a colour profile above the limit; the picture ends at `end`."""
        self.found.behind.append(memoryview(self.data)[end:])
        if self.profile and sum(map(len, self.profile)) <= PROFILE_BYTES_MAX:
            self.found.undrawn += self.profile
            # Before the frame header, wherever it was: Pillow asks for it there.
            profile = _profile_segments(icc.cleaned(_profile_in(self.profile)))
            self.found.kept.insert(self.frame_at, profile)
        self.found.bytes_per_px = self.bytes_per_px()
        return self.found

    def bytes_per_px(self) -> float:
        """Scaled while it is decoded, row by row, or with all coefficients at hand; or in full."""
        if self.found.is_cut or self.found.orientation != 1:
            return 5 * self.components
        if self.scans > 1 or self.frame == _PROGRESSIVE:
            return 2 * self.components + 1.5
        return 1


def _profile_in(segments: list[bytes]) -> bytes:
    """The profile whose numbered pieces these are; b'' when one is missing or there twice."""
    head, total = len(_PROFILE), len(segments)
    if any(segment[head + 1 : head + 2] != bytes((total,)) for segment in segments):
        return b""
    numbered = sorted((segment[head], segment[head + 2 :]) for segment in segments)
    if [number for number, _ in numbered] != list(range(1, total + 1)):
        return b""
    return b"".join(piece for _, piece in numbered)


def _profile_segments(profile: bytes) -> bytes:
    pieces = [profile[at : at + _PIECE_BYTES] for at in range(0, len(profile), _PIECE_BYTES)]
    return b"".join(
        _segment(_APP2, _PROFILE + bytes((number, len(pieces))) + piece)
        for number, piece in enumerate(pieces, 1)
    )


def _segment(marker: int, payload: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(payload) + 2).to_bytes(2) + payload
