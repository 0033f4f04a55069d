"""Pixels: thumbnails that look like the picture, pictures the right way up."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from random import Random

import pytest
from PIL import Image, ImageChops, ImageCms, ImageStat, JpegImagePlugin

from imageboard.errors import FileRefused
from imageboard.media import MediaLimits
from imageboard.media_kinds import BY_NAME
from tests.tables import for_each
from tests.writer.media import hostile, odd_pictures
from tests.writer.media.bench_darkroom import photograph
from writer.media import containers, picture, png_chunks, png_samples
from writer.media.containers import icc

RED, LIME, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
#: EXIF orientation → where red, lime and blue come to lie: 0 top left, 1 top right,
#: 2 bottom left, 3 bottom right. https://exiftool.org/TagNames/EXIF.html (Orientation)
CORNERS = {
    1: (0, 1, 2),
    2: (1, 0, 3),
    3: (3, 2, 1),
    4: (2, 3, 0),
    5: (0, 2, 1),
    6: (1, 3, 0),
    7: (3, 1, 2),
    8: (2, 0, 3),
}


def developed(data: bytes, thumb_px_max: int = 255) -> picture.Print:
    return picture.develop(containers.read(data, MediaLimits(), BY_NAME), thumb_px_max)


def opened(data: bytes | Path) -> Image.Image:
    image = Image.open(io.BytesIO(data) if isinstance(data, bytes) else data)
    image.load()
    return image


def is_near(pixel: object, colour: tuple[int, ...], by: int = 40) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) <= by for a, b in zip(pixel, colour, strict=False))


def corner(image: Image.Image, number: int) -> object:
    x, y = (number % 2 * 0.5 + 0.25), (number // 2 * 0.5 + 0.25)
    return image.convert("RGB").getpixel((int(image.width * x), int(image.height * y)))


@for_each(
    ("size", "thumb"),
    [
        ((470, 280), (255, 152)),
        ((520, 340), (255, 167)),
        ((420, 300), (255, 183)),
        ((360, 420), (219, 255)),
        ((560, 126), (255, 58)),
        ((480, 360), (255, 192)),
        ((256, 256), (255, 255)),
        ((255, 20), (255, 20)),
        ((1, 1), (1, 1)),
        ((10_000, 1), (255, 1)),
        ((1, 10_000), (1, 255)),
    ],
)
def test_thumbnails_have_the_size_that_vichan_gives_them(
    size: tuple[int, int], thumb: tuple[int, int]
) -> None:
    assert picture.thumb_size(*size, px_max=255) == thumb


@pytest.mark.slow
@for_each("orientation", range(1, 9))
@for_each("kind", ["jpeg", "png", "webp"])
def test_a_picture_comes_out_upright(kind: str, orientation: int) -> None:
    """Original and thumbnail alike, with width and height as they are seen."""
    data = hostile.GOOD[kind](hostile.scene(400, 280), exif=hostile.exif(orientation))
    made = developed(data)
    original, thumbnail = opened(made.original), opened(made.thumbnail)
    assert original.size == (made.width, made.height)
    assert original.size == ((280, 400) if orientation > 4 else (400, 280))
    assert thumbnail.size == (made.thumb_width, made.thumb_height)
    assert thumbnail.size == ((179, 255) if orientation > 4 else (255, 179))
    assert 0x0112 not in original.getexif()
    for colour, place in zip((RED, LIME, BLUE), CORNERS[orientation], strict=True):
        assert is_near(corner(original, place), colour)
        assert is_near(corner(thumbnail, place), colour)


def test_an_avif_that_turns_itself_is_kept_and_its_thumbnail_turned() -> None:
    """Pillow writes an EXIF orientation as `irot`, which all readers of AVIF apply."""
    data = hostile.an_avif(hostile.scene(400, 280), exif=hostile.exif(6))
    made = developed(data)
    assert (made.width, made.height) == (280, 400)
    assert len(made.original) == len(data)
    for colour, place in zip((RED, LIME, BLUE), CORNERS[6], strict=True):
        assert is_near(corner(opened(made.thumbnail), place), colour)


def test_a_turned_jpeg_keeps_its_profile_and_about_its_size() -> None:
    profile = hostile.icc_profile()  # once: the time is in it
    data = hostile.a_jpeg(hostile.scene(640, 480), exif=hostile.exif(6), icc_profile=profile)
    made = developed(data)
    assert opened(made.original).info["icc_profile"] == icc.cleaned(profile)
    assert len(made.original) < 1.1 * len(data)


@for_each("orientation", range(2, 9))
def test_a_turned_jpeg_is_as_coarse_as_it_was_where_it_was(orientation: int) -> None:
    """Rows of a table are for vertical detail: a quarter turn makes them columns."""
    finer_downwards = [1 + n % 8 for n in range(64)]
    finer_across = [1 + n // 8 for n in range(64)]
    data = hostile.a_jpeg(qtables=[finer_downwards], quality=50, exif=hostile.exif(orientation))
    turned = opened(developed(data).original)
    assert isinstance(turned, JpegImagePlugin.JpegImageFile)
    assert turned.quantization[0] == (finer_across if orientation > 4 else finer_downwards)


@pytest.mark.slow
@for_each("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@for_each("orientation", [1, 6])
def test_every_kind_of_png_develops(mode: str, orientation: int) -> None:
    image = hostile.scene(300, 200, "L" if mode == "I;16" else mode)
    if mode == "I;16":
        image = image.convert("I").point(lambda grey: grey * 257).convert("I;16")
    made = developed(hostile.a_png(image, exif=hostile.exif(orientation)))
    assert opened(made.original).mode == image.mode
    seen = opened(made.thumbnail).convert("RGBA").convert("RGB")
    expected = hostile.scene(300, 200, "L" if mode in ("I;16", "L", "1") else "RGB")
    turned = expected.transpose(Image.Transpose.ROTATE_270) if orientation == 6 else expected
    if mode not in ("LA", "RGBA", "1"):
        for place in range(3):
            wanted = corner(turned, place)
            assert isinstance(wanted, tuple)
            assert is_near(corner(seen, place), wanted)


@for_each("mode", ["L", "CMYK", "RGB"])
@for_each("options", [{}, {"progressive": True}, {"subsampling": "4:2:2"}])
@for_each("orientation", [1, 6])
def test_every_kind_of_jpeg_develops(
    mode: str, options: dict[str, object], orientation: int
) -> None:
    image = hostile.scene(300, 200, mode)
    made = developed(hostile.a_jpeg(image, exif=hostile.exif(orientation), **options))
    assert opened(made.original).mode == mode
    wanted = corner(image, 0)
    assert isinstance(wanted, tuple)
    assert is_near(corner(opened(made.thumbnail), CORNERS[orientation][0]), wanted, by=60)


@for_each("size", [(1, 1), (1, 9_000), (9_000, 1), (2, 3)])
@for_each("kind", list(hostile.GOOD))
def test_the_smallest_and_thinnest_pictures_develop(kind: str, size: tuple[int, int]) -> None:
    made = developed(hostile.GOOD[kind](hostile.scene(*size)))
    assert (made.width, made.height) == size
    assert opened(made.thumbnail).size == picture.thumb_size(*size, px_max=255)


@pytest.mark.parametrize("interlace", [True, False])
def test_interlaced_gifs_develop(interlace: bool) -> None:
    made = developed(hostile.a_gif(hostile.scene(300, 200), interlace=interlace))
    assert is_near(corner(opened(made.thumbnail), 0), RED)


@pytest.mark.slow
@for_each(
    "data",
    [
        hostile.a_png(hostile.scene(300, 60, "RGBA")),
        hostile.a_png(hostile.scene(300, 60, "LA")),
        hostile.a_webp(hostile.scene(300, 60, "RGBA"), quality=90),
        hostile.an_avif(hostile.scene(300, 60, "RGBA"), quality=90),
        hostile.a_png(hostile.scene(300, 60, "RGBA").quantize(64)),
    ],
    ids=["png", "png grey", "webp", "avif", "png palette"],
)
def test_what_shows_through_shows_through_in_the_thumbnail(data: bytes) -> None:
    made = developed(data)
    assert made.thumb_extension in (".png", ".webp")
    alpha = opened(made.thumbnail).convert("RGBA").getchannel("A")
    expected = hostile.scene(300, 60, "RGBA").resize((255, 51)).getchannel("A")
    for place in ((127, 25), (20, 4), (60, 40)):
        seen, wanted = alpha.getpixel(place), expected.getpixel(place)
        assert isinstance(seen, float | int)
        assert isinstance(wanted, float | int)
        assert abs(seen - wanted) < 30


@pytest.mark.slow
def test_a_gif_with_a_transparent_colour_has_a_transparent_thumbnail() -> None:
    image = hostile.scene(300, 300, "P")
    image.info["transparency"] = image.getpixel((10, 10))
    made = developed(hostile.a_gif(image, transparency=image.getpixel((10, 10))))
    thumbnail = opened(made.thumbnail).convert("RGBA")
    assert thumbnail.getpixel((40, 40))[3] == 0  # type: ignore[index]
    assert thumbnail.getpixel((200, 40))[3] == 255  # type: ignore[index]


@pytest.mark.parametrize("depth", ["L", "RGB"])
def test_a_colour_key_in_a_png_is_honoured(depth: str) -> None:
    key: object = 0 if depth == "L" else (255, 0, 0)
    image = hostile.scene(300, 300, depth)
    if depth == "L":
        image.paste(0, (0, 0, 150, 150))
    thumbnail = opened(developed(hostile.a_png(image, transparency=key)).thumbnail)
    assert thumbnail.convert("RGBA").getpixel((40, 40))[3] == 0  # type: ignore[index]


def test_an_alpha_that_hides_nothing_costs_no_png() -> None:
    data = hostile.a_png(odd_pictures.grainy_scene(mode="RGB").convert("RGBA"))
    assert developed(data).thumb_extension == ".jpg"


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF"])
def test_an_animation_stays_one_and_its_thumbnail_is_the_first_frame(kind: str) -> None:
    made = developed(hostile.an_animation(kind))
    assert getattr(opened(made.original), "n_frames", 1) == 3
    assert is_near(corner(opened(made.thumbnail), 0), RED)
    assert getattr(opened(made.thumbnail), "n_frames", 1) == 1


def test_thumbnails_mean_the_colours_that_the_profile_means() -> None:
    """A profile that swaps red and blue: the thumbnail, which carries none, shows them swapped."""
    profile = bytearray(hostile.icc_profile())
    tags = {bytes(profile[at : at + 4]): at for at in range(132, 132 + 12 * profile[131], 12)}
    red, blue = tags[b"rXYZ"], tags[b"bXYZ"]
    profile[red + 4 : red + 12], profile[blue + 4 : blue + 12] = (
        profile[blue + 4 : blue + 12],
        profile[red + 4 : red + 12],
    )
    ImageCms.ImageCmsProfile(io.BytesIO(bytes(profile)))
    made = developed(hostile.a_png(hostile.scene(300, 300), icc_profile=bytes(profile)))
    thumbnail = opened(made.thumbnail)
    assert is_near(corner(thumbnail, 0), BLUE)
    assert "icc_profile" not in thumbnail.info


@pytest.mark.parametrize("profile", [b"nonsense", hostile.icc_profile()[:300]])
def test_a_damaged_profile_costs_nobody_the_picture(profile: bytes) -> None:
    made = developed(hostile.a_png(hostile.scene(300, 300), icc_profile=profile))
    assert is_near(corner(opened(made.thumbnail), 0), RED)


@pytest.mark.slow
@for_each("kind", list(hostile.GOOD))
def test_the_same_bytes_give_the_same_bytes(kind: str) -> None:
    data = hostile.GOOD[kind](hostile.scene(300, 200))
    assert developed(data) == developed(data)


def test_a_thumbnail_carries_nothing_of_the_upload() -> None:
    data = hostile.a_jpeg(exif=hostile.exif(), comment=hostile.GPS_MARK, dpi=(300, 300))
    thumbnail = developed(data).thumbnail
    assert hostile.GPS_MARK not in thumbnail
    assert not opened(thumbnail).getexif()


def test_pixels_that_are_not_all_there_are_refused() -> None:
    """A PNG with every checksum right and half of its rows missing."""
    data = hostile.png_bomb(9_000, 4_000)
    whole = len(containers.read(data, MediaLimits(), BY_NAME).clean_bytes())
    assert whole == len(data)
    short = hostile.png_chunk(b"IDAT", zlib.compress(bytes(1000)))
    half = data[:33] + short + hostile.png_chunk(b"IEND", b"")
    with pytest.raises(FileRefused, match="damaged"):
        developed(half)


# --- thumbnails as files ---


def checker(colours: list[tuple[int, int, int]], width: int = 32, square: int = 1) -> Image.Image:
    """Squares of these colours in turn: nothing is like its neighbour."""
    squares = (
        colours[(x // square + y // square) % len(colours)]
        for y in range(width)
        for x in range(width)
    )
    return Image.frombytes("RGB", (width, width), b"".join(map(bytes, squares)))


def noise(mode: str, size: tuple[int, int] = (120, 90)) -> Image.Image:
    bands = len(Image.new(mode, (1, 1)).getbands())
    return Image.frombytes(mode, size, Random(3).randbytes(size[0] * size[1] * bands))


SHARP = {
    "checker": hostile.a_png(checker([RED, BLUE])),
    "four colours": hostile.a_gif(checker([RED, LIME, BLUE, (255, 255, 0)], width=2)),
    "lines of a pixel": hostile.a_webp(checker([RED, (255, 255, 255), BLUE]), lossless=True),
    "heavy pixel art": hostile.a_png(checker([RED, BLUE], 255), compress_level=0),
    "an AVIF": hostile.an_avif(checker([RED, BLUE], square=8), subsampling="4:4:4", quality=100),
    "an animation": hostile.encoded(
        checker([RED, BLUE]), "GIF", save_all=True, append_images=[checker([BLUE, LIME])]
    ),
    "noise": hostile.a_png(noise("RGB")),
    "noise that shows through": hostile.a_png(noise("RGBA")),
    "noise in 16 bits": odd_pictures.png(noise("RGB"), depth=16),
    "a JPEG": hostile.a_jpeg(checker([RED, BLUE], 200), subsampling="4:4:4", quality=95),
    "on its side": hostile.a_png(checker([RED, LIME, BLUE]), exif=hostile.exif(6)),
}


@for_each("what", list(SHARP))
def test_a_small_picture_stays_sharp(what: str) -> None:
    """No pixel's colour is off by more than 24 of 255, and no thumbnail is heavier."""
    made = developed(SHARP[what])
    original = opened(made.original).convert("RGBA")
    thumbnail = opened(made.thumbnail).convert("RGBA")
    assert thumbnail.size == original.size
    off = ImageChops.difference(original, thumbnail)
    assert max(int(band.getextrema()[1]) for band in off.split()) <= 24  # type: ignore[arg-type]
    assert len(made.thumbnail) <= len(made.original)


