"""docs/features.md has a row for each of 144 features, and none that says yes without a test."""

from __future__ import annotations

import re
from typing import NamedTuple

from tests.house_rules.named_tests import is_there
from tests.house_rules.repository import ROOT

FEATURES = 144
REASON_WORDS_MIN = 4

_ROW = re.compile(r"\| (\d+) \| (.+?) \| (yes|part|no) \| (.+?) \| (.+?) \|")


class Feature(NamedTuple):
    no: str
    name: str
    here: str
    how: str
    test: str


def features() -> list[Feature]:
    lines = (ROOT / "docs" / "features.md").read_text(encoding="utf-8").splitlines()
    numbered = [line for line in lines if re.match(r"\| \d", line)]
    rows = [(line, _ROW.fullmatch(line)) for line in numbered]
    assert [line for line, row in rows if row is None] == []
    return [Feature(*row.groups()) for _line, row in rows if row]


def test_each_feature_has_one_row() -> None:
    assert [feature.no for feature in features()] == [str(no + 1) for no in range(FEATURES)]


def test_what_is_here_is_shown_by_a_test_that_is_there() -> None:
    there = [feature for feature in features() if feature.here != "no"]
    assert [feature for feature in there if not is_there(feature.test)] == []


def test_what_is_not_here_has_a_reason_and_no_test() -> None:
    bare = [
        feature
        for feature in features()
        if feature.here == "no"
        and (len(feature.how.split()) < REASON_WORDS_MIN or feature.test != "–")
    ]
    assert bare == []
