"""HEIC pictures as phones save them, made by hand: `a_heic(image)`."""

from __future__ import annotations

from io import BytesIO
from struct import pack
from typing import NamedTuple

import av
from PIL import Image

from tests.writer.media.hostile import box


class Coded(NamedTuple):
    """A picture as HEVC: what a decoder is set up with, and the picture."""

    setup: bytes
    picture: bytes


_PARAMETERS = (
    "log-level=none:keyint=1:qp=4:range=full:colormatrix=bt470bg:pools=none:frame-threads=1"
)


def coded(image: Image.Image) -> Coded:
    film = BytesIO()
    with av.open(film, "w", format="mp4") as container:
        stream = container.add_stream(
            "libx265",
            width=image.width,
            height=image.height,
            pix_fmt="yuv444p",
            options={"preset": "ultrafast", "x265-params": _PARAMETERS},
        )
        frame = av.VideoFrame.from_image(image).reformat(
            format="yuv444p", dst_colorspace="ITU601", dst_color_range="JPEG"
        )
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with av.open(BytesIO(film.getvalue())) as container:
        stream = container.streams.video[0]
        packet = next(packet for packet in container.demux(stream) if packet.size)
        return Coded(bytes(stream.codec_context.extradata), bytes(packet))


def full_box(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(kind, pack(">L", version << 24 | flags) + b"".join(parts))


def size(width: int, height: int) -> bytes:
    return full_box(b"ispe", pack(">LL", width, height))


def turn(quarters: int) -> bytes:
    return box(b"irot", bytes((quarters,)))


def mirror(axis: int) -> bytes:
    return box(b"imir", bytes((axis,)))


def cut(width: int, height: int, right: int, down: int) -> bytes:
    """`right` and `down` from the middle of the picture to that of the cut, in halves of a px."""
    return box(b"clap", pack(">LLLLlLlL", width, 1, height, 1, right, 2, down, 2))


def colours(primaries: int, curve: int, matrix: int, *, is_full: bool = True) -> bytes:
    return box(b"colr", b"nclx" + pack(">HHHB", primaries, curve, matrix, is_full << 7))


def profile(data: bytes) -> bytes:
    return box(b"colr", b"prof" + data)


def a_heic(
    image: Image.Image,
    *said: bytes,
    tile_px: int | None = None,
    shown: tuple[int, int] | None = None,
    behind: bytes = b"",
) -> bytes:
    """`said` are properties of the whole; with `tile_px` it is a grid of square tiles."""
    width, height = shown or image.size
    if tile_px is None:
        tiles = [coded(image)]
        return file_of(tiles, [*said], (width, height), None, image.size, behind)
    columns, rows = -(-width // tile_px), -(-height // tile_px)
    whole = Image.new("RGB", (columns * tile_px, rows * tile_px))
    whole.paste(image)
    tiles = [
        coded(whole.crop((x * tile_px, y * tile_px, (x + 1) * tile_px, (y + 1) * tile_px)))
        for y in range(rows)
        for x in range(columns)
    ]
    return file_of(tiles, [*said], (width, height), (columns, rows), (tile_px, tile_px), behind)


def file_of(
    tiles: list[Coded],
    said: list[bytes],
    shown: tuple[int, int],
    grid: tuple[int, int] | None,
    tile_size: tuple[int, int],
    behind: bytes = b"",
) -> bytes:
    properties = [box(b"hvcC", tiles[0].setup), size(*tile_size), size(*shown), *said]
    of_tile, of_whole = [0x81, 2], [3, *range(4, 4 + len(said))]
    numbers = [*range(1, len(tiles) + 1)]
    links = dict.fromkeys(numbers, of_tile)
    kinds = dict.fromkeys(numbers, b"hvc1")
    bodies = {number: tile.picture for number, tile in zip(numbers, tiles, strict=True)}
    primary, refs = 1, b""
    if grid is None:
        links[1] = [0x81, *of_whole]
    else:
        primary = len(tiles) + 1
        links[primary], kinds[primary] = of_whole, b"grid"
        bodies[primary] = bytes((0, 0, grid[1] - 1, grid[0] - 1)) + pack(">HH", *shown)
        refs = full_box(
            b"iref",
            box(b"dimg", pack(f">HH{len(numbers)}H", primary, len(numbers), *numbers)),
        )
    ftyp = box(b"ftyp", b"heic" + bytes(4) + b"mif1heic")
    spans = dict.fromkeys(bodies, (0, 0))
    for _ in range(2):  # once to know how long it is
        meta = full_box(
            b"meta",
            full_box(b"hdlr", bytes(4), b"pict", bytes(13)),
            full_box(b"pitm", pack(">H", primary)),
            full_box(
                b"iinf",
                pack(">H", len(kinds)),
                *(
                    full_box(b"infe", pack(">HH", n, 0), kind, b"\0", version=2)
                    for n, kind in kinds.items()
                ),
            ),
            refs,
            box(
                b"iprp",
                box(b"ipco", b"".join(properties))
                + full_box(
                    b"ipma",
                    pack(">L", len(links)),
                    *(pack(">HB", n, len(of)) + bytes(of) for n, of in links.items()),
                ),
            ),
            full_box(
                b"iloc",
                b"\x44\x00",
                pack(">H", len(spans)),
                *(pack(">HHHLL", n, 0, 1, *span) for n, span in spans.items()),
            ),
        )
        pos = len(ftyp) + len(meta) + 8
        for number, body in bodies.items():
            spans[number] = (pos, len(body))
            pos += len(body)
    return ftyp + meta + box(b"mdat", b"".join(bodies.values())) + behind
