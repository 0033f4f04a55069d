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

from imageboard.errors import ImageTooLarge
from imageboard.media import MediaLimits
from imageboard.words import N_
from writer.media import contraband
from writer.media.containers import Container, broken
from writer.media.containers.container import refused
from writer.media.picture import Print
from writer.media.player.copying import Copy
from writer.media.player.looking import Look

#: What PyAV loads when it meets the first file that needs it, and a confined process can't.
import_module("av.subtitles.stream")

#: Of all streams together; a film of an hour has 400,000 at most.
_PACKETS_MAX = 600_000
#: Packets between two looks at how long it is by now.
_LOOK_EVERY = 1000
#: Of one file. What programs write has a handful.
_STREAMS_MAX = 16
#: What decoding takes of memory for each pixel: a picture, and those that it is made from.
_BYTES_PER_PX = 30.0

#: Kind -> what FFmpeg calls the format that is read. Named, so that nothing else is tried.
_READ_AS = MappingProxyType({
    "webm": "matroska", "mp4": "mov", "mov": "mov", "m4a": "mov",
    "mp3": "mp3", "ogg": "ogg", "flac": "flac", "wav": "wav",
})  # fmt: skip
#: Those of which the streams decide what they become.
_OF_MP4 = frozenset({"mp4", "mov", "m4a"})
_OF_WEBM = frozenset({"vp8", "vp9", "av1", "opus", "vorbis"})
#: What browsers play.
_PICTURE_CODECS = frozenset({"vp8", "vp9", "av1", "h264"})
_SOUND_CODECS = frozenset({"opus", "vorbis", "aac", "mp3", "flac"})
_CODECS_OF_WAV = frozenset({"pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_f32le"})
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
    #: Looked at, not served.
    cover: VideoStream | None = None

    @property
    def there(self) -> list[VideoStream | AudioStream]:
        return [stream for stream in (self.picture, self.sound) if stream is not None]


def play(
    container: Container, limits: MediaLimits, thumb_px_max: int, *, in_webp: bool = False
) -> Print:
    """The served file, and its still, its cover or its waveform.

    Raises:
        FileRefused: nothing of it is played by browsers, or it is damaged.
        ImageTooLarge: beyond `limits`.
        MemoryError: it does not fit.
    """
    av.logging.set_level(av.logging.PANIC)  # what it has to say of odd files is not for the log
    try:
        with _opened(container) as source:
            return _played(source, container, limits, thumb_px_max, in_webp=in_webp)
    except MemoryError:
        raise
    except (av.FFmpegError, ValueError, ArithmeticError) as ex:
        raise broken(f"{container.kind}: {type(ex).__name__}: {ex}") from ex


def _played(
    source: InputContainer,
    container: Container,
    limits: MediaLimits,
    thumb_px_max: int,
    *,
    in_webp: bool,
) -> Print:
    streams = _streams(source, container.kind, limits)
    kind = _kind(container.kind, streams)
    copy = Copy(kind, streams.there)
    look = Look(streams.picture, streams.sound)
    cover = b""
    for number, packet in enumerate(_packets(source, streams)):
        if packet.stream is streams.cover:
            cover = cover or bytes(packet)
            continue
        look.at(packet)
        copy.add(packet)
        if number % _LOOK_EVERY == 0:
            limits.check_played(copy.duration_s)
    limits.check_played(copy.duration_s)
    look.ended()
    original = copy.closed()
    _refuse_smuggled(kind, original)
    if not copy.duration_s:
        raise broken(f"{container.kind}: nothing to play")
    width, height = look.size
    thumb = look.thumbnail(cover, limits, thumb_px_max, in_webp=in_webp)
    return Print(
        original,
        thumb.body,
        thumb.extension,
        width,
        height,
        thumb.width,
        thumb.height,
        kind=kind,
        duration_ms=max(1, round(copy.duration_s * 1000)),
        has_sound=streams.sound is not None,
        codecs=", ".join(_codec(stream) for stream in streams.there),
        likeness=look.likeness,
        colour=thumb.colour,
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


def _streams(source: InputContainer, read_as: str, limits: MediaLimits) -> Streams:
    if len(source.streams) > _STREAMS_MAX:
        raise broken(f"{len(source.streams)} streams")
    pictures = [s for s in source.streams.video if not s.disposition & Disposition.attached_pic]
    covers = [s for s in source.streams.video if s.disposition & Disposition.attached_pic]
    sounds = source.streams.audio
    streams = Streams(
        pictures[0] if pictures else None,
        sounds[0] if sounds else None,
        covers[0] if covers else None,
    )
    if not streams.there:
        raise refused(N_("The file holds no film and no sound that can be played."))
    for stream in streams.there:
        _check_codec(stream, read_as)
    if streams.picture is not None:
        _check_picture(streams.picture, limits)
    return streams


def _check_codec(stream: VideoStream | AudioStream, read_as: str) -> None:
    """Raises FileRefused for what browsers don't play."""
    codec = _codec(stream)
    sounds = _CODECS_OF_WAV if read_as == "wav" else _SOUND_CODECS
    if codec in (_PICTURE_CODECS if stream.type == "video" else sounds):
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


def _kind(read_as: str, streams: Streams) -> str:
    if read_as == "webm" and {_codec(stream) for stream in streams.there} <= _OF_WEBM:
        return "webm"
    if read_as in _OF_MP4 or read_as == "webm":
        return "mp4" if streams.picture is not None else "m4a"
    return read_as


def _packets(source: InputContainer, streams: Streams) -> Iterator[Packet[Any]]:
    wanted = [*streams.there, *([streams.cover] if streams.cover is not None else [])]
    for count, packet in enumerate(source.demux(wanted)):
        if count > _PACKETS_MAX:
            raise ImageTooLarge(_TOO_MANY_PACKETS)
        if packet.size:  # the last ones say that there is no more
            yield packet


def _refuse_smuggled(kind: str, original: bytes) -> None:
    if (what := contraband.smuggled(Container(kind, 0, 0, kept=[original]))) is not None:
        raise contraband.refusal(what)
