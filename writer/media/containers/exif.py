"""The one thing that is read from EXIF before it is thrown away."""

from __future__ import annotations

from struct import error, unpack_from

from writer.media.containers.container import Bytes

ORIENTATION_TAG = 0x0112
_SHORT = 3
_ENTRY_BYTES = 12


def orientation(tiff: Bytes) -> int:
    """1 to 8 from the first directory of a TIFF block (b'II*\\0…' or b'MM\\0*…').

    1 when there is none or the block makes no sense: a picture is not worth refusing for its
    metadata, which is dropped anyway.
    """
    order = {b"II": "<", b"MM": ">"}.get(bytes(tiff[:2]))
    if order is None:
        return 1
    try:
        (directory,) = unpack_from(order + "L", tiff, 4)
        (count,) = unpack_from(order + "H", tiff, directory)
        for entry in range(count):
            tag, kind, _, value = unpack_from(
                order + "HHLH", tiff, directory + 2 + entry * _ENTRY_BYTES
            )
            if tag == ORIENTATION_TAG and kind == _SHORT:
                return value if 1 <= value <= 8 else 1
    except error:  # the directory points outside the block
        return 1
    return 1
