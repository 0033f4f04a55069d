"""The formats as bytes: what a file is, how large, what stays of it. Nothing is decoded here
but to compare."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image, ImageChops, ImageSequence

from imageboard.errors import FileRefused, ImageTooLarge
from imageboard.media import MediaLimits
from tests.writer.media import hostile
from writer.media import containers, contraband
from writer.media.containers import Container

LIMITS = MediaLimits()
KINDS = list(hostile.GOOD)
ANIMATED = ["GIF", "PNG", "WEBP", "AVIF"]
AFTERTHOUGHT = b"\0\0\0\x18ftypmp42" + b"motion photo" * 50


def read(data: bytes, name: str = "") -> Container:
    return containers.read(data, name, LIMITS)


def frames_of(data: bytes) -> list[Image.Image]:
    with Image.open(io.BytesIO(data)) as image:
        return [frame.convert("RGBA") for frame in ImageSequence.Iterator(image)]


def shows_the_same(one: bytes, other: bytes) -> bool:
    ours, theirs = frames_of(one), frames_of(other)
    return len(ours) == len(theirs) and not any(
        ImageChops.difference(a, b).getbbox(alpha_only=False)
        for a, b in zip(ours, theirs, strict=True)
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_known_by_its_bytes(kind: str) -> None:
    found = read(hostile.GOOD[kind](hostile.scene(70, 33)))
    assert (found.kind, found.width, found.height, found.frames) == (kind, 70, 33, 1)


@pytest.mark.parametrize("kind", ANIMATED)
def test_frames_are_counted_without_decoding(kind: str) -> None:
    assert read(hostile.an_animation(kind, frames=5)).frames == 5


@pytest.mark.parametrize(("name", "data"), hostile.not_images().items())
def test_what_is_no_image_is_refused(name: str, data: bytes) -> None:
    with pytest.raises(FileRefused, match=r"(is a|is an|is not|arrive whole)"):
        read(data, name)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("drawing.svg", "an SVG drawing"),
        ("page.jpg", "an HTML page"),
        ("old.bmp", "a BMP image"),
        ("photo.heic", "a HEIC image"),
        ("clip.mp4", "a video"),
        ("things.zip", "a ZIP archive"),
    ],
)
def test_a_refusal_calls_the_foreign_file_by_name(name: str, title: str) -> None:
    with pytest.raises(FileRefused, match=f"The file is {title}. JPEG, PNG"):
        read(hostile.not_images()[name])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.jpg", "jpeg"),
        ("A.JPEG", "jpeg"),
        ("a.jfif", "jpeg"),
        ("a.png", "png"),
        ("a.apng", "png"),
        ("noextension", "png"),
        (".png", "gif"),
        ("", "webp"),
        ("Screenshot 12.45.10", "png"),
        ("dots...", "gif"),
        ("x.tar.avif", "avif"),
    ],
)
def test_names_that_fit_or_say_nothing(name: str, kind: str) -> None:
    assert read(hostile.GOOD[kind](), name).kind == kind


@pytest.mark.parametrize(
    ("name", "kind", "sentence"),
    [
        ("cat.jpg", "png", "The file is a PNG image but is named .jpg. Rename it to .png."),
        ("cat.PNG", "jpeg", "The file is a JPEG image but is named .png. Rename it to .jpg."),
        ("cat.html", "gif", "The file is a GIF image but is named .html. Rename it to .gif."),
        ("cat.mp4", "webp", "The file is a WebP image but is named .mp4. Rename it to .webp."),
    ],
)
def test_a_name_that_lies_is_refused(name: str, kind: str, sentence: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        read(hostile.GOOD[kind](), name)
    assert refusal.value.sentence == sentence


# --- what stays and what goes ---


def with_metadata() -> dict[str, bytes]:
    exif, xmp = hostile.exif(), hostile.XMP
    jpeg = hostile.a_jpeg(exif=exif, xmp=xmp, comment=hostile.GPS_MARK)
    photoshop = hostile.jpeg_segment(0xED, b"Photoshop 3.0\0" + hostile.GPS_MARK)
    mpf = hostile.jpeg_segment(hostile.JPEG_APP2, b"MPF\0" + hostile.GPS_MARK)
    text = hostile.png_chunk(b"tEXt", b"Comment\0" + hostile.GPS_MARK)
    taken_at = hostile.png_chunk(b"tIME", bytes(7))
    xmp_gif = b"\x21\xff\x0bXMP DataXMP" + bytes((len(xmp),)) + xmp + b"\0"
    thumbnail = hostile.a_jpeg()
    return {
        "jpeg": hostile.jpeg_with(photoshop, mpf, jpeg=jpeg) + thumbnail,
        "png": hostile.png_with(text, taken_at, png=hostile.a_png(exif=exif)) + hostile.GPS_MARK,
        "gif": hostile.gif_with(hostile.gif_comment(hostile.GPS_MARK), xmp_gif) + b"after",
        "webp": hostile.a_webp(exif=exif, xmp=xmp) + b"after",
        "avif": hostile.an_avif(exif=exif, xmp=xmp) + hostile.box(b"uuid", hostile.GPS_MARK),
        "webp animation": hostile.an_animation("WEBP", exif=exif, xmp=xmp),
        "avif animation": hostile.an_animation("AVIF", exif=exif, xmp=xmp),
        "png animation": hostile.png_with(text, png=hostile.an_animation("PNG")),
        "gif animation": hostile.gif_with(
            hostile.gif_comment(hostile.GPS_MARK), gif=hostile.an_animation("GIF")
        ),
    }


@pytest.mark.filterwarnings("ignore:Image appears to be a malformed MPO")
@pytest.mark.parametrize(("what", "data"), with_metadata().items())
def test_metadata_is_gone_and_the_picture_is_as_it_was(what: str, data: bytes) -> None:
    assert hostile.GPS_MARK in data or b"secret author" in data
    clean = read(data).clean_bytes()
    assert hostile.GPS_MARK not in clean
    assert b"secret author" not in clean
    assert b"after" not in clean
    assert shows_the_same(clean, data)
    with Image.open(io.BytesIO(clean)) as image:
        assert not dict(image.getexif())
        assert not image.info.keys() & {"xmp", "comment", "Comment", "photoshop", "mp"}


@pytest.mark.parametrize("data", with_metadata().values(), ids=with_metadata())
def test_a_clean_file_stays_as_it_is(data: bytes) -> None:
    clean = read(data).clean_bytes()
    assert read(clean).clean_bytes() == clean


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_without_metadata_is_not_touched(kind: str) -> None:
    data = hostile.GOOD[kind]()
    assert read(data).clean_bytes() == data


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_phone_appends_is_dropped(kind: str) -> None:
    data = hostile.GOOD[kind]()
    found = read(data + AFTERTHOUGHT)
    assert found.clean_bytes() == data
    assert contraband.smuggled(found, data + AFTERTHOUGHT) is None


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif"])
def test_the_colour_profile_is_kept(kind: str) -> None:
    profile = hostile.icc_profile()
    clean = read(hostile.GOOD[kind](icc_profile=profile)).clean_bytes()
    with Image.open(io.BytesIO(clean)) as image:
        assert image.info["icc_profile"] == profile


def test_a_cmyk_jpeg_keeps_the_marker_that_says_it_is_inverted() -> None:
    data = hostile.a_jpeg(hostile.scene(mode="CMYK"))
    assert b"Adobe" in data
    assert shows_the_same(read(data).clean_bytes(), data)


def test_the_thumbnail_inside_a_jfif_header_is_dropped() -> None:
    header = b"JFIF\0\1\2\0\0\1\0\1\2\1" + hostile.GPS_MARK[:6]
    plain = hostile.a_jpeg()
    data = plain[:2] + hostile.jpeg_segment(0xE0, header) + plain[20:]
    clean = read(data).clean_bytes()
    assert hostile.GPS_MARK[:6] not in clean
    assert shows_the_same(clean, data)


def test_an_animated_gif_keeps_its_loop_and_its_pace() -> None:
    data = hostile.gif_with(hostile.gif_comment(b"made with"), gif=hostile.an_animation("GIF"))
    with Image.open(io.BytesIO(read(data).clean_bytes())) as image:
        assert (image.info["loop"], image.info["duration"]) == (0, 80)


def test_a_webp_does_not_announce_what_was_taken_out() -> None:
    data = hostile.a_webp(exif=hostile.exif(), xmp=hostile.XMP, icc_profile=hostile.icc_profile())
    flags_at = 20
    assert data[flags_at] & 0x2C == 0x2C
    assert read(data).clean_bytes()[flags_at] & 0x2C == 0x20


def test_bytes_of_an_avif_that_no_picture_names_are_blanked() -> None:
    """Behind the picture in its data box, and in a box between two that are needed."""
    data = hostile.an_avif()
    at = data.index(b"mdat")
    longer = int.from_bytes(data[at - 4 : at]) + len(hostile.GPS_MARK)
    data = data[: at - 4] + longer.to_bytes(4) + data[at:] + hostile.GPS_MARK
    data += hostile.box(b"uuid", hostile.XMP) + hostile.box(b"mdat", b"")
    found = read(data)
    assert len(found.clean_bytes()) == len(data)
    assert hostile.GPS_MARK not in found.clean_bytes()
    assert b"uuid" not in found.clean_bytes()
    assert {hostile.GPS_MARK, hostile.XMP} <= {bytes(aside) for aside in found.asides}
    assert shows_the_same(found.clean_bytes(), data)


def test_a_text_in_a_gif_goes_with_the_control_that_belongs_to_it() -> None:
    control = b"\x21\xf9\x04\x04\xff\xff\0\0"
    text = b"\x21\x01\x0c" + bytes(12) + b"\x03abc\0"
    assert read(hostile.gif_with(control, text)).clean_bytes() == hostile.a_gif()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_orientation_is_read_before_exif_goes(kind: str, orientation: int) -> None:
    assert read(hostile.GOOD[kind](exif=hostile.exif(orientation))).orientation == orientation


@pytest.mark.parametrize(
    "tiff",
    [b"", b"II*\0", b"MM\0*\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff", hostile.exif(9)],
)
def test_exif_that_makes_no_sense_means_upright(tiff: bytes) -> None:
    segment = hostile.jpeg_segment(hostile.JPEG_APP1, hostile.JPEG_EXIF + tiff)
    assert read(hostile.jpeg_with(segment)).orientation == 1


# --- too large, before anything is decoded ---


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("PNG of 50,000 × 50,000", hostile.png_bomb()),
        ("PNG of 10,001 × 1", hostile.png_bomb(10_001, 1)),
        ("PNG of 7,000 × 7,000", hostile.png_bomb(7_000, 7_000)),
        ("GIF of 10,000 frames", hostile.gif_of_frames(10_000)),
        ("GIF with a far frame", hostile.gif_with_far_frame()),
        ("WebP of 16 million squared", hostile.webp_bomb()),
        ("AVIF of 60,000 × 60,000", hostile.avif_of_size(60_000, 60_000)),
        ("AVIF of 4 thousand million squared", hostile.avif_of_size(2**32 - 1, 2**32 - 1)),
        ("APNG of 501 frames", hostile.png_of_frames(501)),
    ],
)
def test_bombs_are_refused_by_what_they_say_they_are(what: str, data: bytes) -> None:
    with pytest.raises(ImageTooLarge, match=r"is the most|are the most"):
        read(data)


@pytest.mark.parametrize("kind", [b"iCCP", b"zTXt", b"iTXt"])
def test_a_chunk_that_inflates_to_megabytes_is_refused(kind: bytes) -> None:
    with pytest.raises(FileRefused, match="more text or colour data than picture"):
        read(hostile.png_with_inflating(kind))


def test_a_jpeg_of_two_thousand_scans_is_refused() -> None:
    with pytest.raises(FileRefused) as refusal:
        read(hostile.jpeg_of_scans(2_000))
    assert refusal.value.data["detail"] == "JPEG: scan 101"


def test_limits_allow_what_is_just_within() -> None:
    small = MediaLimits(width_max=64, height_max=48, pixels_max=64 * 48, frames_max=3)
    assert containers.read(hostile.an_animation("GIF", 3), "", small).frames == 3


# --- two files in one ---


@pytest.mark.parametrize(("what", "data"), hostile.polyglots().items())
def test_something_else_in_the_file_is_noticed(what: str, data: bytes) -> None:
    assert contraband.smuggled(read(data), data) is not None


def test_the_polyglot_of_these_tests_is_a_real_one() -> None:
    data = hostile.polyglots()["JPEG, then ZIP"]
    assert zipfile.ZipFile(io.BytesIO(data)).namelist() == ["secret.txt"]
    assert frames_of(data)
    assert not zipfile.is_zipfile(io.BytesIO(read(data).clean_bytes()))


@pytest.mark.parametrize("data", with_metadata().values(), ids=with_metadata())
def test_ordinary_metadata_is_no_contraband(data: bytes) -> None:
    assert contraband.smuggled(read(data), data) is None


# --- damage that the bytes alone show ---


@pytest.mark.parametrize("kind", [*KINDS, *(f"{kind} animation" for kind in ANIMATED)])
def test_a_file_cut_anywhere_is_refused(kind: str) -> None:
    """At each 5 %, and at each of the last bytes, by the walk alone."""
    good = hostile.GOOD.get(kind)
    data = good() if good else hostile.an_animation(kind.split()[0])
    cuts = [len(data) * percent // 100 for percent in range(0, 100, 5)]
    for cut in [*cuts, *range(len(data) - 12, len(data))]:
        with pytest.raises(FileRefused):
            read(data[:cut])


def test_a_png_with_one_wrong_bit_is_refused() -> None:
    data = bytearray(hostile.a_png())
    data[60] ^= 1
    with pytest.raises(FileRefused) as refusal:
        read(bytes(data))
    assert "checksum" in str(refusal.value.data["detail"])


def test_a_jpeg_that_browsers_do_not_draw_is_refused() -> None:
    data = hostile.a_jpeg()
    at = data.index(b"\xff\xc0")
    arithmetic = data[: at + 1] + b"\xc9" + data[at + 2 :]
    with pytest.raises(FileRefused, match="Save it as an ordinary JPEG"):
        read(arithmetic)


@pytest.mark.parametrize("size", [(16, 16), (64, 47), (128, 96), (9_000, 4_000)])
def test_an_avif_of_another_size_than_it_says_is_refused(size: tuple[int, int]) -> None:
    """Decoders scale to what the index says, so a bomb could call itself small."""
    with pytest.raises(FileRefused) as refusal:
        read(hostile.avif_of_size(*size))
    assert refusal.value.data["detail"] == "AVIF: picture and index differ in size"


def test_avif_metadata_can_not_be_aimed_at_the_picture() -> None:
    """An index that gives the Exif item the picture's bytes must not have them wiped."""
    data = bytearray(hostile.an_avif(exif=hostile.exif()))
    at = data.index(b"iloc")
    entries = at + 4 + 4 + 2 + 2
    first, second = (data[entries + n * 14 + 6 : entries + (n + 1) * 14] for n in range(2))
    assert first != second
    data[entries + 14 + 6 : entries + 28] = first
    with pytest.raises(FileRefused) as refusal:
        read(bytes(data))
    assert refusal.value.data["detail"] == "AVIF: metadata and picture share bytes"
