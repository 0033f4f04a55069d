"""Light in numbers: the ways to write it down that have a code of their own, and out of them.

`profile(primaries, curve)` writes such a way down as an ICC profile, which LittleCMS reads as it
reads a camera's. What is brighter than a screen's white is in no profile: `Dimmed` brings it down
as Chromium does (156, tried out).

Sources: ITU-T H.273 (code points), ITU-R BT.2100 (PQ, HLG), ICC.1:2010 (profiles),
http://www.brucelindbloom.com (matrices), SMPTE ST 2094-50 annex D (how bright light is dimmed).
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, log, sqrt
from struct import pack
from types import MappingProxyType
from typing import NamedTuple

Vector = tuple[float, float, float]
Matrix = tuple[Vector, Vector, Vector]
#: A channel's number, 0 to 1 -> its light, 0 to 1.
Curve = Callable[[float], float]
Point = tuple[float, float]


class Primaries(NamedTuple):
    """White, red, green and blue as points x, y of CIE 1931."""

    white: Point
    red: Point
    green: Point
    blue: Point


_D65, _C, _DCI, _D50_XYZ = (0.3127, 0.3290), (0.310, 0.316), (0.314, 0.351), (0.9642, 1.0, 0.8249)
SRGB = Primaries(_D65, (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
_REC2020 = Primaries(_D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
_NTSC = Primaries(_D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070))
#: By their number in H.273, table 2.
PRIMARIES = MappingProxyType({
    1: SRGB,
    4: Primaries(_C, (0.67, 0.33), (0.21, 0.71), (0.14, 0.08)),
    5: Primaries(_D65, (0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    6: _NTSC,
    7: _NTSC,
    8: Primaries(_C, (0.681, 0.319), (0.243, 0.692), (0.145, 0.049)),
    9: _REC2020,
    10: Primaries((1 / 3, 1 / 3), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)),
    11: Primaries(_DCI, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    12: Primaries(_D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    22: Primaries(_D65, (0.630, 0.340), (0.295, 0.605), (0.155, 0.077)),
})  # fmt: skip


def power(exponent: float) -> Curve:
    return lambda number: number**exponent


def srgb_curve(number: float) -> float:
    return number / 12.92 if number <= 0.04045 else ((number + 0.055) / 1.055) ** 2.4


def srgb_number(light: float) -> float:
    """The way back from `srgb_curve`, for any light."""
    light = min(max(light, 0.0), 1.0)
    return light * 12.92 if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055


def _smpte_240_curve(number: float) -> float:
    return number / 4 if number <= 0.0913 else power(1 / 0.45)((number + 0.1115) / 1.1115)


#: By their number in H.273, table 3: those of screens and films.
CURVES: MappingProxyType[int, Curve] = MappingProxyType({
    4: power(2.2),
    5: power(2.8),
    7: _smpte_240_curve,
    8: power(1.0),
    13: srgb_curve,
    17: lambda number: min(number**2.6 * 52.37 / 48, 1.0),
})  # fmt: skip
#: BT.709 and its like, in the same table: cameras' curves, which say nothing of the screen's.
CAMERA_CURVES = frozenset({1, 6, 11, 14, 15})


# --- from one set of primaries to another ---


def _times(matrix: Matrix, vector: Vector) -> Vector:
    a, b, c = vector
    (aa, ab, ac), (ba, bb, bc), (ca, cb, cc) = matrix
    return aa * a + ab * b + ac * c, ba * a + bb * b + bc * c, ca * a + cb * b + cc * c


def _product(left: Matrix, right: Matrix) -> Matrix:
    a, b, c = _transposed(right)
    return _transposed((_times(left, a), _times(left, b), _times(left, c)))


def _transposed(matrix: Matrix) -> Matrix:
    (aa, ab, ac), (ba, bb, bc), (ca, cb, cc) = matrix
    return (aa, ba, ca), (ab, bb, cb), (ac, bc, cc)


def _inverse(matrix: Matrix) -> Matrix:
    """Raises ZeroDivisionError when the columns lie in one plane."""
    (a, b, c), (d, e, f), (g, h, i) = matrix
    size = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return (
        ((e * i - f * h) / size, (c * h - b * i) / size, (b * f - c * e) / size),
        ((f * g - d * i) / size, (a * i - c * g) / size, (c * d - a * f) / size),
        ((d * h - e * g) / size, (b * g - a * h) / size, (a * e - b * d) / size),
    )


def _xyz(point: Point) -> Vector:
    x, y = point
    return x / y, 1.0, (1 - x - y) / y


def _to_xyz(primaries: Primaries) -> Matrix:
    """From light in these primaries to CIE XYZ as it is, white not moved."""
    # Not `_xyz`: the blue of code 10 has y = 0.
    red, green, blue = ((x, y, 1 - x - y) for x, y in primaries[1:])
    corners = _transposed((red, green, blue))
    a, b, c = _times(_inverse(corners), _xyz(primaries.white))
    return _product(corners, _diagonal(a, b, c))


def _diagonal(a: float, b: float, c: float) -> Matrix:
    return (a, 0.0, 0.0), (0.0, b, 0.0), (0.0, 0.0, c)


_BRADFORD: Matrix = (
    (0.8951, 0.2664, -0.1614),
    (-0.7502, 1.7135, 0.0367),
    (0.0389, -0.0685, 1.0296),
)


def _to_d50(primaries: Primaries) -> Matrix:
    """From light in these primaries to CIE XYZ, their white moved to D50 as profiles ask."""
    here, there = _times(_BRADFORD, _xyz(primaries.white)), _times(_BRADFORD, _D50_XYZ)
    a, b, c = (to / at for to, at in zip(there, here, strict=True))
    scaled = _product(_diagonal(a, b, c), _BRADFORD)
    return _product(_product(_inverse(_BRADFORD), scaled), _to_xyz(primaries))


# --- profiles ---

_CURVE_POINTS = 256  # every number that a channel of 8 bits can have: nothing is interpolated


def profile(primaries: Primaries, curve: Curve) -> bytes:
    """An ICC profile of version 2 for RGB pictures.

    Raises ZeroDivisionError when the primaries span no colours.
    """
    points = [round(65535 * curve(n / (_CURVE_POINTS - 1))) for n in range(_CURVE_POINTS)]
    curv = b"curv" + pack(f">4xL{_CURVE_POINTS}H", _CURVE_POINTS, *points)
    red, green, blue = _transposed(_to_d50(primaries))
    tags = {
        b"wtpt": _xyz_tag(_D50_XYZ), b"rXYZ": _xyz_tag(red), b"gXYZ": _xyz_tag(green),
        b"bXYZ": _xyz_tag(blue), b"rTRC": curv, b"gTRC": curv, b"bTRC": curv,
    }  # fmt: skip
    at = 128 + 4 + 12 * len(tags)
    table, body = pack(">L", len(tags)), b""
    for name, tag in tags.items():
        table += name + pack(">LL", at + len(body), len(tag))
        body += tag
    size = at + len(body)
    kind = b"mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28) + _xyz_tag(_D50_XYZ)[8:]
    return (pack(">L4xL", size, 0x02400000) + kind).ljust(128, b"\0") + table + body


def _xyz_tag(vector: Vector) -> bytes:
    fixed = (min(max(round(n * 65536), -(2**31)), 2**31 - 1) for n in vector)
    return b"XYZ " + pack(">4x3l", *fixed)


# --- brighter than white ---

PQ, HLG = 16, 18
#: A screen's white (BT.2408), and how bright it gets where a file doesn't say.
_WHITE_NITS, PEAK_NITS = 203.0, 1000.0


def _pq_light(number: float) -> float:
    """In units of a screen's white."""
    root = power(32 / 2523)(number)
    share = max(root - 3424 / 4096, 0.0) / (2413 / 128 - 2392 / 128 * root)
    return 10_000 / _WHITE_NITS * power(16384 / 2610)(share)


