"""A thumbnail shows what the browser shows: a moderator sees no other picture than readers."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from collections.abc import Iterator
from itertools import product
from random import Random
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageChops, ImageStat

from imageboard.media import MediaLimits
from imageboard.media_kinds import BY_NAME
from tests.browser.visits import painted
from tests.tables import for_each
from tests.writer.media import hostile
from tests.writer.media import odd_pictures as odd
from tests.writer.media.hostile import png_chunk
from writer.media import containers, picture

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

#: Of 255, for each channel.
DIFFERENCE_MAX = 8.0
SIZE = (320, 240)
TYPES = {".jpg": "jpeg", ".png": "png", ".gif": "gif", ".webp": "webp", ".avif": "avif"}


#: One file as a page shows it: its bytes, its type, and the colour behind it.
Seen = tuple[bytes, str, str]


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page(viewport={"width": 700, "height": 1100})
    page.set_content('<body style="margin:0">')
    yield page
    page.close()


#: Pictures of one size below each other, each on a colour of its own. The colour is not the
#: picture's background: where one says that nothing shows through it, Chromium paints none.
SHOW = """async ([sources, shown, width, height]) => {
    document.body.replaceChildren(...shown.map(([number, colour]) => {
        const behind = document.createElement("div");
        const image = new Image(width, height);
        behind.style.background = colour;
        image.style.display = "block";
        image.src = sources[number];
        behind.append(image);
        return behind;
    }));
    await Promise.all([...document.images].map((image) => image.decode()));
}"""


def shown(page: Page, size: tuple[int, int], *files: Seen) -> list[Image.Image]:
    """What is painted where a page shows each of the files in this size.

    PERF: all are on one page, sent once and painted once: half of the CPU of a page for each.
    """
    width, height = size
    sources = [
        f"data:image/{kind};base64,{base64.b64encode(body).decode()}" for body, kind, _ in files
    ]
    each_once = list(dict.fromkeys(sources))
    places = [
        (each_once.index(source), colour)
        for source, (_, _, colour) in zip(sources, files, strict=True)
    ]
    page.evaluate(SHOW, [each_once, places, width, height])
    all_height = height * len(files)
    seen = painted(page, {"x": 0, "y": 0, "width": width, "height": all_height})
    tops = range(0, all_height, height)
    return [seen.crop((0, top, width, top + height)) for top in tops]


def developed(body: bytes) -> tuple[str, picture.Print]:
    container = containers.read(body, MediaLimits(), BY_NAME)
    return container.kind, picture.develop(container, 255)


def difference(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


def assert_alike(page: Page, body: bytes) -> None:
    kind, made = developed(body)
    size = made.thumb_width, made.thumb_height
    thumbnail_kind = TYPES[made.thumb_extension]
    colours = ("white", "black")
    originals = [(made.original, kind, colour) for colour in colours]
    thumbnails = [(made.thumbnail, thumbnail_kind, colour) for colour in colours]
    seen = shown(page, size, *originals, *thumbnails)
    for colour, original, thumbnail in zip(colours, seen[:2], seen[2:], strict=True):
        assert difference(original, thumbnail) < DIFFERENCE_MAX, colour
    assert len(made.thumbnail) <= len(made.original)


def trick(meaning: bytes) -> bytes:
    """One pixel of four is seen through a gamma of 0.023; all others look like another picture."""
    size = width, height = 640, 480
    lured = odd.grainy_scene(*size).convert("L").point([n // 2 for n in range(256)])
    hidden = lured.transpose(Image.Transpose.ROTATE_180).point([n // 6 + 235 for n in range(256)])
    two_rows = b"\xff\0" * (width // 2) + bytes(width)
    dots = Image.frombytes("L", size, two_rows * (height // 2))
    return odd.png(Image.composite(hidden, lured, dots).convert("RGB"), meaning)


GREY, COLOUR, INK = odd.icc(b"GRAY"), odd.icc(b"RGB "), odd.icc(b"CMYK")
SWAPPING = odd.icc(b"RGB ", swaps_red_and_blue=True)

MEANINGS = {
    "gamma 1": odd.gamma(100_000),
    "gamma 1/1.8": odd.gamma(55_556),
    "gamma 0.3": odd.gamma(30_000),
    "gamma 5": odd.gamma(500_000),
    "gamma 0": odd.gamma(0),
    "gamma, twice": odd.gamma(100_000) + odd.gamma(2_300),
    "gamma and primaries": odd.gamma(100_000) + odd.SWAPPED,
    "gamma and no primaries": odd.gamma(100_000) + odd.primaries(*[0.0] * 8),
    "primaries alone": odd.SWAPPED,
    "sRGB before gamma": odd.SRGB + odd.gamma(100_000),
    "profile before sRGB": odd.SRGB + odd.profile_chunk(SWAPPING),
    "profile, twice": odd.profile_chunk(SWAPPING) + odd.profile_chunk(COLOUR),
    "damaged profile, then gamma": odd.profile_chunk(b"no profile") + odd.gamma(100_000),
    "profile for greys": odd.profile_chunk(GREY) + odd.gamma(100_000),
    "code before profile": odd.profile_chunk(SWAPPING) + odd.code(12, 13),
    "unknown code, then gamma": odd.code(2, 2) + odd.gamma(100_000),
    "P3": odd.code(12, 13),
    "BT.709": odd.code(1, 1),
    "BT.470 M": odd.code(4, 4),
    "BT.470 BG": odd.code(5, 5),
    "SMPTE 240": odd.code(7, 7),
    "linear BT.2020": odd.code(9, 8),
    "XYZ, DCI": odd.code(10, 17),
    "DCI P3": odd.code(11, 17),
    "EBU": odd.code(22, 14),
    "PQ": odd.code(9, 16),
    "PQ in P3": odd.code(12, 16),
    "HLG": odd.code(9, 18),
    "PQ of 400 nits": odd.code(9, 16) + png_chunk(b"cLLI", struct.pack(">LL", 4_000_000, 1)),
    "PQ of 100 nits": odd.code(9, 16) + png_chunk(b"cLLI", struct.pack(">LL", 1_000_000, 1)),
    "PQ on 4000 nits": odd.code(9, 16)
    + png_chunk(b"mDCV", bytes(16) + struct.pack(">LL", 40_000_000, 50)),
}  # fmt: skip


@for_each("meaning", list(MEANINGS))
def test_a_png_means_its_colours_as_a_browser_reads_them(page: Page, meaning: str) -> None:
    assert_alike(page, odd.png(odd.grainy_scene(), MEANINGS[meaning]))


@for_each("mode", ["L", "LA", "P", "RGBA"])
@for_each("meaning", ["gamma 1", "gamma 0.3", "P3", "HLG"])
def test_so_it_does_in_every_mode(page: Page, meaning: str, mode: str) -> None:
    assert_alike(page, odd.png(odd.grainy_scene(mode=mode), MEANINGS[meaning]))


@pytest.mark.parametrize(
    "meaning",
    [odd.gamma(2_300), odd.gamma(4_000), odd.profile_chunk(odd.icc(b"RGB ", 19.7))],
    ids=["gamma 0.023", "gamma 0.04", "profile"],
)
def test_no_picture_hides_behind_another(page: Page, meaning: bytes) -> None:
    body = trick(meaning)
    assert_alike(page, body)
    _, made = developed(body)
    bare = Image.open(io.BytesIO(body)).convert("RGB").resize((255, 192))
    (seen,) = shown(page, (255, 192), (made.original, "png", "white"))
    assert difference(bare, seen) > 3 * DIFFERENCE_MAX


@for_each("mode", ["L", "LA", "RGB", "RGBA"])
@for_each(
    ("profile", "depths"),
    [(GREY, (8, 16)), (COLOUR, (16, 8)), (SWAPPING, (8, 16))],
    ids=["grey", "linear", "swapped"],
)
def test_a_profile_counts_for_the_pictures_it_is_for(
    page: Page, profile: bytes, depths: tuple[int, int], mode: str
) -> None:
    """Each profile in each mode, and each of both with 8 bits and with 16."""
    depth = depths[mode in ("LA", "RGBA")]
    scene = odd.grainy_scene(mode=mode)
    assert_alike(page, odd.png(scene, odd.profile_chunk(profile), depth=depth))


@for_each("mode", ["L", "RGB", "CMYK"])
@for_each("profile", [GREY, COLOUR, INK, b""], ids=["grey", "linear", "ink", "none"])
def test_so_it_does_in_a_jpeg(page: Page, profile: bytes, mode: str) -> None:
    scene = odd.grainy_scene(mode=mode)
    assert_alike(page, hostile.a_jpeg(scene, icc_profile=profile or None))


#: With each gamut, the curves that go beyond white; of the others, some with sRGB's and some not.
@for_each(
    ("gamut", "curve"),
    [(1, 1), (1, 4), (9, 8), (12, 13), *product((1, 9, 12), (16, 18))],
)
def test_an_avif_means_its_colours_as_its_code_says(page: Page, gamut: int, curve: int) -> None:
    assert_alike(page, odd.avif_with_code(odd.grainy_scene(), gamut, curve))


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("kind", ["webp", "avif"])
def test_so_it_does_by_its_profile(page: Page, kind: str, mode: str) -> None:
    scene = odd.grainy_scene(mode=mode)
    assert_alike(page, hostile.GOOD[kind](scene, icc_profile=SWAPPING, quality=90))


W, H = SIZE
PALETTE = png_chunk(b"PLTE", bytes((255, 0, 0, 0, 255, 0)))


def rows(left: bytes, right: bytes) -> bytes:
    """A quarter of each row is one pixel again and again, the rest another."""
    return (left * (W // 4) + right * (W - W // 4)) * H


def clear(*samples: int) -> bytes:
    return png_chunk(b"tRNS", struct.pack(f">{len(samples)}H", *samples))


TRANSPARENT = {
    "one clear colour": odd.png_of_rows(
        SIZE, 8, 2, rows(b"\xff\0\0", b"\0\xff\0"), clear(255, 0, 0)
    ),
    "with bits too many": odd.png_of_rows(
        SIZE, 8, 2, rows(b"\xff\0\0", b"\0\xff\0"), clear(0x1FF, 0, 0)
    ),
    "of 16 bits": odd.png_of_rows(
        SIZE, 16, 2, rows(b"\xff\1\0\0\0\0", b"\xff\2\0\0\0\0"), clear(0xFF01, 0, 0)
    ),
    "one clear grey": odd.png_of_rows(SIZE, 8, 0, rows(b"\0", b"\x80"), clear(0)),
    "grey of 16 bits": odd.png_of_rows(SIZE, 16, 0, rows(b"\x12\x34", b"\x12\x35"), clear(0x1234)),
    "grey of 4 bits": odd.png_of_rows((2 * W, H), 4, 0, rows(b"\x33", b"\x77"), clear(3)),
    "grey of 2 bits": odd.png_of_rows((4 * W, H), 2, 0, rows(b"\x55", b"\xff"), clear(1)),
    "black of 1 bit": odd.png_of_rows((8 * W, H), 1, 0, rows(b"\0", b"\xff"), clear(0)),
    "white of 1 bit": odd.png_of_rows((8 * W, H), 1, 0, rows(b"\0", b"\xff"), clear(1)),
    "first of two": odd.png_of_rows(SIZE, 8, 0, rows(b"\0", b"\x80"), clear(0), clear(128)),
    "a soft palette": odd.png_of_rows(
        SIZE, 8, 3, bytes(x * 255 // W for x in range(W)) * H,
        png_chunk(b"PLTE", bytes(v for n in range(256) for v in (n, 255 - n, 9))),
        png_chunk(b"tRNS", bytes(range(256))),
    ),
    "a palette's first colour": odd.png_of_rows(
        SIZE, 8, 3, rows(b"\0", b"\1"), PALETTE, png_chunk(b"tRNS", b"\x40")
    ),
    "before its palette": odd.png_of_rows(
        SIZE, 8, 3, rows(b"\0", b"\1"), png_chunk(b"tRNS", b"\x40"), PALETTE
    ),
    "a palette that is too short": odd.png_of_rows(
        SIZE, 8, 3, rows(b"\0", b"\7"), PALETTE, png_chunk(b"tRNS", b"\x40\x60")
    ),
    "16 bits": odd.png(odd.grainy_scene(mode="RGBA"), depth=16),
    "grey and 16 bits": odd.png(odd.grainy_scene(mode="LA"), depth=16),
    "WebP": hostile.a_webp(odd.grainy_scene(mode="RGBA"), quality=90),
    "AVIF": hostile.an_avif(odd.grainy_scene(mode="RGBA"), quality=90),
    "lossless WebP": hostile.a_webp(odd.grainy_scene(mode="RGBA"), lossless=True),
}  # fmt: skip


@for_each("how", list(TRANSPARENT))
def test_what_shows_through_is_what_a_browser_lets_through(page: Page, how: str) -> None:
    assert_alike(page, TRANSPARENT[how])


GREEN, BLUE, RED = b"\0\xff\0", b"\0\0\xff", b"\xff\0\0"
SMALL, WHOLE = (W // 4, H // 4, W // 2, H // 2), (W, H, 0, 0)
FRAMES = {
    "PNG, its still is a frame": odd.animated_png(SIZE, [(*WHOLE, GREEN), (*SMALL, BLUE)]),
    "PNG, its still is none": odd.animated_png(
        SIZE, [(*WHOLE, GREEN), (*WHOLE, BLUE)], still=RED
    ),
    "PNG, small frame": odd.animated_png(SIZE, [(*SMALL, GREEN), (*WHOLE, BLUE)], still=RED),
    "PNG, one small frame": odd.animated_png(SIZE, [(*SMALL, GREEN)], still=RED),
    "PNG, one frame, not shrunk": odd.animated_png((40, 30), [(20, 10, 5, 5, GREEN)], still=RED),
    "PNG, small frame with gamma": odd.animated_png(
        SIZE, [(*SMALL, b"\x30\x60\x90")] * 2, odd.gamma(100_000), still=RED
    ),
    "PNG, small frame of a palette": odd.animated_png(
        SIZE, [(*SMALL, b"\1")] * 2, PALETTE, png_chunk(b"tRNS", b"\xff\x80"), colour=3, still=b"\0"
    ),
    "GIF": odd.gif_with_small_frame(SIZE, (80, 60, 160, 120)),
    "GIF with a background": odd.gif_with_small_frame(SIZE, (80, 60, 160, 120), background=2),
    "GIF, another colour clear": odd.gif_with_small_frame(SIZE, (0, 60, 160, 120), clear=2),
    "GIF, all clear": odd.gif_with_small_frame(SIZE, (80, 60, 160, 120), clear=1),
    "GIF, frame beyond its screen": odd.gif_with_small_frame((99, 99), (80, 60, 240, 180)),
    "WebP": odd.webp_with_small_frame(SIZE, has_alpha=True),
    "WebP that claims to be opaque": odd.webp_with_small_frame(SIZE, has_alpha=False),
    "WebP of one frame": odd.webp_with_small_frame(SIZE, has_alpha=False, frames=1),
}  # fmt: skip


@for_each("how", list(FRAMES))
def test_a_thumbnail_is_the_first_frame_in_its_place(page: Page, how: str) -> None:
    assert_alike(page, FRAMES[how])


#: Each two of mode, depth and orientation meet once; a palette has no 16 bits.
@for_each(
    ("mode", "depth", "orientation"),
    [
        *(("L", 8, 5), ("L", 16, 6), ("LA", 8, 6), ("LA", 16, 5), ("RGB", 8, 5), ("RGB", 16, 6)),
        *(("RGBA", 8, 6), ("RGBA", 16, 5), ("P", 8, 5), ("P", 8, 6)),
    ],
)
def test_a_turned_png_looks_as_it_did(page: Page, mode: str, depth: int, orientation: int) -> None:
    scene = odd.grainy_scene(300, 200, mode)
    meaning = odd.gamma(100_000), odd.SWAPPED
    body = odd.png(scene, odd.orientation(orientation), *meaning, depth=depth)
    _, made = developed(body)
    size = made.width, made.height
    files = [(file, "png", "white") for file in (body, made.original)]
    before, after = shown(page, size, *files)
    assert difference(before, after) == 0
    assert_alike(page, body)


@for_each("colour", [0, 3])
@for_each("depth", [1, 2, 4])
def test_so_does_one_of_few_bits(page: Page, depth: int, colour: int) -> None:
    random = Random(depth)
    chunk = png_chunk(b"PLTE", random.randbytes(3 * 2**depth)) if colour == 3 else clear(1)
    noise = random.randbytes(120 * 80 * depth // 8)
    body = odd.png_of_rows((120, 80), depth, colour, noise, odd.orientation(6), chunk)
    _, made = developed(body)
    files = [(file, "png", "white") for file in (body, made.original)]
    before, after = shown(page, (80, 120), *files)
    assert difference(before, after) == 0


def exif_of(order: bytes, kind: int = 3, values: int = 1, orientation: int = 6) -> bytes:
    """A TIFF block that begins with `order`, with one entry."""
    way = "<" if order.startswith(b"II") else ">"
    entry = struct.pack(way + "HHLHH", 0x0112, kind, values, orientation, 0)
    return order + struct.pack(way + "LH", 8, 1) + entry + bytes(4)


def jpeg_saying(*segments: tuple[int, bytes], before: bytes = b"") -> bytes:
    """A JPEG with these segments behind its SOI, or before another marker."""
    body = hostile.a_jpeg(odd.grainy_scene(300, 200), quality=90)
    at = body.index(before) if before else 2
    return body[:at] + b"".join(hostile.jpeg_segment(*each) for each in segments) + body[at:]


def turned_by(*tiffs: bytes, before: bytes = b"") -> bytes:
    return jpeg_saying(*[(0xE1, b"Exif\0\0" + tiff) for tiff in tiffs], before=before)


def profiled(number: int, total: int, before: bytes = b"") -> bytes:
    piece = b"ICC_PROFILE\0" + bytes((number, total)) + SWAPPING
    return jpeg_saying((0xE2, piece), before=before)


def profile_called(head: bytes) -> bytes:
    return png_chunk(b"iCCP", head + zlib.compress(SWAPPING))


SOS, EOI = b"\xff\xda", b"\xff\xd9"
PNG = odd.png(odd.grainy_scene(300, 200))
GREY_PNG = odd.png(odd.grainy_scene(300, 200, "L"))
WEBP = hostile.a_webp(odd.grainy_scene(300, 200), quality=90)[12:]
TIFF = exif_of(b"MM\0*")
#: What stands in a file and counts for no browser, or for each.
PASSED_OVER = {
    "JPEG on its side": turned_by(TIFF),
    "JPEG on its side, as Intel writes": turned_by(exif_of(b"II*\0")),
    "JPEG, TIFF by another mark": turned_by(exif_of(b"IIR\0")),
    "JPEG, no orientation": turned_by(exif_of(b"II*\0", values=0)),
    "JPEG, two orientations": turned_by(exif_of(b"II*\0", values=2)),
    "JPEG, a long orientation": turned_by(exif_of(b"II*\0", kind=4)),
    "JPEG, upright, then on its side": turned_by(hostile.exif(1), TIFF),
    "JPEG, nothing, then on its side": turned_by(b"?", TIFF),
    "JPEG on its side behind the header": turned_by(TIFF, before=SOS),
    "JPEG on its side behind the pixels": turned_by(TIFF, before=EOI),
    "JPEG, profile behind the header": profiled(1, 1, SOS),
    "JPEG, profile behind the pixels": profiled(1, 1, EOI),
    "JPEG, first of three pieces of a profile": profiled(1, 3),
    "JPEG, a comment of length 0": jpeg_saying()[:2] + b"\xff\xfe\0\0" + jpeg_saying()[2:],
    "PNG on its side": hostile.png_with(png_chunk(b"eXIf", TIFF), png=PNG),
    "PNG on its side behind the pixels": PNG[:-12] + png_chunk(b"eXIf", TIFF) + PNG[-12:],
    "PNG, profile without a name": hostile.png_with(profile_called(b"\0\0"), png=PNG),
    "PNG, profile of a long name": hostile.png_with(profile_called(b"x" * 90 + b"\0\0"), png=PNG),
    "PNG, profile in another packing": hostile.png_with(profile_called(b"x\0\1"), png=PNG),
    "PNG, gamma of three bytes": hostile.png_with(png_chunk(b"gAMA", b"\0\0\1"), png=PNG),
    "PNG, clear colour of five bytes": hostile.png_with(png_chunk(b"tRNS", bytes(5)), png=PNG),
    "grey PNG, clear colour of one byte": hostile.png_with(
        png_chunk(b"tRNS", b"\0"), png=GREY_PNG
    ),
    "PNG, count of frames of seven bytes": hostile.png_with(png_chunk(b"acTL", bytes(7)), png=PNG),
    "PNG that stops behind its pixels": PNG[:-16],
    "PNG that stops in the checksum of its pixels": PNG[:-18],
    "GIF, then a frame of no size": hostile.a_gif()[:-1] + b"," + bytes(9) + b"\2\0;",
    "WebP, profile that is not told": hostile.riff(
        hostile.riff_chunk(b"VP8X", bytes(4) + b"\x2b\1\0" + b"\xc7\0\0"),
        hostile.riff_chunk(b"ICCP", SWAPPING),
        WEBP,
    ),
    "WebP that moves, with a profile": hostile.encoded(
        odd.grainy_scene(300, 200), "WEBP", save_all=True, duration=9000, icc_profile=SWAPPING,
        append_images=[odd.grainy_scene(300, 200).rotate(180)], quality=90,
    ),
    "AVIF, cut": odd.avif_cut(odd.grainy_scene(300, 200), 201, 133),
    "AVIF, cut to one pixel less": odd.avif_cut(odd.grainy_scene(300, 200), 299, 199),
}  # fmt: skip


@for_each("what", list(PASSED_OVER))
def test_what_is_served_looks_as_what_was_sent(page: Page, what: str) -> None:
    body = PASSED_OVER[what]
    kind, made = developed(body)
    size = made.width, made.height
    files = [(file, kind, "white") for file in (body, made.original)]
    before, after = shown(page, size, *files)
    assert natural_sizes(page) == [size, size]
    assert difference(before, after) < 2
    assert_alike(page, body)


def natural_sizes(page: Page) -> list[tuple[int, int]]:
    """Of the pictures that are shown."""
    sizes = page.evaluate(
        "() => [...document.images].map((image) => [image.naturalWidth, image.naturalHeight])"
    )
    return [(width, height) for width, height in sizes]


def test_what_shows_through_a_webp_is_told_to_browsers(page: Page) -> None:
    """One that does not say so is mixed with the page's colour, in Chromium."""
    told = hostile.a_webp(odd.grainy_scene(mode="RGBA"), lossless=True)
    pixels = told[told.index(b"VP8L") :]
    canvas = bytes(4) + b"\x8f\1\0" + b"\x2b\1\0"
    assert_alike(page, hostile.riff(hostile.riff_chunk(b"VP8X", canvas), pixels))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animation_on_its_side_is_shown_as_it_was_sent(page: Page, kind: str) -> None:
    frames = [odd.grainy_scene(300, 200).rotate(90 * n) for n in range(3)]
    body = hostile.encoded(
        frames[0], kind, save_all=True, append_images=frames[1:], duration=9000,
        exif=hostile.exif(6),
    )  # fmt: skip
    _, made = developed(body)
    size = made.width, made.height
    files = [(file, kind.lower(), "white") for file in (body, made.original)]
    before, after = shown(page, size, *files)
    assert difference(before, after) == 0
    assert_alike(page, body)
