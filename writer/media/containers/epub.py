"""EPUB: a book, which is a ZIP whose first file says so. It is served as it was sent."""

from __future__ import annotations

from struct import unpack_from

from imageboard.media import MediaLimits
from writer.media.containers.container import Container
from writer.media.containers.zip import check_end

#: Behind the header of the first file: its name; then, stored without compression, what it holds.
_NAME_AT = 30
_NAME, _HELD = b"mimetype", b"application/epub+zip"


def is_one(head: bytes) -> bool:
    if not (head.startswith(b"PK\x03\x04") and head.startswith(_NAME, _NAME_AT)):
        return False
    # Between the two stands, against the standard, what some programs note of times.
    name_bytes, noted_bytes = unpack_from("<HH", head, _NAME_AT - 4)
    return head.startswith(_HELD, _NAME_AT + name_bytes + noted_bytes)


def walk(data: bytes, limits: MediaLimits) -> Container:
    check_end(data)
    return Container("epub", width=0, height=0, kept=[data])
