"""Image files for tests, good and bad, made of code: each function returns a file's bytes.

The good ones are small and full of detail, so that a cut or a turn shows. The bad ones are what
a board meets: bombs, lies, cut uploads, two files in one.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

from PIL import Image, ImageCms

JPEG_EXIF, JPEG_APP1, JPEG_APP2, JPEG_COMMENT = b"Exif\0\0", 0xE1, 0xE2, 0xFE
GPS_MARK = b"GPS:52.0907N"
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><who>a secret author</who></x:xmpmeta>'


# --- good pictures ---


def scene(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """A picture whose corners all differ: red, green, blue, white, over a gradient."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    half = (max(1, width // 2), max(1, height // 2))
    for colour, corner in (
        ("red", (0, 0)),
        ("lime", (width - half[0], 0)),
        ("blue", (0, height - half[1])),
    ):
        image.paste(colour, (*corner, corner[0] + half[0], corner[1] + half[1]))
    if mode in ("RGBA", "LA"):
        image = image.convert("RGBA")
        image.putalpha(Image.radial_gradient("L").resize((width, height)))
    return image.convert(mode)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    body = io.BytesIO()
    image.save(body, kind, **options)
    return body.getvalue()


def a_jpeg(image: Image.Image | None = None, *, exif: bytes = b"", **options: Any) -> bytes:
    if exif:
        options["exif"] = JPEG_EXIF + exif
    return encoded(image or scene(), "JPEG", **{"quality": 90} | options)


def a_png(image: Image.Image | None = None, **options: Any) -> bytes:
    return encoded(image or scene(), "PNG", **options)


def a_gif(image: Image.Image | None = None, **options: Any) -> bytes:
    return encoded(image or scene(), "GIF", **options)


def a_webp(image: Image.Image | None = None, **options: Any) -> bytes:
    return encoded(image or scene(), "WEBP", **options)


def an_avif(image: Image.Image | None = None, **options: Any) -> bytes:
    return encoded(image or scene(), "AVIF", **{"speed": 10, "max_threads": 1} | options)


def an_animation(kind: str, frames: int = 3, **options: Any) -> bytes:
    """A GIF, PNG, WEBP or AVIF of `frames` different frames that loops for ever."""
    pictures = [scene().rotate(360 * n / frames) for n in range(frames)]
    if kind == "AVIF":
        options = {"speed": 10, "max_threads": 1} | options
    return encoded(
        pictures[0], kind, save_all=True, append_images=pictures[1:], duration=80, loop=0, **options
    )


GOOD: dict[str, Callable[..., bytes]] = {
    "jpeg": a_jpeg,
    "png": a_png,
    "gif": a_gif,
    "webp": a_webp,
    "avif": an_avif,
}


def exif(orientation: int = 1) -> bytes:
    """A TIFF block: an orientation, and a text that gives a place away."""
    text = GPS_MARK + b"\0"
    entries = struct.pack(">HHLHH", 0x0112, 3, 1, orientation, 0)
    entries += struct.pack(">HHLL", 0x010E, 2, len(text), 8 + 2 + 2 * 12 + 4)
    return b"MM\0*\0\0\0\x08" + struct.pack(">H", 2) + entries + b"\0\0\0\0" + text


@cache  # it holds the second in which it was made
def icc_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


# --- taking files apart and putting things in ---


def jpeg_segment(marker: int, payload: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(payload) + 2) + payload


def jpeg_with(*segments: bytes, jpeg: bytes | None = None) -> bytes:
    """The JPEG with `segments` put in front of all others."""
    jpeg = jpeg or a_jpeg()
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def png_chunk(kind: bytes, payload: bytes) -> bytes:
    crc = zlib.crc32(kind + payload)
    return struct.pack(">L", len(payload)) + kind + payload + struct.pack(">L", crc)


def png_with(*chunks: bytes, png: bytes | None = None) -> bytes:
    """The PNG with `chunks` put behind its header."""
    png = png or a_png()
    return png[:33] + b"".join(chunks) + png[33:]


def gif_with(*extensions: bytes, gif: bytes | None = None) -> bytes:
    """The GIF with `extensions` put behind its colour table."""
    gif = gif or a_gif()
    first_block = 13 + 3 * 2 ** ((gif[10] & 7) + 1)
    return gif[:first_block] + b"".join(extensions) + gif[first_block:]


