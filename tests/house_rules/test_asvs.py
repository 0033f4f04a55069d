"""docs/asvs.md has a row for each requirement of level 2, with a test or a reason."""

from __future__ import annotations

import re
from itertools import chain

from tests.house_rules.named_tests import is_there
from tests.house_rules.repository import ROOT

REASON_WORDS_MIN = 4
#: Of ASVS 4.0.3: how many requirements each section has, counted from 1.
_SECTIONS = """
    1.1:7 1.2:4 1.4:5 1.5:4 1.6:4 1.7:2 1.8:2 1.9:2 1.10:1 1.11:3 1.12:2 1.14:6 2.1:12 2.2:7
    2.3:3 2.4:5 2.5:7 2.6:3 2.7:6 2.8:7 2.9:3 2.10:4 3.1:1 3.2:4 3.3:4 3.4:5 3.5:3 3.7:1
    4.1:5 4.2:2 4.3:3 5.1:5 5.2:8 5.3:10 5.4:3 5.5:4 6.1:3 6.2:8 6.3:3 6.4:2 7.1:4 7.2:2
    7.3:4 7.4:3 8.1:6 8.2:3 8.3:8 9.1:3 9.2:5 10.2:6 10.3:3 11.1:8 12.1:3 12.2:1 12.3:6
    12.4:2 12.5:2 12.6:1 13.1:5 13.2:6 13.3:2 13.4:2 14.1:5 14.2:6 14.3:3 14.4:7 14.5:4
"""
SECTIONS = dict(section.split(":") for section in _SECTIONS.split())
#: Taken out by 4.0.3, or of level 3 alone.
LEFT_OUT = {
    *("1.4.2", "1.4.3", "1.11.3", "1.12.1", "2.2.4", "2.2.5", "2.2.6", "2.2.7", "4.1.4"),
    *("6.2.7", "6.2.8", "6.3.3", "7.3.2", "8.1.5", "8.1.6", "10.2.3", "10.2.4", "10.2.5"),
    *("10.2.6", "13.1.2", "13.2.4", "14.3.1"),
}


def rows() -> list[list[str]]:
    lines = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8").splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if re.match(r"\| \d", line)]
    assert [row for row in cells if len(row) != 4] == []
    return cells


def numbers(cell: str) -> list[str]:
    """'2.1.3–2.1.4, 2.1.9' -> ['2.1.3', '2.1.4', '2.1.9']"""
    found = []
    for part in cell.split(", "):
        first, _, last = part.partition("–")
        section, _, number = first.rpartition(".")
        end = int((last or first).rpartition(".")[2])
        found += [f"{section}.{each}" for each in range(int(number), end + 1)]
    return found


def test_each_requirement_of_level_2_has_one_row() -> None:
    every = {
        f"{section}.{no}" for section, most in SECTIONS.items() for no in range(1, int(most) + 1)
    }
    told = list(chain.from_iterable(numbers(cell) for cell, *_ in rows()))
    assert len(told) == len(set(told))
    assert set(told) == every - LEFT_OUT


def test_what_is_held_is_shown_by_a_test_and_what_is_not_has_a_reason() -> None:
    bare = []
    for number, _asks, held, shown in rows():
        assert held in ("yes", "part", "no", "–"), number
        if held == "yes":
            if not is_there(shown):
                bare.append((number, shown))
        elif len(shown.split()) < REASON_WORDS_MIN:
            bare.append((number, shown))
    assert bare == []
