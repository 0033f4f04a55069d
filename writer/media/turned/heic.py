"""HEIC into JPEG: decoded tile by tile, turned and cut as the file asks, its colours as meant."""

from __future__ import annotations

from io import BytesIO
from types import MappingProxyType

from av.codec.context import CodecContext
from av.error import FFmpegError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from PIL import Image

from imageboard.media import MediaLimits
from writer.media.colours import colours_of
from writer.media.containers import Container, broken
from writer.media.containers.boxes import Cut
from writer.media.containers.heic import Still, Turn, still_of

#: Hides the second loss, at about the size that phones make of a JPEG.
_QUALITY = 90
_ROTATIONS = MappingProxyType({
    1: Image.Transpose.ROTATE_90,
    2: Image.Transpose.ROTATE_180,
    3: Image.Transpose.ROTATE_270,
})  # fmt: skip
_MIRRORS = (Image.Transpose.FLIP_TOP_BOTTOM, Image.Transpose.FLIP_LEFT_RIGHT)
#: By the matrix's number in H.273.
_MATRICES = MappingProxyType({
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.SMPTE170M,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
})  # fmt: skip


def turned(container: Container, limits: MediaLimits) -> bytes:
    still = still_of(container.clean_bytes(), limits)
    picture = _put_together(still)
    for change in still.changes:
        picture = _changed(picture, change)
    if still.profile is None and still.nclx is not None:
        meant = Container("heic", still.width, still.height, nclx=still.nclx[:2])
        picture = colours_of(meant, b"", picture).in_srgb(picture)
    body = BytesIO()
    # The reader of JPEGs holds the profile to what is plain in it.
    picture.save(body, "JPEG", quality=_QUALITY, icc_profile=still.profile)
    return body.getvalue()


def _put_together(still: Still) -> Image.Image:
    whole = Image.new("RGB", (still.width, still.height))
    reformatter = VideoReformatter()
    for number, (setup, tile) in enumerate(still.tiles):
        row, column = divmod(number, still.columns)
        drawn = _in_rgb(_frame(setup, tile, still), still, reformatter)
        whole.paste(drawn, (column * still.tile_width, row * still.tile_height))
    return whole


def _frame(setup: bytes, tile: bytes, still: Still) -> VideoFrame:
    decoder = CodecContext.create("hevc", "r")
    assert isinstance(decoder, VideoCodecContext)
    # Threads would each take a stack, and a confined process can't start one.
    decoder.thread_count = 1
    # SECURITY: what the coded picture says of its own size is asked before it is given room; coders
    # pad to whole blocks, of 64 px at most.
    padded = (still.tile_width + 64) * (still.tile_height + 64)
    decoder.options = {"max_pixels": str(padded)}
    decoder.extradata = setup
    try:
        frames = [*decoder.decode(Packet(tile)), *decoder.decode(None)]
    except (FFmpegError, ValueError) as ex:
        raise broken(f"HEIC: {ex}") from ex
    if not frames or (frames[0].width, frames[0].height) != (still.tile_width, still.tile_height):
        raise broken("HEIC: picture and index differ in size")
    return frames[0]


def _in_rgb(frame: VideoFrame, still: Still, reformatter: VideoReformatter) -> Image.Image:
    """What the index says of its colours counts before what the picture says itself."""
    matrix, levels = frame.colorspace, ColorRange(frame.color_range)
    if still.nclx is not None:
        matrix = still.nclx[2]
        levels = ColorRange.JPEG if still.nclx[3] else ColorRange.MPEG
    plain = reformatter.reformat(
        frame,
        format="rgb24",
        src_colorspace=_MATRICES.get(matrix, Colorspace.ITU601),
        src_color_range=levels,
        threads=1,
    )
    drawn: Image.Image = plain.to_image()  # type: ignore[no-untyped-call]
    return drawn


def _changed(picture: Image.Image, change: Turn | Cut) -> Image.Image:
    if isinstance(change, Cut):
        return picture.crop(change)
    if change.kind == b"imir":
        return picture.transpose(_MIRRORS[change.by])
    rotation = _ROTATIONS.get(change.by)
    return picture if rotation is None else picture.transpose(rotation)