def gif_comment(text: bytes) -> bytes:
    pieces = [text[n : n + 255] for n in range(0, len(text), 255)]
    return b"\x21\xfe" + b"".join(bytes((len(p),)) + p for p in pieces) + b"\0"


def riff_chunk(kind: bytes, payload: bytes) -> bytes:
    return kind + struct.pack("<L", len(payload)) + payload + b"\0" * (len(payload) & 1)


def riff(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<L", len(body)) + body


def box(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">L", len(payload) + 8) + kind + payload


# --- bombs ---


@cache
def png_bomb(width: int = 50_000, height: int = 50_000, *, bytes_per_px: int = 1) -> bytes:
    """Half a MB at most that is up to 100 MB of zeros; 50,000 × 50,000 would be 25 times as many.

    PERF: at level 9 it would be 100 KB, and take four times as long.
    """
    deflater = zlib.compressobj(1)
    size = min(height * (1 + width * bytes_per_px), 100_000_000 * bytes_per_px)
    zeros = [
        deflater.compress(bytes(min(1_000_000, size - at))) for at in range(0, size, 1_000_000)
    ]
    colours = {1: 0, 3: 2, 4: 6}[bytes_per_px]
    header = struct.pack(">LLBBBBB", width, height, 8, colours, 0, 0, 0)
    chunks = (
        (b"IHDR", header),
        (b"IDAT", b"".join(zeros) + deflater.flush()),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def flat_jpeg(width: int, height: int, *, exif: bytes = b"") -> bytes:
    """A grown-up picture of little else than its size."""
    return a_jpeg(Image.new("RGB", (width, height), (90, 120, 60)), exif=exif, quality=50)


def png_of_frames(frames: int) -> bytes:
    """A PNG with the headers of `frames` frames, and no frames."""
    control = struct.pack(">5LHHBB", 0, 1, 1, 0, 0, 1, 10, 0, 0)
    return png_with(*[png_chunk(b"fcTL", control)] * frames)


def gif_of_frames(frames: int) -> bytes:
    """`frames` pictures of one pixel each."""
    header = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6)
    return header + (b"," + struct.pack("<4HB", 0, 0, 1, 1, 0) + b"\x02\x02D\x01\0") * frames + b";"


def gif_with_far_frame() -> bytes:
    """A screen of 1 × 1 whose only frame lies at 60,000, 60,000."""
    header = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6)
    frame = b"," + struct.pack("<4HB", 60_000, 60_000, 1, 1, 0) + b"\x02\x02D\x01\0"
    return header + frame + b";"


def webp_bomb() -> bytes:
    """An animation whose canvas is 16,777,216 pixels wide and high."""
    return riff(
        riff_chunk(b"VP8X", bytes((2, 0, 0, 0)) + b"\xff" * 6),
        riff_chunk(b"ANIM", bytes(6)),
        riff_chunk(b"ANMF", bytes(40)),
    )


def avif_of_size(width: int, height: int, avif: bytes | None = None) -> bytes:
    """An AVIF that claims this size, whatever it holds."""
    avif = avif or an_avif()
    at = avif.index(b"ispe") + 8
    return avif[:at] + struct.pack(">LL", width, height) + avif[at + 8 :]


def png_with_inflating(kind: bytes) -> bytes:
    """A PNG whose iCCP, zTXt or iTXt chunk of 50 KB inflates to 50 MB."""
    zeros = zlib.compress(bytes(50_000_000), 9)
    head = b"bomb\0\1\0\0\0" if kind == b"iTXt" else b"bomb\0\0"
    return png_with(png_chunk(kind, head + zeros))


def jpeg_of_scans(scans: int = 2_000, picture: Image.Image | None = None) -> bytes:
    """A progressive JPEG whose last scan is repeated, each a pass over the picture."""
    jpeg = a_jpeg(picture, progressive=True)
    last = jpeg.rindex(b"\xff\xda")
    return jpeg[:last] + jpeg[last:-2] * scans + b"\xff\xd9"


# --- two files in one ---


def a_zip() -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("secret.txt", "something else than an image " * 20)
    return body.getvalue()


HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
PHP = b"<?php system($_GET['c']); ?>"


