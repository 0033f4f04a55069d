"""The five image formats as bytes: what a file really is, how large, and what of it to keep.

`read(data, limits)` is all that others call. Nothing here decodes a pixel or allocates
more than a few copies of the file, so sizes are known, and refused, before a decoder starts.
One module for each format; pure Python, no I/O, imports nothing but the board's limits and errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import MappingProxyType

from imageboard.media import MediaLimits
from writer.media.containers import avif, gif, jpeg, png, webp
from writer.media.containers.container import Bytes, Container, Kind, broken, refused

__all__ = ["EXTENSIONS", "Bytes", "Container", "Kind", "broken", "read", "sniff"]

#: What a file of each kind may be called; the first is the one it is served under.
EXTENSIONS: MappingProxyType[Kind, tuple[str, ...]] = MappingProxyType({
    "jpeg": (".jpg", ".jpeg", ".jpe", ".jfif", ".pjpeg", ".pjp"),
    "png": (".png", ".apng"),
    "gif": (".gif",),
    "webp": (".webp",),
    "avif": (".avif", ".avifs"),
})  # fmt: skip
_TITLES: MappingProxyType[Kind, str] = MappingProxyType(
    {"jpeg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WebP", "avif": "AVIF"}
)
_WALKS: MappingProxyType[Kind, Callable[[bytes, MediaLimits], Container]] = MappingProxyType({
    "jpeg": jpeg.walk, "png": png.walk, "gif": gif.walk, "webp": webp.walk, "avif": avif.walk,
})  # fmt: skip

# Others that people send, so that the refusal can call them by name.
_FOREIGN = [
    (re.compile(rb"BM.{4}\x00{4}", re.DOTALL), "a BMP image"),
    (re.compile(rb"II\*\x00|MM\x00\*"), "a TIFF image"),
    (re.compile(rb"\x00\x00\x01\x00"), "an icon"),
    (re.compile(rb".{4}ftyp(hei|hev|mif1|msf1)", re.DOTALL), "a HEIC image"),
    (re.compile(rb".{4}ftyp", re.DOTALL), "a video"),
    (re.compile(rb"\xff\x0a|\x00\x00\x00\x0cJXL "), "a JPEG XL image"),
    (re.compile(rb"\x1aE\xdf\xa3"), "a video"),
    (re.compile(rb"8BPS"), "a Photoshop document"),
    (re.compile(rb"%PDF-"), "a PDF document"),
    (re.compile(rb"PK[\x03\x05\x07]"), "a ZIP archive"),
    (re.compile(rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?(<!doctype svg[^>]*>\s*)?<svg\b",
                re.DOTALL | re.IGNORECASE), "an SVG drawing"),
    (re.compile(rb"\s*<(!doctype html|html|head|body|script)\b", re.IGNORECASE), "an HTML page"),
]  # fmt: skip
_HEAD_BYTES = 1024


def read(data: bytes, limits: MediaLimits) -> Container:
    """Takes the file apart, whatever it was called.

    Raises:
        FileRefused: not one of the five formats, or damaged.
        ImageTooLarge: more pixels or frames than `limits` allow, or than fit into memory.
    """
    found = _WALKS[sniff(data)](data, limits)
    limits.check_memory(found.width * found.height, found.bytes_per_px)
    return found


def sniff(data: Bytes) -> Kind:
    """The true type, from the first bytes. Raises FileRefused for all but the five."""
    head = bytes(data[:_HEAD_BYTES])
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(png.SIGNATURE):
        return "png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp" and _is_avif(head):
        return "avif"
    what = next((f"is {title}" for pattern, title in _FOREIGN if pattern.match(head)), None)
    raise refused(
        f"The file {what or 'is not an image that can be shown here'}."
        " JPEG, PNG, GIF, WebP and AVIF images are accepted: save it as one of them."
    )


def _is_avif(head: bytes) -> bool:
    """Whether the `ftyp` box at the start names a brand of AVIF, as major or compatible."""
    size = int.from_bytes(head[:4])
    brands = {head[pos : pos + 4] for pos in range(8, min(size, _HEAD_BYTES), 4) if pos != 12}
    return bool(brands & {b"avif", b"avis"})
