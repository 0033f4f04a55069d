"""What a picture's numbers mean: from its own colours to a screen's (sRGB), as browsers do it.

A profile, a PNG's `cICP`, `gAMA` and `cHRM` and an AVIF's `nclx` can make a picture look like
nothing that its bare numbers show. Where the standards leave something open, this does what
Chromium does (156, tried out): `cHRM` counts only beside `gAMA`, of two chunks of a kind the
first counts, a code that is unknown counts as none, a profile for another kind of picture as sRGB.

Source: https://www.w3.org/TR/png-3/ (4.3: which chunk counts).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from itertools import takewhile
from struct import unpack
from types import MappingProxyType

from PIL import Image, ImageCms, ImageFilter

from writer.media import light, png_samples
from writer.media.containers import Container
from writer.media.containers.container import PROFILE_BYTES_MAX
from writer.media.png_chunks import chunks_of

#: An image in its own colours -> in sRGB, its transparency kept.
Conversion = Callable[[Image.Image], Image.Image]

#: A grey that moves further than this, of 255.
_FAR = 32
#: Points of a table along each of three sides; 33 of PQ are off by less than 1 of 255 on average.
_TABLE_POINTS = 33
_GREYS = frozenset({png_samples.GREY, png_samples.GREY_ALPHA})
_SAME_GAMMA = range(45_000, 46_000)  # 1 / 2.2, which browsers take for sRGB


@dataclass(frozen=True)
class Colours:
    """How to show an image; `conversion` is None when its numbers are sRGB already."""

    conversion: Conversion | None = None

    def in_srgb(self, image: Image.Image) -> Image.Image:
        return self.conversion(image) if self.conversion else image

    @cached_property
    def move_far(self) -> bool:
        """Whether to convert before shrinking, as browsers do, although it takes longer.

        The mean of two numbers may look like neither: a gamma of 0.023 hides one picture between
        the pixels of another.
        """
        if self.conversion is None:
            return False
        greys = Image.linear_gradient("L").resize((1, 256)).convert("RGB")
        moved = zip(greys.tobytes(), self.conversion(greys).tobytes(), strict=True)
        return any(abs(before - after) > _FAR for before, after in moved)


def colours_of(container: Container, clean: bytes, image: Image.Image) -> Colours:
    """`image` was opened from the container's `clean` bytes."""
    if container.kind == "png":
        return _colours_of_png(clean)
    if profile := image.info.get("icc_profile"):
        return _by_profile(profile, image.mode) or Colours()
    if container.nclx:
        return _by_code(*container.nclx, light.srgb_curve, container.peak_nits) or Colours()
    return Colours()


def _colours_of_png(clean: bytes) -> Colours:
    said: dict[bytes, bytes] = {}
    for kind, payload in takewhile(lambda chunk: chunk.kind != b"IDAT", chunks_of(clean)):
        said.setdefault(kind, payload)
    # Not Pillow's mode, which is RGBA for greys of 16 bits.
    is_grey = png_samples.Header.read(said[b"IHDR"]).colour in _GREYS
    mode = "L" if is_grey else "RGB"
    return (
        _by_cicp(said)
        or _by_profile(_inflated(said.get(b"iCCP", b"")), mode)
        or (Colours() if b"sRGB" in said else None)
        or _by_gamma(said)
        or Colours()
    )


def _by_cicp(said: Mapping[bytes, bytes]) -> Colours | None:
    if len(cicp := said.get(b"cICP", b"")) != 4:
        return None
    peak_nits = light.PEAK_NITS
    # Both in 1/10,000 of a nit: the brightest pixel, or else what its author's screen could show.
    if len(level := said.get(b"cLLI", b"")) == 8:
        peak_nits = int.from_bytes(level[:4]) / 10_000 or peak_nits
    elif len(volume := said.get(b"mDCV", b"")) == 24:
        peak_nits = int.from_bytes(volume[16:20]) / 10_000 or peak_nits
    return _by_code(cicp[0], cicp[1], light.power(2.4), peak_nits)


