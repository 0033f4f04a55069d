"""Files as programs, phones and accidents make them, that are odd and mostly good: `ODD_FILES`.

Each holds a scene of 300 × 200 that is shrunk for its thumbnail, unless its name says otherwise.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from functools import cache

from PIL import Image

from tests.writer.media import hostile
from tests.writer.media import odd_pictures as odd
from tests.writer.media.hostile import jpeg_segment, png_chunk, riff, riff_chunk

SIZE = (300, 200)


@cache
def a_scene(mode: str = "RGB") -> Image.Image:
    return odd.grainy_scene(*SIZE, mode)


# --- PNG ---

_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
#: First column, first row, steps across and down of each pass (Adam7).
_PASSES = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)


def a_png(mode: str = "RGB") -> bytes:
    return odd.png(a_scene(mode))


def header(
    width: int, height: int, depth: int, colour: int, interlace: int = 0, *, rest: bytes = b"\0\0"
) -> bytes:
    return png_chunk(
        b"IHDR", struct.pack(">LLBB", width, height, depth, colour) + rest + bytes((interlace,))
    )


def of_chunks(*chunks: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def pixels(png: bytes) -> bytes:
    """What its only IDAT holds."""
    at = png.index(b"IDAT")
    return png[at + 4 : at + 4 + int.from_bytes(png[at - 4 : at])]


END = png_chunk(b"IEND", b"")


def with_pixels(png: bytes, *chunks: bytes) -> bytes:
    """Other chunks where its only IDAT was."""
    at = png.index(b"IDAT") - 4
    behind = at + 12 + int.from_bytes(png[at : at + 4])
    return png[:at] + b"".join(chunks) + png[behind:]


def interlaced(mode: str, depth: int = 8, *chunks: bytes, size: tuple[int, int] = SIZE) -> bytes:
    scene = odd.grainy_scene(*size, mode)
    colour = {"L": 0, "RGB": 2, "P": 3, "LA": 4, "RGBA": 6}[mode]
    raw = scene.tobytes()
    pixel_bytes = _SAMPLES[colour]
    if depth == 16:
        both = bytearray(2 * len(raw))
        both[0::2], both[1::2] = raw, raw
        raw, pixel_bytes = bytes(both), 2 * pixel_bytes
    width, height = size
    lines = b""
    for left, top, across, down in _PASSES:
        for y in range(top, height, down):
            row = b"".join(
                raw[(y * width + x) * pixel_bytes : (y * width + x + 1) * pixel_bytes]
                for x in range(left, width, across)
            )
            if row:
                lines += b"\0" + row
    palette = [png_chunk(b"PLTE", bytes(scene.getpalette() or ()))] if mode == "P" else []
    return of_chunks(
        header(width, height, depth, colour, 1),
        *palette,
        *chunks,
        png_chunk(b"IDAT", zlib.compress(lines)),
        END,
    )


def as_iphones(png: bytes) -> bytes:
    """As Xcode packs it: another order of colours, no zlib around the pixels."""
    raw = zlib.decompress(pixels(png))
    packer = zlib.compressobj(wbits=-15)
    body = packer.compress(raw) + packer.flush()
    return of_chunks(png_chunk(b"CgBI", b"\x50\0\x20\2"), png[8:33], png_chunk(b"IDAT", body), END)


def bad_crc(chunk: bytes) -> bytes:
    return chunk[:-1] + bytes((chunk[-1] ^ 1,))


def odd_pngs() -> dict[str, bytes]:
    png = a_png()
    body = pixels(png)
    third = len(body) // 3
    pieces = [body[:third], body[third : 2 * third], body[2 * third :]]
    idats = [png_chunk(b"IDAT", piece) for piece in pieces]
    palette = a_png("P")
    plte_at = palette.index(b"PLTE") - 4
    plte = palette[plte_at : plte_at + 12 + 768]
    raw = zlib.decompress(body)
    text = png_chunk(b"tEXt", b"Comment\0made with")
    animated = odd.animated_png(SIZE, [(*SIZE, 0, 0, b"\0\xff\0"), (*SIZE, 0, 0, b"\0\0\xff")])
    still = odd.animated_png(SIZE, [(*SIZE, 0, 0, b"\0\xff\0")], still=b"\xff\0\0")
    cases = {
        "pixels in three": with_pixels(png, *idats),
        "pixels in three, a text between": with_pixels(
            png, idats[0], text, idats[1], text, idats[2]
        ),
        "pixels in three, an unknown chunk between": with_pixels(
            png, idats[0], png_chunk(b"prVt", b"?"), idats[1], idats[2]
        ),
        "pixels in three, an empty one between": with_pixels(
            png, idats[0], png_chunk(b"IDAT", b""), idats[1], idats[2]
        ),
        "an empty IDAT first": with_pixels(png, png_chunk(b"IDAT", b""), *idats),
        "an empty IDAT last": with_pixels(png, *idats, png_chunk(b"IDAT", b"")),
        "an IDAT of a byte each": with_pixels(
            png,
            *[png_chunk(b"IDAT", body[n : n + 1]) for n in range(64)],
            png_chunk(b"IDAT", body[64:]),
        ),
        "nothing but an empty IDAT": with_pixels(png, png_chunk(b"IDAT", b"")),
        "bytes behind the pixels' stream": with_pixels(png, png_chunk(b"IDAT", body + bytes(50))),
        "rows too many": with_pixels(png, png_chunk(b"IDAT", zlib.compress(raw + raw[:3000]))),
        "half of the rows": with_pixels(
            png, png_chunk(b"IDAT", zlib.compress(raw[: len(raw) // 2]))
        ),
        "a row too few": with_pixels(png, png_chunk(b"IDAT", zlib.compress(raw[:-901]))),
        "a wrong sum of the pixels": with_pixels(
            png, png_chunk(b"IDAT", body[:-1] + bytes((body[-1] ^ 1,)))
        ),
        "no sum of the pixels": with_pixels(png, png_chunk(b"IDAT", body[:-4])),
        "a filter that is none": with_pixels(
            png, png_chunk(b"IDAT", zlib.compress(b"\7" + raw[1:]))
        ),
        "a filter that is none, below": with_pixels(
            png, png_chunk(b"IDAT", zlib.compress(raw[:90100] + b"\7" + raw[90101:]))
        ),
        "packed with a small window": with_pixels(png, png_chunk(b"IDAT", b"\x18\x19" + body[2:])),
        "checksum of the header": png[:32] + bytes((png[32] ^ 1,)) + png[33:],
        "checksum of the pixels": with_pixels(png, bad_crc(png_chunk(b"IDAT", body))),
        "checksum of the end": png[:-1] + b"\0",
        "checksum of a text": hostile.png_with(bad_crc(text), png=png),
        "checksum of a gamma": hostile.png_with(bad_crc(odd.gamma(100_000)), png=png),
        "checksum of a palette": palette.replace(plte, bad_crc(plte)),
        "checksum of a clear colour": hostile.png_with(
            bad_crc(png_chunk(b"tRNS", struct.pack(">3H", 255, 0, 0))), png=png
        ),
        "an unknown chunk that counts": hostile.png_with(png_chunk(b"ABCD", b"?"), png=png),
        "an unknown chunk that counts, behind": png[:-12] + png_chunk(b"ABCD", b"?") + END,
        "a chunk whose name is none": hostile.png_with(png_chunk(b"a\0!d", b"?"), png=png),
        "a chunk of a reserved name": hostile.png_with(png_chunk(b"abcd", b"?"), png=png),
        "iDOT, as macOS writes it": hostile.png_with(
            png_chunk(b"iDOT", struct.pack(">7L", 2, 0, 100, 40, 100, 100, 999)), png=png
        ),
        "CgBI, as Xcode writes it": as_iphones(png),
        "CgBI behind the header": hostile.png_with(png_chunk(b"CgBI", b"\x50\0\x20\2"), png=png),
        "a palette beside colours": hostile.png_with(plte, png=png),
        "a palette beside greys": hostile.png_with(plte, png=a_png("L")),
        "a palette of a colour too many": palette.replace(
            plte, png_chunk(b"PLTE", plte[8:-4] + b"\0\0\0")
        ),
        "a palette of half a colour": palette.replace(plte, png_chunk(b"PLTE", plte[8:-4][:-1])),
        "a palette beside colours of half a one": hostile.png_with(
            png_chunk(b"PLTE", bytes(7)), png=png
        ),
        "a palette of no colour": palette.replace(plte, png_chunk(b"PLTE", b"")),
        "no palette": palette.replace(plte, b""),
        "a palette of four colours": palette.replace(plte, png_chunk(b"PLTE", plte[8:20])),
        "a palette behind the pixels": palette.replace(plte, b"")[:-12] + plte + END,
        "two palettes": palette.replace(plte, plte + png_chunk(b"PLTE", plte[8:-4][::-1])),
        "a palette of 2 bits with 256 colours": odd.png_of_rows(
            SIZE, 2, 3, b"\x1b" * 75 * 200, plte
        ),
        "clear colours more than its palette": odd.png_of_rows(
            SIZE,
            8,
            3,
            b"\0" * 150 * 200 + b"\1" * 150 * 200,
            png_chunk(b"PLTE", b"\xff\0\0\0\0\xff"),
            png_chunk(b"tRNS", b"\x80" * 20),
        ),
        "clear colours beside alpha": hostile.png_with(
            png_chunk(b"tRNS", bytes(6)), png=a_png("RGBA")
        ),
        "clear colours behind the pixels": png[:-12] + png_chunk(b"tRNS", bytes(6)) + END,
        "sBIT": hostile.png_with(png_chunk(b"sBIT", b"\5\6\5"), png=png),
        "sBIT of no bits": hostile.png_with(png_chunk(b"sBIT", b"\0\0\0"), png=png),
        "sBIT of too many": hostile.png_with(png_chunk(b"sBIT", b"\x09\x09\x09"), png=png),
        "a background": hostile.png_with(
            png_chunk(b"bKGD", struct.pack(">3H", 255, 0, 255)), png=a_png("RGBA")
        ),
        "pixels that are not square": hostile.png_with(
            png_chunk(b"pHYs", struct.pack(">LLB", 2000, 1000, 1)), png=png
        ),
        "sTER, two pictures for two eyes": hostile.png_with(png_chunk(b"sTER", b"\0"), png=png),
        "oFFs": hostile.png_with(png_chunk(b"oFFs", struct.pack(">llB", 50, 50, 0)), png=png),
        "acTL of no frames": hostile.png_with(
            png_chunk(b"acTL", struct.pack(">LL", 0, 0)), png=png
        ),
        "acTL of a frame that is missing": hostile.png_with(
            png_chunk(b"acTL", struct.pack(">LL", 2, 0)), png=png
        ),
        "acTL behind the pixels": png[:-12] + png_chunk(b"acTL", struct.pack(">LL", 2, 0)) + END,
        "acTL twice": hostile.png_with(png_chunk(b"acTL", struct.pack(">LL", 2, 0)), png=animated),
        "a frame's header and no acTL": hostile.png_with(
            png_chunk(b"fcTL", struct.pack(">5LHHBB", 0, *SIZE, 0, 0, 9, 1, 0, 0)), png=png
        ),
        "frames in a wrong order": animated.replace(
            png_chunk(b"fcTL", struct.pack(">5LHHBB", 1, *SIZE, 0, 0, 9, 1, 0, 0)),
            png_chunk(b"fcTL", struct.pack(">5LHHBB", 7, *SIZE, 0, 0, 9, 1, 0, 0)),
        ),
        "fewer frames than told": animated.replace(
            png_chunk(b"acTL", struct.pack(">LL", 2, 0)),
            png_chunk(b"acTL", struct.pack(">LL", 9, 0)),
        ),
        "more frames than told": animated.replace(
            png_chunk(b"acTL", struct.pack(">LL", 2, 0)),
            png_chunk(b"acTL", struct.pack(">LL", 1, 0)),
        ),
        "a still that is no frame": still,
        "a frame of no size": hostile.png_with(
            png_chunk(b"acTL", struct.pack(">LL", 1, 0)),
            png_chunk(b"fcTL", struct.pack(">5LHHBB", 0, 0, 0, 0, 0, 9, 1, 0, 0)),
            png=png,
        ),
        "a first frame that is smaller": hostile.png_with(
            png_chunk(b"acTL", struct.pack(">LL", 1, 0)),
            png_chunk(b"fcTL", struct.pack(">5LHHBB", 0, 30, 20, 0, 0, 9, 1, 0, 0)),
            png=png,
        ),
        "an animation cut in its second frame": animated[:-40],
        "an animation with a wrong checksum in its second frame": animated[:-17]
        + b"????"
        + animated[-13:],
        "no end": png[:-12],
        "a byte of its end": png[:-11],
        "an end of three bytes": png[:-12] + png_chunk(b"IEND", b"abc"),
        "bytes behind its end": png + b"made with love",
        "another PNG behind its end": png + a_png("L"),
        "a line end that was changed": png.replace(b"\r\n\x1a\n", b"\n\x1a\n", 1),
        "a header of 14 bytes": of_chunks(png_chunk(b"IHDR", png[16:29] + b"\0"), png[33:]),
        "another chunk before the header": of_chunks(text, png[8:]),
        "two headers": of_chunks(png[8:33], png[8:]),
        "another filter method": of_chunks(header(*SIZE, 8, 2, rest=b"\0\1"), png[33:]),
        "another packing": of_chunks(header(*SIZE, 8, 2, rest=b"\1\0"), png[33:]),
        "interlacing of another kind": of_chunks(header(*SIZE, 8, 2, 2), png[33:]),
        "a depth that there is not": of_chunks(header(*SIZE, 3, 0), png[33:]),
        "a kind of colours that there is not": of_chunks(header(*SIZE, 8, 5), png[33:]),
        "colours of 4 bits": of_chunks(header(*SIZE, 4, 2), png[33:]),
        "a length beyond the file": png[:33] + b"\x7f\xff\xff\xff" + png[37:],
        "a length beyond 2 GB": png[:33] + b"\xff\xff\xff\xff" + png[37:],
        "a text of 2 GB": png[:33] + b"\x7f\xff\xff\xfftEXt" + png[33:],
        "an orientation behind the pixels": png[:-12] + odd.orientation(6) + END,
        "two orientations": hostile.png_with(odd.orientation(1), odd.orientation(6), png=png),
        "an orientation with its title": hostile.png_with(
            png_chunk(b"eXIf", b"Exif\0\0" + hostile.exif(6)), png=png
        ),
        "a raw profile as ImageMagick writes it": hostile.png_with(
            png_chunk(
                b"zTXt",
                b"Raw profile type exif\0\0"
                + zlib.compress(
                    b"\nexif\n%8d\n" % len(hostile.exif(6)) + hostile.exif(6).hex().encode() + b"\n"
                ),
            ),
            png=png,
        ),
        "an orientation in XMP": hostile.png_with(
            png_chunk(
                b"iTXt",
                b'XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta xmlns:x="adobe:ns:meta/">'
                b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
                b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/"'
                b' tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>',
            ),
            png=png,
        ),
        "sRGB and a profile": hostile.png_with(
            odd.SRGB, odd.profile_chunk(odd.icc(b"RGB ", swaps_red_and_blue=True)), png=png
        ),
        "a gamma behind the pixels": png[:-12] + odd.gamma(100_000) + END,
        "a gamma behind the palette": palette.replace(plte, plte + odd.gamma(100_000)),
        "a profile behind the palette": palette.replace(
            plte, plte + odd.profile_chunk(odd.icc(b"RGB ", swaps_red_and_blue=True))
        ),
        "a code behind the pixels": png[:-12] + odd.code(12, 13) + END,
        "a code of a limited range": hostile.png_with(png_chunk(b"cICP", b"\1\x0d\0\0"), png=png),
    }
    for mode in ("L", "LA", "P", "RGB", "RGBA"):
        cases[f"interlaced {mode}"] = interlaced(mode)
    for mode in ("L", "RGB", "RGBA"):
        cases[f"interlaced {mode} of 16 bits"] = interlaced(mode, 16)
    cases["interlaced, with a clear colour"] = interlaced(
        "RGB", 8, png_chunk(b"tRNS", struct.pack(">3H", 255, 0, 0))
    )
    cases["interlaced, with an orientation"] = interlaced("RGB", 8, odd.orientation(6))
    cases["interlaced, of 3 × 3"] = interlaced("RGB", size=(3, 3))
    cases["interlaced, cut in its last pass"] = interlaced("RGB")[:-2000]
    cases["of 1 × 1"] = odd.png(odd.grainy_scene(1, 1))
    cases["of 1 × 65500"] = odd.png(Image.new("L", (1, 65_500), 90))
    cases["of 65500 × 1"] = odd.png(Image.new("L", (65_500, 1), 90))
    return {f"PNG, {name}": data for name, data in cases.items()}


# --- JPEG ---

SOF, SOS, DRI = b"\xff\xc0", b"\xff\xda", b"\xff\xdd"
ADOBE = 0xEE


def a_jpeg(mode: str = "RGB", **options: object) -> bytes:
    return hostile.a_jpeg(a_scene(mode), **{"quality": 88, **options})


def adobe(transform: int) -> bytes:
    return jpeg_segment(ADOBE, b"Adobe\0\x64\0\0\0\0" + bytes((transform,)))


def without(jpeg: bytes, marker: int) -> bytes:
    """Without its segments of this kind."""
    kept, at = jpeg[:2], 2
    while jpeg[at : at + 2] != SOS:
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4])
        if jpeg[at + 1] != marker:
            kept += jpeg[at:end]
        at = end
    return kept + jpeg[at:]


def called(jpeg: bytes, numbers: bytes) -> bytes:
    """Its components by other numbers."""
    body = bytearray(jpeg)
    sof = max(jpeg.find(b"\xff" + bytes((n,)) + b"\0") for n in (0xC0, 0xC1, 0xC2))
    for n, number in enumerate(numbers):
        body[sof + 10 + 3 * n] = number
    at = jpeg.index(SOS)
    for n, number in enumerate(numbers):
        body[at + 5 + 2 * n] = number
    return bytes(body)


def behind_soi(jpeg: bytes, *segments: bytes) -> bytes:
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def before_frame(jpeg: bytes, *segments: bytes) -> bytes:
    at = jpeg.index(SOF)
    return jpeg[:at] + b"".join(segments) + jpeg[at:]


def renamed(jpeg: bytes, marker: int) -> bytes:
    at = jpeg.index(SOF)
    return jpeg[: at + 1] + bytes((marker,)) + jpeg[at + 2 :]


def scans_of(jpeg: bytes) -> list[int]:
    """Where each begins."""
    found, at = [], jpeg.find(SOS)
    while at >= 0:
        found.append(at)
        at = jpeg.find(SOS, at + 2)
    return found


def restarts(jpeg: bytes) -> list[int]:
    at = jpeg.index(SOS)
    return [n for n in range(at, len(jpeg) - 1) if jpeg[n] == 0xFF and 0xD0 <= jpeg[n + 1] <= 0xD7]


def with_gain_map(jpeg: bytes) -> bytes:
    """As phones write what is brighter than white (Ultra HDR): a JPEG behind says how much."""
    told = (
        b'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
        b'"http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:hdrgm='
        b'"http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"/></rdf:RDF></x:xmpmeta>'
    )
    gain = hostile.a_jpeg(a_scene("L").resize((75, 50)))
    gain = behind_soi(
        gain, jpeg_segment(0xE1, told.replace(b'="1.0"/', b'="1.0" hdrgm:GainMapMax="3"/'))
    )
    index = (
        b"MPF\0MM\0*"
        + struct.pack(">LH", 8, 3)
        + b"".join(
            (
                struct.pack(">HHL4s", 0xB000, 7, 4, b"0100"),
                struct.pack(">HHLL", 0xB001, 4, 1, 2),
                struct.pack(">HHLL", 0xB002, 7, 32, 50),
                bytes(4),
            )
        )
    )
    base = behind_soi(jpeg, jpeg_segment(0xE1, told))
    size = len(base) + len(jpeg_segment(0xE2, index + bytes(32)))
    entries = struct.pack(">LLLHH", 0x030000, size, 0, 0, 0) + struct.pack(
        ">LLLHH", 0, len(gain), size, 0, 0
    )
    return behind_soi(base, jpeg_segment(0xE2, index + entries)) + gain


def odd_jpegs() -> dict[str, bytes]:
    jpeg, cmyk, grey = a_jpeg(), a_jpeg("CMYK"), a_jpeg("L")
    rgb = a_jpeg(keep_rgb=True)
    progressive = a_jpeg(progressive=True)
    later = scans_of(progressive)
    restarting = a_jpeg(restart_marker_blocks=10)
    marks = restarts(restarting)
    soi, bare = b"\xff\xd8", without(jpeg, 0xE0)
    xmp = b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 32 + struct.pack(">LL", 90_000, 0)
    cases = {
        "RGB that says so": rgb,
        "RGB that its numbers say": called(without(rgb, ADOBE), b"RGB"),
        "RGB and JFIF": behind_soi(rgb, jpeg_segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")),
        "YCbCr without a word": bare,
        "YCbCr whose numbers begin at 0": called(bare, b"\0\1\2"),
        "YCbCr of other numbers": called(bare, b"\x22\x23\x24"),
        "YCbCr that Adobe calls RGB": behind_soi(bare, adobe(0)),
        "JFIF that Adobe calls RGB": before_frame(jpeg, adobe(0)),
        "YCbCr by Adobe": behind_soi(bare, adobe(1)),
        "YCbCr by Adobe as ink": behind_soi(bare, adobe(2)),
        "two words of Adobe": behind_soi(bare, adobe(1), adobe(0)),
        "Adobe behind the frame": bare[: bare.index(SOS)] + adobe(0) + bare[bare.index(SOS) :],
        "Adobe's word too short": behind_soi(bare, jpeg_segment(ADOBE, b"Adobe\0\x64\0\0")),
        "Adobe's word and more": behind_soi(
            bare, jpeg_segment(ADOBE, b"Adobe\0\x64\0\0\0\0\0more")
        ),
        "JFIF behind the tables": before_frame(
            bare, jpeg_segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
        ),
        "JFIF cut": behind_soi(bare, jpeg_segment(0xE0, b"JFIF\0\1\1")),
        "JFIF with a thumbnail": behind_soi(
            bare, jpeg_segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\2\2" + bytes(12))
        ),
        "JFXX": behind_soi(bare, jpeg_segment(0xE0, b"JFXX\0\x13\1\1\0\0\0")),
        "pixels that are not square": behind_soi(
            bare, jpeg_segment(0xE0, b"JFIF\0\1\1\0\0\2\0\1\0\0")
        ),
        "ink, as Pillow writes it": cmyk,
        "ink without a word": without(cmyk, ADOBE),
        "ink by Adobe's YCCK": without(cmyk, ADOBE)[:2] + adobe(2) + without(cmyk, ADOBE)[2:],
        "ink by Adobe's CMYK": without(cmyk, ADOBE)[:2] + adobe(0) + without(cmyk, ADOBE)[2:],
        "ink with JFIF": behind_soi(
            without(cmyk, ADOBE), jpeg_segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
        ),
        "ink, progressive": a_jpeg("CMYK", progressive=True),
        "ink with a profile": a_jpeg("CMYK", icc_profile=odd.icc(b"CMYK")),
        "ink on its side": a_jpeg("CMYK", exif=hostile.exif(6)),
        "ink by YCCK on its side": behind_soi(
            behind_soi(without(cmyk, ADOBE), adobe(2)),
            jpeg_segment(0xE1, b"Exif\0\0" + hostile.exif(6)),
        ),
        "RGB on its side": behind_soi(rgb, jpeg_segment(0xE1, b"Exif\0\0" + hostile.exif(6))),
        "grey": grey,
        "grey of Adobe's": behind_soi(grey, adobe(1)),
        "grey with samples of 2 × 2": renamed(grey, 0xC0).replace(b"\1\1\x11\0", b"\1\1\x22\0", 1),
        "4:4:4": a_jpeg(subsampling="4:4:4"),
        "4:2:2": a_jpeg(subsampling="4:2:2"),
        "4:1:1": a_jpeg(subsampling="4:1:1"),
        "called extended": renamed(jpeg, 0xC1),
        "called lossless": renamed(jpeg, 0xC3),
        "called arithmetic": renamed(jpeg, 0xC9),
        "called progressive": renamed(jpeg, 0xC2),
        "of 12 bits": jpeg.replace(SOF + b"\0\x11\x08", SOF + b"\0\x11\x0c"),
        "of no height": jpeg.replace(SOF + b"\0\x11\x08\0\xc8", SOF + b"\0\x11\x08\0\0"),
        "with restarts": restarting,
        "with restarts in rows": a_jpeg(restart_marker_rows=1),
        "with restarts, progressive": a_jpeg(restart_marker_rows=1, progressive=True),
        "a restart that is missing": restarting[: marks[9]] + restarting[marks[9] + 2 :],
        "a restart of another number": restarting[: marks[9] + 1]
        + bytes((0xD0 + (restarting[marks[9] + 1] - 0xD0 + 1) % 8,))
        + restarting[marks[9] + 2 :],
        "a piece between two restarts that is missing": restarting[: marks[9]]
        + restarting[marks[10] :],
        "eight pieces between restarts that are missing": restarting[: marks[9]]
        + restarting[marks[17] :],
        "restarts and nothing that says so": without(restarting, 0xDD),
        "a restart interval and no restarts": before_frame(jpeg, jpeg_segment(0xDD, b"\0\x0a")),
        "a wrong byte in its pixels": jpeg[:6000] + b"\x55" + jpeg[6001:],
        "a marker in its pixels": jpeg[:6000] + b"\xff\xe5\0\2" + jpeg[6000:],
        "a comment of length 2 in its pixels": jpeg[:6000] + b"\xff\xfe\0\2" + jpeg[6000:],
        "progressive": progressive,
        "progressive, cut in its second scan": progressive[: later[1] + 200],
        "progressive, its first scan alone": progressive[: later[1]],
        "progressive, its first scan and an end": progressive[: later[1]] + b"\xff\xd9",
        "progressive, all but its last scan": progressive[: later[-1]] + b"\xff\xd9",
        "cut in its last row": jpeg[:-30],
        "cut in its last row, with an end": jpeg[:-30] + b"\xff\xd9",
        "cut in its middle, with an end": jpeg[: len(jpeg) // 2] + b"\xff\xd9",
        "without its end": jpeg[:-2],
        "padded between segments": before_frame(jpeg, b"\xff" * 40),
        "padded before its end": jpeg[:-2] + b"\xff" * 9 + jpeg[-2:],
        "zeros behind SOI": behind_soi(jpeg, bytes(7)),
        "two SOI": soi + jpeg,
        "a zero before SOI": b"\0" + jpeg,
        "a comment of FF": behind_soi(jpeg, jpeg_segment(0xFE, b"\xff" * 99)),
        "a comment too long": behind_soi(jpeg, b"\xff\xfe\xff\xff"),
        "APP15 and APP10": behind_soi(jpeg, jpeg_segment(0xEF, b"?"), jpeg_segment(0xEA, b"AROT")),
        "XMP in two pieces": behind_soi(
            jpeg,
            jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + hostile.XMP),
            jpeg_segment(0xE1, xmp + b"x" * 60_000),
            jpeg_segment(0xE1, xmp + b"x" * 30_000),
        ),
        "EXIF of two segments": behind_soi(
            jpeg,
            jpeg_segment(0xE1, b"Exif\0\0" + hostile.exif(6) + bytes(60_000)),
            jpeg_segment(0xE1, b"Exif\0\0" + bytes(30_000)),
        ),
        "EXIF behind XMP": behind_soi(
            jpeg,
            jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + hostile.XMP),
            jpeg_segment(0xE1, b"Exif\0\0" + hostile.exif(6)),
        ),
        "EXIF without its second zero": behind_soi(
            jpeg, jpeg_segment(0xE1, b"Exif\0\xff" + hostile.exif(6))
        ),
        "EXIF with a thumbnail": behind_soi(
            jpeg, jpeg_segment(0xE1, b"Exif\0\0" + hostile.exif(8) + hostile.a_jpeg())
        ),
        "of two pictures (MPO)": hostile.encoded(
            a_scene(), "MPO", save_all=True, append_images=[a_scene().rotate(180)]
        ),
        "with a gain map": with_gain_map(jpeg),
        "with a gain map, on its side": with_gain_map(
            behind_soi(jpeg, jpeg_segment(0xE1, b"Exif\0\0" + hostile.exif(6)))
        ),
        "with a film behind": jpeg + hostile.box(b"ftyp", b"mp42\0\0\0\0isom") + bytes(900),
        "with a table that it does not use": before_frame(
            jpeg, jpeg_segment(0xDB, b"\3" + bytes(range(1, 65)))
        ),
        "with tables of 16 bits": without(jpeg, 0xDB).replace(
            SOF,
            jpeg_segment(0xDB, b"\x10" + b"\0\x09" * 64)
            + jpeg_segment(0xDB, b"\x11" + b"\0\x09" * 64)
            + SOF,
        ),
        "without tables of Huffman's": without(jpeg, 0xC4),
        "with DNL": jpeg[:-2] + b"\xff\xdc\0\4\0\xc8" + jpeg[-2:],
        "with DAC": before_frame(jpeg, jpeg_segment(0xCC, b"\0\x10")),
        "with EXP": before_frame(jpeg, jpeg_segment(0xDF, b"\0")),
        "with JPG0": before_frame(jpeg, jpeg_segment(0xF0, b"\0")),
        "with a reserved marker": before_frame(jpeg, jpeg_segment(0x02, b"\0")),
        "with TEM": before_frame(jpeg, b"\xff\x01"),
    }
    return {f"JPEG, {name}": data for name, data in cases.items()}


# --- GIF ---


INTERLACED = 0x40


def lzw(indices: bytes, code_size: int = 8) -> bytes:
    """Not packed: a clear code before the table grows."""
    clear, every = 1 << code_size, (1 << code_size) - 2
    codes: list[int] = []
    for at in range(0, len(indices), every):
        codes += [clear, *indices[at : at + every]]
    codes.append(clear + 1)
    width = code_size + 1
    bits = "".join(f"{code:0{width}b}" for code in reversed(codes))
    packed = int(bits, 2).to_bytes(-(-len(bits) // 8), "little")
    return bytes((code_size,)) + in_blocks(packed)


def in_blocks(packed: bytes) -> bytes:
    pieces = [packed[n : n + 255] for n in range(0, len(packed), 255)]
    return b"".join(bytes((len(piece),)) + piece for piece in pieces) + b"\0"


def gif_table(count: int = 256) -> bytes:
    return bytes(
        v for n in range(count) for v in (n * 255 // (count - 1), 255 - n * 255 // (count - 1), 90)
    )


def gif_frame(
    width: int,
    height: int,
    left: int = 0,
    top: int = 0,
    *,
    table: bytes = b"",
    flags: int = 0,
    code_size: int = 8,
    indices: bytes = b"",
) -> bytes:
    if table:
        flags |= 0x80 | ((len(table) // 3).bit_length() - 2)
    limit = (1 << code_size) - 1
    rows = range(height)
    if flags & INTERLACED:
        rows = [
            y
            for first, step in ((0, 8), (4, 8), (2, 4), (1, 2))
            for y in range(first, height, step)
        ]
    indices = indices or bytes(
        (x + y) * limit // max(1, width + height - 2) for y in rows for x in range(width)
    )
    return (
        b","
        + struct.pack("<4HB", left, top, width, height, flags)
        + table
        + lzw(indices, code_size)
    )


def gif(
    *blocks: bytes,
    size: tuple[int, int] = SIZE,
    table: bytes = b"?",
    background: int = 0,
    version: bytes = b"89a",
    end: bytes = b";",
) -> bytes:
    table = gif_table() if table == b"?" else table
    flags = 0x70 | (0x80 | ((len(table) // 3).bit_length() - 2) if table else 0)
    return (
        b"GIF"
        + version
        + struct.pack("<HHBBB", *size, flags, background, 0)
        + table
        + b"".join(blocks)
        + end
    )


def control(disposal: int = 0, delay: int = 60_000, clear: int | None = None) -> bytes:
    flags = disposal << 2 | (clear is not None)
    return b"\x21\xf9\4" + struct.pack("<BHBB", flags, delay, clear or 0, 0)


def odd_gifs() -> dict[str, bytes]:
    frame = gif_frame(*SIZE)
    small = gif_frame(60, 40, 20, 30)
    loop = b"\x21\xff\x0bNETSCAPE2.0\3\1\0\0\0"
    comment = hostile.gif_comment(b"made with love" * 40)
    cases = {
        "plain": gif(frame),
        "a table of its own": gif(gif_frame(*SIZE, table=gif_table()), table=b""),
        "no colours": gif(frame, table=b""),
        "no colours, of 2 bits": gif(gif_frame(*SIZE, code_size=2), table=b""),
        "a short table": gif(frame, table=gif_table(16)),
        "a table of its own that is short": gif(gif_frame(*SIZE, table=gif_table(4)), table=b""),
        "of 87": gif(frame, version=b"87a"),
        "of 87 with controls": gif(control(clear=3), frame, version=b"87a"),
        "of another version": gif(frame, version=b"90a"),
        "interlaced": gif(gif_frame(*SIZE, flags=INTERLACED)),
        "no delay": gif(loop, control(delay=0), frame, control(delay=0), frame),
        "no loop": gif(control(), frame, control(), small),
        "a loop of five bytes": gif(
            b"\x21\xff\x0bNETSCAPE2.0\5\1\0\0\0\0\0", control(), frame, small
        ),
        "a loop behind its frame": gif(control(), frame, loop, control(), small),
        "comments everywhere": gif(
            comment, control(), comment, frame, comment, control(), small, comment
        ),
        "a text": gif(b"\x21\1\x0c" + bytes(12) + b"\2hi\0", control(), frame),
        "a control for nothing": gif(control(clear=5), control(), frame, control()),
        "a clear colour that there is not": gif(control(clear=200), frame, table=gif_table(16)),
        "a frame outside": gif(control(), frame, control(), gif_frame(60, 40, 290, 190)),
        "a frame far outside": gif(control(), frame, control(), gif_frame(60, 40, 400, 300)),
        "a first frame that is outside": gif(
            control(), gif_frame(60, 40, 290, 190), control(), frame
        ),
        "a first frame that is far outside": gif(
            control(), gif_frame(60, 40, 400, 300), control(), frame
        ),
        "a first frame that is smaller": gif(control(), small, control(), frame),
        "a first frame that is larger": gif(frame, size=(100, 80)),
        "a screen of nothing": gif(frame, size=(0, 0)),
        "a screen of no width": gif(frame, size=(0, 200)),
        "restored to the background": gif(loop, control(2), frame, control(2), small),
        "restored to what was": gif(loop, control(3), frame, control(3), small),
        "restored in a way that there is not": gif(loop, control(7), frame, control(5), small),
        "a background beyond the table": gif(small, table=gif_table(4), background=200),
        "cut in its rows": gif(frame)[:-9000],
        "cut in its second frame": gif(control(), frame, control(), small)[:-200],
        "no end": gif(frame, end=b""),
        "bytes behind": gif(frame) + b"made with love",
        "a block that there is not": gif(control(), frame, b"\x44\1\2\3"),
        "an extension that there is not": gif(b"\x21\x77\3abc\0", frame),
        "XMP": gif(
            b"\x21\xff\x0bXMP DataXMP"
            + hostile.XMP.ljust(300, b" ")
            + b"\1"
            + bytes(range(255, -1, -1))
            + b"\0",
            frame,
        ),
        "a profile": gif(
            b"\x21\xff\x0bICCRGBG1012" + in_blocks(odd.icc(b"RGB ", swaps_red_and_blue=True)), frame
        ),
        "no clear code": gif(
            b"," + struct.pack("<4HB", 0, 0, *SIZE, 0) + frame[10:11] + frame[11:]
        ),
        "codes of 12 bits": gif(b"," + struct.pack("<4HB", 0, 0, *SIZE, 0) + b"\x0c" + frame[11:]),
        "codes of 2 bits": gif(gif_frame(*SIZE, code_size=2), table=gif_table(4)),
        "pixels too many": gif(b"," + struct.pack("<4HB", 0, 0, 300, 190, 0) + frame[10:]),
        "pixels too few": gif(b"," + struct.pack("<4HB", 0, 0, *SIZE, 0) + lzw(bytes(59_000))),
        "no pixels": gif(b"," + struct.pack("<4HB", 0, 0, *SIZE, 0) + b"\x08\0"),
        "one pixel": gif(gif_frame(1, 1), size=(1, 1)),
    }
    return {f"GIF, {name}": data for name, data in cases.items()}


# --- WebP ---

HAS_PROFILE, HAS_ALPHA, HAS_EXIF, HAS_XMP, MOVES = 0x20, 0x10, 0x08, 0x04, 0x02


def canvas(flags: int, size: tuple[int, int] = SIZE) -> bytes:
    told = b"".join((n - 1).to_bytes(3, "little") for n in size)
    return riff_chunk(b"VP8X", bytes((flags, 0, 0, 0)) + told)


def webp_frame(
    picture: bytes, place: tuple[int, int, int, int] = (0, 0, *SIZE), flags: int = 0
) -> bytes:
    left, top, width, height = place
    numbers = (left // 2, top // 2, width - 1, height - 1, 600_000)
    head = b"".join(n.to_bytes(3, "little") for n in numbers) + bytes((flags,))
    return riff_chunk(b"ANMF", head + picture)


def chunks_of(webp: bytes) -> dict[bytes, bytes]:
    """Each whole, by its name."""
    found, at = {}, 12
    while at < len(webp):
        length = int.from_bytes(webp[at + 4 : at + 8], "little")
        end = at + 8 + length + (length & 1)
        found[webp[at : at + 4]] = webp[at:end]
        at = end
    return found


def odd_webps() -> dict[str, bytes]:
    lossy = chunks_of(hostile.a_webp(a_scene(), quality=90))[b"VP8 "]
    lossless = chunks_of(hostile.a_webp(a_scene(), lossless=True))[b"VP8L"]
    soft = chunks_of(hostile.a_webp(a_scene("RGBA"), quality=90))
    see_through = chunks_of(hostile.a_webp(a_scene("RGBA"), lossless=True))[b"VP8L"]
    alpha, under = soft[b"ALPH"], soft[b"VP8 "]
    anim = riff_chunk(b"ANIM", b"\xff\xff\xff\xff\0\0")
    exif6 = riff_chunk(b"EXIF", hostile.exif(6))
    swapping = riff_chunk(b"ICCP", odd.icc(b"RGB ", swaps_red_and_blue=True))
    whole = riff(lossy)
    odd_chunk = b"JUNK\3\0\0\0abc"
    cases = {
        "lossy": whole,
        "lossless": riff(lossless),
        "alpha": riff(canvas(HAS_ALPHA), alpha, under),
        "alpha that is not told": riff(canvas(0), alpha, under),
        "alpha without a canvas": riff(alpha, under),
        "alpha behind its picture": riff(canvas(HAS_ALPHA), under, alpha),
        "alpha that is told and is not there": riff(canvas(HAS_ALPHA), lossy),
        "alpha beside a lossless picture": riff(canvas(HAS_ALPHA), alpha, see_through),
        "alpha, twice": riff(canvas(HAS_ALPHA), alpha, alpha, under),
        "lossless, shows through": riff(see_through),
        "lossless, shows through and says it does not": riff(canvas(0), see_through),
        "on its side": riff(canvas(HAS_EXIF), lossy, exif6),
        "on its side, told with a title": riff(
            canvas(HAS_EXIF), lossy, riff_chunk(b"EXIF", b"Exif\0\0" + hostile.exif(6))
        ),
        "on its side, which its flags do not tell": riff(canvas(0), lossy, exif6),
        "on its side, told before the picture": riff(canvas(HAS_EXIF), exif6, lossy),
        "on its side, without a canvas": riff(lossy, exif6),
        "on its side, twice": riff(
            canvas(HAS_EXIF), lossy, riff_chunk(b"EXIF", hostile.exif(1)), exif6
        ),
        "on its side, lossless": riff(canvas(HAS_EXIF), lossless, exif6),
        "on its side, shows through": riff(canvas(HAS_EXIF | HAS_ALPHA), alpha, under, exif6),
        "a profile": riff(canvas(HAS_PROFILE), swapping, lossy),
        "a profile behind the picture": riff(canvas(HAS_PROFILE), lossy, swapping),
        "a profile that its flags do not tell": riff(canvas(0), swapping, lossy),
        "a profile that is told and is not there": riff(canvas(HAS_PROFILE), lossy),
        "two profiles": riff(
            canvas(HAS_PROFILE), riff_chunk(b"ICCP", odd.icc(b"RGB ")), swapping, lossy
        ),
        "that moves": riff(canvas(MOVES), anim, webp_frame(lossy), webp_frame(lossless)),
        "that moves, with a profile": riff(
            canvas(MOVES | HAS_PROFILE), swapping, anim, webp_frame(lossy), webp_frame(lossless)
        ),
        "that moves and shows through": riff(
            canvas(MOVES | HAS_ALPHA), anim, webp_frame(alpha + under), webp_frame(lossless)
        ),
        "that moves and does not tell that it shows through": riff(
            canvas(MOVES), anim, webp_frame(alpha + under), webp_frame(lossless)
        ),
        "that moves, on its side": riff(
            canvas(MOVES | HAS_EXIF), anim, webp_frame(lossy), webp_frame(lossless), exif6
        ),
        "that moves, without ANIM": riff(canvas(MOVES), webp_frame(lossy), webp_frame(lossless)),
        "that moves and does not say so": riff(
            canvas(0), anim, webp_frame(lossy), webp_frame(lossless)
        ),
        "that says it moves and is a still": riff(canvas(MOVES), lossy),
        "that says it moves, a still with ANIM": riff(canvas(MOVES), anim, lossy),
        "that moves, with a still before": riff(canvas(MOVES), anim, lossy, webp_frame(lossless)),
        "that moves, with a still behind": riff(canvas(MOVES), anim, webp_frame(lossless), lossy),
        "that moves, an empty frame": riff(canvas(MOVES), anim, webp_frame(b""), webp_frame(lossy)),
        "that moves, two pictures in a frame": riff(
            canvas(MOVES), anim, webp_frame(lossy + lossless), webp_frame(lossy)
        ),
        "that moves, an unknown chunk in a frame": riff(
            canvas(MOVES),
            anim,
            webp_frame(riff_chunk(b"JUNK", b"ab") + lossy),
            webp_frame(lossless),
        ),
        "that moves, a frame outside": riff(
            canvas(MOVES), anim, webp_frame(lossy), webp_frame(lossy, (50, 50, *SIZE))
        ),
        "that moves, a last frame cut": riff(
            canvas(MOVES), anim, webp_frame(lossy), webp_frame(lossless)
        )[:-900],
        "unknown flags": riff(canvas(0xC1), lossy),
        "a canvas that is larger": riff(canvas(0, (320, 240)), lossy),
        "a canvas that is smaller": riff(canvas(0, (200, 100)), lossy),
        "a canvas of 11 bytes": riff(riff_chunk(b"VP8X", canvas(0)[8:] + b"\0"), lossy),
        "two canvases": riff(canvas(0), canvas(0), lossy),
        "two pictures": riff(canvas(0), lossy, lossless),
        "a canvas behind its picture": riff(lossy, canvas(0)),
        "unknown chunks": riff(
            canvas(0), riff_chunk(b"JUNK", b"abc"), lossy, riff_chunk(b"fake", b"")
        ),
        "an unknown chunk first": riff(riff_chunk(b"JUNK", b"abc"), lossy),
        "an unknown chunk that is not padded": riff(canvas(0), odd_chunk, lossy),
        "padded with another byte": riff(canvas(0), odd_chunk + b"x", lossy),
        "not padded at its end": riff(canvas(HAS_EXIF), lossy, b"EXIF\3\0\0\0abc"),
        "without its padding": (riff(lossy[:-1]) if lossy[-1:] == b"\0" else riff(lossy)),
        "a size too small by some": b"RIFF" + struct.pack("<L", len(whole) - 8 - 20) + whole[8:],
        "a size too large by some": b"RIFF" + struct.pack("<L", len(whole) - 8 + 20) + whole[8:],
        "a size too large by one": b"RIFF" + struct.pack("<L", len(whole) - 8 + 1) + whole[8:],
        "a size of nothing": b"RIFF\0\0\0\0" + whole[8:],
        "an odd size": b"RIFF" + struct.pack("<L", len(whole) - 8 - 1) + whole[8:],
        "a picture's chunk too large": whole[:16] + struct.pack("<L", len(whole)) + whole[20:],
        "a picture's chunk too small": whole[:16]
        + struct.pack("<L", len(whole) - 20 - 500)
        + whole[20:],
        "bytes behind": whole + b"made with love",
        "bytes behind, which it counts": riff(lossy, b"love"),
        "scaled": riff(lossy[:15] + bytes((lossy[15] | 0x40,)) + lossy[16:]),
        "cut in its last rows": whole[:-300],
        "cut in its last rows, and says so": riff(
            lossy[:4] + struct.pack("<L", len(lossy) - 8 - 300) + lossy[8:-300]
        ),
        "cut in its metadata": riff(
            canvas(HAS_EXIF | HAS_XMP), lossy, exif6, riff_chunk(b"XMP ", bytes(90))
        )[:-40],
    }
    return {f"WebP, {name}": data for name, data in cases.items()}


ODD_FILES: tuple[Callable[[], dict[str, bytes]], ...] = (odd_pngs, odd_jpegs, odd_gifs, odd_webps)
