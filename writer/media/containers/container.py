"""What a walk over an image file finds, and the words for what is wrong with one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from imageboard.errors import FileRefused

Kind = Literal["jpeg", "png", "gif", "webp", "avif"]
Bytes = bytes | bytearray | memoryview

#: Real profiles end near 3 MB (CMYK presses); a compressed one may claim gigabytes.
PROFILE_BYTES_MAX = 4 * 1024 * 1024


@dataclass(slots=True)
class Container:
    """An image file taken apart, nothing decoded.

    `kept` joined is the clean file. `asides` are all bytes that do not draw the picture,
    whether kept (a colour profile) or dropped (comments, EXIF, what follows the image): the
    places where something else could hide.
    """

    kind: Kind
    #: As stored: before `orientation` is applied.
    width: int
    height: int
    frames: int = 1
    #: EXIF orientation, 1 to 8. 1 when there is none, and for AVIF, which turns by itself.
    orientation: int = 1
    lossless: bool = False
    kept: list[Bytes] = field(default_factory=list)
    asides: list[Bytes] = field(default_factory=list)

    def clean_bytes(self) -> bytes:
        return b"".join(self.kept)


def broken(detail: str) -> FileRefused:
    """The refusal of a file that contradicts its own format; `detail` is for logs and tests."""
    return FileRefused(
        reason="The file is damaged or did not arrive whole."
        " Open it, save it again and send the new file.",
        detail=detail,
    )


def refused(reason: str) -> FileRefused:
    """A refusal whose sentence says what the poster can change."""
    return FileRefused(reason=reason, detail=reason)
