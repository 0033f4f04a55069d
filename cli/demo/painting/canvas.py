"""What several painters use: colours, gradients, clouds of noise, letters."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache

from PIL import Image, ImageChops, ImageDraw, ImageFont

Colour = tuple[int, int, int]
Size = tuple[int, int]

#: Gaussians of the grain of a photograph are cut here, on both sides of the middle.
_GRAIN_MIDDLE = 128


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """Of `second` so much, 0 to 1."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def gradient(size: Size, stops: Sequence[Colour]) -> Image.Image:
    """From the top to the bottom through these colours."""
    column = Image.new("RGB", (1, len(stops)))
    column.putdata(list(stops))
    return column.resize(size, Image.Resampling.BICUBIC)


def clouds(chance: random.Random, size: Size, *, coarse: int = 4, layers: int = 5) -> Image.Image:
    """Grey that wanders smoothly: noise of several sizes, one above the other ("L")."""
    whole = _noise(chance, (coarse, coarse), size)
    for layer in range(1, layers):
        cells = coarse * 2**layer
        whole = Image.blend(whole, _noise(chance, (cells, cells), size), 0.5**layer * 0.8)
    return whole


def _noise(chance: random.Random, cells: Size, size: Size) -> Image.Image:
    grey = Image.frombytes("L", cells, chance.randbytes(cells[0] * cells[1]))
    return grey.resize(size, Image.Resampling.BICUBIC)


def grained(chance: random.Random, picture: Image.Image, amount: float = 0.06) -> Image.Image:
    """As film has it."""
    cells = picture.width // 2, picture.height // 2
    grain = _noise(chance, cells, picture.size).point(
        lambda grey: _GRAIN_MIDDLE + (grey - _GRAIN_MIDDLE) * amount
    )
    return ImageChops.add(picture, Image.merge("RGB", (grain, grain, grain)), offset=-_GRAIN_MIDDLE)


def glow(size: Size, centre: tuple[float, float], radius: float) -> Image.Image:
    """A mask that is white at `centre` and black from `radius` on."""
    light = ImageChops.invert(Image.radial_gradient("L")).resize(
        (max(1, round(radius * 2)), max(1, round(radius * 2)))
    )
    # The gradient is black at the middle of its sides only at 181 of 255: its corners are farther.
    light = light.point(lambda grey: max(0, round((grey - 75) * 1.41)))
    mask = Image.new("L", size)
    mask.paste(light, (round(centre[0] - radius), round(centre[1] - radius)))
    return mask


@cache
def letters(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font: Latin alone."""
    return ImageFont.load_default(size_px)


def typed(lines: Sequence[tuple[str, Colour]], *, scale: int = 2) -> Image.Image:
    """Lines of a terminal, each in its colour, in letters of one width; black around."""
    font = ImageFont.load_default_imagefont()
    width = max(len(text) for text, _ in lines) * 6 + 16
    screen = Image.new("RGB", (width, len(lines) * 13 + 14), (18, 20, 26))
    pen = ImageDraw.Draw(screen)
    for number, (text, colour) in enumerate(lines):
        pen.text((8, 7 + number * 13), text, fill=colour, font=font)
    return screen.resize((screen.width * scale, screen.height * scale), Image.Resampling.NEAREST)
