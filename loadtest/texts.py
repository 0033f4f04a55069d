"""What the posters of a load test write."""

from __future__ import annotations

import random
from collections.abc import Sequence

#: Of a probe's post: one length, since it is the same measurement each time.
ONE_TEXT = (
    "The kettle on the second hob took four minutes and ten seconds from cold, lid on, a litre "
    "of water at nineteen degrees. Without the lid it was five and a half. Nobody had noted the "
    "pressure, so"
)

_WORDS = (
    "kettle bench lathe sourdough resistor lens radio loom teapot compass chisel oven pump clock "
    "the a of and to in it is that with for on was but not this have my when from after before "
    "warm cold left right twice never always measured wrote turned found broke heard kept sold"
).split()


def sentence(chance: random.Random, low: int, high: int) -> str:
    """'Kettle twice never wrote the lens.', of `low` to `high` words."""
    words = chance.choices(_WORDS, k=chance.randint(low, high))
    return " ".join(words).capitalize() + "."


def body(chance: random.Random, mark: str, quoted: Sequence[int] = ()) -> str:
    """A post of one to five lines; `mark` is a word that no other post has."""
    lines = [f">>{no}" for no in quoted]
    if chance.random() < 0.25:
        lines.append(">" + sentence(chance, 4, 9))
    lines += [sentence(chance, 6, 18) for _ in range(chance.randint(1, 3))]
    return "\n".join([*lines, f"This is {mark}."])