@pytest.mark.slow
@for_each("size", [(40, 30), (255, 255), (256, 256), (2_000, 1_500)])
@for_each("kind", list(hostile.GOOD))
def test_no_thumbnail_is_heavier_than_its_picture(kind: str, size: tuple[int, int]) -> None:
    for image in (Image.new("RGB", size, "teal"), hostile.scene(*size)):
        made = developed(hostile.GOOD[kind](image))
        assert len(made.thumbnail) <= len(made.original)


def shadow(size: tuple[int, int]) -> Image.Image:
    image = Image.new("RGBA", size, (20, 30, 60, 255))
    image.putalpha(Image.radial_gradient("L").resize(size).point([255 - n for n in range(256)]))
    return image


@pytest.mark.slow
@pytest.mark.parametrize(
    "image",
    [
        shadow((600, 400)),
        shadow((1_000, 900)),
        odd_pictures.grainy_scene(600, 400, "RGBA"),
        odd_pictures.grainy_scene(800, 200, "LA"),
    ],
    ids=["shadow", "large shadow", "colours", "greys"],
)
def test_soft_transparency_has_no_steps(image: Image.Image) -> None:
    """Off by less than 2 of 255 on average, in each channel."""
    made = developed(hostile.a_png(image))
    size = made.thumb_width, made.thumb_height
    shrunk = image.convert("RGBA").resize(size, Image.Resampling.BICUBIC)
    thumbnail = opened(made.thumbnail).convert("RGBA")
    assert (
        ImageStat.Stat(
            ImageChops.difference(shrunk.getchannel("A"), thumbnail.getchannel("A"))
        ).mean[0]
        < 2
    )
    for page in ("white", "black"):
        seen = [
            Image.alpha_composite(Image.new("RGBA", size, page), one) for one in (shrunk, thumbnail)
        ]
        assert max(ImageStat.Stat(ImageChops.difference(*seen)).mean) < 2


