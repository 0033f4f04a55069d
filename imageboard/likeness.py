"""What a picture looks like, in 64 bits: a copy that was made smaller, brighter or coarser has
nearly all of them, another picture about half.

Nine by eight greys, and of each row whether a grey is lighter than the one on its left (the
difference hash of http://www.hackerfactor.com/blog/?/archives/529-Kind-of-Like-That.html).
The darkroom makes the greys; imageboard.store.likenesses finds files by it.
"""

from __future__ import annotations

from itertools import pairwise

#: Of the picture from which it is reckoned.
ACROSS, DOWN = 9, 8
#: Of 64: a copy that was made smaller, coarser or brighter differs in no more, a cropped one often
#: does. Two pictures that have nothing to do with each other differ in 32.
BITS_APART_MAX = 10
#: For people who look at what was found: 26 pictures with a fiftieth of each side cut off
#: differed in 0 to 14. Of two that have nothing to do with each other one pair in 280,000 does.
BITS_APART_SEARCHED = 14
_ALL_BITS = (1 << 64) - 1


def of_greys(greys: bytes) -> int:
    """Of ACROSS × DOWN greys, row by row: as a number that has its sign in the first bit, as the
    database keeps it."""
    assert len(greys) == ACROSS * DOWN
    rows = (greys[row * ACROSS : (row + 1) * ACROSS] for row in range(DOWN))
    bits = [right > left for row in rows for left, right in pairwise(row)]
    number = sum(bit << place for place, bit in enumerate(bits))
    return number - (1 << 64 if number >> 63 else 0)


def bits_apart(one: int, other: int) -> int:
    """0: they look the same; 64: one is the other's negative."""
    return ((one ^ other) & _ALL_BITS).bit_count()


def says_nothing(likeness: int) -> bool:
    """Whether it is of a picture with hardly anything on it, like all others of that kind."""
    return min(bits_apart(likeness, 0), bits_apart(likeness, -1)) < 4
