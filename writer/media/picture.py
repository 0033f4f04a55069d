"""Pixels: the thumbnail, and the copy that is turned upright. The only module that uses Pillow.

It is given clean bytes whose size was checked, and runs in a process that may die.

Thumbnails are JPEG, or PNG with at most 256 colours when something shows through. Measured on a
255 × 191 photograph: JPEG takes 0.5 ms to encode, WebP of the same size in bytes 2 to 5 ms, and
phones from before 2020 don't read WebP; a PNG of 256 colours is a fifth of a full one.
"""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from math import ceil
from types import MappingProxyType
from typing import Any, NamedTuple

from PIL import (
    AvifImagePlugin,
    Image,
    ImageCms,
    JpegImagePlugin,
    features,
)

from writer.media.containers import Container, broken

#: Both choices are told in the module's docstring.
OPAQUE_EXTENSION, TRANSPARENT_EXTENSION = ".jpg", ".png"
_QUALITY = 82
_PNG_LEVEL_TURNED = 3  # 40 megapixels in seconds; level 6 takes three times as long
_QUALITY_TURNED = 95  # a lossy WebP that is coded a second time: keep the loss invisible

_ORIENTATION_TAG = 0x0112
_TURNS = MappingProxyType({
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
})  # fmt: skip
_QUARTER_TURNS = frozenset({5, 6, 7, 8})


class Print(NamedTuple):
    """A picture as it is served."""

    original: bytes
    thumbnail: bytes
    thumb_extension: str
    width: int
    height: int
    thumb_width: int
    thumb_height: int


def preload() -> None:
    """Loads the five decoders; called before forking, so that no child pays for it."""
    Image.preinit()
    for codec in ("jpg", "zlib", "webp", "avif", "littlecms2"):
        if not features.check(codec):
            raise ImportError(f"Pillow was built without {codec}")
    # Threads would each cost a stack and an arena of the address space that is left.
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    Image.MAX_IMAGE_PIXELS = None  # our own limits were checked before


def grey_jpeg(width: int, height: int) -> bytes:
    """A picture without a subject."""
    body = BytesIO()
    Image.new("RGB", (width, height), "grey").save(body, "JPEG")
    return body.getvalue()


def develop(container: Container, thumb_px_max: int) -> Print:
    """The served file and its thumbnail.

    Raises:
        FileRefused: the pixels can't be decoded, or not all of them.
        MemoryError: they don't fit.
    """
    clean = container.clean_bytes()
    try:
        return _develop(container, clean, thumb_px_max)
    except MemoryError:
        raise
    except Exception as ex:  # Pillow raises OSError, SyntaxError, struct.error, … for bad bytes
        raise broken(f"{container.kind}: {type(ex).__name__}: {ex}") from ex


def _develop(container: Container, clean: bytes, thumb_px_max: int) -> Print:
    image = Image.open(BytesIO(clean), formats=[container.kind.upper()])
    if image.size != (container.width, container.height):
        raise ValueError(f"decoder finds {image.size}")
    # AVIF carries turns that every reader applies: the file stays, the thumbnail is turned.
    reader_turns = image.getexif().get(_ORIENTATION_TAG, 1) if container.kind == "avif" else 1
    baked = container.orientation if container.frames == 1 else 1
    turn = _TURNS.get(max(reader_turns, baked))

    size = thumb_size(*image.size, thumb_px_max)
    is_coded_anew = baked != 1 or container.is_cut
    if not is_coded_anew:
        # JPEG halves while it decodes; half as large again as needed looks as good as all of it.
        image.draft(None, (ceil(size[0] * 1.5), ceil(size[1] * 1.5)))
    small = _in_srgb(_shrunk(image, size), image.info.get("icc_profile"))
    original = _coded_anew(image, container) if is_coded_anew else clean
    width, height = container.width, container.height
    if turn is not None:
        small = small.transpose(turn)
        if max(reader_turns, baked) in _QUARTER_TURNS:
            width, height = height, width
    thumbnail, extension = _encoded(small)
    return Print(original, thumbnail, extension, width, height, *small.size)


