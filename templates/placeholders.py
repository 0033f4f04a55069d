"""What stands in a thumbnail's place until it comes: a box of its shape, in its colour.

Pages hold no style of their own (their policy forbids it), so both are classes: `tall`, which the
sheet needs to draw the box before the picture tells its shape, and one of eight steps for each of
red, green and blue, from which it mixes the colour.
"""

from __future__ import annotations

from functools import cache

#: 9rem of the sheet: what is higher than wide is cut to this in lists and replies.
_CUT_PX = 144


def placeholder(colour: int | None, width: int, height: int) -> str:
    """0x7f8091, 167, 255 -> ' tall r3 g4 b4', to stand behind other classes."""
    shape = " tall" if height >= width and height >= _CUT_PX else ""
    return shape if colour is None else shape + _mixed(colour & 0xE0E0E0)


@cache
def _mixed(colour: int) -> str:
    red, green, blue = (step >> 5 for step in colour.to_bytes(3))
    return f" r{red} g{green} b{blue}"
