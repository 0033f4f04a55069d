"""HEIC, as phones save it, becomes a JPEG that shows the same: turned, cut, in its colours."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat

from imageboard import media_kinds
from imageboard.errors import FileRefused, ImageTooLarge
from tests.tables import for_each
from tests.writer.media import heics, hostile
from tests.writer.media.conftest import Develop
from tests.writer.media.heics import a_heic
from writer.media.darkroom import DevelopedImage

pytestmark = pytest.mark.slow

GREEN, RED = (20, 160, 60), (220, 30, 20)
LEFT_RIGHT, TOP_BOTTOM = Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM


def a_scene(width: int = 96, height: int = 64) -> Image.Image:
    """Green, its left upper quarter red."""
    image = Image.new("RGB", (width, height), GREEN)
    image.paste(RED, (0, 0, width // 2, height // 2))
    return image


def shown(made: DevelopedImage) -> Image.Image:
    picture = Image.open(BytesIO(made.original.read_bytes()))
    assert (picture.format, made.kind.name) == ("JPEG", "jpeg")
    assert (made.width, made.height) == picture.size
    return picture


def differs(one: Image.Image, other: Image.Image) -> float:
    assert one.size == other.size
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other)).mean)


@for_each("tile_px", [None, 32, 64], ids=["in one piece", "in tiles", "in tiles that stick out"])
def test_heic_becomes_a_jpeg_that_shows_the_same(develop: Develop, tile_px: int | None) -> None:
    image = a_scene()
    made = shown(develop(a_heic(image, tile_px=tile_px, behind=b"what the camera wrote")))
    assert differs(made, image) < 3
    assert "exif" not in made.info


@for_each(
    ("said", "turns"),
    [
        ([heics.turn(1)], [Image.Transpose.ROTATE_90]),
        ([heics.turn(2)], [Image.Transpose.ROTATE_180]),
        ([heics.turn(3)], [Image.Transpose.ROTATE_270]),
        ([heics.mirror(0)], [TOP_BOTTOM]),
        ([heics.mirror(1)], [LEFT_RIGHT]),
        ([heics.turn(1), heics.mirror(1)], [Image.Transpose.ROTATE_90, LEFT_RIGHT]),
        ([heics.mirror(1), heics.turn(1)], [LEFT_RIGHT, Image.Transpose.ROTATE_90]),
    ],
)
def test_it_is_turned_as_the_file_asks(
    develop: Develop, said: list[bytes], turns: list[Image.Transpose]
) -> None:
    """As libheif does, by which these were compared once."""
    expected = a_scene()
    for turn in turns:
        expected = expected.transpose(turn)
    made = develop(a_heic(a_scene(), *said))
    assert differs(shown(made), expected) < 3
    assert (made.thumb_width > made.thumb_height) == (expected.width > expected.height)


def test_what_was_cut_away_is_not_served(develop: Develop) -> None:
    """Its owner saw the cut alone: what lies beyond may be what they wanted to hide."""
    cut = heics.cut(40, 20, -20, -10)
    made = shown(develop(a_heic(a_scene(), cut, heics.turn(2))))
    expected = a_scene().crop((18, 17, 58, 37)).transpose(Image.Transpose.ROTATE_180)
    assert differs(made, expected) < 15  # a JPEG's colours are half as sharp


def test_its_profile_goes_along(develop: Develop) -> None:
    profile = hostile.icc_profile()
    made = shown(develop(a_heic(a_scene(), heics.profile(profile))))
    assert made.info["icc_profile"][36:40] == b"acsp"


def test_colours_that_are_said_in_code_are_shown_in_a_screens(develop: Develop) -> None:
    """A full red of Display P3 is more than sRGB has; its numbers alone would look dull."""
    plain = shown(develop(a_heic(a_scene())))
    wide = shown(develop(a_heic(a_scene(), heics.colours(12, 13, 6))))
    assert plain.getpixel((5, 5))[0] + 10 < wide.getpixel((5, 5))[0]
    dim = shown(develop(a_heic(a_scene(), heics.colours(1, 13, 6, is_full=False))))
    assert plain.getpixel((5, 5))[0] + 10 < dim.getpixel((5, 5))[0]


WHOLE = a_heic(a_scene())
TILED = a_heic(a_scene(), tile_px=32)


@for_each(
    "data",
    [
        WHOLE[: len(WHOLE) // 2],
        WHOLE[:60],
        WHOLE.replace(b"hvcC", b"free"),
        WHOLE.replace(b"ispe", b"free"),
        WHOLE.replace(b"hvc1", b"av01"),
        WHOLE.replace(heics.coded(a_scene()).picture[8:40], bytes(32)),
        TILED.replace(b"dimg", b"thmb"),
        TILED.replace(heics.size(96, 64), heics.size(128, 64)),
        TILED.replace(heics.size(32, 32), heics.size(48, 32)),
        a_heic(a_scene(), heics.cut(400, 20, 0, 0)),
        a_heic(a_scene(), heics.cut(0, 0, 0, 0)),
        WHOLE.replace(heics.size(96, 64), heics.size(2000, 2000)),
    ],
    ids=[
        *("half of it", "no index", "no setup", "no size", "another coder", "no picture"),
        *("no tiles", "a grid of another size", "tiles of another size"),
        *("a cut outside", "a cut of nothing", "larger than its picture"),
    ],
)
def test_one_that_contradicts_itself_is_refused(develop: Develop, data: bytes) -> None:
    with pytest.raises(FileRefused, match="damaged or did not arrive whole"):
        develop(data)


def test_coded_picture_that_is_larger_than_it_says_is_given_no_room(develop: Develop) -> None:
    large = heics.coded(a_scene(256, 256))
    with pytest.raises(FileRefused, match="damaged or did not arrive whole"):
        develop(heics.file_of([large], [], (96, 64), None, (96, 64)))


def test_its_size_is_asked_before_it_is_decoded(develop: Develop) -> None:
    with pytest.raises(ImageTooLarge, match="and 60 is the most for a side"):
        develop(WHOLE, image_side_px_max=60)


def test_forms_ask_for_none_and_take_it() -> None:
    usual = media_kinds.taken(media_kinds.USUAL)
    assert "image/heic" not in media_kinds.accepted_types(usual)
    assert media_kinds.accepted_types(usual, offered=False) == ["image/heic"]
