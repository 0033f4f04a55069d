"""The first picture of a film, upright, as a picture of Pillow's."""

from __future__ import annotations

from av.video.frame import VideoFrame
from PIL import Image

from writer.media.picture import thumb_size

#: Counterclockwise, as a film's own matrix has it.
_TURNS = {
    90: Image.Transpose.ROTATE_90,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_270,
}


def of_frame(frame: VideoFrame) -> Image.Image:
    picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
    turn = _TURNS.get(frame.rotation % 360)
    return picture if turn is None else picture.transpose(turn)


def shrunk(picture: Image.Image, px_max: int) -> Image.Image:
    size = thumb_size(picture.width, picture.height, px_max)
    return picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
