"""EPUB: a book, which is a ZIP whose first file says so. It is served as it was sent."""

from __future__ import annotations

from imageboard.media import MediaLimits
from writer.media.containers.container import Container
from writer.media.containers.zip import check_end

#: Behind the header of the first file, stored without compression: its name and what it holds.
_FIRST_AT = 30
_FIRST = b"mimetypeapplication/epub+zip"


def is_one(head: bytes) -> bool:
    return head.startswith(b"PK\x03\x04") and head.startswith(_FIRST, _FIRST_AT)


def walk(data: bytes, limits: MediaLimits) -> Container:
    check_end(data)
    return Container("epub", width=0, height=0, kept=[data])
