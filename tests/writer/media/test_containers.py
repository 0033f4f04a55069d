"""The formats as bytes: what a file is, how large, what stays of it. Nothing is decoded here
but to compare."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable

import pytest
from PIL import Image, ImageChops, ImageCms, ImageSequence, ImageStat

from imageboard.errors import FileRefused, ImageTooLarge
from imageboard.media import MediaLimits
from imageboard.media_kinds import BY_NAME
from tests.tables import for_each
from tests.writer.media import hostile, odd_files, odd_pictures
from writer.media import containers, contraband, picture
from writer.media.containers import Container, icc

LIMITS = MediaLimits()
KINDS = list(hostile.GOOD)
PICTURES = [kind.name for kind in BY_NAME.values() if kind.is_picture]
ANIMATED = ["GIF", "PNG", "WEBP", "AVIF"]
AFTERTHOUGHT = b"\0\0\0\x18ftypmp42" + b"motion photo" * 50


def read(data: bytes) -> Container:
    return containers.read(data, LIMITS, BY_NAME)


def frames_of(data: bytes) -> list[Image.Image]:
    with Image.open(io.BytesIO(data)) as image:
        return [frame.convert("RGBA") for frame in ImageSequence.Iterator(image)]


def shows_the_same(one: bytes, other: bytes) -> bool:
    ours, theirs = frames_of(one), frames_of(other)
    return len(ours) == len(theirs) and not any(
        ImageChops.difference(a, b).getbbox(alpha_only=False)
        for a, b in zip(ours, theirs, strict=True)
    )


def looks_the_same(one: bytes, other: bytes) -> bool:
    """As JPEG means it: coded twice, the corners of flat colours differ a little."""
    (ours,), (theirs,) = frames_of(one), frames_of(other)
    return max(ImageStat.Stat(ImageChops.difference(ours, theirs)).mean) < 4


@for_each("kind", KINDS)
def test_a_file_is_known_by_its_bytes(kind: str) -> None:
    found = read(hostile.GOOD[kind](hostile.scene(70, 33)))
    assert (found.kind, found.width, found.height, found.frames) == (kind, 70, 33, 1)


@pytest.mark.parametrize("kind", ANIMATED)
def test_frames_are_counted_without_decoding(kind: str) -> None:
    assert read(hostile.an_animation(kind, frames=5)).frames == 5


@for_each(("name", "data"), hostile.not_images().items())
def test_what_is_no_image_is_refused(name: str, data: bytes) -> None:
    with pytest.raises(FileRefused, match=r"(The file is|arrive whole)"):
        containers.read(data, LIMITS, PICTURES)


@for_each(
    ("name", "title"),
    [
        ("drawing.svg", "an SVG drawing"),
        ("page.jpg", "an HTML page"),
        ("photo.heic", "HEIC"),
        ("clip.mp4", "MP4"),
        ("clip.webm", "WebM"),
        ("things.zip", "ZIP"),
    ],
)
def test_a_refusal_calls_the_foreign_file_by_name(name: str, title: str) -> None:
    with pytest.raises(FileRefused, match=f"The file is {title}. JPEG and PNG"):
        containers.read(hostile.not_images()[name], LIMITS, ["jpeg", "png"])


def test_a_refusal_calls_a_kind_that_only_other_boards_take_by_its_title() -> None:
    with pytest.raises(FileRefused, match=r"The file is GIF\. JPEG and PNG are accepted"):
        containers.read(hostile.GOOD["gif"](), LIMITS, ["jpeg", "png"])


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
@for_each(("what", "data"), with_metadata().items())
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


@for_each("data", with_metadata().values(), ids=with_metadata())
def test_a_clean_file_stays_as_it_is(data: bytes) -> None:
    clean = read(data).clean_bytes()
    assert read(clean).clean_bytes() == clean


@for_each("kind", KINDS)
def test_a_file_without_metadata_is_not_touched(kind: str) -> None:
    data = hostile.GOOD[kind]()
    assert read(data).clean_bytes() == data


@for_each("kind", KINDS)
def test_what_a_phone_appends_is_dropped(kind: str) -> None:
    data = hostile.GOOD[kind]()
    found = read(data + AFTERTHOUGHT)
    assert found.clean_bytes() == data
    assert contraband.smuggled(found) is None


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif"])
def test_the_colour_profile_is_kept(kind: str) -> None:
    profile = hostile.icc_profile()
    clean = read(hostile.GOOD[kind](icc_profile=profile)).clean_bytes()
    with Image.open(io.BytesIO(clean)) as image:
        assert icc.cleaned(image.info["icc_profile"]) == icc.cleaned(profile) != b""


OWNER = "Maria's Monitor 4711"


def profile_of_an_owner(space: bytes, version: int) -> bytes:
    """As calibrating programs and macOS make them, with what is nobody's business."""
    plain = odd_pictures.icc(space)
    (count,) = struct.unpack_from(">L", plain, 128)
    words = {
        b"desc": b"desc" + struct.pack(">LL", 0, len(OWNER) + 1) + OWNER.encode() + bytes(79),
        b"cprt": b"text" + bytes(4) + OWNER.encode() + b"\0",
        b"mmod": b"mmod" + OWNER.encode(),
        b"dscm": b"mluc" + bytes(24) + OWNER.encode("utf-16-be"),
        b"vcgt": b"vcgt" + OWNER.encode(),
        b"meta": b"dict" + OWNER.encode(),
        b"chrm": b"chrm" + OWNER.encode(),
    }
    shift = 12 * len(words)
    entries = b"".join(
        struct.pack(">4sLL", kind, at + shift, length)
        for kind, at, length in struct.iter_unpack(">4sLL", plain[132 : 132 + 12 * count])
    )
    bodies = plain[132 + 12 * count :]
    for kind, body in words.items():
        entries += struct.pack(">4sLL", kind, 132 + 12 * count + shift + len(bodies), len(body))
        bodies += body + bytes(-len(body) % 4)
    head = bytearray(plain[:128])
    head[8] = version
    head[48:56], head[80:84], head[84:100] = OWNER.encode()[:8], b"OWNR", OWNER.encode()[:16]
    whole = bytes(head) + struct.pack(">L", count + len(words)) + entries + bodies
    return len(whole).to_bytes(4) + whole[4:]


