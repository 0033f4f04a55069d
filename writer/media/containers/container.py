"""What a walk over an image file finds, and the words for what is wrong with one."""

from __future__ import annotations

from dataclasses import dataclass, field

from imageboard.errors import FileRefused
from imageboard.media import bytes_to_read
from imageboard.words import N_, Message

Bytes = bytes | bytearray | memoryview

#: Real profiles end near 3 MB (CMYK presses); a compressed one may claim gigabytes.
PROFILE_BYTES_MAX = 4 * 1024 * 1024

#: Of memory: two thumbnails before they are packed, in several modes.
_PRINT_BYTES = 4 * 1024 * 1024

#: Segments, chunks, blocks of one file. An animation of 10,000 frames has 30,000; 10 MB of empty
#: comments would be millions, and seconds of work.
PIECES_MAX = 100_000


@dataclass(slots=True)
class Container:
    """An image file taken apart, nothing decoded.

    `kept` joined is the clean file, what is in neither of the lists is dropped unread.
    """

    #: Its name in imageboard/media_kinds.py.
    kind: str
    #: As stored: before `orientation` is applied.
    width: int
    height: int
    #: As decoders give it; None: the same. An AVIF may show less, from its left upper corner.
    drawn_size: tuple[int, int] | None = None
    frames: int = 1
    #: EXIF orientation, 1 to 8. 1 when there is none, and for AVIF, which turns by itself.
    orientation: int = 1
    lossless: bool = False
    #: What decoding takes of memory for each pixel, measured. Where more than this runs out (a PNG
    #: with an alpha channel takes 12), Pillow says so; of JPEG, WebP and AVIF it would say that the
    #: file is damaged, so that theirs is the most that it can be.
    bytes_per_px: float = 0.0
    #: An AVIF's primaries and transfer curve, as numbers of ITU-T H.273.
    nclx: tuple[int, int] | None = None
    #: Of an AVIF's brightest light; BT.2100's own when it does not say.
    peak_nits: float = 1000.0
    kept: list[Bytes] = field(default_factory=list)
    #: Plain bytes of what is kept and draws nothing, such as a colour profile: a place to hide in.
    undrawn: list[Bytes] = field(default_factory=list)
    #: What came behind the picture. It is dropped too, but somebody put it there to be found.
    behind: list[Bytes] = field(default_factory=list)
    #: Its end is missing, so that nobody can tell picture from what follows without decoding:
    #: it is coded anew, and only pixels come through.
    is_cut: bool = False

    def fits(self, memory_bytes: int) -> bool:
        """Whether a process of this address space can decode it, by what is known before."""
        return bytes_to_read(self.drawn_px, self.bytes_per_px) <= memory_bytes

    @property
    def decoding_bytes(self) -> float:
        """What decoding it takes of memory, and what is made of it."""
        return self.drawn_px * self.bytes_per_px + _PRINT_BYTES

    @property
    def drawn_px(self) -> int:
        width, height = self.drawn_size or (self.width, self.height)
        return width * height

    def clean_bytes(self) -> bytes:
        return b"".join(self.kept)


def broken(detail: str) -> FileRefused:
    """The refusal of a file that contradicts its own format; `detail` is for logs and tests."""
    return FileRefused(
        N_(
            "The file is damaged or did not arrive whole."
            " Open it, save it again and send the new file."
        ),
        detail=detail,
    )


def too_many_pieces() -> FileRefused:
    return refused(N_("The file holds more comments than picture. Save it without."))


def refused(message: Message) -> FileRefused:
    """A refusal whose sentence says what the poster can change."""
    return FileRefused(message, detail=str(message))
