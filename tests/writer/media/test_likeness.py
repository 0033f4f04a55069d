"""Pictures that look alike differ in few bits of 64, others in about half of them."""

from __future__ import annotations

from io import BytesIO
from random import Random

import pytest
from PIL import Image, ImageEnhance

from imageboard.likeness import BITS_APART_MAX, BITS_APART_SEARCHED, bits_apart, says_nothing
from tests.tables import for_each
from tests.writer.media import hostile
from tests.writer.media.bench_darkroom import photograph
from tests.writer.media.conftest import Develop
from tests.writer.media.films import a_film
from writer.media.likeness import likeness

PHOTO = photograph(400, 300)


def differing(one: Image.Image, other: Image.Image) -> int:
    return bits_apart(likeness(one), likeness(other))


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
    assert differing(PHOTO, copy) <= BITS_APART_MAX


def test_a_cropped_copy_is_found_by_who_searches() -> None:
    assert differing(PHOTO, PHOTO.crop((8, 6, 392, 294))) <= BITS_APART_SEARCHED


def test_pictures_of_one_colour_say_nothing() -> None:
    """All of them look alike, so nobody must be refused for one."""
    plain = [Image.new("L", (90, 80), 7), Image.linear_gradient("L").rotate(90)]
    assert [says_nothing(likeness(each)) for each in (*plain, PHOTO)] == [True, True, False]


def test_another_picture_does_not() -> None:
    others = [
        Image.frombytes("L", (9, 8), Random(seed).randbytes(72)).resize((90, 80))
        for seed in range(20)
    ]
    assert min(differing(PHOTO, other) for other in others) > 1.5 * BITS_APART_MAX


def test_what_is_clear_looks_like_nothing() -> None:
    clear, hidden = Image.new("RGBA", (90, 80)), PHOTO.convert("RGBA")
    hidden.putalpha(0)
    assert differing(clear, hidden) == 0


def test_it_is_a_number_of_64_bits_with_its_sign() -> None:
    for seed in range(20):
        noise = Image.frombytes("L", (9, 8), Random(seed).randbytes(72))
        assert -(2**63) <= likeness(noise) < 2**63


@pytest.mark.slow
def test_pictures_and_films_have_one_and_sounds_have_none(develop: Develop) -> None:
    found = develop(hostile.a_jpeg(PHOTO)).likeness
    assert found is not None
    assert bits_apart(found, likeness(PHOTO)) <= BITS_APART_MAX
    assert develop(a_film()).likeness is not None
    sound = develop(a_film("webm", None, "libopus"))
    assert sound.likeness is None