def polyglots() -> dict[str, bytes]:
    """Name → an image that is something else besides, in what would be served or behind it."""
    archive = a_zip()
    jpeg, png, gif, webp, avif = (make() for make in GOOD.values())
    return {
        "JPEG, then ZIP": jpeg + archive,
        "JPEG, then the first half of a ZIP": jpeg + archive[: len(archive) // 2],
        "JPEG with ZIP as colour profile": jpeg_with(
            jpeg_segment(JPEG_APP2, b"ICC_PROFILE\0\1\1" + archive)
        ),
        "JPEG with a page as colour profile": jpeg_with(
            jpeg_segment(JPEG_APP2, b"ICC_PROFILE\0\1\1" + HTML)
        ),
        "JPEG with ZIP behind its last row": jpeg[:-2] + archive + jpeg[-2:],
        "JPEG without its end, then ZIP": jpeg[:-2] + archive,
        "JPEG, then RAR": jpeg + b"Rar!\x1a\x07\x01\0" + bytes(99),
        "JPEG, then 7z": jpeg + b"7z\xbc\xaf\x27\x1c" + bytes(99),
        "JPEG, then PDF": jpeg + b"\n%PDF-1.7\n1 0 obj",
        "JPEG, then a Windows program": jpeg + b"MZ\x90\0" + bytes(99),
        "JPEG, then a Linux program": jpeg + b"\x7fELF\2\1\1" + bytes(99),
        "JPEG, then a script": jpeg + PHP,
        "PNG, then ZIP": png + archive,
        "PNG with a page as colour profile": png_with(
            png_chunk(b"iCCP", b"profile\0\0" + zlib.compress(HTML))
        ),
        "PNG with a script as palette": png_with(png_chunk(b"PLTE", PHP.ljust(30))),
        "GIF, then a page": gif + HTML,
        "GIF without its end, then a page": gif[:-1] + HTML,
        "WebP, then ZIP": webp + archive,
        "WebP with a page as colour profile": a_webp(icc_profile=HTML),
        "AVIF, then ZIP": avif + archive,
        "AVIF with a page in a free box": avif + box(b"free", HTML),
    }


PLIST = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN"'
    b' "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0"><dict/></plist>'
)
#: Something of each of the strangers below, to look for in what is served.
STRANGERS = (b"plist", b"PK\x03\x04", b"DOCTYPE", b"<script", b"<?php", b"secret")


def with_strangers_dropped() -> dict[str, bytes]:
    """Name → an image with something else in what is dropped: it comes out clean."""
    archive = a_zip()
    photoshop = b"Photoshop 3.0\0" + b"8BIM\x03\xea\0\0" + len(PLIST).to_bytes(4) + PLIST
    avif = an_avif()
    xmp = b"<x:xmpmeta>" + HTML + b"</x:xmpmeta>"
    xmp_gif = b"\x21\xff\x0bXMP DataXMP" + bytes((len(HTML),)) + HTML + b"\0"
    return {
        "JPEG by Photoshop on a Mac": jpeg_with(jpeg_segment(0xED, photoshop)),
        "JPEG with ZIP in a comment": jpeg_with(jpeg_segment(JPEG_COMMENT, archive)),
        "JPEG with a script as comment": jpeg_with(jpeg_segment(JPEG_COMMENT, PHP)),
        "JPEG with a page as XMP": jpeg_with(
            jpeg_segment(JPEG_APP1, b"http://ns.adobe.com/xap/1.0/\0" + xmp)
        ),
        "JPEG with a page between segments": a_jpeg()[:20] + HTML + a_jpeg()[20:],
        "PNG with a page as text": png_with(png_chunk(b"tEXt", b"Comment\0" + HTML)),
        "PNG with a plist as text": png_with(png_chunk(b"iTXt", b"XML\0\0\0\0\0" + PLIST)),
        "PNG with a page as compressed text": png_with(
            png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(HTML))
        ),
        "PNG with ZIP in a private chunk": png_with(png_chunk(b"prVt", archive)),
        "GIF with a script as comment": gif_with(gif_comment(b"/*" + HTML)),
        "GIF with a page as XMP": gif_with(xmp_gif),
        "WebP with a page as XMP": a_webp(xmp=xmp),
        "WebP with ZIP in an unknown chunk": riff(a_webp()[12:], riff_chunk(b"JUNK", archive)),
        "AVIF with a page as XMP": an_avif(xmp=xmp),
        "AVIF with a page in a box between": avif + box(b"uuid", HTML) + box(b"mdat", b""),
    }


