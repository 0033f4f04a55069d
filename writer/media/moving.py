"""A thumbnail that moves: the first seconds of an animation, as WebP.

It comes to rest after five seconds, so nobody has to stop it (WCAG 2.2, 2.2.2). All of its limits
are of figures that the file gives, but for the last: the same file has the same thumbnail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from time import process_time
from typing import NamedTuple

from PIL import Image, ImageChops, ImageStat

from writer.media.containers import Container
from writer.media.first_frame import frames_of

#: Until it rests, however often it is played until then.
PLAYED_MS_MAX = 5_000
FRAMES_MAX = 50
#: What changes faster is seen in steps of this.
STEP_MS = PLAYED_MS_MAX // FRAMES_MAX
BYTES_MAX = 384 * 1024
#: Of the frames that are decoded, all together; of one that is large there may be a single second.
DECODED_PX_MAX = 24_000_000
#: Of a thumbnail's frames: fifty of 255 × 255.
_SHRUNK_PX_MAX = FRAMES_MAX * 256 * 256
#: Of a processor's, for decoding; a file that was made to take longer shows less, or stays still.
_WORK_S_MAX = 1.0
#: Browsers take a shorter one for this.
_SHORTEST_MS, _TAKEN_FOR_MS = 10, 100
_QUALITY, _METHOD = 60, 2
#: Of 255: the two ways to read the first frame differ by rounding alone.
_MEAN_ERROR_MAX = 1.0

Shrink = Callable[[Image.Image], Image.Image]


class Moving(NamedTuple):
    body: bytes
    #: The page shines through a frame of it.
    is_clear: bool


class _Frame(NamedTuple):
    image: Image.Image
    shown_ms: int


def moving(
    container: Container, clean: bytes, shrink: Shrink, still: Image.Image, *, bytes_max: int
) -> Moving | None:
    """None: it is too large or too heavy, damaged behind its first frame, or does not move.

    `shrink` makes of a decoded frame what is shown, as `still` was made of the first. Where Pillow
    sees another one there than browsers do, nothing is to be said of those that follow.
    """
    try:
        frames = _steps(_shrunk(container, clean, shrink))
        if len(frames) < 2 or not _alike(frames[0].image, still):
            return None
        body = _encoded(frames)
    except Exception:  # Pillow raises all sorts; where there is no memory, the still is there
        return None
    if len(body) > min(bytes_max, BYTES_MAX):
        return None
    return Moving(body, any(frame.image.mode == "RGBA" for frame in frames))


def _shrunk(container: Container, clean: bytes, shrink: Shrink) -> Iterator[_Frame]:
    """The first frames, as many as the limits allow."""
    began_s, played_ms = process_time(), 0
    decoded_max = DECODED_PX_MAX // (container.width * container.height)
    for count, (image, shown_ms) in enumerate(frames_of(container, clean), start=1):
        if count > decoded_max or process_time() - began_s > _WORK_S_MAX:
            return
        if shown_ms <= _SHORTEST_MS:
            shown_ms = _TAKEN_FOR_MS
        shown_ms = min(shown_ms, PLAYED_MS_MAX - played_ms)
        yield _Frame(_plain(shrink(image)), shown_ms)
        played_ms += shown_ms
        if played_ms >= PLAYED_MS_MAX:
            return


def _plain(image: Image.Image) -> Image.Image:
    """RGBA where something shows through, else RGB."""
    if image.mode == "RGBA" and image.getchannel("A").getextrema() != (255, 255):
        return image
    return image.convert("RGB")


def _alike(one: Image.Image, other: Image.Image) -> bool:
    difference = ImageChops.difference(one.convert("RGBa"), other.convert("RGBa"))
    return max(ImageStat.Stat(difference).mean) <= _MEAN_ERROR_MAX


def _steps(frames: Iterator[_Frame]) -> list[_Frame]:
    """What is shown for less than a step goes into the frame before, up to FRAMES_MAX."""
    steps: list[_Frame] = []
    for frame in frames:
        if steps and steps[-1].shown_ms < STEP_MS:
            steps[-1] = steps[-1]._replace(shown_ms=steps[-1].shown_ms + frame.shown_ms)
            continue
        width, height = frame.image.size
        if len(steps) == min(FRAMES_MAX, _SHRUNK_PX_MAX // (width * height)):
            break
        steps.append(frame)
    return steps


def _encoded(frames: list[_Frame]) -> bytes:
    times = max(1, PLAYED_MS_MAX // sum(frame.shown_ms for frame in frames))
    body = BytesIO()
    # Fresh images: a decoded one may carry the upload's own info into the file.
    first, *others = (
        Image.frombytes(frame.image.mode, frame.image.size, frame.image.tobytes())
        for frame in frames
    )
    first.save(
        body,
        "WEBP",
        save_all=True,
        append_images=others,
        duration=[frame.shown_ms for frame in frames],
        loop=times,
        quality=_QUALITY,
        method=_METHOD,
        kmin=9,
        kmax=17,
    )
    return body.getvalue()
