"""Thumbnails that move, where a board wants them: the first five seconds, and never for longer."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from io import BytesIO
from itertools import accumulate

import pytest
from PIL import Image, ImageChops, ImageStat

from imageboard.media import MediaLimits
from imageboard.media_kinds import BY_NAME
from tests.tables import for_each
from tests.writer.media import hostile, odd_pictures
from tests.writer.media.conftest import Develop
from tests.writer.media.films import a_film
from writer.media import containers, moving, picture
from writer.media.darkroom import DevelopedImage

pytestmark = pytest.mark.slow

KINDS = ["GIF", "PNG", "WEBP", "AVIF"]


def animation(
    kind: str = "GIF",
    frames: int = 4,
    duration: int | list[int] = 100,
    size: tuple[int, int] = (320, 240),
) -> bytes:
    """Stripes that turn from black to white and move to the right."""
    pictures = []
    for number in range(frames):
        level = 255 * number // frames
        image = Image.new("RGB", size, (level, 64, 255 - level))
        image.paste((255 - level, 200, 0), (number * 3 % 200, 0, number * 3 % 200 + 40, size[1]))
        pictures.append(image)
    return hostile.encoded(
        pictures[0], kind, save_all=True, append_images=pictures[1:], duration=duration, loop=0
    )


def seen(thumbnail: bytes) -> tuple[int, list[int], int]:
    """How many frames it has, how long each is shown (ms), how often it is played."""
    image = Image.open(BytesIO(thumbnail))
    shown = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        image.load()
        shown.append(image.info.get("duration", 0))
    return len(shown), shown, image.info.get("loop", 0)


def made(body: bytes, px_max: int = 255) -> picture.Print:
    container = containers.read(body, MediaLimits(), BY_NAME)
    return picture.develop(container, px_max, moves=True)


def thumbnail(image: DevelopedImage) -> bytes:
    assert image.thumbnail is not None
    return image.thumbnail.read_bytes()


@for_each("kind", KINDS)
def test_animation_of_every_kind_has_a_thumbnail_that_moves(develop: Develop, kind: str) -> None:
    image = develop(animation(kind), thumb_animated=True)
    assert (image.thumb_extension, image.thumb_width, image.thumb_height) == (".webp", 255, 192)
    assert seen(thumbnail(image))[0] == 4
    still = develop(animation(kind))
    assert seen(thumbnail(still))[0] == 1
    assert (still.likeness, still.colour) == (image.likeness, image.colour)


def test_it_begins_as_the_still_looks() -> None:
    body = animation()
    container = containers.read(body, MediaLimits(), BY_NAME)
    still, moves = (picture.develop(container, 255, moves=moves) for moves in (False, True))
    one, other = (Image.open(BytesIO(each.thumbnail or b"")) for each in (still, moves))
    difference = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
    assert max(ImageStat.Stat(difference).mean) < 6


@for_each(
    ("frames", "duration", "times"),
    [(4, 100, 12), (10, 400, 1), (30, 1000, 1), (3, 0, 16), (200, 20, 1), (60, 30, 2)],
    ids=["short", "long", "longer", "as fast as can be", "quick", "quick and short"],
)
def test_it_rests_after_five_seconds(frames: int, duration: int, times: int) -> None:
    count, shown, loop = seen(made(animation("WEBP", frames, duration)).thumbnail or b"")
    assert loop == times
    assert sum(shown) * loop <= moving.PLAYED_MS_MAX
    assert 2 <= count <= moving.FRAMES_MAX
    assert all(each >= moving.STEP_MS for each in shown[:-1])


def test_it_keeps_the_time_of_each_frame() -> None:
    _, shown, _ = seen(made(animation("GIF", 4, [100, 700, 200, 300])).thumbnail or b"")
    assert list(accumulate(shown)) == [100, 800, 1000, 1300]


def is_still(body: bytes, px_max: int = 255) -> bool:
    return seen(made(body, px_max).thumbnail or b"")[0] == 1


def damaged() -> bytes:
    body = odd_pictures.animated_png((8, 8), [(8, 8, 0, 0, b"\xff\0\0"), (8, 8, 0, 0, b"\0\xff\0")])
    number = (2).to_bytes(4)
    pixels = zlib.compress((b"\0" + b"\0\xff\0" * 8) * 8)
    second = hostile.png_chunk(b"fdAT", number + pixels)
    assert second in body
    return body.replace(second, hostile.png_chunk(b"fdAT", number + b"pixels"))


def noise(frames: int) -> bytes:
    pictures = [Image.effect_noise((255, 255), 200).convert("RGB") for _ in range(frames)]
    return hostile.encoded(
        pictures[0], "PNG", save_all=True, append_images=pictures[1:], duration=100
    )


#: Name -> what can't be had of it.
STILL: dict[str, Callable[[], bytes]] = {
    "one frame": lambda: hostile.a_gif(),
    "heavier than its picture": lambda: animation("GIF", 2, size=(8, 8)),
    "too heavy": lambda: noise(50),
    "so large that a second frame is too much": lambda: animation("GIF", 2, size=(5000, 5000)),
    "damaged behind its first frame": damaged,
    "another beginning in browsers": lambda: odd_pictures.animated_png(
        (8, 8), [(4, 4, 2, 2, b"\xff\0\0"), (8, 8, 0, 0, b"\0\xff\0")], still=b"\0\0\xff"
    ),
}


@for_each("what", STILL)
def test_what_can_not_be_had_stays_still(what: str) -> None:
    assert is_still(STILL[what]())


def test_no_thumbnail_has_more_pixels_than_its_bound() -> None:
    """Of 1,024 a side: fewer frames, since each is sixteen times as large."""
    count, _, _ = seen(made(animation("WEBP", 12, size=(1024, 1024)), 1024).thumbnail or b"")
    assert count == 3


def test_no_colour_stands_where_a_later_frame_is_clear() -> None:
    opaque, clear = Image.new("RGBA", (300, 300), "red"), Image.new("RGBA", (300, 300), "blue")
    clear.paste((0, 0, 0, 0), (100, 100, 200, 200))
    body = hostile.encoded(
        opaque, "PNG", save_all=True, append_images=[clear], duration=200, disposal=1
    )
    assert made(body).colour is None
    container = containers.read(body, MediaLimits(), BY_NAME)
    assert picture.develop(container, 255).colour == 0xFF0000


def test_what_takes_too_much_is_taken_as_ever(develop: Develop) -> None:
    """A light process has no room for several such frames; nobody is refused for that."""
    image = develop(animation("GIF", 3, size=(2400, 2400)), thumb_animated=True)
    assert (image.thumb_width, image.thumb_height) == (255, 255)


def test_films_and_pictures_stay_still(develop: Develop) -> None:
    for body in (a_film(), hostile.a_jpeg(), hostile.a_webp()):
        image = develop(body, thumb_animated=True)
        assert seen(thumbnail(image))[0] == 1
