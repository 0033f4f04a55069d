"""The short run takes a part of a long family of cases: of each kind some, and always the same.

`./stillboard test --thorough` runs all of them. A table of `pytest.mark.parametrize` is made by
`rows`; a test that goes through its cases by itself asks the fixture `part` for them. Whoever calls
for nothing but rows that are left out, by address or by `-k`, gets them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import TypeVar

import pytest

T = TypeVar("T")

#: Of a row that --thorough alone runs.
_MARK = pytest.mark.thorough
#: How many cases a report tells of; processes of xdist hand on nothing but reports.
_PROPERTY = "left_out"


def a_part_of(kinds: Mapping[str, Sequence[T]], share: float) -> list[T]:
    """`share` of the cases of each kind, at least one, in the order in which they are given.

    What is taken of a kind depends on its name and on how many it has, and on nothing else.
    """
    chosen: list[T] = []
    for kind, cases in kinds.items():
        assert cases, f"there is no case of the kind {kind!r}"
        count = max(1, round(share * len(cases)))
        chosen += (cases[at] for at in sorted(Random(kind).sample(range(len(cases)), count)))
    return chosen


def rows(
    kinds: Mapping[str, Sequence[T]], share: float, name: Callable[[T], str]
) -> list[pytest.ParameterSet]:
    """All cases for parametrize; no two have the same name."""
    part = {name(case) for case in a_part_of(kinds, share)}
    return [
        pytest.param(case, id=name(case), marks=() if name(case) in part else _MARK)
        for cases in kinds.values()
        for case in cases
    ]


class Part:
    """Of cases that a test goes through by itself."""

    def __init__(self, item: pytest.Item, *, is_thorough: bool) -> None:
        self._item = item
        self._is_thorough = is_thorough

    def of(self, kinds: Mapping[str, Sequence[T]], share: float) -> list[T]:
        every = [case for cases in kinds.values() for case in cases]
        chosen = every if self._is_thorough else a_part_of(kinds, share)
        _tell(self._item, len(every) - len(chosen))
        return chosen


class InPart:
    """A plugin of pytest; with xdist each process leaves out, and the one that reports tells."""

    def __init__(self, *, is_thorough: bool) -> None:
        self._is_thorough = is_thorough

    @pytest.fixture
    def part(self, request: pytest.FixtureRequest) -> Part:
        return Part(request.node, is_thorough=self._is_thorough)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """After `-k` and `-m`. The first test tells of what is left out: each process finds it."""
        left_out = [item for item in items if item.get_closest_marker(_MARK.name)]
        if not self._is_thorough and len(left_out) < len(items):
            items[:] = [item for item in items if not item.get_closest_marker(_MARK.name)]
            config.hook.pytest_deselected(items=left_out)
            _tell(items[0], len(left_out))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        reports = (each for group in terminalreporter.stats.values() for each in group)
        left_out = sum(
            int(str(value))
            for report in reports
            if isinstance(report, pytest.TestReport) and report.when == "teardown"
            for name, value in report.user_properties
            if name == _PROPERTY
        )
        if left_out:
            terminalreporter.line(
                f"{left_out} cases left out of the short run; --thorough runs them"
            )


def _tell(item: pytest.Item, left_out: int) -> None:
    item.user_properties.append((_PROPERTY, left_out))
