"""A sound without a cover, drawn: how loud it is from its beginning to its end.

Of a long one not every packet is decoded. What a packet says is a loudness, whatever was before it;
a decoder that misses what was is wrong by a moment, which no eye sees in a picture of 255 pixels.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal, NamedTuple

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.packet import Packet
from PIL import Image

#: As many are decoded at most, and half as many at least of a sound that has more.
_HEARD_MAX = 2048
#: Of a packet's samples one in so many is looked at.
_STEP = 4
#: A blue that is seen on light and on dark pages.
_INK = (92, 130, 178, 255)
_HEIGHT_OF_WIDTH = 0.4
_BAR_PX, _GAP_PX = 2, 1


class _Samples(NamedTuple):
    """How a decoder hands samples out: a memoryview's code, what is silence, what is loudest."""

    code: Literal["B", "h", "i", "f"]
    silence: int
    loudest: float


_SAMPLES = MappingProxyType({
    "u8": _Samples("B", 128, 128.0),
    "s16": _Samples("h", 0, 2.0**15),
    "s32": _Samples("i", 0, 2.0**31),
    "flt": _Samples("f", 0, 1.0),
})  # fmt: skip


class Waveform:
    """Hears packets of one sound, in their order."""

    def __init__(self) -> None:
        #: Of each packet that was heard, 0 to 1.
        self._loud: list[float] = []
        self._step = 1
        self._packets = 0

    def hear(self, packet: Packet[AudioStream]) -> None:
        self._packets += 1
        if self._packets % self._step:
            return
        try:
            frames = packet.decode()
        except av.FFmpegError:  # after a gap, or for ever: a player is silent there too
            frames = []
        self._loud.append(max(map(_loudness, frames), default=0.0))
        if len(self._loud) >= _HEARD_MAX:
            self._step *= 2
            self._loud = list(map(max, self._loud[::2], self._loud[1::2]))

    def drawn(self, px_max: int) -> Image.Image:
        """Bars around a line; the loudest is as high as the picture."""
        width, height = px_max, round(px_max * _HEIGHT_OF_WIDTH)
        bars = width // (_BAR_PX + _GAP_PX)
        loudest = max(self._loud, default=0.0) or 1.0
        picture = Image.new("RGBA", (width, height))
        for bar in range(bars):
            heard = self._loud[bar * len(self._loud) // bars : (bar + 1) * len(self._loud) // bars]
            # A short sound has fewer packets than the picture has bars.
            near = self._loud[bar * len(self._loud) // bars] if self._loud else 0.0
            half = round(max(heard, default=near) / loudest * (height - 2) / 2)
            left = bar * (_BAR_PX + _GAP_PX)
            # PERF: Pillow's pen would load a library for letters, which takes 8 ms of each film.
            picture.paste(_INK, (left, height // 2 - half, left + _BAR_PX, height // 2 + half + 1))
        return picture


def _loudness(frame: AudioFrame) -> float:
    """Of its first channel, or of all where they come together."""
    shape = _SAMPLES.get(frame.format.name.removesuffix("p"))
    if shape is None:
        return 0.0
    together = frame.layout.nb_channels if frame.format.is_packed else 1
    bytes_of_all = frame.samples * together * frame.format.bytes
    samples = memoryview(frame.planes[0])[:bytes_of_all].cast("B").cast(shape.code)[::_STEP]
    if not len(samples):
        return 0.0
    loud = max(max(samples) - shape.silence, shape.silence - min(samples)) / shape.loudest
    return loud if 0 <= loud <= 1 else 1.0
