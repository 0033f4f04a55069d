"""A PNG's samples as they are written down, for what Pillow makes smaller on the way in.

Pillow has no mode of 16-bit colour, and makes 8 bits of 1, 2 and 4. Its decoder and encoder can be
had all the same: they filter bytes, and what a byte means is in the header alone.
"""

from __future__ import annotations

import zlib
from io import BytesIO
from struct import pack, unpack
from types import MappingProxyType
from typing import NamedTuple

from PIL import Image, ImageChops

from writer.media.png_chunks import Chunk, chunks_of, png_of

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
_GREYS = b"".join(bytes((n, n, n)) for n in range(256))
_LEVEL = 3  # 40 megapixels in seconds; level 6 takes three times as long
_UP = b"\2"  # the filter that takes from each byte the one above it


class Header(NamedTuple):
    """An IHDR."""

    width: int
    height: int
    depth: int
    colour: int
    compression: int
    filter: int
    interlace: int

    @classmethod
    def read(cls, payload: bytes) -> Header:
        return cls(*unpack(">LLBBBBB", payload))

    def chunk(self) -> Chunk:
        return Chunk(b"IHDR", pack(">LLBBBBB", *self))


#: Of an interlaced one: the first column and row of each pass, and the steps across and down.
_PASSES = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)
_SAMPLES = MappingProxyType({GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4})
_INFLATED_AT_ONCE = 256 * 1024


def has_all_rows(png: bytes) -> bool:
    """Whether as much is packed in its IDAT chunks as its header says."""
    chunks = list(chunks_of(png))
    left = _raw_bytes(Header.read(chunks[0].payload))
    inflater = zlib.decompressobj()
    for chunk in chunks:
        packed = chunk.payload if chunk.kind == b"IDAT" else b""
        while packed and left > 0:
            left -= len(inflater.decompress(packed, _INFLATED_AT_ONCE))
            packed = inflater.unconsumed_tail
    return left <= 0


def _raw_bytes(header: Header) -> int:
    """Of its rows, each with a filter before it."""
    bits = header.depth * _SAMPLES[header.colour]
    total = 0
    for left, top, across, down in _PASSES if header.interlace else ((0, 0, 1, 1),):
        columns = max(0, -(-(header.width - left) // across))
        rows = max(0, -(-(header.height - top) // down))
        total += rows * (1 + -(-columns * bits // 8)) if columns else 0
    return total


def turned(png: bytes, image: Image.Image, turn: Image.Transpose) -> tuple[Header, list[Chunk]]:
    """Header and IDAT chunks of `image`, opened from `png`, each sample with all its bits."""
    chunks = list(chunks_of(png))
    header = Header.read(chunks[0].payload)
    if header.depth == 16 and header.colour in (RGB, RGBA):
        high, low = (part.transpose(turn) for part in high_and_low(png))
        size = high.size
        body = [Chunk(b"IDAT", zlib.compress(_filtered(high, low), _LEVEL))]
    else:
        if header.depth != 8 and header.colour != PALETTE:
            image = _opened(_under_another_header(chunks, header))
        image = image.transpose(turn)
        size = image.size
        body = _encoded(image, header.depth)
    return header._replace(width=size[0], height=size[1], interlace=0), body


def _encoded(image: Image.Image, depth: int) -> list[Chunk]:
    file = BytesIO()
    bits = {"bits": depth} if image.mode == "P" else {}
    image.save(file, "PNG", compress_level=_LEVEL, transparency=None, **bits)
    return [chunk for chunk in chunks_of(file.getvalue()) if chunk.kind == b"IDAT"]


#: Depth and colour -> those of a picture of 8 bits whose pixels take as many bytes.
_AS_WIDE = MappingProxyType({(16, GREY): (8, GREY_ALPHA), (16, GREY_ALPHA): (8, RGBA)})


def _under_another_header(chunks: list[Chunk], header: Header) -> bytes:
    """The same IDAT called what Pillow reads to the last bit: greys of few bits a palette's."""
    depth, colour = _AS_WIDE.get((header.depth, header.colour), (header.depth, header.colour))
    is_palette = colour == PALETTE or depth < 8
    palette = [Chunk(b"PLTE", _GREYS[: 3 * 2**depth])] if is_palette else []
    renamed = header._replace(depth=depth, colour=PALETTE if is_palette else colour)
    body = (chunk for chunk in chunks if chunk.kind in (b"IDAT", b"IEND"))
    return png_of([renamed.chunk(), *palette, *body])


def high_and_low(png: bytes) -> tuple[Image.Image, Image.Image]:
    """The upper and the lower bytes of 16-bit samples, as two images of 8 bits."""
    chunks = list(chunks_of(png))
    header = Header.read(chunks[0].payload)
    if header.colour in (RGB, RGBA):
        mode = "RGB" if header.colour == RGB else "RGBA"
        # A reader of little-endian samples takes the other byte of each two.
        return _opened(png, f"{mode};16B"), _opened(png, f"{mode};16L")
    bands = _opened(_under_another_header(chunks, header)).split()
    mode = "L" if header.colour == GREY else "LA"
    return Image.merge(mode, bands[::2]), Image.merge(mode, bands[1::2])


def _opened(png: bytes, raw_mode: str | None = None) -> Image.Image:
    image = Image.open(BytesIO(png), formats=["PNG"])
    if raw_mode:
        image.tile = [tile._replace(args=raw_mode) for tile in image.tile]
    image.load()
    return image


def _filtered(high: Image.Image, low: Image.Image) -> bytes:
    """Rows of a PNG whose samples are made of these two bytes each."""
    pairs = bytearray(2 * len(high.getbands()) * high.width * high.height)
    pairs[::2], pairs[1::2] = high.tobytes(), low.tobytes()
    rows = Image.frombuffer("L", (len(pairs) // high.height, high.height), bytes(pairs))
    above = ImageChops.offset(rows, 0, 1)
    above.paste(0, (0, 0, rows.width, 1))
    filtered = Image.new("L", (rows.width + 1, rows.height), _UP[0])
    filtered.paste(ImageChops.subtract_modulo(rows, above), (1, 0))
    return filtered.tobytes()
