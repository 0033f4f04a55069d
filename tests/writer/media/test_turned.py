"""Pictures that browsers don't show: what they are turned into shows the same, and nothing else."""

from __future__ import annotations

from io import BytesIO

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