# --- cut, and whole all the same ---


def with_their_end() -> dict[str, bytes]:
    """Name → a good image of 64 × 48; `without_their_end` has the same names."""
    jpeg, progressive, png, gif = a_jpeg(), a_jpeg(progressive=True), a_png(), a_gif()
    return {
        "baseline JPEG": jpeg,
        "baseline JPEG without its last byte": jpeg,
        "baseline JPEG padded with zeros": jpeg,
        "baseline JPEG, then a film": jpeg,
        "JPEG with restarts": a_jpeg(restart_marker_blocks=4),
        "grey JPEG": a_jpeg(scene(mode="L")),
        "CMYK JPEG": a_jpeg(scene(mode="CMYK")),
        "progressive JPEG": progressive,
        "progressive JPEG padded with zeros": progressive,
        "progressive JPEG cut in its last scan": progressive,
        "PNG": png,
        "PNG with a part of its last chunk": png,
        "PNG cut in a text behind the picture": png,
        "animated PNG": an_animation("PNG"),
        "GIF": gif,
        "GIF without the end of its pixels": gif,
        "GIF padded with zeros": gif,
        "animated GIF": an_animation("GIF"),
        "animated GIF cut in a comment": an_animation("GIF"),
    }


def without_their_end() -> dict[str, bytes]:
    """Name → an image with all its pixels and nothing that says that they end."""
    text = png_chunk(b"tEXt", bytes(99))
    lost = {
        "baseline JPEG without its last byte": (1, b""),
        "baseline JPEG padded with zeros": (2, bytes(300)),
        "baseline JPEG, then a film": (2, bytes(range(200)) * 9),
        "progressive JPEG padded with zeros": (2, bytes(300)),
        "progressive JPEG cut in its last scan": (40, b""),
        "PNG": (12, b""),
        "PNG with a part of its last chunk": (5, b""),
        "PNG cut in a text behind the picture": (12, text[:-50]),
        "animated PNG": (12, b""),
        "GIF": (1, b""),
        "GIF without the end of its pixels": (2, b""),
        "GIF padded with zeros": (1, bytes(9)),
        "animated GIF": (1, b""),
        "animated GIF cut in a comment": (1, gif_comment(b"made with")[:-4]),
    }
    cut = {}
    for name, good in with_their_end().items():
        count, instead = lost.get(name, (2, b""))
        cut[name] = good[:-count] + instead
    return cut


def gif_in_blocks(gif: bytes) -> list[bytes]:
    """The header with its colour table, each block, the trailer."""
    blocks, pos = [], 13 + 3 * 2 ** ((gif[10] & 7) + 1)
    start = 0
    while True:
        blocks.append(gif[start:pos])
        start = pos
        if gif[pos] == 0x3B:
            return [*blocks, gif[pos:]]
        table = 3 * 2 ** ((gif[pos + 9] & 7) + 1) if gif[pos + 9] & 0x80 else 0
        pos += 2 if gif[pos] == 0x21 else 11 + table
        while gif[pos]:
            pos += gif[pos] + 1
        pos += 1


def first_frames(image: bytes, count: int) -> bytes:
    """The first frames of a GIF; of another format all."""
    if image[:3] != b"GIF":
        return image
    kept, frames = [], 0
    for block in gif_in_blocks(image)[:-1]:
        frames += block[0] == 0x2C
        kept.append(block)
        if frames == count:
            break
    return b"".join(kept) + b";"


# --- not images ---


def not_images() -> dict[str, bytes]:
    """File name → bytes, none of them a picture."""
    return {
        "drawing.svg": SVG,
        "drawing.png": SVG,
        "page.jpg": HTML,
        "scan.tiff": encoded(scene(), "TIFF"),
        "site.ico": encoded(scene(), "ICO"),
        "photo.heic": box(b"ftyp", b"heic\0\0\0\0mif1heic") + bytes(99),
        "clip.mp4": box(b"ftyp", b"isom\0\0\2\0isomavc1") + bytes(99),
        "clip.webm": b"\x1aE\xdf\xa3" + bytes(99),
        "paper.pdf": b"%PDF-1.7\n",
        "things.zip": a_zip(),
        "empty.png": b"",
        "noise.gif": bytes(range(256)),
        "short.jpg": b"\xff\xd8",
        "text.webp": b"RIFF of the mind",
    }
