"""A picture's colour on average, which stands in its place until it comes."""

from __future__ import annotations

import pytest
from PIL import Image

from tests.tables import for_each
from tests.writer.media import hostile
from tests.writer.media.conftest import Develop
from tests.writer.media.films import a_film
from writer.media.average import average_colour

HALVES = Image.new("RGB", (200, 100), (200, 0, 40))
HALVES.paste((0, 100, 40), (100, 0, 200, 100))


def clear(alpha: int) -> Image.Image:
    picture = HALVES.convert("RGBA")
    picture.putpixel((7, 7), (0, 0, 0, alpha))
    return picture


@for_each(
    ("picture", "colour"),
    [
        (HALVES, 0x643228),
        (Image.new("L", (9, 9), 0x80), 0x808080),
        (HALVES.convert("RGBA"), 0x643228),
        (clear(254), None),
        (clear(0), None),
    ],
    ids=["colours", "greys", "opaque", "not quite opaque", "clear in one place"],
)
def test_all_pixels_have_a_part_in_it(picture: Image.Image, colour: int | None) -> None:
    """The page shines through a clear one for good, and its colour would be seen there."""
    assert average_colour(picture) == colour


@pytest.mark.slow
def test_pictures_and_films_have_one_and_waveforms_have_none(develop: Develop) -> None:
    found = develop(hostile.a_jpeg(HALVES)).colour
    assert found is not None
    assert all(
        abs(one - other) <= 3
        for one, other in zip(found.to_bytes(3), bytes.fromhex("643228"), strict=True)
    )
    assert develop(a_film()).colour is not None
    assert develop(a_film("webm", None, "libopus")).colour is None
