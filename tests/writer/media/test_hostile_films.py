"""Films and sounds that mean harm: each has a sentence for its poster, and nobody else notices."""

from __future__ import annotations

from collections.abc import Iterator
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
from tests.tables import for_each
from tests.writer.media import hostile
from tests.writer.media.conftest import Develop
from tests.writer.media.films import a_film, a_sound, with_id3
from writer.media.darkroom import Darkroom

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
EBML = a_film()[: a_film().index(b"\x18\x53\x80\x67")]
SEGMENT = b"\x18\x53\x80\x67\x01" + b"\xff" * 7
MP4 = a_film("mp4", "libx264", "aac")
WAV = a_sound("wav", "pcm_s16le")
FLAC = a_sound("flac", "flac")

REFUSED = {
    "an MP4 of boxes in boxes": nested(FTYP, b"moov", 20_000),
    "an MP4 of indexes in indexes": nested(FTYP, b"trak", 20_000),
    "an MP4 that says to hold nothing": FTYP + hostile.box(b"moov", b""),
    "an MP4 of a billion samples": patched(MP4, b"stsz", 12, b"\x3f\xff\xff\xff"),
    "a WebM of segments in segments": EBML + SEGMENT * 20_000,
    "a WebM of nothing but its head": EBML,
    "a WebM of zeros": EBML + SEGMENT + bytes(MB),
    "a WebM of void": EBML + SEGMENT + (b"\xec\x81\0" * 300_000),
    "an Ogg of empty pages": (b"OggS\0\2" + bytes(20) + b"\0") * 20_000,
    "an MP3 of nothing but its title": with_id3(b"", "A" * (4 * MB), b""),
    "a FLAC of 4 GB of comments": FLAC[:42] + b"\x84\xff\xff\xff" + b"\xff" * 1000,
    "a WAV of no channels": patched(WAV, b"fmt ", 10, b"\0\0"),
    "noise behind the head of each": FTYP + Random(1).randbytes(MB),
    "17 sounds": many_streams(17),
}


@for_each(("what", "data"), REFUSED.items())
def test_what_plays_nothing_is_refused_as_damaged(develop: Develop, what: str, data: bytes) -> None:
    with pytest.raises(FileRefused, match=r"damaged or did not arrive whole|no film and no sound"):
        develop(data, file_kinds=EVERY_KIND)


@pytest.mark.slow
def test_a_film_that_claims_a_size_is_held_to_it_before_a_picture_is_decoded(
    develop: Develop,
) -> None:
    """60,000 × 60,000: by its index, and 160 × 90 by its pictures."""
    wide = patched(a_film(), b"\xb0\x81\xa0", 1, b"\x82\xea")
    with pytest.raises(PostRefused):
        develop(wide)
    with pytest.raises(ImageTooLarge, match=r"megapixels"):
        develop(a_film("webm", "libvpx", None, size=(1200, 900)), image_pixels_max=1_000_000)


TAKEN = {
    "a WAV that claims 4 GB": patched(WAV, b"data", 4, b"\xff\xff\xff\xff"),
    "a title of 4 MB": with_id3(a_sound("mp3", "libmp3lame"), "A" * (4 * MB), b""),
    "a cover of 160 megapixels": with_id3(
        a_sound("mp3", "libmp3lame"), "A", hostile.a_png(Image.new("1", (40_000, 4_000)))
    ),
}


@for_each(("what", "data"), TAKEN.items())
def test_what_is_beside_a_sound_may_be_as_large_as_it_likes(
    develop: Develop, what: str, data: bytes
) -> None:
    made = develop(data, file_kinds=EVERY_KIND)
    assert made.duration_ms == pytest.approx(2000, abs=80)
    assert made.bytes < MB


@pytest.fixture(scope="module")
def tight_darkroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Darkroom]:
    """In which a film that takes its time has none."""
    room = Darkroom(MediaLimits(memory_bytes_max=96 * MB), tmp_path_factory.mktemp("tight"))
    yield room
    room.close()


@pytest.mark.slow
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


def damaged(seed: int) -> bytes:
    chance = Random(seed)
    films = (a_film(), MP4, a_film("mov", "libx264", "aac"), FLAC, a_sound("ogg", "libopus"))
    data = bytearray(chance.choice(films))
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(data))
        edge = chance.choice(
            (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", chance.randbytes(3))
        )
        data[at : at + chance.choice((0, len(edge), 200))] = edge
    return bytes(data)


@pytest.mark.slow
def test_a_damaged_film_never_ends_the_server(shared_darkroom: Darkroom, tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    settings = BoardSettings(file_kinds=EVERY_KIND)
    started, died = shared_darkroom.counts["started"], shared_darkroom.counts["died"]
    for seed in range(40):
        upload.write_bytes(damaged(seed))
        with suppress(PostRefused):
            shared_darkroom.develop(upload, settings=settings).discard()
        assert shared_darkroom.counts["died"] == died, seed
    assert shared_darkroom.counts["started"] in (started, 1)
