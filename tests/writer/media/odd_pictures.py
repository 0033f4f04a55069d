"""Pictures of which browsers show something else than the bare numbers of their pixels.

Colours that are meant otherwise, transparency that is written down oddly, frames smaller than
their canvas. Pillow writes few of them, so PNGs are put together from rows here.
"""

from __future__ import annotations

import struct
import zlib
from functools import cache
from random import Random

from PIL import Image

from tests.writer.media import heics, hostile
from tests.writer.media.hostile import png_chunk

_COLOURS = {"1": 0, "L": 0, "RGB": 2, "P": 3, "LA": 4, "RGBA": 6}
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


@cache
def grainy_scene(width: int = 400, height: int = 300, mode: str = "RGB") -> Image.Image:
    """All colours, coarse grain over four plain corners; transparency that grows to the middle.

    One for all who ask for the same: nobody draws on it.
    """
    noise = Image.frombytes("RGB", (20, 15), Random(5).randbytes(900))
    scene = Image.blend(
        hostile.scene(width, height),
        noise.resize((width, height), Image.Resampling.BICUBIC),
        0.5,
    )
    if mode == "P":
        return scene.quantize(256)
    if mode in ("RGBA", "LA"):
        scene = scene.convert("RGBA")
        scene.putalpha(Image.radial_gradient("L").resize((width, height)))
    return scene.convert(mode)


# --- PNG ---


def png_of_rows(
    size: tuple[int, int], depth: int, colour: int, rows: bytes, *chunks: bytes
) -> bytes:
    """`rows` are not filtered; `chunks` come before them."""
    width, height = size
    row_bytes = (width * depth * _SAMPLES[colour] + 7) // 8
    lines = b"".join(
        b"\0" + rows[at : at + row_bytes] for at in range(0, row_bytes * height, row_bytes)
    )
    header = struct.pack(">LLBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + b"".join(chunks)
        + png_chunk(b"IDAT", zlib.compress(lines))
        + png_chunk(b"IEND", b"")
    )


def png(image: Image.Image, *chunks: bytes, depth: int = 8) -> bytes:
    """With 16 bits the lower byte of each sample is another than the upper."""
    rows = image.tobytes()
    if depth == 16:
        both = bytearray(2 * len(rows))
        both[0::2] = rows
        both[1::2] = rows.translate(bytes(high * 7 & 255 for high in range(256)))
        rows = bytes(both)
    if image.mode == "P":
        chunks = (*chunks, png_chunk(b"PLTE", bytes(image.getpalette() or ())))
    return png_of_rows(image.size, depth, _COLOURS[image.mode], rows, *chunks)


def gamma(hundred_thousandths: int) -> bytes:
    return png_chunk(b"gAMA", struct.pack(">L", hundred_thousandths))


def primaries(*x_and_y: float) -> bytes:
    return png_chunk(b"cHRM", struct.pack(">8L", *(round(n * 100_000) for n in x_and_y)))


#: sRGB's, red and blue swapped.
SWAPPED = primaries(0.3127, 0.329, 0.15, 0.06, 0.3, 0.6, 0.64, 0.33)
SRGB = png_chunk(b"sRGB", b"\0")


def code(gamut: int, curve: int) -> bytes:
    return png_chunk(b"cICP", bytes((gamut, curve, 0, 1)))


def profile_chunk(profile: bytes) -> bytes:
    return png_chunk(b"iCCP", b"x\0\0" + zlib.compress(profile))


def orientation(number: int) -> bytes:
    return png_chunk(b"eXIf", hostile.exif(number))


def animated_png(
    size: tuple[int, int],
    frames: list[tuple[int, int, int, int, bytes]],
    *chunks: bytes,
    colour: int = 2,
    still: bytes = b"",
) -> bytes:
    """Frames are width, height, left, top and one pixel for all of it.

    With `still`, a pixel too, the ordinary picture is none of the frames.
    """

    def pixels(width: int, height: int, pixel: bytes) -> bytes:
        return zlib.compress((b"\0" + pixel * width) * height)

    header = struct.pack(">LLBBBBB", *size, 8, colour, 0, 0, 0)
    parts = [png_chunk(b"IHDR", header), *chunks]
    parts.append(png_chunk(b"acTL", struct.pack(">LL", len(frames), 0)))
    if still:
        parts.append(png_chunk(b"IDAT", pixels(*size, still)))
    number = 0
    for width, height, left, top, pixel in frames:
        control = struct.pack(">5LHHBB", number, width, height, left, top, 9, 1, 0, 0)
        parts.append(png_chunk(b"fcTL", control))
        body = pixels(width, height, pixel)
        if number or still:
            parts.append(png_chunk(b"fdAT", struct.pack(">L", number + 1) + body))
            number += 2
        else:
            parts.append(png_chunk(b"IDAT", body))
            number += 1
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + png_chunk(b"IEND", b"")


# --- GIF, WebP, AVIF ---


def gif_with_small_frame(
    size: tuple[int, int], frame: tuple[int, int, int, int], *, background: int = 0, clear: int = -1
) -> bytes:
    """A frame of one colour (number 1) at left, top, with width and height, twice."""
    left, top, width, height = frame
    plain = Image.new("P", (width, height), 1)
    plain.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255])
    encoded = hostile.encoded(plain, "GIF")
    pixels = encoded[encoded.index(b",", 13 + 3 * 2 ** ((encoded[10] & 7) + 1)) + 10 : -1]
    palette = bytes((0, 128, 0, 200, 0, 90, 0, 255, 0, 0, 0, 255))
    control = b"\x21\xf9\x04" + bytes((clear >= 0, 255, 0, max(clear, 0), 0))
    image = control + b"," + struct.pack("<4HB", left, top, width, height, 0) + pixels
    screen = struct.pack("<HHBBB", *size, 0x81, background, 0)
    return b"GIF89a" + screen + palette + image * 2 + b";"


