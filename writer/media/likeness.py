"""What a picture looks like, in 64 bits: a copy that was made smaller, brighter or coarser has
nearly all of them, another picture about half.

Nine by eight greys, and of each row whether a grey is lighter than the one on its left (the
difference hash of http://www.hackerfactor.com/blog/?/archives/529-Kind-of-Like-That.html).
"""

from __future__ import annotations

from itertools import pairwise

from PIL import Image

_ACROSS, _DOWN = 9, 8


def likeness(picture: Image.Image) -> int:
    """As a number that has its sign in the first bit, as the database keeps it."""
    greys = list(_on_white(picture).resize((_ACROSS, _DOWN), Image.Resampling.BOX).tobytes())
    rows = (greys[row * _ACROSS : (row + 1) * _ACROSS] for row in range(_DOWN))
    bits = [right > left for row in rows for left, right in pairwise(row)]
    number = sum(bit << place for place, bit in enumerate(bits))
    return number - (1 << 64 if number >> 63 else 0)


def _on_white(picture: Image.Image) -> Image.Image:
    """What shows through shows the same, whatever its colour is where it is clear."""
    if picture.mode == "RGBA":
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture)
    return picture.convert("L")
