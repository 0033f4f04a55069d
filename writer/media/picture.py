"""Pixels: the thumbnail, and the copy that is turned upright. This and what it calls use Pillow.

A thumbnail shows what browsers show of the file that is served: readers, and moderators who look
at nothing else, see one picture. It is given clean bytes whose size was checked, and runs in a
process that may die.

    first_frame.py  what is seen before anything moves
    colours.py      how its colours are meant
    turning.py      the served file of a picture that lies on its side
    thumbnail.py    the thumbnail as a file
    moving.py       one that moves
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from io import BytesIO
from itertools import product
from math import ceil
from typing import NamedTuple

from PIL import AvifImagePlugin, Image, ImageCms, features

from writer.media.average import average_colour
from writer.media.colours import Colours, colours_of
from writer.media.containers import Container, broken
from writer.media.first_frame import FirstFrame, drawn, first_frame
from writer.media.likeness import likeness
from writer.media.moving import moving
from writer.media.thumbnail import Thumbnail, dense_of, thumbnail_of
from writer.media.turning import QUARTER_TURNS, TURNS, coded_anew, with_orientation

_ORIENTATION_TAG = 0x0112
#: Pixels of a side of a second thumbnail, for each of the first one's.
_DENSE_TIMES_MIN, _DENSE_TIMES_MAX = 1.5, 3
#: Pages show no more of a thumbnail's pixels than half of these.
_DENSE_ENOUGH_PX = 512
#: What Pillow loads when it meets the first file that needs it, and a confined process can't.
_LOADED_LATE = (
    *("WebPImagePlugin", "MpoImagePlugin", "TiffImagePlugin"),
    *("ImageColor", "ImageFile", "ImageFilter", "ImagePalette"),
)


class Print(NamedTuple):
    """A file as it is served."""

    original: bytes
    #: None, as all of its: it has none.
    thumbnail: bytes | None
    thumb_extension: str | None
    #: 0 × 0: it has no size.
    width: int
    height: int
    thumb_width: int | None
    thumb_height: int | None
    #: What it is by now; None: what it was.
    kind: str | None = None
    #: Of what is played; None, all three: it is not.
    duration_ms: int | None = None
    has_sound: bool | None = None
    codecs: str | None = None
    #: What it looks like (likeness.py); None: it shows nothing.
    likeness: int | None = None
    #: 0xrrggbb on average (average.py); None: it shows nothing, or the page shines through it.
    colour: int | None = None
    #: The second thumbnail, for dense screens; None, both: it has none.
    dense: bytes | None = None
    dense_extension: str | None = None


def preload() -> None:
    """Loads the five decoders; called before forking, so that no child pays for it."""
    Image.preinit()
    for module in _LOADED_LATE:
        import_module(f"PIL.{module}")
    for codec in ("jpg", "zlib", "webp", "avif", "littlecms2"):
        if not features.check(codec):
            raise ImportError(f"Pillow was built without {codec}")
    # Threads would each cost a stack and an arena of the address space that is left.
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    Image.MAX_IMAGE_PIXELS = None  # our own limits were checked before


def of_each_kind() -> Iterator[bytes]:
    """Pictures of ours: what can be coded quickly, with and without what shows through."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind, mode in product(("JPEG", "PNG", "GIF", "WEBP"), ("RGB", "RGBA")):
        body = BytesIO()
        image = Image.new("RGB" if kind == "JPEG" else mode, (300, 300))
        image.save(body, kind, icc_profile=profile)
        yield body.getvalue()


def grey_jpeg(width: int, height: int) -> bytes:
    """A picture without a subject."""
    body = BytesIO()
    Image.new("RGB", (width, height), "grey").save(body, "JPEG")
    return body.getvalue()


def develop(
    container: Container,
    thumb_px_max: int,
    *,
    in_webp: bool = False,
    moves: bool = False,
    is_dense: bool = False,
) -> Print:
    """The served file and its thumbnail, which `moves` if the file does and it can be had.

    With `is_dense` also a second one, of a picture that has the pixels for it.

    Raises:
        FileRefused: the pixels can't be decoded, or not all of them.
        MemoryError: they don't fit.
    """
    clean = container.clean_bytes()
    try:
        return _develop(
            container, clean, thumb_px_max, in_webp=in_webp, moves=moves, is_dense=is_dense
        )
    except MemoryError:
        raise
    except Exception as ex:  # Pillow raises OSError, SyntaxError, struct.error, … for bad bytes
        raise broken(f"{container.kind}: {type(ex).__name__}: {ex}") from ex


