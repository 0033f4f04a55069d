"""Pictures that browsers don't show: what they are turned into shows the same, and nothing else."""

from __future__ import annotations

from io import BytesIO
from struct import pack

import pytest
from PIL import Image

from imageboard.errors import FileRefused, ImageTooLarge
from tests.tables import for_each
from tests.writer.media.conftest import Develop


def a_scene(mode: str = "RGB", size: tuple[int, int] = (90, 60)) -> Image.Image:
    """Green, its left upper quarter red."""
    image = Image.new("RGB", size, (20, 160, 60))
    image.paste((220, 30, 20), (0, 0, size[0] // 2, size[1] // 2))
    return image.convert(mode)


def a_bmp(image: Image.Image) -> bytes:
    body = BytesIO()
    image.save(body, "BMP")
    return body.getvalue()


def served(develop: Develop, data: bytes) -> Image.Image:
    made = develop(data)
    return Image.open(BytesIO(made.original.read_bytes()))


@for_each("mode", ["1", "L", "P", "RGB", "RGBA"])
def test_a_bmp_becomes_a_png_of_the_same_pixels(develop: Develop, mode: str) -> None:
    image = a_scene(mode)
    made = served(develop, a_bmp(image))
    assert made.format == "PNG"
    assert made.convert("RGBA").tobytes() == image.convert("RGBA").tobytes()


def test_a_bmp_whose_rows_go_down_is_the_right_way_up(develop: Develop) -> None:
    up = bytearray(a_bmp(a_scene()))
    row_bytes = (90 * 3 + 3) // 4 * 4
    rows = [bytes(up[54 + n * row_bytes :][:row_bytes]) for n in range(60)]
    up[22:26] = (-60).to_bytes(4, "little", signed=True)
    down = bytes(up[:54]) + b"".join(reversed(rows))
    assert served(develop, down).convert("RGB").tobytes() == a_scene().tobytes()


@for_each("data", [a_bmp(a_scene())[:2000], a_bmp(a_scene())[:20]], ids=["half of it", "no header"])
def test_what_did_not_arrive_whole_is_refused(develop: Develop, data: bytes) -> None:
    with pytest.raises(FileRefused, match="damaged or did not arrive whole"):
        develop(data)


def test_their_size_is_asked_before_they_are_decoded(develop: Develop) -> None:
    huge = bytearray(a_bmp(a_scene("1")))
    huge[18:26] = (60_000).to_bytes(4, "little") * 2
    with pytest.raises(ImageTooLarge, match="and 600 is the most for a side"):
        develop(bytes(huge), image_side_px_max=600)


RED, GREEN, BLUE, WHITE = (
    (255, 0, 0, 255),
    (0, 255, 0, 255),
    (0, 0, 255, 255),
    (255, 255, 255, 255),
)
#: Blue, green, red of each, and a byte.
_PALETTE = bytes((0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0))
#: Two rows of two in 32 bits, the lower one first.
_RED_GREEN_BLUE_WHITE = bytes((0, 0, 255, 9, 0, 255, 0, 9, 255, 0, 0, 9, 255, 255, 255, 9))
_MASKS = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)


def put_together(header: bytes, behind: bytes, pixels: bytes, gap: int = 0) -> bytes:
    start = 14 + len(header) + len(behind) + gap
    body = header + behind + bytes(gap) + pixels
    return b"BM" + pack("<LHHL", 14 + len(body), 0, 0, start) + body


def a_header(size: int, *, bits: int, coding: int = 0, head: int = 40, colours: int = 0) -> bytes:
    width, height = divmod(size, 10)
    return pack("<LiiHHLLiiLL", head, width, height, 1, bits, coding, 0, 0, 0, colours, 0)


@pytest.mark.slow
@for_each(
    ("data", "upper", "lower"),
    [
        # Runs of bytes; what stands as it is; a row's end, the picture's.
        (
            put_together(
                a_header(42, bits=8, coding=1, colours=4),
                _PALETTE,
                bytes((4, 1, 0, 0, 0, 4, 0, 1, 2, 3, 0, 0, 0, 1)),
            ),
            (RED, GREEN, BLUE, WHITE),
            (GREEN,) * 4,
        ),
        (
            put_together(
                a_header(42, bits=4, coding=2, colours=4),
                _PALETTE,
                bytes((4, 0x11, 0, 0, 4, 0x01, 0, 0, 0, 1)),
            ),
            (RED, GREEN, RED, GREEN),
            (GREEN,) * 4,
        ),
        # OS/2's header of 12 bytes, whose palette has three bytes a colour.
        (
            put_together(
                pack("<LHHHH", 12, 2, 2, 1, 24), b"", bytes((0, 0, 255, 0, 255, 0, 0, 0) * 2)
            ),
            (RED, GREEN),
            (RED, GREEN),
        ),
        (
            put_together(
                pack("<LHHHH", 12, 8, 1, 1, 1), bytes((0, 0, 255, 0, 255, 0)), b"\xaa\0\0\0"
            ),
            (GREEN, RED) * 4,
            (GREEN, RED) * 4,
        ),
        (
            put_together(
                a_header(22, bits=16, coding=3),
                pack("<3L", 0xF800, 0x7E0, 0x1F),
                pack("<4H", 0xF800, 0x7E0, 0x1F, 0xFFFF),
            ),
            (BLUE, WHITE),
            (RED, GREEN),
        ),
        (
            put_together(a_header(22, bits=16), b"", pack("<4H", 0x7C00, 0x3E0, 0x1F, 0x7FFF)),
            (BLUE, WHITE),
            (RED, GREEN),
        ),
        # Of four bytes the last is nothing, unless a mask says that it is clear.
        (
            put_together(a_header(22, bits=32), b"", _RED_GREEN_BLUE_WHITE),
            (BLUE, WHITE),
            (RED, GREEN),
        ),
        (
            put_together(
                a_header(22, bits=32, coding=3, head=56),
                pack("<4L", *_MASKS),
                _RED_GREEN_BLUE_WHITE,
            ),
            ((0, 0, 255, 9), (255, 255, 255, 9)),
            ((255, 0, 0, 9), (0, 255, 0, 9)),
        ),
        # Nor does a mask say so whose program left it at 0: nothing would be seen.
        (
            put_together(
                a_header(22, bits=32, coding=3, head=56),
                pack("<4L", *_MASKS),
                _RED_GREEN_BLUE_WHITE.replace(b"\x09", b"\0"),
            ),
            (BLUE, WHITE),
            (RED, GREEN),
        ),
        (
            put_together(
                a_header(22, bits=24), b"", bytes((0, 0, 255, 0, 255, 0, 0, 0) * 2), gap=46
            ),
            (RED, GREEN),
            (RED, GREEN),
        ),
    ],
)
def test_a_bmp_of_any_kind_shows_what_it_shows_elsewhere(
    develop: Develop, data: bytes, upper: tuple[object, ...], lower: tuple[object, ...]
) -> None:
    made = served(develop, data).convert("RGBA")
    rows = [tuple(made.getpixel((x, y)) for x in range(made.width)) for y in (0, made.height - 1)]
    assert rows == [upper, lower]


@for_each(
    "data",
    [
        # Masks in an order of their own; two bits; a PNG within.
        put_together(
            a_header(22, bits=32, coding=3), pack("<3L", 0xFF, 0xFF00, 0xFF0000), bytes(16)
        ),
        put_together(a_header(41, bits=2, colours=4), _PALETTE, bytes(4)),
        put_together(a_header(22, bits=0, coding=5), b"", b"\x89PNG\r\n\x1a\n"),
    ],
)
def test_a_bmp_that_is_not_read_is_not_called_damaged(develop: Develop, data: bytes) -> None:
    """Whoever is told so saves the same again."""
    with pytest.raises(FileRefused, match=r"This kind of BMP can't be shown\. Save it as a PNG"):
        develop(data)
