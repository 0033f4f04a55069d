"""Sounds: what is served of one, its cover or its waveform, and what is refused."""

from __future__ import annotations

from io import BytesIO

import av
import pytest
from PIL import Image

from imageboard.errors import FileRefused, ImageTooLarge
from imageboard.media_kinds import BY_NAME
from tests.tables import for_each
from tests.writer.media import hostile
from tests.writer.media.conftest import Develop
from tests.writer.media.films import a_sound, slower, with_id3
from writer.media.darkroom import DevelopedImage

pytestmark = pytest.mark.slow

EVERY_KIND = " ".join(BY_NAME)


def decoded(sound: bytes) -> int:
    """How many samples a player hears of it."""
    with av.open(BytesIO(sound)) as source:
        return sum(frame.samples for frame in source.decode(audio=0))


def drawn(made: DevelopedImage) -> Image.Image:
    assert made.thumbnail is not None
    return Image.open(BytesIO(made.thumbnail.read_bytes()))


@for_each(
    ("container", "encoder", "kind", "codec"),
    [
        ("mp3", "libmp3lame", "mp3", "mp3"),
        ("ogg", "libopus", "ogg", "opus"),
        ("ogg", "vorbis", "ogg", "vorbis"),
        ("flac", "flac", "flac", "flac"),
        ("ipod", "aac", "m4a", "aac"),
        ("mp4", "aac", "m4a", "aac"),
        ("wav", "pcm_s16le", "wav", "pcm_s16le"),
        ("webm", "libopus", "webm", "opus"),
        ("matroska", "aac", "m4a", "aac"),
    ],
)
def test_a_sound_is_served_whole_with_what_to_know_of_it(
    develop: Develop, container: str, encoder: str, kind: str, codec: str
) -> None:
    sent = a_sound(container, encoder)
    made = develop(sent, file_kinds=EVERY_KIND)
    assert decoded(made.original.read_bytes()) == pytest.approx(decoded(sent), rel=0.03)
    assert (made.kind.name, made.codecs, made.has_sound) == (kind, codec, True)
    assert made.duration_ms == pytest.approx(2000, abs=80)
    assert (made.width, made.height) == (0, 0)
    assert drawn(made).size == (made.thumb_width, made.thumb_height) == (255, 102)


@for_each(
    ("container", "encoder"),
    [("wav", "pcm_s16le"), ("flac", "flac"), ("mp3", "libmp3lame"), ("ogg", "libopus")],
)
def test_a_waveform_is_high_where_the_sound_is_loud(
    develop: Develop, container: str, encoder: str
) -> None:
    made = develop(a_sound(container, encoder), file_kinds=EVERY_KIND)
    alpha = drawn(made).convert("RGBA").getchannel("A")

    def inked(left: int, right: int) -> int:
        return sum(1 for x in range(left, right) if alpha.getpixel((x, 20)))

    assert inked(10, 115) == 0
    assert inked(140, 245) > 50


def test_a_cover_is_shown_and_neither_it_nor_a_title_is_served(develop: Develop) -> None:
    cover = hostile.a_png(Image.new("RGB", (600, 600), (200, 30, 90)))
    sent = with_id3(a_sound("mp3", "libmp3lame"), "A song of Anna", cover)
    made = develop(sent, file_kinds=EVERY_KIND)
    assert drawn(made).size == (255, 255)
    assert drawn(made).convert("RGB").getpixel((100, 100)) == pytest.approx((200, 30, 90), abs=6)
    served = made.original.read_bytes()
    assert b"Anna" in sent
    assert not [word for word in (b"Anna", b"ID3", b"PNG") if word in served]


@for_each(
    "cover",
    [hostile.a_png()[:60], b"no picture", hostile.a_png() + hostile.a_zip(), b""],
    ids=["cut", "none", "an archive besides", "empty"],
)
def test_a_cover_that_is_none_costs_nobody_their_sound(develop: Develop, cover: bytes) -> None:
    sent = with_id3(a_sound("mp3", "libmp3lame"), "A song", cover)
    assert drawn(develop(sent, file_kinds=EVERY_KIND)).size == (255, 102)


def test_a_flac_behind_a_title_as_mp3s_have_it_is_one(develop: Develop) -> None:
    plain = a_sound("flac", "flac")
    without = develop(plain, file_kinds=EVERY_KIND).original.read_bytes()
    for cover in (b"", hostile.a_png()):
        made = develop(with_id3(plain, "Title", cover), file_kinds=EVERY_KIND)
        assert made.kind.name == "flac"
        assert made.original.read_bytes() == without


def test_what_a_musician_wrote_beside_is_not_served(develop: Develop) -> None:
    told = {"title": "Anna", "artist": "Anna", "comment": "Anna was here", "date": "2026"}
    for container, encoder in (
        ("ogg", "libopus"),
        ("flac", "flac"),
        ("ipod", "aac"),
        ("wav", "pcm_s16le"),
    ):
        sent = a_sound(container, encoder, told=told)
        assert b"Anna" in sent
        assert b"Anna" not in develop(sent, file_kinds=EVERY_KIND).original.read_bytes()


def test_a_sound_of_a_day_is_refused_whatever_its_bytes(develop: Develop) -> None:
    """Few packets far apart: no decoder would ever come to its end."""
    day = slower(a_sound("webm", "libopus"), "webm", 86_400)
    assert len(day) < 100_000
    with pytest.raises(ImageTooLarge, match=r"too long: 1:00:00 is the most"):
        develop(day)


def test_a_sound_is_taken_where_the_board_takes_it(develop: Develop) -> None:
    with pytest.raises(FileRefused, match=r"The file is MP3\. JPEG"):
        develop(a_sound("mp3", "libmp3lame"))
    with pytest.raises(FileRefused, match=r"The file is M4A\. MP4 are accepted"):
        develop(a_sound("mp4", "aac"), file_kinds="mp4")


@for_each(
    ("sound", "name"),
    [
        (a_sound("aiff", "pcm_s16be"), "an AIFF sound"),
        (a_sound("adts", "aac"), "a bare AAC sound"),
        (with_id3(a_sound("adts", "aac"), "Rain", b""), "a bare AAC sound"),
        (a_sound("caf", "pcm_s16be"), "a Core Audio sound"),
        (b"RF64\xff\xff\xff\xff" + a_sound("wav", "pcm_s16le")[8:], "an RF64 sound"),
        (b"BW64\xff\xff\xff\xff" + a_sound("wav", "pcm_s16le")[8:], "an RF64 sound"),
    ],
    ids=["aiff", "adts", "adts_with_title", "caf", "rf64", "bw64"],
)
def test_sounds_of_other_kinds_are_called_by_their_names(
    develop: Develop, sound: bytes, name: str
) -> None:
    """And what to send instead is named."""
    with pytest.raises(FileRefused, match=rf"The file is {name}\. .*FLAC, M4A, WAV.* are accepted"):
        develop(sound, file_kinds=EVERY_KIND)


def test_a_sound_that_not_every_browser_plays_is_told_what_to_be(develop: Develop) -> None:
    with pytest.raises(FileRefused, match=r"coded as alac, .* Save it with AAC, Opus"):
        develop(a_sound("ipod", "alac"), file_kinds=EVERY_KIND)
