"""A thumbnail as a file: JPEG for what is opaque, PNG or WebP for what shows through.

Measured on a 255 × 191 photograph: JPEG takes 0.5 ms to encode, WebP of the same size in bytes 2
to 5 ms, and apps that were made for vichan ask for `.jpg` and `.png`; so a photograph is a JPEG,
its colours halved (4:2:0) as nearly all are when they come. What came without loss is drawn or
written more often than not and keeps its colours at full size (4:4:4).

What shows through is a PNG with all its colours as long as that is light, else a WebP, which takes
a tenth of the bytes: an app that can't read it shows no thumbnail there, but a PNG of 100 KB would
cost every reader. 256 colours would be light too, and turn soft shadows into rings.

A second thumbnail, for dense screens, is a JPEG of lower quality, or a WebP of what shows
through.

A picture no larger than its thumbnail is its own thumbnail when it is light, and otherwise is
encoded so that no pixel is off by more than 24 of 255: on pixel art and red letters anything less
is seen.

No thumbnail is heavier than its picture: the ways to encode it are tried from the best on, until
one is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import chain
from typing import NamedTuple

from PIL import Image, ImageChops, ImageStat

from imageboard.media_kinds import BY_NAME
from writer.media.containers import Container

#: A photograph's thumbnail of 255 pixels takes about as much.
LIGHT_BYTES = 16 * 1024
#: Of 255: no pixel of a small picture's thumbnail is further off.
PIXEL_ERROR_MAX = 24
#: Of 255: a transparent thumbnail's channels are no further off on average.
_MEAN_ERROR_MAX = 1.5

_QUALITY, _SHARP_QUALITY = 82, 92
#: Of what a board wants in WebP: a fifth lighter than its JPEG or more, and no further off.
_WEBP_QUALITY = 70
#: Of second thumbnails.
_DENSE_QUALITY, _DENSE_WEBP_QUALITY = 62, 60
_CLEAR_QUALITIES = (82, 92, 98)
#: Of colours and of transparency, whose steps are seen first.
_ROUGH_QUALITIES = (
    *((92, 100), (60, 100), (25, 100)),
    *((92, 80), (75, 70), (50, 60), (25, 40), (5, 5)),
)
_PNG_LEVEL = 9
#: What apps and old browsers read, too; an AVIF is copied only when nothing else is as light.
_COMMON = frozenset({"jpeg", "png", "gif", "webp"})


class Thumbnail(NamedTuple):
    body: bytes
    #: '.jpg', '.png' or '.webp'; a copy has that of its picture.
    extension: str


def thumbnail_of(
    small: Image.Image,
    container: Container,
    original: bytes,
    *,
    is_shrunk: bool,
    is_animated: bool,
    in_webp: bool,
) -> Thumbnail:
    """`small` is L, RGB or RGBA, in sRGB; `original` is the file that is served."""
    copy = Thumbnail(original, BY_NAME[container.kind].extension(""))
    is_common = container.kind in _COMMON
    if is_common and not (is_shrunk or is_animated) and len(original) <= LIGHT_BYTES:
        return copy
    plain = _plain(small)
    if plain.mode == "RGBA":
        ways = _shrunk_clear(plain) if is_shrunk else _sharp_clear(plain)
    else:
        ways = _shrunk_opaque(plain, container) if is_shrunk else _sharp_opaque(plain)
    if in_webp and is_shrunk:
        ways = chain([_webp(plain, quality=_WEBP_QUALITY)], ways)
    return _first_not_heavier(chain(ways, () if is_animated else (copy,)), len(original))


def dense_of(
    wide: Image.Image, container: Container, *, in_webp: bool, bytes_max: int
) -> Thumbnail | None:
    """A second thumbnail for dense screens; None: the picture itself is lighter.

    `wide` is as `thumbnail_of` wants it. Where several pixels are one of the page's, nobody sees
    what is lost: it is rougher, and written in haste.
    """
    plain = _plain(wide)
    if in_webp or plain.mode == "RGBA":
        way = _webp(plain, quality=_DENSE_WEBP_QUALITY, method=0)
    else:
        subsampling = "4:4:4" if container.lossless else "4:2:0"
        way = _encoded(plain, "JPEG", ".jpg", quality=_DENSE_QUALITY, subsampling=subsampling)
    return way if len(way.body) < bytes_max else None


def _plain(image: Image.Image) -> Image.Image:
    """A fresh one, as it may carry the upload's own info into the file; RGB if it is opaque."""
    plain = Image.frombytes(image.mode, image.size, image.tobytes())
    if plain.mode == "RGBA" and plain.getchannel("A").getextrema() == (255, 255):
        return plain.convert("RGB")
    return plain


