"""Files of which `-m "not slow …"` leaves nothing: `pytestmark` says so at their top.

PERF: pytest imports a file before it asks for its marks. --fast leaves out nearly a third of the
files; each of its processes imported them all, and what only they need.
"""

from __future__ import annotations

import re

#: As `./stillboard test --fast` has it: marks that nothing may have, whatever else it has.
_ONLY_NOTS = re.compile(r"not \w+(?: and not \w+)*")
#: Down to the next line that begins at the left, but for the bracket that ends a list.
_MARKS_OF_ALL = re.compile(r"^pytestmark = .*(?:\n(?:[ \t]+.*|\]))*", re.MULTILINE)
_MARK = re.compile(r"\bpytest\.mark\.(\w+)")


def is_left_out(source: str, markexpr: str) -> bool:
    """Whether no test of the file can be chosen by `-m markexpr`."""
    if not _ONLY_NOTS.fullmatch(markexpr):
        return False
    marks = _MARKS_OF_ALL.search(source)
    return marks is not None and not set(_MARK.findall(marks[0])).isdisjoint(
        markexpr.replace("not ", "").split(" and ")
    )
