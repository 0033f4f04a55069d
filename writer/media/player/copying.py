"""The served file of a film or a sound: its packets, in a container that holds nothing else.

Nothing is coded again. What the sender's program wrote beside the packets (place, camera, owner,
chapters, covers, subtitles, fonts) is not copied, and so not served.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from types import MappingProxyType
from typing import Any

import av
from av.audio.stream import AudioStream
from av.packet import Packet
from av.video.stream import VideoStream

from writer.media.player import fast_start

#: Kind -> what FFmpeg calls the format that is written.
_WRITTEN_AS = MappingProxyType({
    "webm": "webm", "mp4": "mp4", "m4a": "ipod", "mp3": "mp3", "ogg": "ogg", "flac": "flac",
    "wav": "wav",
})  # fmt: skip
#: No name and version of a program, no chance: the same file in gives the same file out.
_SAME_EACH_TIME = {"fflags": "+bitexact"}
#: An MP3 without what would hold its title.
_OF_KIND = MappingProxyType({"mp3": {"id3v2_version": "0"}})


@dataclass(slots=True)
class _Span:
    """Of one stream's packets, in its own steps of time.

    PERF: in fractions of a second it took half of a minute's film.
    """

    time_base: Fraction
    began: int | None = None
    ended: int = 0

    def add(self, begins: int, ends: int) -> None:
        # What comes before 0 is there for the decoder to warm up.
        begins = max(0, begins)
        self.began = begins if self.began is None else min(self.began, begins)
        self.ended = max(self.ended, ends)


class Copy:
    """Takes packets, in the order of the file that is read."""

    def __init__(self, kind: str, streams: Sequence[VideoStream | AudioStream]) -> None:
        self._kind = kind
        self._body = BytesIO()
        options = _SAME_EACH_TIME | _OF_KIND.get(kind, {})
        self._target = av.open(self._body, "w", format=_WRITTEN_AS[kind], container_options=options)
        self._copies = {
            stream.index: self._target.add_stream_from_template(stream, opaque=True)
            for stream in streams
        }
        for copy in self._copies.values():
            copy.metadata.clear()
        self._spans = {
            stream.index: _Span(stream.time_base) for stream in streams if stream.time_base
        }

    def add(self, packet: Packet[Any]) -> None:
        index = packet.stream.index
        if (pts := packet.pts) is not None and (span := self._spans.get(index)):
            span.add(pts, pts + (packet.duration or 0))
        packet.stream = self._copies[index]
        self._target.mux(packet)

    @property
    def duration_s(self) -> float:
        """From the first packet's beginning to the last one's end."""
        spans = [span for span in self._spans.values() if span.began is not None]
        if not spans:
            return 0.0
        ended_s = max(span.ended * span.time_base for span in spans)
        return float(ended_s - min((span.began or 0) * span.time_base for span in spans))

    def closed(self) -> bytes:
        self._target.close()
        body = self._body.getvalue()
        return fast_start.of_mp4(body) if self._kind in ("mp4", "m4a") else body
