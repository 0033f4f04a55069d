"""What stands for a film or a sound before it is played: its still, its cover, or its waveform."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from av.audio.stream import AudioStream
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from imageboard.errors import PostRefused
from imageboard.media import MediaLimits
from imageboard.media_kinds import KINDS
from writer.media import containers, contraband, picture, thumbnail
from writer.media.average import average_colour
from writer.media.containers import broken
from writer.media.likeness import likeness
from writer.media.player import still
from writer.media.player.waveform import Waveform

_PICTURES = frozenset(kind.name for kind in KINDS if kind.is_picture)


class Thumb(NamedTuple):
    body: bytes
    extension: str
    width: int
    height: int
    colour: int | None


class Look:
    """Looks at packets that pass by; decodes what makes a film's first picture, and no more."""

    def __init__(self, picture: VideoStream | None, sound: AudioStream | None) -> None:
        self._decoded = picture if picture is not None else sound
        self._waveform = Waveform() if picture is None else None
        self._seen: Image.Image | None = None
        if self._decoded is not None:
            # Threads would each take a stack, and a confined process can't start one.
            self._decoded.codec_context.thread_count = 1

    def at(self, packet: Packet[Any]) -> None:
        if packet.stream is not self._decoded:
            return
        if self._waveform is not None:
            self._waveform.hear(packet)
        elif self._seen is None:
            self._see(packet.decode())

    def ended(self) -> None:
        """A film of a frame or two may be over before its coder gives out the first."""
        if isinstance(self._decoded, VideoStream) and self._seen is None:
            self._see(self._decoded.codec_context.decode(None))

    def _see(self, frames: Iterable[object]) -> None:
        frame = next(iter(frames), None)
        if isinstance(frame, VideoFrame):
            self._seen = still.of_frame(frame)

    @property
    def likeness(self) -> int | None:
        """Of a film's still; a sound looks like nothing."""
        return None if self._seen is None else likeness(self._seen)

    @property
    def size(self) -> tuple[int, int]:
        """Of a film as it is seen; 0 × 0 of a sound."""
        if self._waveform is not None:
            return 0, 0
        if self._seen is None:
            raise broken("a film without a picture")
        return self._seen.size

    def thumbnail(self, cover: bytes, limits: MediaLimits, px_max: int, *, in_webp: bool) -> Thumb:
        """`cover` is what a sound brought along; b'': nothing."""
        if self._seen is not None:
            small = still.shrunk(self._seen, px_max)
            return _thumb(thumbnail.of_still(small, in_webp=in_webp), small)
        shown = _of_cover(cover, limits, px_max, in_webp=in_webp) if cover else None
        if shown is not None:
            return shown
        assert self._waveform is not None
        drawn = self._waveform.drawn(px_max)
        return _thumb(thumbnail.of_drawing(drawn), drawn)


def _of_cover(cover: bytes, limits: MediaLimits, px_max: int, *, in_webp: bool) -> Thumb | None:
    """As of any picture that is sent; None where it would be refused."""
    try:
        container = containers.read(cover, limits, _PICTURES)
        if contraband.smuggled(container) is not None:
            return None
        made = picture.develop(container, px_max, in_webp=in_webp)
    except PostRefused:
        return None
    assert made.thumbnail is not None
    return Thumb(
        made.thumbnail,
        made.thumb_extension or "",
        made.thumb_width or 0,
        made.thumb_height or 0,
        made.colour,
    )


def _thumb(made: thumbnail.Thumbnail, small: Image.Image) -> Thumb:
    return Thumb(*made, *small.size, average_colour(small))
