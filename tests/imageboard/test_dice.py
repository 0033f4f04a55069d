"""Dice are thrown where they are asked for, within bounds, and read back as they fell."""

from __future__ import annotations

import random

import pytest

from imageboard import dice
from imageboard.dice import Asked, Throw
from imageboard.errors import RuleBroken
from imageboard.post_rules import asked_dice, check
from imageboard.settings import BoardSettings
from tests.builders import a_draft
from tests.tables import for_each

WITH_DICE = BoardSettings(dice=True)


@for_each(
    ("body", "asked"),
    [
        ("!2d6+1", ["2d6+1"]),
        ("Does it hold? !d20, and !3D6-2.", ["1d20", "3d6-2"]),
        (">!2d6", ["2d6"]),
        ("'''!2d6'''", ["2d6"]),
        ("[code]!2d6[/code]", []),
        ("2d6 !!2d6 a!2d6 !2d6x !2d", []),
        ("!2d6+12345 !2d6+1-2", []),
        ("!2d6+ !2d6-x", ["2d6", "2d6"]),
    ],
)
def test_text_asks_for_dice(body: str, asked: list[str]) -> None:
    assert [each.text for each in asked_dice(a_draft(body=body), WITH_DICE)] == asked
    assert asked_dice(a_draft(body=body), BoardSettings()) == []


@for_each(
    ("email", "asked", "left"),
    [
        ("dice 2d6+1", ["2d6+1"], ""),
        ("!2d6+1", ["2d6+1"], ""),
        ("sage dice 2d6 nonoko", ["2d6"], "sage nonoko"),
        ("DICE d6", ["1d6"], ""),
        ("dice", [], "dice"),
        ("a!2d6@b.example", [], "a!2d6@b.example"),
    ],
)
def test_email_field_asks_for_dice_and_keeps_the_rest(
    email: str, asked: list[str], left: str
) -> None:
    found, rest = dice.in_email(email)
    assert ([each.text for each in found], rest) == (asked, left)


@for_each("body", ["!21d6", "!0d6", "!2d1", "!2d1001", " ".join(["!d6"] * 6)])
def test_more_than_anybody_throws_is_refused(body: str) -> None:
    with pytest.raises(RuleBroken, match=r"can't be thrown|5 at most"):
        check(a_draft(body=body), WITH_DICE)
    check(a_draft(body=body), BoardSettings())


@for_each(
    ("asked", "shown"),
    [
        (Asked(2, 6, 1), "2d6+1: {}, {} = {}"),
        (Asked(1, 20, 0), "1d20: {}"),
        (Asked(1, 20, -3), "1d20-3: {} = {}"),
    ],
)
def test_throw_is_kept_as_it_fell(asked: Asked, shown: str) -> None:
    throw = Throw.of(asked, random.Random(1))
    assert len(throw.dice) == asked.number
    assert all(1 <= number <= asked.sides for number in throw.dice)
    assert throw.shown == shown.format(*throw.dice, throw.sum)
    assert throw.sum == sum(throw.dice) + asked.plus
    assert dice.read(dice.kept([throw, throw])) == (throw, throw)
    assert dice.read(None) == ()


def test_heaviest_throws_fit_into_their_column() -> None:
    throw = Throw(Asked(20, 1000, -9999), (1000,) * 20)
    assert len(dice.kept([throw] * dice.THROWS_MAX) or "") <= 1000
