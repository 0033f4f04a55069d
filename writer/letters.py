"""Letters in a picture that people read, and programs not at once."""

from __future__ import annotations

import io
import itertools
from functools import cache
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFont

WIDTH, HEIGHT = 280, 90
_INK, _PAPER = 30, 235
_FONT_PX = 58
#: Of the grid whose corners are pulled about: cells side by side, and one above the other.
_CELLS_X, _CELLS_Y = 7, 2
_PULL_PX = 7
_LINES = 3
_GRAIN = 80


def drawn(text: str, chance: Random) -> bytes:
    """A PNG: the letters lean and touch, the paper is pulled about, lines run through it all.

    PERF: 7 ms, 10 KB.
    """
    page = Image.new("L", (WIDTH, HEIGHT))
    _write(page, text, chance)
    page = _pulled(page, chance)
    _cross(page, chance)
    return _printed(page, chance)


def _write(page: Image.Image, text: str, chance: Random) -> None:
    """Each letter is put so that it touches the one before."""
    glyphs = [_leaning(letter, chance) for letter in text]
    wide = sum(glyph.width for glyph in glyphs)
    overlap = max(2.0, (wide - 0.9 * WIDTH) / (len(glyphs) - 1))
    x = max(4.0, (WIDTH - wide + overlap * (len(glyphs) - 1)) / 2)
    for glyph in glyphs:
        y = chance.randint(0, max(0, HEIGHT - glyph.height))
        page.paste(255, (round(x), y), glyph)
        x += glyph.width - overlap


def _leaning(letter: str, chance: Random) -> Image.Image:
    font = _font(_FONT_PX + chance.randint(-6, 6))
    stroke = chance.randint(1, 2)
    left, top, right, bottom = font.getbbox(letter, stroke_width=stroke)
    glyph = Image.new("L", (round(right - left), round(bottom - top)))
    ImageDraw.Draw(glyph).text((-left, -top), letter, 255, font, stroke_width=stroke)
    turned = glyph.rotate(chance.uniform(-24, 24), Image.Resampling.BICUBIC, expand=True)
    return turned.crop(turned.getbbox())


def _pulled(page: Image.Image, chance: Random) -> Image.Image:
    """The same on bent paper: letters keep their shapes, and no line stays straight."""
    xs = [round(WIDTH * n / _CELLS_X) for n in range(_CELLS_X + 1)]
    ys = [round(HEIGHT * n / _CELLS_Y) for n in range(_CELLS_Y + 1)]
    corner = {
        (x, y): (x + chance.uniform(-_PULL_PX, _PULL_PX), y + chance.uniform(-_PULL_PX, _PULL_PX))
        for x in xs
        for y in ys
    }
    mesh = [
        (
            (left, top, right, bottom),
            (
                *corner[left, top],
                *corner[left, bottom],
                *corner[right, bottom],
                *corner[right, top],
            ),
        )
        for left, right in itertools.pairwise(xs)
        for top, bottom in itertools.pairwise(ys)
    ]
    return page.transform(page.size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC)


def _cross(page: Image.Image, chance: Random) -> None:
    """Lines as thick as a letter's stroke, some of ink and some that cut through the letters."""
    pen = ImageDraw.Draw(page)
    for number in range(_LINES):
        heights = [chance.randint(8, HEIGHT - 8) for _ in range(4)]
        places = [round(WIDTH * n / 3) for n in range(4)]
        is_cut = number == _LINES - 1
        ink, thick = (0, 2) if is_cut else (255, chance.randint(2, 3))
        pen.line(list(zip(places, heights, strict=True)), ink, thick, joint="curve")


def _printed(page: Image.Image, chance: Random) -> bytes:
    """Ink on paper, both of them grainy."""
    grey = page.point([_PAPER + (_INK - _PAPER) * value // 255 for value in range(256)])
    grain = Image.frombytes("L", (WIDTH // 2, HEIGHT // 2), chance.randbytes(WIDTH * HEIGHT // 4))
    grain = grain.resize(page.size).point([value * _GRAIN // 255 for value in range(256)])
    whole = ImageChops.add(grey, grain, offset=-_GRAIN // 2)
    out = io.BytesIO()
    whole.quantize(16).save(out, "PNG")
    return out.getvalue()


@cache
def _font(size_px: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size_px)
    assert isinstance(font, ImageFont.FreeTypeFont), "Pillow's wheels have FreeType"
    return font
