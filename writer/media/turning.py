"""The served file of a picture whose EXIF says that it lies on its side or its head.

Stills are coded again the right way up, so that readers which don't know EXIF show them right too.
They keep what says how their colours are meant, and their bits. An animation keeps its bytes and
its orientation, nothing else of its EXIF: to decode, turn and code 500 frames takes minutes, a
lossy one loses by it, and browsers turn the animations of whose orientation they take notice.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from struct import pack, unpack
from types import MappingProxyType
from typing import Any

from PIL import Image, JpegImagePlugin

from writer.media import png_samples
from writer.media.containers import Container
from writer.media.png_chunks import Chunk, chunks_of, png_of

TURNS = MappingProxyType({
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
})  # fmt: skip
QUARTER_TURNS = frozenset({5, 6, 7, 8})

_QUALITY = 95  # a lossy WebP that is coded a second time: keep the loss invisible
_WEBP_HAS_EXIF = 0x08


def coded_anew(container: Container, clean: bytes, image: Image.Image) -> bytes:
    """The still `image`, opened from `clean`, coded again with its orientation applied, if any."""
    if container.kind == "png":
        return _turned_png(clean, image, container.orientation)
    turn = TURNS.get(container.orientation)
    turned = image if turn is None else image.transpose(turn)
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        coding = _same_jpeg_coding(image, container.orientation)
    else:
        coding = {"quality": _QUALITY, "lossless": container.lossless, "exif": b""}
    body = BytesIO()
    profile = image.info.get("icc_profile")
    try:
        turned.save(body, container.kind.upper(), icc_profile=profile, **coding)
    except (OSError, ValueError) as ex:
        # What could be decoded can be encoded if there is room; WebP's encoder says
        # "encoding error 1" when there is none.
        raise MemoryError from ex
    return body.getvalue()


def with_orientation(container: Container, clean: bytes) -> bytes:
    """The animation with an EXIF block that holds its orientation and no more."""
    exif = b"MM\0*" + pack(">LHHHLHHL", 8, 1, 0x0112, 3, 1, container.orientation, 0, 0)
    if container.kind == "png":
        header, *others = chunks_of(clean)
        return png_of([header, Chunk(b"eXIf", exif), *others])
    # A WebP that moves begins with its VP8X: RIFF, size, WEBP, VP8X, size, flags.
    flags = clean[20] | _WEBP_HAS_EXIF
    body = clean[8:20] + bytes((flags,)) + clean[21:] + b"EXIF" + pack("<L", len(exif)) + exif
    return b"RIFF" + pack("<L", len(body)) + body


def _turned_png(clean: bytes, image: Image.Image, orientation: int) -> bytes:
    header, pixels = png_samples.turned(clean, image, TURNS[orientation])
    return png_of(_with_pixels(chunks_of(clean), header, pixels, orientation in QUARTER_TURNS))


def _with_pixels(
    chunks: Iterator[Chunk], header: png_samples.Header, pixels: list[Chunk], is_quarter: bool
) -> Iterator[Chunk]:
    """The chunks with others for the pixels: colours and clear colours stay as they are."""
    for chunk in chunks:
        if chunk.kind == b"IHDR":
            yield header.chunk()
        elif chunk.kind == b"IDAT":
            yield from pixels
            pixels = []
        elif chunk.kind == b"pHYs" and is_quarter and len(chunk.payload) == 9:
            across, down, unit = unpack(">LLB", chunk.payload)
            yield Chunk(b"pHYs", pack(">LLB", down, across, unit))
        else:
            yield chunk


def _same_jpeg_coding(image: JpegImagePlugin.JpegImageFile, orientation: int) -> dict[str, Any]:
    """Pillow's options for a turned JPEG that loses least: as coarse as it was, where it was.

    A table's rows are for vertical detail, its columns for horizontal: a quarter turn swaps
    them. So most blocks round to the values they had, and the file keeps its size (quality 95
    nearly doubles it).
    """
    tables = image.quantization
    if orientation in QUARTER_TURNS:
        tables = {n: [q[8 * (i % 8) + i // 8] for i in range(64)] for n, q in tables.items()}
    # 4:2:0 looks the same from all sides; 4:2:2 would be halved along the wrong one.
    is_420 = JpegImagePlugin.get_sampling(image) == 2
    return {"qtables": tables, "subsampling": "4:2:0" if is_420 else "4:4:4", "optimize": True}
