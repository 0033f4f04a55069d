"""The true size of an AV1 picture, from its sequence header.

The boxes around it may claim another, and decoders scale to the claim: a picture of 64 × 48
can hold 268 million pixels. Source: AV1 specification, sections 5.3 to 5.5
(https://aomediacodec.github.io/av1-spec/av1-spec.pdf).
"""

from __future__ import annotations

from writer.media.containers.container import Bytes, broken

_SEQUENCE_HEADER = 1
# It comes first or behind a temporal delimiter.
_UNITS_MAX = 8
_HEADER_BYTES_MAX = 256


def picture_size(data: Bytes) -> tuple[int, int]:
    """Largest width and height of the frames in `data`, a chain of open bitstream units."""
    pos = 0
    for _ in range(_UNITS_MAX):
        if pos >= len(data):
            break
        head = data[pos]
        pos += 2 if head & 4 else 1  # a byte of extension
        size, pos = _leb128(data, pos) if head & 2 else (len(data) - pos, pos)
        if head >> 3 & 15 == _SEQUENCE_HEADER:
            return _sequence_size(_Bits(data[pos : pos + min(size, _HEADER_BYTES_MAX)]))
        pos += size
    raise broken("AVIF: no sequence header")


def _leb128(data: Bytes, pos: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 56, 7):
        if pos >= len(data):
            break
        byte = data[pos]
        pos += 1
        value |= (byte & 127) << shift
        if not byte & 128:
            return value, pos
    raise broken("AVIF: unit size")


class _Bits:
    """Reads numbers of any width, most significant bit first."""

    def __init__(self, data: Bytes) -> None:
        self._value = int.from_bytes(data)
        self._left = len(data) * 8

    def read(self, bits: int) -> int:
        self._left -= bits
        if self._left < 0:
            raise broken("AVIF: sequence header cut short")
        return self._value >> self._left & ((1 << bits) - 1)


def _sequence_size(bits: _Bits) -> tuple[int, int]:
    bits.read(4)  # profile, still picture
    if bits.read(1):  # the short form for stills
        bits.read(5)
    else:
        _skip_operating_points(bits)
    width_bits, height_bits = bits.read(4) + 1, bits.read(4) + 1
    return bits.read(width_bits) + 1, bits.read(height_bits) + 1


def _skip_operating_points(bits: _Bits) -> None:
    delay_bits = _skip_timing(bits) if bits.read(1) else 0
    has_display_delay = bits.read(1)
    for _ in range(bits.read(5) + 1):
        bits.read(12)
        if bits.read(5) > 7:  # levels from 4.0 on have a tier
            bits.read(1)
        if delay_bits and bits.read(1):
            bits.read(2 * delay_bits + 1)
        if has_display_delay and bits.read(1):
            bits.read(4)


def _skip_timing(bits: _Bits) -> int:
    """Bits of each decoder delay that follows; 0 when there is no decoder model."""
    bits.read(64)
    if bits.read(1):  # equal intervals, in a code of n zeros, a one and n bits
        zeros = 0
        while not bits.read(1):
            zeros += 1
        bits.read(zeros)
    if not bits.read(1):
        return 0
    delay_bits = bits.read(5) + 1
    bits.read(32 + 5 + 5)
    return delay_bits
