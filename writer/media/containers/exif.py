"""The one thing that is read from EXIF before it is thrown away."""

from __future__ import annotations

from struct import error, unpack_from

from writer.media.containers.container import Bytes

ORIENTATION_TAG = 0x0112
_SHORT = 3
#: By how a block begins, how its numbers are read.
_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
_ENTRY_BYTES = 12


def orientation(tiff: Bytes) -> int:
    """1 to 8 from the first directory of a TIFF block (b'II*\\0…' or b'MM\\0*…').

    1 when there is none or the block makes no sense to browsers: a picture is not worth refusing
    for its metadata, which is dropped anyway.
    """
    order = _ORDERS.get(bytes(tiff[:4]))
    if order is None:
        return 1
    try:
        (directory,) = unpack_from(order + "L", tiff, 4)
        (count,) = unpack_from(order + "H", tiff, directory)
        for entry in range(count):
            tag, kind, values, value = unpack_from(
                order + "HHLH", tiff, directory + 2 + entry * _ENTRY_BYTES
            )
            if tag == ORIENTATION_TAG and (kind, values) == (_SHORT, 1):
                return value if 1 <= value <= 8 else 1
    except error:  # the directory points outside the block
        return 1
    return 1
