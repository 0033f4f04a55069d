"""Films and sounds, made for a test: a second or two, small, by the encoders that PyAV brings."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from functools import cache
from io import BytesIO
from typing import Any

import av
from PIL import Image, ImageDraw

os.environ.setdefault("SVT_LOG", "0")  # an encoder that tells of itself
RATE = 48_000
FRAMES_PER_S = 12


@cache
def a_film(
    container: str = "webm",
    picture: str | None = "libvpx-vp9",
    sound: str | None = "libopus",
    *,
    size: tuple[int, int] = (160, 90),
    seconds: float = 1.0,
    pixels: str = "yuv420p",
) -> bytes:
    """What FFmpeg calls the container and the encoders."""
    return film_of(container, picture, sound, size=size, seconds=seconds, pixels=pixels)


def film_of(
    container: str,
    picture: str | None,
    sound: str | None,
    *,
    size: tuple[int, int] = (160, 90),
    seconds: float = 1.0,
    pixels: str = "yuv420p",
    told: Mapping[str, str] | None = None,
) -> bytes:
    """With `told` as its metadata, of the file and of each stream."""
    body = BytesIO()
    with _scheduled_as_before(), av.open(body, "w", format=container) as film:
        film.metadata.update(told or {})
        streams = []
        if picture is not None:
            streams.append(_add_picture(film, picture, size, pixels))
        if sound is not None:
            # PyAV's own encoder of Vorbis is called an experiment.
            options = {"strict": "experimental"}
            streams.append(film.add_stream(sound, rate=RATE, layout="stereo", options=options))
        for stream in streams:
            stream.metadata.update(told or {})
        if picture is not None:
            _paint(film, streams[0], size, round(seconds * FRAMES_PER_S))
        if sound is not None:
            _hum(film, streams[-1], round(seconds * RATE))
    return body.getvalue()


@contextmanager
def _scheduled_as_before() -> Iterator[None]:
    """SVT-AV1 gives root's thread that begins it real time's highest priority, and leaves it so.

    Whatever that process of tests did afterwards, and each server that it started, went before all
    others' work.
    """
    policy, priority = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, priority)


def _add_picture(film: Any, encoder: str, size: tuple[int, int], pixels: str) -> Any:
    stream = film.add_stream(encoder, rate=FRAMES_PER_S)
    stream.width, stream.height = size
    stream.pix_fmt = pixels
    return stream


def _paint(film: Any, stream: Any, size: tuple[int, int], frames: int) -> None:
    """Orange, with a blue bar on its left that grows."""
    for number in range(frames):
        image = Image.new("RGB", size, (240, 120, 20))
        ImageDraw.Draw(image).rectangle((0, 0, 8 + number, size[1]), fill=(10, 40, 220))
        frame = av.VideoFrame.from_image(image)
        frame.pts, frame.time_base = number, Fraction(1, FRAMES_PER_S)
        film.mux(stream.encode(frame))
    film.mux(stream.encode(None))


def a_sound(
    container: str, encoder: str, *, seconds: float = 2.0, told: Mapping[str, str] | None = None
) -> bytes:
    """Silent at first, loud in its second half."""
    return film_of(container, None, encoder, seconds=seconds, told=told)


def with_id3(mp3: bytes, title: str, cover: bytes) -> bytes:
    """With a title and a cover before it, as programs for music write them (ID3v2.3)."""
    frames = _id3_frame(b"TIT2", b"\0" + title.encode("latin-1"))
    frames += _id3_frame(b"APIC", b"\0image/png\0\x03\0" + cover)
    size = bytes(len(frames) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + size + frames + mp3


def _id3_frame(name: bytes, body: bytes) -> bytes:
    return name + len(body).to_bytes(4) + b"\0\0" + body


def slower(film: bytes, container: str, times: int) -> bytes:
    """The same packets, each so many times later: few bytes that play for days."""
    body = BytesIO()
    with av.open(BytesIO(film)) as source, av.open(body, "w", format=container) as target:
        copies = {s.index: target.add_stream_from_template(s, opaque=True) for s in source.streams}
        for packet in source.demux():
            if packet.size:
                assert packet.pts is not None
                packet.pts = packet.dts = packet.pts * times
                packet.stream = copies[packet.stream.index]
                target.mux(packet)
    return body.getvalue()


#: How FFmpeg calls samples, and `array`, and how loud they can be.
_LOUDEST = {"s16": ("h", 2**15 - 1), "s32": ("i", 2**31 - 1), "flt": ("f", 1.0)}


def _hum(film: Any, stream: Any, samples: int) -> None:
    context = stream.codec_context
    step = context.frame_size or 1024
    code, loudest = _LOUDEST[context.format.name.removesuffix("p")]
    for begin in range(0, samples, step):
        count = min(step, samples - begin)
        frame = av.AudioFrame(format=context.format.name, layout="stereo", samples=count)
        high = loudest if begin > samples // 2 else 0
        wave = array(code, ([high] * 64 + [-high] * 64) * (count // 64 + 1))
        for plane in frame.planes:
            plane.update(wave.tobytes()[: plane.buffer_size].ljust(plane.buffer_size, b"\0"))
        frame.sample_rate, frame.pts, frame.time_base = RATE, begin, Fraction(1, RATE)
        film.mux(stream.encode(frame))
    film.mux(stream.encode(None))
