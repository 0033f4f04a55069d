"""A colour profile without what tells of its owner: only what says how colours are meant is kept.

Calibrating programs and macOS write into it whose monitor it is for, its serial number, when that
was measured and by whom. Browsers and LittleCMS read none of it.

Source: ICC.1:2022 (https://www.color.org/specification/ICC.1-2022-05.pdf), sections 7 to 10.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct, pack
from types import MappingProxyType
from typing import NamedTuple

_HEADER_BYTES = 128
_COUNT = Struct(">L")
_ENTRY = Struct(">4sLL")
_TAGS_MAX = 100
_SIGNATURE = b"acsp"
#: 1 January 2000: a date is asked for.
_DATE = pack(">6H", 2000, 1, 1, 0, 0, 0)

#: Tags that colours are reckoned with.
_KEPT = frozenset({
    b"wtpt", b"bkpt", b"chad", b"cicp",
    b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC", b"kTRC",
    b"A2B0", b"A2B1", b"A2B2", b"B2A0", b"B2A1", b"B2A2",
    b"D2B0", b"D2B1", b"D2B2", b"D2B3", b"B2D0", b"B2D1", b"B2D2", b"B2D3",
})  # fmt: skip
#: Two that nearly every profile has, and what they say.
_WORDS = (b"desc", b"cprt")
_WORD = b"-"


class _Tag(NamedTuple):
    kind: bytes
    body: bytes


def cleaned(profile: bytes) -> bytes:
    """The same colours; b'' for what no program can read. Cleaned again it stays as it is."""
    tags = _tags_of(profile)
    if profile[36:40] != _SIGNATURE or not any(tag.kind in _KEPT for tag in tags):
        return b""
    return _written(_plain_header(profile), tags)


def padded(profile: bytes, size: int) -> bytes:
    """Made as long as the one whose place it takes, without a gap that could hold something."""
    return (_COUNT.pack(size) + profile[4:]).ljust(size, b"\0")


def _tags_of(profile: bytes) -> list[_Tag]:
    if len(profile) < _HEADER_BYTES + _COUNT.size:
        return []
    (count,) = _COUNT.unpack_from(profile, _HEADER_BYTES)
    first = _HEADER_BYTES + _COUNT.size
    tags: dict[bytes, _Tag] = {}
    for at in range(first, first + _ENTRY.size * min(count, _TAGS_MAX), _ENTRY.size):
        if at + _ENTRY.size > len(profile):
            return []
        kind, start, length = _ENTRY.unpack_from(profile, at)
        if kind in _WORDS:
            tags[kind] = _Tag(kind, _words(kind, profile[8:9]))
        if kind not in _KEPT or kind in tags:
            continue
        if start + length > len(profile):
            return []
        if body := _body_of(profile[start : start + length]):
            tags[kind] = _Tag(kind, body)
    return list(tags.values())


def _body_of(body: bytes) -> bytes:
    """A tag's numbers, without anything behind them; b'' when it is of another kind."""
    length = _LENGTHS.get(body[:4])
    return body[: length(body)] if length else b""


def _curve_bytes(body: bytes) -> int:
    return 12 + 2 * int.from_bytes(body[8:12])


def _function_bytes(body: bytes) -> int:
    parameters = (1, 3, 4, 5, 7)
    function = int.from_bytes(body[8:10])
    return 12 + 4 * parameters[function] if function < len(parameters) else 0


#: By type: how many bytes of it count.
_LENGTHS: MappingProxyType[bytes, Callable[[bytes], int]] = MappingProxyType({
    b"XYZ ": lambda _body: 20,
    b"sf32": lambda _body: 8 + 9 * 4,
    b"cicp": lambda _body: 12,
    b"curv": _curve_bytes,
    b"para": _function_bytes,
    **dict.fromkeys((b"mft1", b"mft2", b"mAB ", b"mBA ", b"mpet"), len),
})  # fmt: skip


def _plain_header(profile: bytes) -> bytes:
    """Version, class, colour spaces, intent and white; no program, device, maker or fingerprint."""
    told = bytearray(_HEADER_BYTES)
    for start, end in ((8, 24), (36, 40), (64, 80)):
        told[start:end] = profile[start:end]
    told[24:36] = _DATE
    return bytes(told)


def _words(kind: bytes, version: bytes) -> bytes:
    """As version 4 has words, and as those before it have them."""
    if version >= b"\4":
        text = _WORD.decode().encode("utf-16-be")
        return b"mluc" + pack(">LLL2s2sLL", 0, 1, 12, b"en", b"US", len(text), 28) + text
    if kind == b"cprt":
        return b"text" + bytes(4) + _WORD + b"\0"
    return b"desc" + pack(">LL", 0, len(_WORD) + 1) + _WORD + b"\0" + bytes(4 + 4 + 2 + 1 + 67)


def _written(header: bytes, tags: list[_Tag]) -> bytes:
    """A profile of these tags; what several have in common stands there once."""
    at = _HEADER_BYTES + _COUNT.size + _ENTRY.size * len(tags)
    places: dict[bytes, int] = {}
    bodies = b""
    entries = b""
    for kind, body in tags:
        if body not in places:
            bodies += bytes(-(at + len(bodies)) % 4)
            places[body] = at + len(bodies)
            bodies += body
        entries += _ENTRY.pack(kind, places[body], len(body))
    bodies += bytes(-(at + len(bodies)) % 4)
    whole = header + _COUNT.pack(len(tags)) + entries + bodies
    return _COUNT.pack(len(whole)) + whole[4:]
