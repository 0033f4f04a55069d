"""Which tests took most of the processor, told at the end of `./stillboard test --fast`.

Counted are a test's own process and the programs that it started and waited for: a busy machine
makes every test wait, and few of them work more. What several tests share (a server, a module's
fixture) is nobody's, and so is what PostgreSQL works for them.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Generator

import pytest

#: From here on a test is marked `slow` (CONTRIBUTING.md, "How it reads").
DEAR_S = 0.1
TOLD_MAX = 10

_PROPERTY = "processor_s"


class Dearest:
    """A plugin of pytest; with xdist each process counts, and the one that reports tells."""

    def __init__(self) -> None:
        self._begun_s = 0.0
        self._shared_s = 0.0

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self) -> Generator[None, object, object]:
        self._begun_s, self._shared_s = _used_s(), 0.0
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object]
    ) -> Generator[None, object, object]:
        begun_s, before_s = _used_s(), self._shared_s
        try:
            return (yield)
        finally:
            if fixturedef.scope != "function":
                # In place of what fixtures within it added: it has their time too.
                self._shared_s = before_s + _used_s() - begun_s

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        try:
            return (yield)
        finally:
            used_s = _used_s() - self._begun_s - self._shared_s
            item.user_properties.append((_PROPERTY, used_s))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        reports = (each for group in terminalreporter.stats.values() for each in group)
        used = {
            report.nodeid: float(str(dict(report.user_properties).get(_PROPERTY, 0)))
            for report in reports
            if isinstance(report, pytest.TestReport) and report.when == "call"
        }
        dear = sorted((s, test) for test, s in used.items() if s > DEAR_S)[::-1]
        if dear:
            terminalreporter.section(f"{len(dear)} tests took more than {DEAR_S} s of processor")
            for used_s, test in dear[:TOLD_MAX]:
                terminalreporter.line(f"{used_s:.2f} s {test}")


def _used_s() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