def _by_code(
    primaries: int, curve: int, camera_curve: light.Curve, peak_nits: float
) -> Colours | None:
    """By code points of H.273; `camera_curve` is how the format's readers show BT.709."""
    gamut = light.PRIMARIES.get(primaries)
    if gamut is None:
        return None
    if curve in (light.PQ, light.HLG):
        dimmed = light.Dimmed(gamut, curve, peak_nits)
        return Colours(_by_table(dimmed))
    plain_curve = camera_curve if curve in light.CAMERA_CURVES else light.CURVES.get(curve)
    if plain_curve is None:
        return None
    return _by_gamut_and_curve(gamut, plain_curve)


def _by_gamut_and_curve(gamut: light.Primaries, curve: light.Curve) -> Colours:
    """Raises ZeroDivisionError when the primaries span no colours."""
    if gamut != light.SRGB:
        return _by_profile(light.profile(gamut, curve), "RGB") or Colours()
    if curve is light.srgb_curve:
        return Colours()
    # PERF: each channel by itself, 0.2 s for 40 megapixels; by a profile it is 2 s.
    moved = [round(255 * light.srgb_number(curve(n / 255))) for n in range(256)]
    return Colours(lambda image: _channels_moved(image, moved))


def _channels_moved(image: Image.Image, moved: list[int]) -> Image.Image:
    colours = len(image.getbands()) - (image.mode == "RGBA")
    return image.point(moved * colours + list(range(256)) * (image.mode == "RGBA"))


def _by_table(dimmed: light.Dimmed) -> Conversion:
    # PERF: 36,000 colours in 0.1 s; each pixel of a picture would take as long as a colour.
    table = ImageFilter.Color3DLUT.generate(_TABLE_POINTS, dimmed)
    return lambda image: _in_rgb(image).filter(table)


def _by_gamma(said: Mapping[bytes, bytes]) -> Colours | None:
    gamma, points = said.get(b"gAMA", b""), said.get(b"cHRM", b"")
    if len(gamma) != 4 or not int.from_bytes(gamma):
        return None
    gamut, hundred_thousandths = light.SRGB, int.from_bytes(gamma)
    if len(points) == 32:
        x_and_y = [n / 100_000 for n in unpack(">8L", points)]
        gamut = light.Primaries(*zip(x_and_y[::2], x_and_y[1::2], strict=True))
    elif hundred_thousandths in _SAME_GAMMA:
        return None
    try:
        return _by_gamut_and_curve(gamut, light.power(100_000 / hundred_thousandths))
    except ZeroDivisionError:
        return None


# --- profiles ---


def _inflated(iccp: bytes) -> bytes:
    """The profile in the payload of an `iCCP`; b'' when there is none to be read."""
    name_and_method = iccp.partition(b"\0")[2]
    try:
        return zlib.decompressobj().decompress(name_and_method[1:], PROFILE_BYTES_MAX)
    except zlib.error:
        return b""


#: What kind of picture a profile is for -> the mode that LittleCMS takes it in, and the modes of
#: images that it suits: one for greys says nothing of colours, one for ink nothing of light.
_PROFILE_MODES = MappingProxyType({
    "GRAY": ("L", frozenset({"1", "L"})),
    "RGB ": ("RGB", frozenset({"1", "L", "P", "RGB", "RGBA"})),
    "CMYK": ("CMYK", frozenset({"CMYK"})),
})  # fmt: skip


def _by_profile(profile: bytes, mode: str) -> Colours | None:
    """None for a damaged profile, as browsers ignore one; `mode` is that of the image."""
    try:
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        own_mode, suited = _PROFILE_MODES.get(own.profile.xcolor_space, ("", frozenset()))
        if mode not in suited:
            return Colours()
        transform = ImageCms.buildTransform(own, ImageCms.createProfile("sRGB"), own_mode, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
    return Colours(lambda image: _transformed(image, transform, own_mode))


def _transformed(
    image: Image.Image, transform: ImageCms.ImageCmsTransform, mode: str
) -> Image.Image:
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    seen = image if image.mode == mode else image.convert(mode)
    seen = ImageCms.applyTransform(seen, transform) or seen
    if alpha is not None:
        seen.putalpha(alpha)
    return seen


def _in_rgb(image: Image.Image) -> Image.Image:
    return image if image.mode in ("RGB", "RGBA") else image.convert("RGB")
