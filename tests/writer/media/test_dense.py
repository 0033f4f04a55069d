"""A second thumbnail for dense screens, where a picture has the pixels for it."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat

from imageboard.media import MediaLimits
from imageboard.media_kinds import BY_NAME
from tests.tables import for_each
from tests.writer.media import hostile
from tests.writer.media.bench_darkroom import photograph
from tests.writer.media.conftest import Develop
from tests.writer.media.films import a_film
from writer.media import containers, picture
from writer.media.darkroom import Darkroom
from writer.media.picture import Print


def made(body: bytes, px_max: int = 100, **how: bool) -> Print:
    container = containers.read(body, MediaLimits(), BY_NAME)
    return picture.develop(container, px_max, **({"is_dense": True} | how))


def opened(body: bytes | None) -> Image.Image:
    assert body is not None
    image = Image.open(BytesIO(body))
    image.load()
    return image


@for_each("kind", ["jpeg", "png", "gif", "webp", "avif"])
# PERF: the larger ones beside a smaller thumbnail. Making what is sent takes nearly all of the CPU:
# 4.5 s of it with four times their pixels, and with colours that Pillow chose for the GIFs.
@pytest.mark.slow
@for_each(
    ("px_max", "size"),
    [
        *((100, size) for size in [(150, 75), (199, 120), (299, 299), (301, 90)]),
        *((50, size) for size in [(320, 240), (389, 600), (500, 350)]),
    ],
)
def test_has_one_and_a_half_to_three_times_the_pixels_of_a_side(
    kind: str, px_max: int, size: tuple[int, int]
) -> None:
    image = photograph(*size)
    if kind == "gif":
        image = image.quantize(method=Image.Quantize.FASTOCTREE)
    print_ = made(hostile.GOOD[kind](image), px_max)
    small, dense = opened(print_.thumbnail), opened(print_.dense)
    assert max(small.size) == px_max
    assert 1.49 * px_max <= max(dense.size) <= 3 * px_max
    shape = (small.width / small.height) / (dense.width / dense.height)
    assert 0.95 < shape < 1.05
    # And shows the same.
    seen = dense.convert("RGB").resize(small.size, Image.Resampling.BOX)
    assert max(ImageStat.Stat(ImageChops.difference(seen, small.convert("RGB"))).mean) < 12


@for_each("orientation", range(1, 9))
def test_is_upright_as_the_first_one(orientation: int) -> None:
    body = hostile.a_jpeg(hostile.scene(400, 280), exif=hostile.exif(orientation))
    print_ = made(body)
    small, dense = opened(print_.thumbnail), opened(print_.dense)
    assert (dense.width > dense.height) == (small.width > small.height) == (orientation < 5)
    for x, y in ((4, 4), (-4, 4), (4, -4)):
        one, other = (
            image.convert("RGB").getpixel((x % image.width, y % image.height))
            for image in (small, dense)
        )
        assert all(abs(a - b) < 48 for a, b in zip(one, other, strict=True))  # type: ignore[arg-type]


def test_what_shows_through_does_so_in_both() -> None:
    image = photograph(400, 300).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    print_ = made(hostile.a_png(image))
    assert print_.dense_extension == ".webp"
    low, high = opened(print_.dense).getchannel("A").getextrema()
    assert low < 20  # type: ignore[operator]
    assert high > 235  # type: ignore[operator]


def test_board_that_wants_webp_has_it_in_webp_too() -> None:
    assert made(hostile.a_jpeg(photograph(400, 300)), in_webp=True).dense_extension == ".webp"
    assert made(hostile.a_jpeg(photograph(400, 300))).dense_extension == ".jpg"


@for_each(
    ("body", "px_max"),
    [
        (hostile.a_jpeg(hostile.scene(149, 100)), 100),
        (hostile.a_jpeg(hostile.scene(90, 60)), 100),
        (hostile.a_jpeg(hostile.scene(1600, 1200)), 512),
        (hostile.a_png(Image.new("1", (600, 400), 1)), 100),
    ],
    ids=["hardly more pixels", "its own thumbnail", "the first one is dense", "heavier than it"],
)
def test_there_is_none_where_it_would_show_no_more_or_weigh_more(body: bytes, px_max: int) -> None:
    print_ = made(body, px_max)
    assert print_.thumbnail is not None
    assert (print_.dense, print_.dense_extension) == (None, None)


def test_there_is_none_beside_one_that_moves() -> None:
    frames = [photograph(400, 300).rotate(90 * turn) for turn in range(3)]
    body = hostile.encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=100)
    assert made(body, moves=True).dense is None
    assert made(body).dense is not None


@for_each("size", [(301, 90), (640, 480), (1000, 700)])
def test_thumbnail_of_a_jpeg_is_what_it_is_without(size: tuple[int, int]) -> None:
    """Both are made of one decoding, which is as large as ever."""
    body = hostile.a_jpeg(photograph(*size))
    assert made(body).thumbnail == made(body, is_dense=False).thumbnail


@pytest.mark.slow
def test_darkroom_makes_it_as_the_board_has_it_and_leaves_nothing_lying(
    develop: Develop, shared_darkroom: Darkroom
) -> None:
    body = hostile.a_jpeg(photograph(800, 600))
    before = set(shared_darkroom.scratch.glob("*.dense"))
    both, one = develop(body), develop(body, thumb_dense=False)
    film, small = develop(a_film()), develop(hostile.a_png())
    assert both.dense is not None
    assert max(opened(both.dense.read_bytes()).size) == 400
    assert [each.dense for each in (one, film, small)] == [None] * 3
    for image in (both, one, film, small):
        image.discard()
    assert set(shared_darkroom.scratch.glob("*.dense")) == before
