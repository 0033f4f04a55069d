"""Films that cost a board what those of telephones do: a minute, three megabytes."""

from __future__ import annotations

import random
from fractions import Fraction
from functools import cache
from io import BytesIO

import av
from PIL import Image

SIZE_PX = (320, 180)
FRAMES_PER_S = 15
SCENE_S = 3
SCENES = 20
_RATE = 48_000
#: Of 63: the film has its size by it however busy the machine is, unlike one coded in real time.
_COARSE = "48"


def webm(number: int) -> bytes:
    """3 MB and 60 s of VP8 and Opus: one scene again and again, and a title of its own."""
    body = BytesIO()
    with av.open(BytesIO(_scene()), "r") as source, av.open(body, "w", format="webm") as film:
        film.metadata["title"] = f"Number {number}"
        to = {each.index: film.add_stream_from_template(each) for each in source.streams}
        # The last sound of a scene would begin when that of the next does.
        packets = [each for each in source.demux() if each.pts is not None and each.pts >= 0]
        for scene in range(SCENES):
            for packet in packets:
                copy = av.Packet(bytes(packet))
                copy.stream, copy.time_base = to[packet.stream_index], packet.time_base
                later = round(scene * SCENE_S / packet.time_base)
                copy.pts = copy.dts = (packet.pts or 0) + later
                copy.is_keyframe = packet.is_keyframe
                film.mux(copy)
    return body.getvalue()


@cache
def _scene() -> bytes:
    """Grain that jumps sideways, under silence."""
    body = BytesIO()
    with av.open(body, "w", format="webm") as film:
        picture = film.add_stream("libvpx", rate=FRAMES_PER_S)
        picture.width, picture.height = SIZE_PX
        picture.pix_fmt, picture.bit_rate = "yuv420p", 4_000_000
        picture.options = {"deadline": "good", "cpu-used": "5", "qmin": _COARSE, "qmax": _COARSE}
        sound = film.add_stream("libopus", rate=_RATE, layout="stereo")
        wide = _backdrop((SIZE_PX[0] * 2, SIZE_PX[1]))
        for number in range(SCENE_S * FRAMES_PER_S):
            left = 37 * number % SIZE_PX[0]
            seen = wide.crop((left, 0, left + SIZE_PX[0], SIZE_PX[1]))
            frame = av.VideoFrame.from_image(seen)
            frame.pts, frame.time_base = number, Fraction(1, FRAMES_PER_S)
            film.mux(picture.encode(frame))
        silence = av.AudioFrame(format="s16", layout="stereo", samples=SCENE_S * _RATE)
        silence.planes[0].update(bytes(silence.planes[0].buffer_size))
        silence.sample_rate, silence.pts, silence.time_base = _RATE, 0, Fraction(1, _RATE)
        film.mux(sound.encode(silence))
        for stream in (picture, sound):
            film.mux(stream.encode(None))
    return body.getvalue()


def _backdrop(size: tuple[int, int]) -> Image.Image:
    small = (size[0] // 2, size[1] // 2)
    grain = random.Random(1).randbytes(small[0] * small[1])  # noqa: S311 -- repeatable is the point
    return Image.frombytes("L", small, grain).resize(size).convert("RGB")
