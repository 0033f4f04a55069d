"""JPEG: segments, each `FF marker length payload`, and entropy-coded scans between them.

Source: ITU-T T.81 annex B (https://www.w3.org/Graphics/JPEG/itu-t81.pdf).
"""

from __future__ import annotations

import re

from imageboard.media import MediaLimits
from writer.media.containers import exif
from writer.media.containers.container import (
    PROFILE_BYTES_MAX,
    Bytes,
    Container,
    broken,
    refused,
)

SEGMENTS_MAX = 1_000
# A progressive file has about 10. Each scan of a crafted one costs a pass over the whole
# picture, which is how 100 KB can keep a decoder busy for minutes.
SCANS_MAX = 100

_SOI, _EOI, _SOS, _DHT, _DAC = 0xD8, 0xD9, 0xDA, 0xC4, 0xCC
_APP0, _APP1, _APP2, _APP14, _APP15, _COM = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
_TABLES = {_DHT, 0xDB, 0xDD}  # Huffman, quantisation, restart interval
_FRAMES = {0xC0, 0xC1, 0xC2}  # baseline, extended, progressive: what browsers draw
_OTHER_FRAMES = set(range(0xC3, 0xD0)) - {_DHT, 0xC8, _DAC}
# Inside a scan FF 00 is a plain FF, FF D0…D7 restart the decoder, FF FF is padding.
_END_OF_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_JFIF_BYTES = 14
_ADOBE_BYTES = 12


def walk(data: bytes, limits: MediaLimits) -> Container:
    """Takes a JPEG apart; its size is known when the first frame header has been checked."""
    jpeg = Container("jpeg", width=0, height=0, kept=[data[:2]])
    pos, scans, profile_bytes = 2, 0, 0
    for _ in range(SEGMENTS_MAX):
        marker, pos = _marker(data, pos)
        if marker == _EOI:
            return _finished(jpeg, data, pos, scans)
        payload, end = _payload(data, pos)
        if marker == _SOS:
            scans += 1
            if scans > SCANS_MAX or not jpeg.width:
                raise broken(f"JPEG: scan {scans}")
            scan_end = _end_of_scan(data, end)
            jpeg.kept.append(memoryview(data)[pos - 2 : scan_end])
            end = scan_end
        elif marker in _FRAMES or marker in _OTHER_FRAMES:
            _read_frame(jpeg, marker, payload, limits)
            jpeg.kept.append(data[pos - 2 : end])
        elif marker in _TABLES:
            jpeg.kept.append(data[pos - 2 : end])
        elif _APP0 <= marker <= _APP15 or marker == _COM:
            jpeg.asides.append(payload)
            kept = _kept_of_application(jpeg, marker, payload)
            profile_bytes += len(kept)
            if profile_bytes > PROFILE_BYTES_MAX:
                raise broken("JPEG: colour profile too long")
            jpeg.kept.append(kept)
        else:
            raise broken(f"JPEG: marker {marker:02X}")
        pos = end
    raise broken("JPEG: too many segments")


def _marker(data: bytes, pos: int) -> tuple[int, int]:
    """The marker at `pos`, and where its segment's length begins."""
    if data[pos : pos + 1] != b"\xff":
        raise broken(f"JPEG: no marker at {pos}")
    while data[pos : pos + 1] == b"\xff":  # any number of FF may pad a marker
        pos += 1
    if pos >= len(data):
        raise broken("JPEG: no end of image")
    return data[pos], pos + 1


def _payload(data: bytes, pos: int) -> tuple[bytes, int]:
    """The bytes of a segment whose length field is at `pos`, and where it ends."""
    end = pos + int.from_bytes(data[pos : pos + 2])
    if end < pos + 2 or end > len(data):
        raise broken(f"JPEG: segment at {pos} does not fit")
    return data[pos + 2 : end], end


def _end_of_scan(data: bytes, pos: int) -> int:
    found = _END_OF_SCAN.search(data, pos)
    if found is None:
        raise broken("JPEG: no end of image")
    return found.start()


def _read_frame(jpeg: Container, marker: int, payload: bytes, limits: MediaLimits) -> None:
    if jpeg.width:
        raise broken("JPEG: two frame headers")
    if marker not in _FRAMES or payload[:1] != b"\x08":
        raise refused(
            "This kind of JPEG can't be shown by browsers (lossless, arithmetic or 12 bit)."
            " Save it as an ordinary JPEG."
        )
    jpeg.height = int.from_bytes(payload[1:3])
    jpeg.width = int.from_bytes(payload[3:5])
    if not jpeg.width or not jpeg.height:
        raise broken("JPEG: size 0")
    limits.check_canvas(jpeg.width, jpeg.height)


def _kept_of_application(jpeg: Container, marker: int, payload: bytes) -> bytes:
    """What stays of an application or comment segment: how to read the colours, no more."""
    if marker == _APP0 and payload.startswith(b"JFIF\0") and len(payload) >= _JFIF_BYTES:
        return _segment(marker, payload[: _JFIF_BYTES - 2] + b"\0\0")  # 0 × 0 thumbnail
    if marker == _APP2 and payload.startswith(b"ICC_PROFILE\0"):
        return _segment(marker, payload)
    if marker == _APP14 and payload.startswith(b"Adobe") and len(payload) >= _ADOBE_BYTES:
        return _segment(marker, payload[:_ADOBE_BYTES])
    if marker == _APP1 and payload.startswith(b"Exif\0") and jpeg.orientation == 1:
        jpeg.orientation = exif.orientation(payload[6:])
    return b""


def _segment(marker: int, payload: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(payload) + 2).to_bytes(2) + payload


def _finished(jpeg: Container, data: bytes, pos: int, scans: int) -> Container:
    if not scans:
        raise broken("JPEG: no picture")
    jpeg.kept.append(b"\xff\xd9")
    trailing: Bytes = memoryview(data)[pos:]
    if trailing:
        jpeg.asides.append(trailing)
    return jpeg
