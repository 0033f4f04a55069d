"""The story of one film or sound: opened, held to the board's limits, copied, looked at.

    play(container, limits, thumb_px_max)

What it is comes from its streams, not from its name or its first bytes: an MP4 without pictures is
an M4A, a Matroska file is what browsers call WebM or goes into an MP4.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from io import BytesIO
from types import MappingProxyType
from typing import Any, NamedTuple

import av
import av.logging
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream
from PIL import Image

from imageboard.errors import FileRefused, ImageTooLarge
from imageboard.media import MediaLimits
from imageboard.words import N_
from writer.media import contraband, thumbnail
from writer.media.containers import Container, broken
from writer.media.containers.container import refused
from writer.media.picture import Print
from writer.media.player import still
from writer.media.player.copying import Copy

#: What PyAV loads when it meets the first file that needs it, and a confined process can't.
import_module("av.subtitles.stream")

#: Of all streams together; a film of an hour has 400,000 at most.
_PACKETS_MAX = 600_000
#: Of one file. What programs write has a handful.
_STREAMS_MAX = 16
#: What decoding takes of memory for each pixel: a picture, and those that it is made from.
_BYTES_PER_PX = 30.0

#: Kind -> what FFmpeg calls the format that is read. Named, so that nothing else is tried.
_READ_AS = MappingProxyType({"webm": "matroska", "mp4": "mov", "mov": "mov"})
_OF_WEBM = frozenset({"vp8", "vp9", "av1", "opus", "vorbis"})
#: What browsers play.
_PICTURE_CODECS = frozenset({"vp8", "vp9", "av1", "h264"})
_SOUND_CODECS = frozenset({"opus", "vorbis", "aac", "mp3", "flac"})
#: Of H.264 they show no other: eight bits, colours halved.
_H264_FORMATS = frozenset({"yuv420p", "yuvj420p"})

_CODED_OTHERWISE = N_(
    "The file is coded as {codec}, which not every browser plays. Save it with {codecs}."
)
_TOO_MANY_PACKETS = N_("The file takes too long to read. Send a shorter one.")


class Streams(NamedTuple):
    """What is served of a file: one of each at most."""

    picture: VideoStream | None
    sound: AudioStream | None

    @property
    def there(self) -> list[VideoStream | AudioStream]:
        return [stream for stream in self if stream is not None]


def play(container: Container, limits: MediaLimits, thumb_px_max: int) -> Print:
    """The served file and its still.

    Raises:
        FileRefused: nothing of it is played by browsers, or it is damaged.
        ImageTooLarge: beyond `limits`.
        MemoryError: it does not fit.
    """
    av.logging.set_level(av.logging.PANIC)  # what it has to say of odd files is not for the log
    try:
        with _opened(container) as source:
            return _played(source, container, limits, thumb_px_max)
    except (FileRefused, ImageTooLarge, MemoryError, ImportError):
        raise
    except Exception as ex:  # PyAV raises OSError, ValueError, EOFError, … for bad bytes
        raise broken(f"{container.kind}: {type(ex).__name__}: {ex}") from ex


def _played(
    source: InputContainer, container: Container, limits: MediaLimits, thumb_px_max: int
) -> Print:
    streams = _streams(source, limits)
    kind = _kind(container.kind, streams)
    copy = Copy(kind, streams.there)
    seen = None
    for packet in _packets(source, streams):
        if seen is None and streams.picture is not None and packet.stream is streams.picture:
            seen = next(iter(packet.decode()), None)
        copy.add(packet)
        limits.check_played(copy.duration_s)
    original = copy.closed()
    _refuse_smuggled(kind, original)
    if streams.picture is not None and seen is None:
        raise broken(f"{container.kind}: no picture")
    if not copy.duration_s:
        raise broken(f"{container.kind}: nothing to play")
    drawn = still.of_frame(seen) if seen is not None else None
    return _print(kind, original, drawn, streams, copy, thumb_px_max)


def _print(
    kind: str,
    original: bytes,
    drawn: Image.Image | None,
    streams: Streams,
    copy: Copy,
    thumb_px_max: int,
) -> Print:
    print_ = Print(
        original=original,
        thumbnail=None,
        thumb_extension=None,
        width=0,
        height=0,
        thumb_width=None,
        thumb_height=None,
        kind=kind,
        duration_ms=max(1, round(copy.duration_s * 1000)),
        has_sound=streams.sound is not None,
        codecs=", ".join(_codec(stream) for stream in streams.there),
    )
    if drawn is None:
        return print_
    small = still.shrunk(drawn, thumb_px_max)
    body, extension = thumbnail.of_still(small)
    return print_._replace(
        thumbnail=body,
        thumb_extension=extension,
        width=drawn.width,
        height=drawn.height,
        thumb_width=small.width,
        thumb_height=small.height,
    )


@contextmanager
def _opened(container: Container) -> Iterator[InputContainer]:
    source = av.open(
        BytesIO(container.clean_bytes()),
        "r",
        format=_READ_AS[container.kind],
        metadata_errors="ignore",
        container_options={"probesize": "2000000", "analyzeduration": "2000000"},
    )
    with source:
        yield source


# --- what is in it ---


def _streams(source: InputContainer, limits: MediaLimits) -> Streams:
    if len(source.streams) > _STREAMS_MAX:
        raise broken(f"{len(source.streams)} streams")
    pictures = [s for s in source.streams.video if not s.disposition & Disposition.attached_pic]
    streams = Streams(
        pictures[0] if pictures else None, source.streams.audio[0] if source.streams.audio else None
    )
    if not streams.there:
        raise refused(N_("The file holds no film and no sound that can be played."))
    for stream in streams.there:
        _check_codec(stream)
    if streams.picture is not None:
        _check_picture(streams.picture, limits)
    return streams


def _check_codec(stream: VideoStream | AudioStream) -> None:
    """Raises FileRefused for what browsers don't play."""
    codec = _codec(stream)
    if codec in (_PICTURE_CODECS if stream.type == "video" else _SOUND_CODECS):
        pixels = stream.pix_fmt if isinstance(stream, VideoStream) else None
        if codec != "h264" or pixels in _H264_FORMATS:
            return
        codec = f"H.264 ({pixels})"
    better = (
        N_("H.264, VP8, VP9 or AV1")
        if stream.type == "video"
        else N_("AAC, Opus, Vorbis, MP3 or FLAC")
    )
    raise refused(_CODED_OTHERWISE.filled(codec=codec[:40], codecs=better))