# --- turned files ---


def chunks_of(png: bytes) -> dict[bytes, bytes]:
    return {chunk.kind: chunk.payload for chunk in png_chunks.chunks_of(png)}


@pytest.mark.parametrize("orientation", [2, 3, 6])
def test_a_turned_png_keeps_what_says_how_its_colours_are_meant(orientation: int) -> None:
    said = {
        b"cICP": bytes((12, 13, 0, 1)),
        b"gAMA": (100_000).to_bytes(4),
        b"cHRM": odd_pictures.SWAPPED[8:-4],
        b"sBIT": bytes((5, 6, 5)),
        b"iCCP": b"-\0\0" + zlib.compress(icc.cleaned(odd_pictures.icc(b"RGB "))),
        b"bKGD": bytes(6),
    }
    density = hostile.png_chunk(b"pHYs", (100).to_bytes(4) + (200).to_bytes(4) + b"\1")
    chunks = [hostile.png_chunk(kind, payload) for kind, payload in said.items()]
    turn = odd_pictures.orientation(orientation)
    kept = chunks_of(developed(odd_pictures.png(noise("RGB"), *chunks, density, turn)).original)
    assert said.items() <= kept.items()
    across, down = (200, 100) if orientation > 4 else (100, 200)
    assert kept[b"pHYs"] == across.to_bytes(4) + down.to_bytes(4) + b"\1"
    assert b"eXIf" not in kept


