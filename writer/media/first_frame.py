"""The pixels that a browser shows first: nothing shrunk yet, no colour moved.

Pillow reads what is common. Here is where browsers see something else in the same file: a frame
smaller than its canvas, an animated PNG whose still picture is not part of it, a clear colour of
16 bits or of less than 8, a palette that is too short (Chromium 156, tried out).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from io import BytesIO
from itertools import count, takewhile
from struct import unpack, unpack_from
from typing import NamedTuple

from PIL import AvifImagePlugin, GifImagePlugin, Image, ImageChops

from writer.media import png_samples
from writer.media.containers import Container
from writer.media.png_chunks import Chunk, chunks_of, png_of

Point = tuple[int, int]

_WEBP_IS_ANIMATED, _WEBP_HAS_ALPHA = 0x02, 0x10
_KEY_LENGTHS = {png_samples.GREY: 2, png_samples.RGB: 6}


class FirstFrame(NamedTuple):
    """`image` is opened and not loaded yet; the rest is what Pillow doesn't know of it."""

    image: Image.Image
    canvas: Point
    #: A PNG may be one that has no more than one frame: it has another picture besides.
    is_animated: bool
    #: Of the image on its canvas: left and upper edge.
    corner: Point = (0, 0)
    #: A PNG as it was opened; b'' for the other kinds.
    png: bytes = b""


def first_frame(container: Container, clean: bytes) -> FirstFrame:
    canvas = container.width, container.height
    if container.kind == "png":
        return _first_frame_of_png(clean, canvas)
    image = _opened_for_all(container, clean)
    if image.size != (container.drawn_size or canvas):
        raise ValueError(f"decoder finds {image.size}")
    return FirstFrame(image, canvas, container.frames > 1)


def drawn(frame: FirstFrame) -> Image.Image:
    """Loaded and on its canvas, in L, RGB, RGBA or CMYK: modes whose values can be averaged."""
    image = frame.image
    image.load()
    if frame.png:
        _require_all_rows(image, frame.png)
        return _placed(_png_picture(image, frame.png), frame.corner, frame.canvas)
    if isinstance(image, GifImagePlugin.GifImageFile):
        left, top, right, bottom = image.dispose_extent or (0, 0, *frame.canvas)
        if (right - left, bottom - top) != frame.canvas:
            picture = averageable(image.crop((left, top, right, bottom)))
            return _placed(picture, (left, top), frame.canvas)
    if isinstance(image, AvifImagePlugin.AvifImageFile) and image.size != frame.canvas:
        return averageable(image.crop((0, 0, *frame.canvas)))
    return averageable(image)


def frames_of(container: Container, clean: bytes) -> Iterator[tuple[Image.Image, int]]:
    """Each frame as Pillow composes it, in the modes of `drawn`, and for how many ms it is shown.

    Raises what Pillow raises for what is damaged.
    """
    image = _opened_for_all(container, clean)
    place = int(bool(image.info.get("default_image")))  # a PNG's still, which is none of them
    for number in count(place):
        try:
            image.seek(number)
        except EOFError:
            return
        image.load()
        seen = image.crop((0, 0, container.width, container.height))
        yield averageable(seen), round(image.info.get("duration", 0))


def _opened_for_all(container: Container, clean: bytes) -> Image.Image:
    if clean[8:16] == b"WEBPVP8X" and clean[20] & _WEBP_IS_ANIMATED:
        # Around a smaller frame browsers show the page, whatever this flag says.
        clean = clean[:20] + bytes((clean[20] | _WEBP_HAS_ALPHA,)) + clean[21:]
    return _opened(clean, container.kind.upper())


def _opened(encoded: bytes, kind: str) -> Image.Image:
    return Image.open(BytesIO(encoded), formats=[kind])


def averageable(image: Image.Image) -> Image.Image:
    """In a mode whose values can be averaged."""
    if image.mode.startswith("I"):  # 16-bit grey; convert() would clip at 255
        return image.convert("I").point(lambda grey: grey * (1 / 257)).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _placed(picture: Image.Image, corner: Point, canvas: Point) -> Image.Image:
    """On a canvas that is clear elsewhere."""
    if picture.size == canvas:
        return picture
    whole = Image.new("RGBA", canvas)
    whole.paste(picture.convert("RGBA"), corner)
    return whole