@pytest.mark.slow
@for_each("kind", ["jpeg", "png", "webp", "avif"])
@for_each(("space", "mode"), [(b"RGB ", "RGB"), (b"GRAY", "L"), (b"CMYK", "CMYK")])
@for_each("version", [2, 4])
def test_a_colour_profile_keeps_its_colours_and_nothing_of_its_owner(
    kind: str, space: bytes, mode: str, version: int
) -> None:
    if mode == "CMYK" and kind != "jpeg":
        return
    profile = profile_of_an_owner(space, version)
    data = hostile.GOOD[kind](hostile.scene(mode=mode), icc_profile=profile)
    clean = read(data).clean_bytes()
    with Image.open(io.BytesIO(clean)) as image:
        kept = image.info["icc_profile"]
    for word in (b"Maria", OWNER.encode("utf-16-be"), b"4711", b"OWNR"):
        assert word in profile
        assert word not in kept
        assert word not in clean
    assert read(clean).clean_bytes() == clean
    assert colours_by(kept, mode) == colours_by(profile, mode)


def colours_by(profile: bytes, mode: str) -> bytes:
    """What LittleCMS makes of many numbers."""
    colours = Image.frombytes(mode, (256, 16), random.Random(3).randbytes(256 * 16 * len(mode)))
    own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    seen = ImageCms.profileToProfile(colours, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
    return seen.tobytes()


def test_a_profile_in_pieces_stays_whole_whatever_their_order() -> None:
    profile = profile_of_an_owner(b"CMYK", 2)
    half = len(profile) // 2
    pieces = [
        hostile.jpeg_segment(hostile.JPEG_APP2, b"ICC_PROFILE\0" + bytes((number, 2)) + piece)
        for number, piece in ((2, profile[half:]), (1, profile[:half]))
    ]
    ink = hostile.a_jpeg(hostile.scene(mode="CMYK"))
    clean = read(ink[:2] + b"".join(pieces) + ink[2:]).clean_bytes()
    with Image.open(io.BytesIO(clean)) as image:
        assert image.info["icc_profile"] == icc.cleaned(profile)
    one_missing = read(ink[:2] + pieces[0] + ink[2:]).clean_bytes()
    with Image.open(io.BytesIO(one_missing)) as image:
        assert "icc_profile" not in image.info


OF_PROPERTIES = (b"ipco", b"iprp", b"meta")


def with_box(avif: bytes, within: tuple[bytes, ...], kind: bytes, body: bytes) -> bytes:
    """One more box at the end of the first of `within`; those around it and places behind grow."""
    more = hostile.box(kind, body)
    at = avif.index(within[0]) - 4
    end = at + int.from_bytes(avif[at : at + 4])
    longer = bytearray(avif)
    for name in within:
        start = avif.index(name) - 4
        size = int.from_bytes(avif[start : start + 4])
        longer[start : start + 4] = (size + len(more)).to_bytes(4)
    iloc = avif.index(b"iloc") + 4
    assert avif[iloc : iloc + 6] == b"\0\0\0\0\x44\0", "as libavif writes it"
    (count,) = struct.unpack_from(">H", avif, iloc + 6)
    for item in range(count):
        place = iloc + 8 + 14 * item + 6
        longer[place : place + 4] = (int.from_bytes(avif[place : place + 4]) + len(more)).to_bytes(
            4
        )
    return bytes(longer[:end] + more + longer[end:])


@for_each(
    ("kind", "body"),
    [
        (b"udes", b"\0\0\0\0en\0Maria's cat\0in our garden\0cat,garden\0"),
        (b"altt", b"\0\0\0\0Maria's cat\0en\0"),
        (b"crtt", b"\0\0\0\0Maria's"),
        (b"uuid", b"Maria's picture.and more"),
        (b"new!", b"Maria's"),
    ],
)
def test_an_avif_keeps_no_words_and_times_of_its_picture(kind: bytes, body: bytes) -> None:
    data = with_box(hostile.an_avif(), OF_PROPERTIES, kind, body)
    clean = read(data).clean_bytes()
    assert b"Maria" in data
    assert b"Maria" not in clean
    assert kind not in clean
    assert shows_the_same(clean, data)
    assert read(clean).clean_bytes() == clean


def test_an_avif_keeps_no_data_in_its_index_that_no_picture_names() -> None:
    data = with_box(hostile.an_avif(), (b"meta",), b"idat", b"Maria's picture")
    clean = read(data).clean_bytes()
    assert b"Maria" not in clean
    assert shows_the_same(clean, data)


@for_each("kind", ["still", "animation"])
def test_an_avif_keeps_no_names_and_times(kind: str) -> None:
    data = hostile.an_avif() if kind == "still" else hostile.an_animation("AVIF")
    named = data
    for name in (b"libavif\0", b"Color\0", b"AOM Coding"):
        named = named.replace(name, b"Maria's picture"[: len(name) - 1] + b"\0")
    assert b"Maria" in named
    clean = read(named).clean_bytes()
    assert b"Maria" not in clean
    assert shows_the_same(clean, data)
    for header in (b"mvhd", b"tkhd", b"mdhd"):
        if (at := clean.find(header)) > 0:
            assert not any(clean[at + 8 : at + 16])


def test_a_profile_that_no_program_can_read_is_dropped() -> None:
    for profile in (b"nonsense", hostile.icc_profile()[:140], bytes(200)):
        for kind in ("jpeg", "png", "webp"):
            clean = read(hostile.GOOD[kind](icc_profile=profile)).clean_bytes()
            assert shows_the_same(clean, hostile.GOOD[kind]())
            with Image.open(io.BytesIO(clean)) as image:
                assert "icc_profile" not in image.info


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
    assert shows_the_same(found.clean_bytes(), data)


def test_a_text_in_a_gif_goes_with_the_control_that_belongs_to_it() -> None:
    control = b"\x21\xf9\x04\x04\xff\xff\0\0"
    text = b"\x21\x01\x0c" + bytes(12) + b"\x03abc\0"
    assert read(hostile.gif_with(control, text)).clean_bytes() == hostile.a_gif()


@for_each("orientation", range(1, 9))
@for_each("kind", ["jpeg", "png", "webp"])
def test_orientation_is_read_before_exif_goes(kind: str, orientation: int) -> None:
    assert read(hostile.GOOD[kind](exif=hostile.exif(orientation))).orientation == orientation


@for_each(
    "tiff",
    [b"", b"II*\0", b"MM\0*\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff", hostile.exif(9)],
)
def test_exif_that_makes_no_sense_means_upright(tiff: bytes) -> None:
    segment = hostile.jpeg_segment(hostile.JPEG_APP1, hostile.JPEG_EXIF + tiff)
    assert read(hostile.jpeg_with(segment)).orientation == 1


# --- too large, before anything is decoded ---


@pytest.mark.slow
@for_each(
    ("what", "make"),
    [
        ("PNG of 50,000 × 50,000", hostile.png_bomb),
        ("PNG of 65,501 × 1", lambda: hostile.png_bomb(65_501, 1)),
        ("PNG of 15,000 × 14,000", lambda: hostile.png_bomb(15_000, 14_000)),
        ("GIF of 10,001 frames", lambda: hostile.gif_of_frames(10_001)),
        ("GIF with a far frame", hostile.gif_with_far_frame),
        ("WebP of 16 million squared", hostile.webp_bomb),
        ("AVIF of 60,000 × 60,000", lambda: hostile.avif_of_size(60_000, 60_000)),
        ("AVIF of 4 thousand million squared", lambda: hostile.avif_of_size(2**32 - 1, 2**32 - 1)),
        ("APNG of 10,001 frames", lambda: hostile.png_of_frames(10_001)),
    ],
)
def test_bombs_are_refused_by_what_they_say_they_are(what: str, make: Callable[[], bytes]) -> None:
    with pytest.raises(ImageTooLarge, match=r"is the most|are the most"):
        read(make())


def test_a_jpeg_of_two_thousand_scans_is_refused() -> None:
    with pytest.raises(FileRefused) as refusal:
        read(hostile.jpeg_of_scans(2_000))
    assert refusal.value.detail == "JPEG: scan 101"


@pytest.mark.slow
def test_passes_over_a_large_picture_are_refused_before_one_is_made() -> None:
    """100 of them over 40 megapixels: 241 KB that took a processor 2.7 s."""
    large = hostile.jpeg_of_scans(60, picture=Image.new("RGB", (8000, 5000)))
    with pytest.raises(ImageTooLarge, match=r"40\.0 megapixels in more than 37 passes"):
        read(large)
    assert read(hostile.jpeg_of_scans(60)).width == 64, "of a small one nobody minds"
    progressive = hostile.a_jpeg(Image.new("L", (16_320, 6_000)), progressive=True)
    assert read(progressive).width == 16_320


def test_limits_allow_what_is_just_within() -> None:
    small = MediaLimits(side_px_max=64, pixels_max=64 * 48, frames_max=3)
    assert containers.read(hostile.an_animation("GIF", 3), small, BY_NAME).frames == 3


# --- two files in one ---


@for_each(("what", "data"), hostile.polyglots().items())
def test_something_else_in_the_file_is_noticed(what: str, data: bytes) -> None:
    assert contraband.smuggled(read(data)) is not None


@for_each(("what", "data"), hostile.with_strangers_dropped().items())
def test_what_is_dropped_refuses_no_picture(what: str, data: bytes) -> None:
    """A page, a script, an archive in metadata: none of it reaches a reader."""
    found = read(data)
    assert contraband.smuggled(found) is None
    clean = found.clean_bytes()
    assert not any(mark in clean for mark in hostile.STRANGERS)
    assert shows_the_same(clean, data)


def test_the_polyglot_of_these_tests_is_a_real_one() -> None:
    data = hostile.polyglots()["JPEG, then ZIP"]
    assert zipfile.ZipFile(io.BytesIO(data)).namelist() == ["secret.txt"]
    assert frames_of(data)
    assert not zipfile.is_zipfile(io.BytesIO(read(data).clean_bytes()))


@for_each("data", with_metadata().values(), ids=with_metadata())
def test_ordinary_metadata_is_no_contraband(data: bytes) -> None:
    assert contraband.smuggled(read(data)) is None


# --- what decoders mend ---


@pytest.mark.slow
@for_each(("what", "data"), hostile.without_their_end().items())
def test_a_picture_that_only_lacks_its_end_is_served_with_it(what: str, data: bytes) -> None:
    found = read(data)
    assert contraband.smuggled(found) is None
    served = picture.develop(found, thumb_px_max=255).original
    end = {"JPEG": b"\xff\xd9", "GIF": b";", "PNG": b"IEND\xae\x42\x60\x82"}
    assert served.endswith(end[found.kind.upper()])
    good = hostile.with_their_end()[what]
    if found.kind == "jpeg":
        assert looks_the_same(served, good)
    else:
        assert served == good


def test_nothing_but_pixels_is_served_of_a_jpeg_without_its_end() -> None:
    """Nobody can tell by the bytes where its last row ends: what follows looks like more rows."""
    for kept in ({}, {"progressive": True}):
        data = hostile.a_jpeg(**kept)[:-2] + hostile.GPS_MARK * 9
        served = picture.develop(read(data), thumb_px_max=255).original
        assert hostile.GPS_MARK not in served
        assert looks_the_same(served, hostile.a_jpeg())


def test_a_jpeg_without_half_of_its_rows_is_refused() -> None:
    whole = hostile.a_jpeg(hostile.scene(320, 240))
    scan = whole.index(b"\xff\xda")
    for part in (0.1, 0.5, 0.9):
        with pytest.raises(FileRefused, match="damaged or did not arrive whole"):
            developed(whole[: scan + int((len(whole) - scan) * part)])


@for_each(
    ("what", "pieces"),
    [
        ("GIF", hostile.gif_in_blocks(hostile.an_animation("GIF"))),
        ("still GIF", hostile.gif_in_blocks(hostile.a_gif())),
    ],
)
@for_each("zeros", [1, 2, 300])
def test_zeros_between_the_blocks_of_a_gif_are_passed_over(
    what: str, pieces: list[bytes], zeros: int
) -> None:
    whole = b"".join(pieces)
    for stray_at in range(1, len(pieces)):
        stray = [*pieces[:stray_at], bytes(zeros), *pieces[stray_at:]]
        assert read(b"".join(stray)).clean_bytes() == whole


def test_a_gif_ends_where_its_blocks_do() -> None:
    """As in browsers: what follows a byte that begins no block is not part of it."""
    pieces = hostile.gif_in_blocks(hostile.an_animation("GIF", frames=3))
    found = read(b"".join([*pieces[:-3], b"what is this", *pieces[-3:]]))
    assert found.frames == 2
    assert found.clean_bytes() == b"".join(pieces[:-3]) + b";"
    assert b"what is this" in bytes(found.behind[0])


@pytest.mark.parametrize("cut", [1, 2, 30, 200])
def test_whole_frames_before_a_cut_one_are_kept(cut: int) -> None:
    data = hostile.an_animation("GIF", frames=4)
    found = read(data[: -1 - cut])
    assert found.frames == 3
    assert shows_the_same(found.clean_bytes(), hostile.first_frames(data, 3))


@for_each("stray", [b"\0", b"stray", b"\xff\0", b"\xff\x01", b"\xff\xd3", b"\xff" * 9])
def test_stray_bytes_between_the_segments_of_a_jpeg_are_passed_over(stray: bytes) -> None:
    data = hostile.a_jpeg()
    for marker in (b"\xff\xdb", b"\xff\xc0", b"\xff\xc4", b"\xff\xda"):
        at = data.index(marker)
        assert read(data[:at] + stray + data[at:]).clean_bytes() == data


PALETTED = hostile.a_png(hostile.scene().quantize(16))


@for_each(
    ("what", "data"),
    {
        "two headers": hostile.png_with(hostile.a_png()[8:33]),
        "no colours": PALETTED.replace(
            PALETTED[33 : PALETTED.index(b"IDAT") - 4], hostile.png_chunk(b"PLTE", b"")
        ),
        "no palette": PALETTED[:33] + PALETTED[PALETTED.index(b"IDAT") - 4 :],
        "a first frame that is not the picture": odd_pictures.animated_png(
            (64, 48), [(32, 24, 0, 0, b"\xff\0\0")]
        ),
        "another packing": odd_files.of_chunks(
            odd_files.header(64, 48, 8, 2, rest=b"\1\0"), hostile.a_png()[33:]
        ),
        "a row too few": odd_pictures.png_of_rows((64, 48), 8, 2, b"\x80" * 64 * 3 * 47),
        "a column too few, interlaced": odd_files.interlaced("L", size=(63, 48)).replace(
            odd_files.header(63, 48, 8, 0, 1), odd_files.header(64, 48, 8, 0, 1)
        ),
    }.items(),
)
def test_a_png_that_no_browser_shows_is_refused(what: str, data: bytes) -> None:
    with pytest.raises(FileRefused):
        developed(data)


def test_the_first_of_two_palettes_counts() -> None:
    """Browsers show nothing of such a PNG, so that it is mended."""
    at = PALETTED.index(b"IDAT") - 4
    twice = PALETTED[:at] + hostile.png_chunk(b"PLTE", bytes(48)) + PALETTED[at:]
    assert read(twice).clean_bytes() == read(PALETTED).clean_bytes()


@for_each("black", [b"\0\0\0", b"\0"])
def test_a_png_whose_last_row_is_black_is_whole(black: bytes) -> None:
    """As far as its pixels go: a row that is missing looks the same to the decoder."""
    colour = 2 if len(black) == 3 else 0
    developed(odd_pictures.png_of_rows((64, 48), 8, colour, black * 64 * 48))


@for_each(
    ("kind", "payload", "place"),
    [(b"acTL", b"\0\0\0\2\0\0\0\0", 33), (b"ABCD", b"?", -12)],
    ids=["frames that are not there", "an unknown chunk that counts, behind the pixels"],
)
def test_a_png_that_shows_no_less_without_a_chunk_goes_without(
    kind: bytes, payload: bytes, place: int
) -> None:
    png = hostile.a_png()
    chunk = hostile.png_chunk(kind, payload)
    assert read(png[:place] + chunk + png[place:]).clean_bytes() == png


@for_each("code", [b"\x09\x10\x09\1", b"\1\x0d\0\2"])
def test_a_code_of_colours_that_no_browser_knows_is_dropped(code: bytes) -> None:
    """Chromium shows nothing of a PNG that says so."""
    coded = hostile.png_with(hostile.png_chunk(b"cICP", code))
    assert read(coded).clean_bytes() == hostile.a_png()


@for_each("kind", [b"gAMA", b"iCCP", b"tEXt", b"tIME", b"prVt", b"tRNS"])
def test_a_wrong_checksum_drops_what_a_picture_can_do_without(kind: bytes) -> None:
    payload = bytes(6) if kind == b"tRNS" else b"\0\0\xb1\x8f"
    chunk = bytearray(hostile.png_chunk(kind, payload))
    chunk[-1] ^= 1
    assert read(hostile.png_with(bytes(chunk))).clean_bytes() == hostile.a_png()


@pytest.mark.slow
@pytest.mark.parametrize("comments", [1_200, 40_000])
def test_as_many_comments_as_one_likes(comments: int) -> None:
    segment = hostile.jpeg_segment(hostile.JPEG_COMMENT, b"hello")
    assert read(hostile.jpeg_with(segment * comments)).clean_bytes() == hostile.a_jpeg()
    text = hostile.png_chunk(b"tEXt", b"Comment\0hello")
    assert read(hostile.png_with(text * comments)).clean_bytes() == hostile.a_png()
    comment = hostile.gif_comment(b"hello")
    assert read(hostile.gif_with(comment * comments)).clean_bytes() == hostile.a_gif()
    webp = hostile.a_webp()
    junk = hostile.riff_chunk(b"JUNK", b"hello") * comments
    assert read(hostile.riff(webp[12:], junk)).clean_bytes() == webp


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_a_colour_profile_beyond_all_measure_is_dropped(kind: str) -> None:
    """A real one has 3 MB at most; the picture is taken, with the colours of a screen."""
    profile = hostile.icc_profile()
    profile = (5_000_000).to_bytes(4) + profile[4:] + bytes(5_000_000 - len(profile))
    clean = read(hostile.GOOD[kind](icc_profile=profile)).clean_bytes()
    assert shows_the_same(clean, hostile.GOOD[kind]())
    with Image.open(io.BytesIO(clean)) as image:
        assert "icc_profile" not in image.info
    if kind == "webp":
        assert not clean[20] & 0x20


@pytest.mark.slow
@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt"])
def test_a_text_that_would_inflate_to_megabytes_is_dropped_unread(kind: bytes) -> None:
    assert read(hostile.png_with_inflating(kind)).clean_bytes() == hostile.a_png()


@pytest.mark.slow
def test_a_profile_that_would_inflate_to_megabytes_is_dropped() -> None:
    assert read(hostile.png_with_inflating(b"iCCP")).clean_bytes() == hostile.a_png()


# --- damage that the bytes alone show ---


#: Bytes at the end of a file without which its picture is still whole.
END_BYTES = {"jpeg": 2, "png": 16, "gif": 2, "GIF animation": 1, "PNG animation": 12}


@for_each("kind", [*KINDS, *(f"{kind} animation" for kind in ANIMATED)])
def test_a_file_cut_anywhere_is_refused_or_shows_whole_pictures(kind: str) -> None:
    """At each 5 %, and at each of the last bytes."""
    good = hostile.GOOD.get(kind)
    data = good() if good else hostile.an_animation(kind.split()[0])
    cuts = [len(data) * percent // 100 for percent in range(0, 100, 5)]
    last_whole = len(data) - END_BYTES.get(kind, 0)
    for cut in [*cuts, *range(len(data) - 24, len(data))]:
        if cut >= last_whole:
            shown = developed(data[:cut])
            assert looks_the_same(shown, data) if kind == "jpeg" else shows_the_same(shown, data)
            continue
        try:
            shown = developed(data[:cut])
        except FileRefused:
            continue
        assert kind in ("jpeg", "png", "GIF animation")
        if kind != "GIF animation":  # the last bytes are those of the last few pixels
            assert cut > last_whole - 24
            assert looks_the_same(shown, data)
        else:
            frames = len(frames_of(shown))
            assert shows_the_same(shown, hostile.first_frames(data, frames))


def developed(data: bytes) -> bytes:
    return picture.develop(read(data), thumb_px_max=255).original


def test_a_png_with_one_wrong_bit_is_refused() -> None:
    data = bytearray(hostile.a_png())
    data[60] ^= 1
    with pytest.raises(FileRefused) as refusal:
        read(bytes(data))
    assert "checksum" in str(refusal.value.detail)


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
    assert refusal.value.detail == "AVIF: picture and index differ in size"


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
    assert refusal.value.detail == "AVIF: metadata and picture share bytes"