@pytest.mark.slow
@for_each("orientation", range(2, 9))
@for_each("mode", ["L", "LA", "RGB", "RGBA"])
def test_a_turned_png_of_16_bits_keeps_every_bit(mode: str, orientation: int) -> None:
    """Turned and turned back, its samples are the same."""
    back = {6: 8, 8: 6}.get(orientation, orientation)
    data = odd_pictures.png(noise(mode), odd_pictures.orientation(orientation), depth=16)
    turned = developed(data).original
    assert turned[24:26] == data[24:26]
    again = turned[:33] + odd_pictures.orientation(back) + turned[33:]
    assert samples(developed(again).original) == samples(data)


def samples(png: bytes) -> list[bytes]:
    return [half.tobytes() for half in png_samples.high_and_low(png)]


@for_each("kind", ["PNG", "WEBP"])
@for_each("orientation", [2, 6, 8])
def test_an_animation_keeps_its_frames_and_its_orientation(kind: str, orientation: int) -> None:
    made = developed(hostile.an_animation(kind, exif=hostile.exif(orientation)))
    original = opened(made.original)
    assert getattr(original, "n_frames", 1) == 3
    assert original.getexif().get(0x0112) == orientation
    assert hostile.GPS_MARK not in made.original
    again = containers.read(made.original, MediaLimits(), BY_NAME)
    assert (again.orientation, again.frames) == (orientation, 3)


def test_a_board_may_want_thumbnails_in_webp_which_are_lighter_and_show_the_same() -> None:
    photo = photograph(800, 600, roughness=5)
    container = containers.read(hostile.a_jpeg(photo), MediaLimits(), BY_NAME)
    usual, webp = (picture.develop(container, 255, in_webp=in_webp) for in_webp in (False, True))
    assert (usual.thumb_extension, webp.thumb_extension) == (".jpg", ".webp")
    assert usual.thumbnail is not None
    assert webp.thumbnail is not None
    assert len(webp.thumbnail) < len(usual.thumbnail)
    shown = [
        Image.open(io.BytesIO(body)).convert("RGB") for body in (usual.thumbnail, webp.thumbnail)
    ]
    assert max(ImageStat.Stat(ImageChops.difference(*shown)).mean) < 3