def _codec(stream: VideoStream | AudioStream) -> str:
    """'vp9'; '?' for what FFmpeg has no decoder of."""
    context = stream.codec_context
    return context.codec.canonical_name if context is not None else "?"


def _check_picture(stream: VideoStream, limits: MediaLimits) -> None:
    width, height = stream.width, stream.height
    if not width or not height:
        raise broken("a film of size 0")
    limits.check_canvas(width, height)
    limits.check_memory(width * height, _BYTES_PER_PX)
    # Threads would each take a stack, and a confined process can't start one.
    stream.codec_context.thread_count = 1


def _kind(read_as: str, streams: Streams) -> str:
    if read_as == "webm" and {_codec(stream) for stream in streams.there} <= _OF_WEBM:
        return "webm"
    return "mp4"


def _packets(source: InputContainer, streams: Streams) -> Iterator[Packet[Any]]:
    for count, packet in enumerate(source.demux(streams.there)):
        if count > _PACKETS_MAX:
            raise ImageTooLarge(_TOO_MANY_PACKETS)
        if packet.size:  # the last ones say that there is no more
            yield packet


def _refuse_smuggled(kind: str, original: bytes) -> None:
    if (what := contraband.smuggled(Container(kind, 0, 0, kept=[original]))) is not None:
        raise contraband.refusal(what)
