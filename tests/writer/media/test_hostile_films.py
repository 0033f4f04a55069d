"""Films and sounds that mean harm: each has a sentence for its poster, and nobody else notices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from random import Random
from struct import pack

import av
import pytest
from PIL import Image

from imageboard.errors import FileRefused, ImageTooLarge, PostRefused
from imageboard.media import MediaLimits
from imageboard.media_kinds import BY_NAME
from imageboard.settings import BoardSettings
from tests.in_part import Part
from tests.tables import for_each
from tests.writer.media import hostile
from tests.writer.media.conftest import Develop
from tests.writer.media.films import a_film, a_sound, with_id3
from writer.media.darkroom import Darkroom

pytestmark = pytest.mark.slow

EVERY_KIND = " ".join(BY_NAME)
MB = 1024 * 1024


def nested(head: bytes, box: bytes, deep: int) -> bytes:
    """Boxes of an MP4, each in the one before."""
    return head + b"".join(pack(">L4s", 8 * (deep - at), box) for at in range(deep))


def patched(film: bytes, mark: bytes, at: int, new: bytes) -> bytes:
    """With other bytes, so far behind a mark."""
    place = film.index(mark) + at
    return film[:place] + new + film[place + len(new) :]


def many_streams(count: int) -> bytes:
    body = BytesIO()
    with av.open(body, "w", format="matroska") as film:
        streams = [film.add_stream("pcm_s16le", rate=8000, layout="mono") for _ in range(count)]
        for stream in streams:
            frame = av.AudioFrame(format="s16", layout="mono", samples=80)
            frame.sample_rate, frame.pts = 8000, 0
            film.mux(stream.encode(frame))
    return body.getvalue()


FTYP = hostile.box(b"ftyp", b"isom\0\0\2\0isomavc1")
SEGMENT = b"\x18\x53\x80\x67\x01" + b"\xff" * 7


def ebml() -> bytes:
    return a_film()[: a_film().index(b"\x18\x53\x80\x67")]


def mp4() -> bytes:
    return a_film("mp4", "libx264", "aac")


def wav() -> bytes:
    return a_sound("wav", "pcm_s16le")


def flac() -> bytes:
    return a_sound("flac", "flac")


#: Made when they are tried: half a second of CPU, which every test process would pay.
REFUSED: dict[str, Callable[[], bytes]] = {
    "an MP4 of boxes in boxes": lambda: nested(FTYP, b"moov", 20_000),
    "an MP4 of indexes in indexes": lambda: nested(FTYP, b"trak", 20_000),
    "an MP4 that says to hold nothing": lambda: FTYP + hostile.box(b"moov", b""),
    "an MP4 of a billion samples": lambda: patched(mp4(), b"stsz", 12, b"\x3f\xff\xff\xff"),
    "a WebM of segments in segments": lambda: ebml() + SEGMENT * 20_000,
    "a WebM of nothing but its head": ebml,
    "a WebM of zeros": lambda: ebml() + SEGMENT + bytes(MB),
    "a WebM of void": lambda: ebml() + SEGMENT + (b"\xec\x81\0" * 300_000),
    "an Ogg of empty pages": lambda: (b"OggS\0\2" + bytes(20) + b"\0") * 20_000,
    "an MP3 of nothing but its title": lambda: with_id3(b"", "A" * (4 * MB), b""),
    "a FLAC of 4 GB of comments": lambda: flac()[:42] + b"\x84\xff\xff\xff" + b"\xff" * 1000,
    "a WAV of no channels": lambda: patched(wav(), b"fmt ", 10, b"\0\0"),
    "noise behind the head of each": lambda: FTYP + Random(1).randbytes(MB),
    "17 sounds": lambda: many_streams(17),
}


@for_each("what", list(REFUSED))
def test_what_plays_nothing_is_refused_as_damaged(develop: Develop, what: str) -> None:
    with pytest.raises(FileRefused, match=r"damaged or did not arrive whole|no film and no sound"):
        develop(REFUSED[what](), file_kinds=EVERY_KIND)


def test_a_film_that_claims_a_size_is_held_to_it_before_a_picture_is_decoded(
    develop: Develop,
) -> None:
    """60,000 × 60,000: by its index, and 160 × 90 by its pictures."""
    wide = patched(a_film(), b"\xb0\x81\xa0", 1, b"\x82\xea")
    with pytest.raises(PostRefused):
        develop(wide)
    with pytest.raises(ImageTooLarge, match=r"megapixels"):
        develop(a_film("webm", "libvpx", None, size=(1200, 900)), image_pixels_max=1_000_000)


TAKEN: dict[str, Callable[[], bytes]] = {
    "a WAV that claims 4 GB": lambda: patched(wav(), b"data", 4, b"\xff\xff\xff\xff"),
    "a title of 4 MB": lambda: with_id3(a_sound("mp3", "libmp3lame"), "A" * (4 * MB), b""),
    "a cover of 160 megapixels": lambda: with_id3(
        a_sound("mp3", "libmp3lame"), "A", hostile.a_png(Image.new("1", (40_000, 4_000)))
    ),
}


@for_each("what", list(TAKEN))
def test_what_is_beside_a_sound_may_be_as_large_as_it_likes(develop: Develop, what: str) -> None:
    made = develop(TAKEN[what](), file_kinds=EVERY_KIND)
    assert made.duration_ms == pytest.approx(2000, abs=80)
    assert made.bytes < MB


@pytest.fixture(scope="module")
def tight_darkroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Darkroom]:
    """In which a film that takes its time has none."""
    room = Darkroom(MediaLimits(memory_bytes_max=96 * MB), tmp_path_factory.mktemp("tight"))
    yield room
    room.close()


def test_a_film_that_does_not_fit_into_memory_is_not_called_damaged(
    tight_darkroom: Darkroom, tmp_path: Path
) -> None:
    upload = tmp_path / "film"
    upload.write_bytes(a_film("webm", "libvpx", None, size=(1920, 1080), seconds=0.2))
    with pytest.raises(ImageTooLarge, match=r"megapixels|memory"):
        tight_darkroom.develop(upload, settings=BoardSettings())
    upload.write_bytes(a_film())
    tight_darkroom.develop(upload, settings=BoardSettings()).discard()
    assert tight_darkroom.counts["started"] == 1, "the next one is read by the same server"


#: Those that are damaged.
WHOLE: dict[str, Callable[[], bytes]] = {
    "webm": a_film,
    "mp4": mp4,
    "mov": lambda: a_film("mov", "libx264", "aac"),
    "flac": flac,
    "ogg": lambda: a_sound("ogg", "libopus"),
}


def damaged(kind: str, seed: int) -> bytes:
    chance = Random(f"{kind} {seed}")
    data = bytearray(WHOLE[kind]())
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(data))
        edge = chance.choice(
            (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", chance.randbytes(3))
        )
        data[at : at + chance.choice((0, len(edge), 200))] = edge
    return bytes(data)


def test_a_damaged_film_never_ends_the_server(
    shared_darkroom: Darkroom, tmp_path: Path, part: Part
) -> None:
    upload = tmp_path / "upload"
    settings = BoardSettings(file_kinds=EVERY_KIND)
    started, died = shared_darkroom.counts["started"], shared_darkroom.counts["died"]
    for kind, seed in part.of({kind: [(kind, n) for n in range(8)] for kind in WHOLE}, 3 / 8):
        upload.write_bytes(damaged(kind, seed))
        with suppress(PostRefused):
            shared_darkroom.develop(upload, settings=settings).discard()
        assert shared_darkroom.counts["died"] == died, (kind, seed)
    assert shared_darkroom.counts["started"] in (started, 1)
