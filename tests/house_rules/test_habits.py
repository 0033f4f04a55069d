"""docs/habits.md says of each habit how it is served, and shows it by a test."""

from __future__ import annotations

import re

from tests.house_rules.named_tests import is_there
from tests.house_rules.repository import ROOT

COLUMNS = ["habit", "with JavaScript", "without", "test"]
COLUMNS += ["vichan", "jschan", "LynxChan", "4chan + 4chan X"]
REASON_WORDS_MIN = 4


def habits() -> list[list[str]]:
    lines = (ROOT / "docs" / "habits.md").read_text(encoding="utf-8").splitlines()
    rows = [re.split(r" \| ", line.strip("| ")) for line in lines if line.startswith("| ")]
    assert [row for row in rows if len(row) != len(COLUMNS)] == []
    return [row for row in rows if row != COLUMNS]


def test_each_habit_stands_there_once() -> None:
    names = [habit for habit, *_ in habits()]
    assert len(names) == len(set(names))


def test_habit_is_shown_by_a_test_or_there_is_a_reason_why_not() -> None:
    bare = []
    for habit, scripted, _without, test, *_ in habits():
        if scripted.startswith("no: "):
            if test != "–" or len(scripted.split()) < REASON_WORDS_MIN:
                bare.append(habit)
        elif not is_there(test):
            bare.append(habit)
    assert bare == []
