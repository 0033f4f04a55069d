"""What an engine filters posts by -> a rule against spam of ours, if one says all of it.

A rule that hits more than the filter did would refuse people without anybody having decided so: it
is told instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import re2

from imageboard.errors import BadField
from imageboard.spam import rules
from importing.records import OldRule, Other
from importing.report import Report


class NoRuleError(Exception):
    """No rule of ours says the same; the sentence says why."""


def rule(typed: Mapping[str, str], boards: tuple[str, ...] | None) -> OldRule:
    """In force, as a form would say it. Raises NoRuleError."""
    is_on = {**typed, "is_on": "on"}
    try:
        rules.read(is_on)
    except BadField as ex:
        raise NoRuleError(f"a filter can't be a rule here: {ex.sentence}") from None
    return OldRule(typed=is_on, boards=boards)


def told(
    called: str, typed: Mapping[str, str], boards: tuple[str, ...] | None, report: Report
) -> Iterator[tuple[str, Other]]:
    """The rule, or why it is none in the report."""
    try:
        yield called[:200], rule(typed, boards)
    except NoRuleError as ex:
        report.trouble(str(ex), called)


def containing(what: str, *, by_case: bool = False) -> dict[str, str]:
    """'cat' -> what contains that, however it is written; `by_case`: as it is written there."""
    if not by_case and what == what.strip():
        return {"way": "contains", "what": what}
    # What is typed is read without the blanks around it.
    spelled = re2.escape(what).replace("\\ ", "[ ]")
    return {"way": "pattern", "what": f"(?-i){spelled}" if by_case else spelled}
