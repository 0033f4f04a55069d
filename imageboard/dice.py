"""Dice: what a post asks for ('!2d6+1'), what is thrown, and how that is kept.

What was thrown stands beside the text, never in it: nobody can type it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from typing import NamedTuple, Self

from imageboard.errors import RuleBroken
from imageboard.words import N_

THROWS_MAX = 5
DICE_MAX = 20
SIDES_MAX = 1_000
_SPELLED = r"([0-9]{0,4})d([0-9]{1,5})([+-][0-9]{1,4})?"
# Whole or not at all: of '!2d6+12345' no two dice fall without what is to be added.
_IN_TEXT = re.compile(rf"(?<![\w!])!{_SPELLED}(?!\w|[+-][0-9])", re.IGNORECASE)
_IN_EMAIL = re.compile(rf"(?<!\S)(?:dice\s+|!){_SPELLED}(?!\S)", re.IGNORECASE)
_KEPT = re.compile(r"([0-9]+)d([0-9]+)([+-][0-9]+)?=([0-9,]+)")


class Asked(NamedTuple):
    """'2d6+1' -> (2, 6, 1)."""

    number: int
    sides: int
    plus: int

    @property
    def text(self) -> str:
        return f"{self.number}d{self.sides}" + (f"{self.plus:+d}" if self.plus else "")


class Throw(NamedTuple):
    """Dice as they fell."""

    asked: Asked
    dice: tuple[int, ...]

    @property
    def sum(self) -> int:
        return sum(self.dice) + self.asked.plus

    @property
    def shown(self) -> str:
        """'2d6+1: 3, 5 = 9'"""
        fallen = ", ".join(map(str, self.dice))
        return f"{self.asked.text}: {fallen}" + ("" if self.is_plain else f" = {self.sum}")

    @property
    def is_plain(self) -> bool:
        """Of one die, with nothing to add."""
        return len(self.dice) == 1 and not self.asked.plus

    @classmethod
    def of(cls, asked: Asked, chance: random.Random) -> Self:
        return cls(asked, tuple(chance.randint(1, asked.sides) for _ in range(asked.number)))


def in_texts(texts: Iterable[str]) -> list[Asked]:
    """'Does it hold? !2d6' asks for two dice."""
    return [_asked(found) for text in texts for found in _IN_TEXT.finditer(text)]


def in_email(email: str) -> tuple[list[Asked], str]:
    """'sage dice 2d6+1' -> ([2d6+1], 'sage'): 'dice 2d6+1' or '!2d6+1', and what is left."""
    asked = [_asked(found) for found in _IN_EMAIL.finditer(email)]
    return asked, " ".join(_IN_EMAIL.sub(" ", email).split()) if asked else email


def check(asked: list[Asked]) -> None:
    """Raises RuleBroken: more than anybody throws."""
    if len(asked) > THROWS_MAX:
        raise RuleBroken(
            N_("Too many throws of dice: {throws_max} at most."), throws_max=THROWS_MAX
        )
    for each in asked:
        if not (1 <= each.number <= DICE_MAX and 2 <= each.sides <= SIDES_MAX):
            raise RuleBroken(
                N_("{dice} can't be thrown: 1 to {dice_max} dice of 2 to {sides_max} sides can."),
                dice=each.text,
                dice_max=DICE_MAX,
                sides_max=SIDES_MAX,
            )


def kept(throws: Iterable[Throw]) -> str | None:
    """'2d6+1=3,5 1d20=17': as a post keeps them; None: nothing was thrown."""
    return " ".join(f"{t.asked.text}={','.join(map(str, t.dice))}" for t in throws) or None


def read(text: str | None) -> tuple[Throw, ...]:
    """The throws that `kept` kept."""
    return tuple(
        Throw(Asked(int(each[1]), int(each[2]), int(each[3] or 0)), _numbers(each[4]))
        for each in _KEPT.finditer(text or "")
    )


def _asked(found: re.Match[str]) -> Asked:
    return Asked(int(found[1] or 1), int(found[2]), int(found[3] or 0))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(","))