def _hlg_light(number: float) -> float:
    """Of the scene, 0 to 1."""
    if number <= 0.5:
        return number**2 / 3
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return (exp((number - c) / a) + b) / 12


class Dimmed:
    """A colour in PQ or HLG -> in sRGB, each three numbers from 0 to 1.

    `primaries` is the file's; `peak_nits` how bright its brightest light is.
    """

    def __init__(self, primaries: Primaries, curve: int, peak_nits: float) -> None:
        xyz, to_wide = _to_d50(primaries), _inverse(_to_d50(_REC2020))
        self._is_hlg = curve == HLG
        self._to_wide = _product(to_wide, xyz)
        self._to_srgb = _product(_inverse(_to_d50(SRGB)), _to_d50(_REC2020))
        self._luma = _to_xyz(primaries)[1]
        #: In units of a screen's white, as all light below.
        self._peak = max(peak_nits / _WHITE_NITS, 1.0)
        self._knee = 1 - 0.5 * min(log(self._peak) / log(PEAK_NITS / _WHITE_NITS), 1.0)

    def __call__(self, red: float, green: float, blue: float) -> Vector:
        light = self._hlg(red, green, blue) if self._is_hlg else self._pq(red, green, blue)
        wide = _times(self._to_wide, light)
        gain = self._gain(max(wide))
        red, green, blue = _times(self._to_srgb, wide)
        return srgb_number(red * gain), srgb_number(green * gain), srgb_number(blue * gain)

    def _pq(self, red: float, green: float, blue: float) -> Vector:
        return _pq_light(red), _pq_light(green), _pq_light(blue)

    def _hlg(self, red: float, green: float, blue: float) -> Vector:
        """With the scene's light made a screen's: brighter where it is bright (BT.2100)."""
        scene = _hlg_light(red), _hlg_light(green), _hlg_light(blue)
        luma = sum(share * light for share, light in zip(self._luma, scene, strict=True))
        gain = max(luma, 0.0) ** 0.2 * PEAK_NITS / _WHITE_NITS
        return scene[0] * gain, scene[1] * gain, scene[2] * gain

    def _gain(self, brightest: float) -> float:
        """By what a colour is multiplied whose brightest channel is this.

        Up to white the same for all; from there on a parabola leads from (1, knee) to (peak, 1).
        """
        if brightest <= 1:
            return self._knee
        if brightest >= self._peak:
            return 1 / brightest if self._peak > 1 else 1.0
        bend = 0.65
        middle_x = (1 - bend) + bend / self._knee
        middle_y = (1 - bend) * self._knee + bend
        a, b, c = 1 - 2 * middle_x + self._peak, 2 * middle_x - 2, 1 - brightest
        t = (sqrt(b * b - 4 * a * c) - b) / (2 * a) if abs(a) > 1e-9 else -c / b
        dimmed = (1 - t) ** 2 * self._knee + 2 * t * (1 - t) * middle_y + t * t
        return dimmed / brightest
