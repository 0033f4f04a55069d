"""Films: what is served of one, what a reader is told of it, and what is refused."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import av
import pytest
from PIL import Image

from imageboard.errors import FileRefused, ImageTooLarge
from imageboard.settings import BoardSettings
from tests.tables import for_each
from tests.writer.media.conftest import Develop
from tests.writer.media.films import FRAMES_PER_S, a_film, film_of
from writer.media.darkroom import Darkroom, DevelopedImage

pytestmark = pytest.mark.slow


def served(made: DevelopedImage) -> bytes:
    return made.original.read_bytes()


def codecs_and_frames(film: bytes) -> tuple[list[str], int]:
    """As a player finds them, which decodes all of it."""
    with av.open(BytesIO(film)) as source:
        codecs = [stream.codec_context.codec.canonical_name for stream in source.streams]
        return codecs, sum(1 for _ in source.decode(video=0))


@for_each(
    ("container", "picture", "sound", "kind"),
    [
        ("webm", "libvpx", "vorbis", "webm"),
        ("webm", "libvpx-vp9", "libopus", "webm"),
        ("webm", "libsvtav1", "libopus", "webm"),
        ("webm", "libvpx-vp9", None, "webm"),
        ("mp4", "libx264", "aac", "mp4"),
        ("mp4", "libsvtav1", "libopus", "mp4"),
        ("mp4", "libx264", None, "mp4"),
        ("mov", "libx264", "aac", "mp4"),
        ("matroska", "libx264", "aac", "mp4"),
        ("matroska", "libvpx-vp9", "libopus", "webm"),
    ],
)
def test_a_film_is_served_whole_with_its_still_and_what_to_know_of_it(
    develop: Develop, container: str, picture: str, sound: str | None, kind: str
) -> None:
    sent = a_film(container, picture, sound)
    made = develop(sent)
    assert codecs_and_frames(served(made)) == codecs_and_frames(sent)
    assert made.codecs == ", ".join(codecs_and_frames(sent)[0])
    assert (made.kind.name, made.has_sound) == (kind, sound is not None)
    assert made.duration_ms == pytest.approx(1000, abs=60)
    assert (made.width, made.height) == (160, 90)
    assert made.thumbnail is not None
    still = Image.open(BytesIO(made.thumbnail.read_bytes())).convert("RGB")
    assert still.size == (made.thumb_width, made.thumb_height) == (160, 90)
    assert still.getpixel((150, 45)) == pytest.approx((240, 120, 20), abs=14)
    assert still.getpixel((2, 45)) == pytest.approx((10, 40, 220), abs=40)


def test_a_film_that_is_made_for_a_test_leaves_its_process_as_it_was() -> None:
    """Not in real time: as root the encoder of AV1 takes that for all that follows."""
    before = os.sched_getscheduler(0)
    assert b"V_AV1" in film_of("webm", "libsvtav1", None)
    assert os.sched_getscheduler(0) == before == os.SCHED_OTHER


@for_each("frames", [1, 2, 3])
@for_each("container", ["mp4", "mov", "webm"])
def test_a_film_of_few_frames_has_its_still(develop: Develop, container: str, frames: int) -> None:
    """Whose coder keeps the first back until it knows of the next."""
    encoder = "libvpx-vp9" if container == "webm" else "libx264"
    made = develop(a_film(container, encoder, None, seconds=frames / FRAMES_PER_S))
    assert made.thumbnail is not None
    still = Image.open(BytesIO(made.thumbnail.read_bytes())).convert("RGB")
    assert still.getpixel((150, 45)) == pytest.approx((240, 120, 20), abs=14)


def test_an_mp4_begins_with_its_index(develop: Develop) -> None:
    """So that a browser begins to play before it has all of it."""
    sent = a_film("mp4", "libx264", "aac")
    assert sent.index(b"mdat") < sent.index(b"moov"), "it came the other way round"
    film = served(develop(sent))
    assert film.index(b"moov") < film.index(b"mdat")


#: What phones and programs write beside a film.
TOLD = {
    "title": "Anna at home",
    "location": "+52.5200+013.4050/",
    "com.apple.quicktime.location.ISO6709": "+52.5200+013.4050+034/",
    "com.apple.quicktime.model": "Phone of Anna",
    "artist": "Anna",
    "comment": "Anna was here",
    "creation_time": "2026-11-29T07:00:00.000000Z",
    "handler_name": "Anna's camera",
    "encoder": "Anna's program",
    "language": "deu",
}


@for_each("container", ["mp4", "mov", "matroska"])
def test_who_filmed_where_and_when_is_not_served(develop: Develop, container: str) -> None:
    sent = film_of(container, "libx264", "aac", told=TOLD)
    assert b"Anna" in sent
    film = served(develop(sent))
    assert not [word for word in (b"Anna", b"52.52", b"Phone", b"2026") if word in film]
    with av.open(BytesIO(film)) as source:
        told = source.metadata | {k: v for s in source.streams for k, v in s.metadata.items()}
    assert "creation_time" not in told


def test_the_same_film_is_the_same_file_each_time(develop: Develop) -> None:
    for film in (a_film(), a_film("mp4", "libx264", "aac")):
        assert develop(film).sha256 == develop(film).sha256


def test_what_is_played_is_told_of_no_picture(develop: Develop) -> None:
    body = BytesIO()
    Image.new("RGB", (40, 30)).save(body, "PNG")
    made = develop(body.getvalue())
    assert (made.duration_ms, made.has_sound, made.codecs) == (None, None, None)


@for_each(
    ("film", "sentence"),
    [
        (("mp4", "mpeg4", "aac"), "The file is coded as mpeg4, which not every browser plays."),
        (("mp4", "libx265", "aac"), "The file is coded as hevc, which not every browser plays."),
        (("matroska", "libx264", "ac3"), "The file is coded as ac3, which"),
    ],
)
def test_what_browsers_do_not_play_is_refused_with_what_to_save(
    develop: Develop, film: tuple[str, str, str], sentence: str
) -> None:
    with pytest.raises(FileRefused, match=sentence):
        develop(a_film(*film))


def test_h264_of_a_sort_that_few_browsers_show_is_refused(develop: Develop) -> None:
    with pytest.raises(FileRefused, match=r"coded as H\.264 \(yuv444p\)"):
        develop(a_film("mp4", "libx264", "aac", pixels="yuv444p"))


def test_a_board_sets_how_long_and_how_large_a_film_may_be(develop: Develop) -> None:
    with pytest.raises(ImageTooLarge, match=r"too long: 0:01 is the most"):
        develop(a_film(seconds=2.0), played_max_s=1)
    with pytest.raises(ImageTooLarge, match=r"160 × 90 pixels, and 100 is the most"):
        develop(a_film(), image_side_px_max=100)


def test_a_board_that_takes_no_films_says_what_it_takes(develop: Develop) -> None:
    with pytest.raises(FileRefused, match=r"The file is WebM\. JPEG and PNG are accepted"):
        develop(a_film(), file_kinds="jpeg png")
    with pytest.raises(FileRefused, match=r"The file is MP4\. MOV are accepted"):
        develop(a_film("mov", "libx264", "aac"), file_kinds="mov")


@for_each("container", ["webm", "mp4", "mov"])
@for_each("part", [0.02, 0.3, 0.6])
def test_a_film_that_did_not_arrive_whole_is_refused_or_served_as_far_as_it_goes(
    develop: Develop, container: str, part: float
) -> None:
    """An MP4's index is at its end; a WebM plays up to where it ends."""
    codecs = ("libvpx-vp9", "libopus") if container == "webm" else ("libx264", "aac")
    sent = a_film(container, *codecs)
    said = _said_of(develop, sent[: int(len(sent) * part)])
    assert said == "damaged" or (container == "webm" and 0 < int(said) < 12)


def _said_of(develop: Develop, film: bytes) -> str:
    try:
        return str(codecs_and_frames(served(develop(film)))[1])
    except FileRefused as ex:
        return "damaged" if "damaged or did not arrive whole" in str(ex) else str(ex)


def test_films_and_pictures_of_one_post_are_read_by_processes_of_their_sorts(
    shared_darkroom: Darkroom, tmp_path: Path
) -> None:
    picture = BytesIO()
    Image.new("RGB", (40, 30)).save(picture, "PNG")
    bodies = (picture.getvalue(), a_film(), picture.getvalue(), a_film("mp4", "libx264", "aac"))
    paths = [tmp_path / str(number) for number in range(len(bodies))]
    for path, body in zip(paths, bodies, strict=True):
        path.write_bytes(body)
    made = shared_darkroom.receive(paths, settings=BoardSettings())
    assert [each.kind.name for each in made] == ["png", "webm", "png", "mp4"]


def test_a_still_is_webp_where_the_board_wants_that(develop: Develop) -> None:
    assert develop(a_film(), thumbs_in_webp=True).thumb_extension == ".webp"
    assert develop(a_film()).thumb_extension == ".jpg"
