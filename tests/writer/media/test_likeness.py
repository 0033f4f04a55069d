"""Pictures that look alike differ in few bits of 64, others in about half of them."""

from __future__ import annotations

from io import BytesIO
from random import Random

from PIL import Image, ImageEnhance

from tests.tables import for_each
from tests.writer.media import hostile
from tests.writer.media.bench_darkroom import photograph
from tests.writer.media.conftest import Develop
from tests.writer.media.films import a_film
from writer.media.likeness import likeness

#: Of 64 bits; of two pictures that have nothing to do with each other 32 differ.
ALIKE_MAX = 10
PHOTO = photograph(400, 300)


def differing(one: Image.Image, other: Image.Image) -> int:
    return bits(likeness(one) ^ likeness(other))


def bits(number: int) -> int:
    return (number & (1 << 64) - 1).bit_count()


def coarse(picture: Image.Image) -> Image.Image:
    body = BytesIO()
    picture.save(body, "JPEG", quality=20)
    return Image.open(body)


@for_each(
    "copy",
    [
        PHOTO.resize((120, 90)),
        PHOTO.resize((700, 600)),
        PHOTO.convert("L"),
        ImageEnhance.Brightness(PHOTO).enhance(1.15),
        coarse(PHOTO),
    ],
    ids=["smaller", "of another shape", "grey", "brighter", "coarser"],
)
def test_a_copy_looks_like_its_picture(copy: Image.Image) -> None:
    assert differing(PHOTO, copy) <= ALIKE_MAX


def test_another_picture_does_not() -> None:
    others = [
        Image.frombytes("L", (9, 8), Random(seed).randbytes(72)).resize((90, 80))
        for seed in range(20)
    ]
    assert min(differing(PHOTO, other) for other in others) > 1.5 * ALIKE_MAX


def test_what_is_clear_looks_like_nothing() -> None:
    clear, hidden = Image.new("RGBA", (90, 80)), PHOTO.convert("RGBA")
    hidden.putalpha(0)
    assert differing(clear, hidden) == 0


def test_it_is_a_number_of_64_bits_with_its_sign() -> None:
    for seed in range(20):
        noise = Image.frombytes("L", (9, 8), Random(seed).randbytes(72))
        assert -(2**63) <= likeness(noise) < 2**63


def test_pictures_and_films_have_one_and_sounds_have_none(develop: Develop) -> None:
    found = develop(hostile.a_jpeg(PHOTO)).likeness
    assert found is not None
    assert bits(found ^ likeness(PHOTO)) <= ALIKE_MAX
    assert develop(a_film()).likeness is not None
    sound = develop(a_film("webm", None, "libopus"))
    assert sound.likeness is None