def thumb_size(width: int, height: int, px_max: int) -> tuple[int, int]:
    """(520, 340, 255) -> (255, 167): fits a square, never enlarged, the shorter side rounded up.

    As vichan does (inc/image.php, ImageBase::resize), so that tn_w and tn_h agree.
    """
    longer = max(width, height)
    if longer <= px_max:
        return width, height
    return -(-width * px_max // longer), -(-height * px_max // longer)


def _shrunk(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The first frame in L, RGB, RGBA or CMYK, resized."""
    image.load()
    drawable = _drawable(image)
    if drawable.size == size:
        return drawable
    return drawable.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def _drawable(image: Image.Image) -> Image.Image:
    """In a mode whose values can be averaged: no palettes, no 16 bits, no colour key."""
    if image.mode.startswith("I"):  # 16-bit grey; convert() would clip at 255
        return image.convert("I").point(lambda grey: grey * (1 / 257)).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _in_srgb(small: Image.Image, profile: bytes | None) -> Image.Image:
    """The thumbnail's colours as the file's own profile means them; the profile is not kept."""
    if profile:
        # A profile of another kind of picture, or a damaged one, is what browsers ignore too.
        with suppress(ImageCms.PyCMSError, OSError, ValueError):
            converted = ImageCms.profileToProfile(
                small,
                ImageCms.ImageCmsProfile(BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGBA" if small.mode == "RGBA" else "RGB",
            )
            small = converted or small  # None only when it converts in place
    return small.convert("RGB") if small.mode == "CMYK" else small


def _encoded(small: Image.Image) -> tuple[bytes, str]:
    body = BytesIO()
    if small.mode == "RGBA" and small.getchannel("A").getextrema() != (255, 255):
        # The octree is the one quantiser of Pillow that looks at transparency.
        few = small.quantize(256, method=Image.Quantize.FASTOCTREE)
        few.save(body, "PNG", optimize=True)
        return body.getvalue(), TRANSPARENT_EXTENSION
    if small.mode == "RGBA":
        small = small.convert("RGB")
    # A fresh image: `small` may carry the upload's own info into the file.
    plain = Image.frombytes(small.mode, small.size, small.tobytes())
    plain.save(body, "JPEG", quality=_QUALITY, optimize=True)
    return body.getvalue(), OPAQUE_EXTENSION


def _coded_anew(image: Image.Image, container: Container) -> bytes:
    """The file coded again with its EXIF orientation applied, its colour profile kept."""
    turn = _TURNS.get(container.orientation)
    turned = image if turn is None else image.transpose(turn)
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        coding = _same_jpeg_coding(image, container.orientation)
    elif container.kind == "png":
        coding = {"compress_level": _PNG_LEVEL_TURNED}
    else:
        coding = {"quality": _QUALITY_TURNED, "lossless": container.lossless, "exif": b""}
    body = BytesIO()
    profile = image.info.get("icc_profile")
    try:
        turned.save(body, container.kind.upper(), icc_profile=profile, **coding)
    except (OSError, ValueError) as ex:
        # What could be decoded can be encoded if there is room; WebP's encoder says
        # "encoding error 1" when there is none.
        raise MemoryError from ex
    return body.getvalue()


def _same_jpeg_coding(image: JpegImagePlugin.JpegImageFile, orientation: int) -> dict[str, Any]:
    """Pillow's options for a turned JPEG that loses least: as coarse as it was, where it was.

    A table's rows are for vertical detail, its columns for horizontal: a quarter turn swaps
    them. So most blocks round to the values they had, and the file keeps its size (quality 95
    nearly doubles it).
    """
    tables = image.quantization
    if orientation in _QUARTER_TURNS:
        tables = {n: [q[8 * (i % 8) + i // 8] for i in range(64)] for n, q in tables.items()}
    # 4:2:0 looks the same from all sides; 4:2:2 would be halved along the wrong one.
    is_420 = JpegImagePlugin.get_sampling(image) == 2
    return {"qtables": tables, "subsampling": "4:2:0" if is_420 else "4:4:4", "optimize": True}