def webp_with_small_frame(size: tuple[int, int], *, has_alpha: bool, frames: int = 2) -> bytes:
    """A lime frame of half its canvas' width and height, in the middle; a white background."""
    width, height = size[0] // 4 * 2, size[1] // 4 * 2
    picture = hostile.a_webp(Image.new("RGB", (width, height), "lime"), lossless=True)[12:]
    places = (size[0] // 8, size[1] // 8, width - 1, height - 1, 9000)  # the corner's are halved
    frame = b"".join(n.to_bytes(3, "little") for n in places) + b"\0" + picture
    canvas = b"".join((n - 1).to_bytes(3, "little") for n in size)
    flags = 0x02 | (0x10 if has_alpha else 0)
    return hostile.riff(
        hostile.riff_chunk(b"VP8X", bytes((flags, 0, 0, 0)) + canvas),
        hostile.riff_chunk(b"ANIM", b"\xff\xff\xff\xff\0\0"),
        *[hostile.riff_chunk(b"ANMF", frame)] * frames,
    )


def avif_with_code(image: Image.Image, gamut: int, curve: int) -> bytes:
    avif = hostile.an_avif(image, subsampling="4:4:4", quality=90)
    at = avif.index(b"colrnclx") + 8
    return avif[:at] + struct.pack(">HH", gamut, curve) + avif[at + 4 :]


def avif_cut(image: Image.Image, width: int, height: int) -> bytes:
    """Cut to `width` and `height` on its right and below, as encoders of even sizes do."""
    avif = bytearray(hostile.an_avif(image, subsampling="4:4:4", quality=90))
    at = {kind: avif.index(kind) - 4 for kind in (b"meta", b"iprp", b"ipco", b"ipma", b"iloc")}
    clap = heics.cut(width, height, width - image.width, height - image.height)
    number, start = 1, at[b"ipco"] + 8
    while start < at[b"ipma"]:
        start += int.from_bytes(avif[start : start + 4])
        number += 1

    def grow(place: int, by: int) -> None:
        avif[place : place + 4] = (int.from_bytes(avif[place : place + 4]) + by).to_bytes(4)

    grow(at[b"iloc"] + 22, len(clap) + 1)  # where the only item's only piece is
    grow(at[b"meta"], len(clap) + 1)
    grow(at[b"iprp"], len(clap) + 1)
    grow(at[b"ipco"], len(clap))
    grow(at[b"ipma"], 1)
    links = at[b"ipma"] + 18  # of the first item: how many, and then their numbers
    avif[links] += 1
    avif.insert(links + avif[links], 0x80 | number)
    avif[at[b"ipma"] : at[b"ipma"]] = clap
    return bytes(avif)


# --- profiles ---


def icc(space: bytes, exponent: float = 1.0, *, swaps_red_and_blue: bool = False) -> bytes:
    """For b'RGB ' or b'GRAY', with a power as its curve; b'CMYK' has a table, red for no ink."""
    tags = {b"wtpt": _xyz(0.9642, 1.0, 0.8249)}
    curve = b"curv" + struct.pack(">4xLH2x", 1, round(exponent * 256))
    if space == b"GRAY":
        tags[b"kTRC"] = curve
    elif space == b"RGB ":
        red, blue = (0.436, 0.2225, 0.0139), (0.1431, 0.0606, 0.7141)
        if swaps_red_and_blue:
            red, blue = blue, red
        tags |= {b"rXYZ": _xyz(*red), b"gXYZ": _xyz(0.3851, 0.7169, 0.0971), b"bXYZ": _xyz(*blue)}
        tags |= {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    else:
        tags[b"A2B0"] = _ink_table()
    at = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">L", len(tags)), b""
    for name, tag in tags.items():
        table += name + struct.pack(">LL", at + len(body), len(tag))
        body += tag + bytes(-len(tag) % 4)
    kind, pcs = (b"prtr", b"Lab ") if space == b"CMYK" else (b"mntr", b"XYZ ")
    head = struct.pack(">L4xL", at + len(body), 0x02400000) + kind + space + pcs
    head += bytes(12) + b"acsp" + bytes(28) + _xyz(0.9642, 1.0, 0.8249)[8:]
    return head.ljust(128, b"\0") + table + body


def _xyz(*vector: float) -> bytes:
    return b"XYZ " + struct.pack(">4x3l", *(round(n * 65536) for n in vector))


def _ink_table() -> bytes:
    """An lut8 of two points a side: lightness and redness fall with each ink."""
    steps = bytes(range(256))
    points = bytearray()
    for corner in range(16):
        inks = corner.bit_count() / 4
        points += bytes((round(255 * (1 - inks)), round(128 + 60 * (1 - inks)), 128))
    unity = struct.pack(">9l", *(65536 if n % 4 == 0 else 0 for n in range(9)))
    head = b"mft1" + struct.pack(">4xBBBB", 4, 3, 2, 0) + unity
    return head + steps * 4 + bytes(points) + steps * 3