def of_still(small: Image.Image, *, in_webp: bool) -> Thumbnail:
    """Of a film, in RGB."""
    return _webp(small, quality=_WEBP_QUALITY) if in_webp else _jpeg(small, _QUALITY, "4:2:0")


def of_drawing(small: Image.Image) -> Thumbnail:
    """Of few colours, in RGBA."""
    return _png(small)


def _first_not_heavier(ways: Iterable[Thumbnail], bytes_max: int) -> Thumbnail:
    """The first that is as light as its picture, or the lightest when none is."""
    tried = []
    for way in ways:
        if len(way.body) <= bytes_max:
            return way
        tried.append(way)
    return min(tried, key=lambda way: len(way.body))


def _shrunk_opaque(small: Image.Image, container: Container) -> Iterator[Thumbnail]:
    yield _jpeg(small, _QUALITY, "4:4:4" if container.lossless else "4:2:0")
    yield _png(small)
    yield _webp(small, lossless=True)
    yield from _rough(small)


def _shrunk_clear(small: Image.Image) -> Iterator[Thumbnail]:
    png = _png(small)
    if len(png.body) <= LIGHT_BYTES:
        yield png
    fine = (_webp(small, quality=quality) for quality in _CLEAR_QUALITIES)
    yield from (webp for webp in fine if _mean_error(small, webp) <= _MEAN_ERROR_MAX)
    yield _webp(small, lossless=True)
    yield from _rough(small)


def _sharp_opaque(small: Image.Image) -> Iterator[Thumbnail]:
    jpeg, png = _jpeg(small, _SHARP_QUALITY, "4:4:4"), _png(small)
    if len(jpeg.body) < len(png.body) and _pixel_error(small, jpeg) <= PIXEL_ERROR_MAX:
        yield jpeg
    yield png
    yield _webp(small, lossless=True)


def _sharp_clear(small: Image.Image) -> Iterator[Thumbnail]:
    png = _png(small)
    if len(png.body) <= LIGHT_BYTES:
        yield png
    yield _webp(small, lossless=True)


def _rough(small: Image.Image) -> Iterator[Thumbnail]:
    """For a picture of so few bytes that it is rough itself."""
    for quality, alpha_quality in _ROUGH_QUALITIES:
        yield _webp(small, quality=quality, alpha_quality=alpha_quality, method=6)


def _jpeg(small: Image.Image, quality: int, subsampling: str) -> Thumbnail:
    return _encoded(small, "JPEG", ".jpg", quality=quality, subsampling=subsampling, optimize=True)


def _png(small: Image.Image) -> Thumbnail:
    return _encoded(small, "PNG", ".png", compress_level=_PNG_LEVEL)


def _webp(small: Image.Image, **options: bool | int) -> Thumbnail:
    # Exact: what is under clear pixels stays black, or a slow fade begins with another colour.
    return _encoded(small, "WEBP", ".webp", exact=True, **options)


def _encoded(
    small: Image.Image, kind: str, extension: str, **options: bool | int | str
) -> Thumbnail:
    body = BytesIO()
    small.save(body, kind, **options)
    return Thumbnail(body.getvalue(), extension)


def _difference(small: Image.Image, way: Thumbnail) -> Image.Image:
    """On a black page: what shines through most is seen least."""
    seen = Image.open(BytesIO(way.body)).convert(small.mode)
    if small.mode == "RGBA":
        small, seen = small.convert("RGBa"), seen.convert("RGBa")
    return ImageChops.difference(small, seen)


def _pixel_error(small: Image.Image, way: Thumbnail) -> int:
    """Of the channel that is furthest off, of 255."""
    return int(max(high for _, high in _extrema(_difference(small, way))))


def _extrema(image: Image.Image) -> list[tuple[float, float]]:
    return [band.getextrema() for band in image.split()]  # type: ignore[misc]


def _mean_error(small: Image.Image, way: Thumbnail) -> float:
    """Of the channel that is furthest off on average, of 255."""
    return max(ImageStat.Stat(_difference(small, way)).mean)