# --- PNG ---


def _first_frame_of_png(clean: bytes, canvas: Point) -> FirstFrame:
    head = list(takewhile(lambda chunk: chunk.kind != b"IDAT", chunks_of(clean)))
    kinds = {chunk.kind for chunk in head}
    is_animated = b"acTL" in kinds
    if is_animated and b"fcTL" not in kinds:  # the ordinary pixels are none of its frames
        (width, height), corner, pixels = _first_fdat_frame(clean)
        if pixels:
            header = png_samples.Header.read(head[0].payload)._replace(width=width, height=height)
            others = (chunk for chunk in head[1:] if chunk.kind != b"acTL")
            png = png_of([header.chunk(), *others, *pixels, Chunk(b"IEND", b"")])
            return FirstFrame(_opened(png, "PNG"), canvas, is_animated, corner, png)
    return FirstFrame(_opened(clean, "PNG"), canvas, is_animated, png=clean)


def _first_fdat_frame(clean: bytes) -> tuple[Point, Point, list[Chunk]]:
    """Its size, its corner and its pixels as IDAT chunks."""
    size, corner = (0, 0), (0, 0)
    pixels: list[Chunk] = []
    for kind, payload in chunks_of(clean):
        if kind == b"fcTL":
            if pixels:
                break
            size, corner = unpack_from(">LL", payload, 4), unpack_from(">LL", payload, 12)
        elif kind == b"fdAT":
            pixels.append(Chunk(b"IDAT", payload[4:]))
    return size, corner, pixels


def _require_all_rows(image: Image.Image, png: bytes) -> None:
    """Raises ValueError: the pixels end before the picture does, which Pillow takes for black.

    PERF: to unpack them once more takes half as long as to decode them; where the last row has
    something in it there is no need.
    """
    is_interlaced = png_samples.Header.read(next(chunks_of(png)).payload).interlace
    last_row = image.crop((0, image.height - 1, image.width, image.height)).tobytes()
    if (is_interlaced or not any(last_row)) and not png_samples.has_all_rows(png):
        raise ValueError("rows are missing")


def _png_picture(image: Image.Image, png: bytes) -> Image.Image:
    """With its transparency as the first `tRNS` says, if that is where it belongs."""
    said: dict[bytes, bytes] = {}
    for kind, payload in takewhile(lambda chunk: chunk.kind != b"IDAT", chunks_of(png)):
        if kind != b"tRNS" or image.mode != "P" or b"PLTE" in said:
            said.setdefault(kind, payload)
    image.info.pop("transparency", None)
    header = png_samples.Header.read(said[b"IHDR"])
    clear = said.get(b"tRNS", b"")
    if image.mode == "P":
        _complete_palette(image, clear)
    elif clear and len(clear) == _KEY_LENGTHS.get(header.colour):
        key = unpack(f">{len(clear) // 2}H", clear)
        mask = _mask_of_key(image, png, header, key)
        picture = averageable(image).convert("RGBA")
        picture.putalpha(mask)
        return picture
    return averageable(image)


def _complete_palette(image: Image.Image, alphas: bytes) -> None:
    """Numbers beyond a short palette show its last colour."""
    palette = image.getpalette() or [0, 0, 0]
    colours = len(palette) // 3
    image.putpalette(palette + palette[-3:] * (256 - colours))
    if alphas:
        alphas = alphas[:colours].ljust(colours, b"\xff")
        image.info["transparency"] = alphas + alphas[-1:] * (256 - colours)


def _mask_of_key(
    image: Image.Image, png: bytes, header: png_samples.Header, key: tuple[int, ...]
) -> Image.Image:
    """0 where all samples are the key's, 255 elsewhere."""
    if header.depth == 16:
        halves = png_samples.high_and_low(png)
        bands = [band for half in halves for band in half.split()]
        wanted = [*(sample >> 8 for sample in key), *(sample & 255 for sample in key)]
    else:
        levels = 2**header.depth - 1
        bands = list((image.convert("L") if image.mode == "1" else image).split())
        wanted = [(sample & levels) * 255 // levels for sample in key]
    masks = (
        band.point([0 if number == sample else 255 for number in range(256)])
        for band, sample in zip(bands, wanted, strict=True)
    )
    return reduce(ImageChops.lighter, masks)