def _develop(
    container: Container,
    clean: bytes,
    thumb_px_max: int,
    *,
    in_webp: bool,
    moves: bool,
    is_dense: bool,
) -> Print:
    frame = first_frame(container, clean)
    seen_turned = _orientation_seen(container, frame)
    is_coded_anew = container.is_cut or (container.orientation != 1 and not frame.is_animated)
    colours = colours_of(container, clean, frame.image)

    size = thumb_size(container.width, container.height, thumb_px_max)
    if not is_coded_anew and not colours.move_far:
        # JPEG halves while it decodes; half as large again as needed looks as good as all of it.
        frame.image.draft(None, (ceil(size[0] * 1.5), ceil(size[1] * 1.5)))
    whole = drawn(frame)
    wide = _wide(whole, size) if is_dense and not colours.move_far else None
    small = _shrunk(whole if wide is None else wide, colours, size)
    original = clean
    if is_coded_anew:
        original = coded_anew(container, clean, frame.image)
    elif container.orientation != 1:
        original = with_orientation(container, clean)
    width, height = container.width, container.height
    small = _turned(small, seen_turned)
    if seen_turned in QUARTER_TURNS:
        width, height = height, width
    thumbnail = thumbnail_of(
        small,
        container,
        original,
        is_shrunk=size != (container.width, container.height),
        is_animated=frame.is_animated,
        in_webp=in_webp,
    )
    colour = average_colour(small)
    if moves and frame.is_animated:

        def shrink(image: Image.Image) -> Image.Image:
            return _turned(_shrunk(image, colours, size), seen_turned)

        seen = moving(container, original, shrink, small, bytes_max=len(original))
        if seen is not None:
            thumbnail = Thumbnail(seen.body, ".webp")
            colour = None if seen.is_clear else colour
            wide = None
    dense = None
    if wide is not None:
        in_srgb = _turned(_shrunk(wide, colours, wide.size), seen_turned)
        dense = dense_of(in_srgb, container, in_webp=in_webp, bytes_max=len(original))
    return Print(
        original,
        *thumbnail,
        width,
        height,
        *small.size,
        likeness=likeness(small),
        colour=colour,
        dense=dense.body if dense else None,
        dense_extension=dense.extension if dense else None,
    )


def _orientation_seen(container: Container, frame: FirstFrame) -> int:
    """How browsers turn the pixels of the file that is served, or we do before: 1 to 8."""
    if container.kind == "avif":  # carries turns that every reader applies
        orientation: int = frame.image.getexif().get(_ORIENTATION_TAG, 1)
        return orientation
    if container.kind == "webp" and frame.is_animated:
        return 1  # Chromium does not turn it
    return container.orientation


def thumb_size(width: int, height: int, px_max: int) -> tuple[int, int]:
    """(520, 340, 255) -> (255, 167): fits a square, never enlarged, the shorter side rounded up.

    As vichan does (inc/image.php, ImageBase::resize), so that tn_w and tn_h agree.
    """
    longer = max(width, height)
    if longer <= px_max:
        return width, height
    return -(-width * px_max // longer), -(-height * px_max // longer)


def _wide(image: Image.Image, size: tuple[int, int]) -> Image.Image | None:
    """Of what a thumbnail of `size` is made, and a second one; None: that would show no more.

    PERF: a JPEG is decoded at one and a half to three times a thumbnail's size anyway. Left so, the
    second thumbnail costs what it takes to encode it; others are averaged to about twice.
    """
    times = max(image.size) / max(size)
    if times < _DENSE_TIMES_MIN or max(size) >= _DENSE_ENOUGH_PX:
        return None
    return image if times <= _DENSE_TIMES_MAX else image.reduce(round(times / 2))


def _turned(image: Image.Image, orientation: int) -> Image.Image:
    return image if orientation == 1 else image.transpose(TURNS[orientation])


def _shrunk(image: Image.Image, colours: Colours, size: tuple[int, int]) -> Image.Image:
    """In L, RGB or RGBA, with a screen's colours."""
    if colours.move_far:
        small = _resized(colours.in_srgb(image), size)
    else:
        small = colours.in_srgb(_resized(image, size))
    return small.convert("RGB") if small.mode == "CMYK" else small


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
