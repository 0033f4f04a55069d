"""The figures of the code are counted as their docstring says."""

from __future__ import annotations

import pytest

from tests.house_rules.figures import figures, modules_at

TEXT = '''
@cached
def short() -> None:
    """One."""

class Case:
    async def long(self) -> int:
        """Two."""
        def inner() -> int:
            return 1
        return inner()
'''


def test_functions_are_counted_with_docstrings_and_without_decorators() -> None:
    found = figures([("b/one.py", TEXT), ("b/none.py", "x = 1\n")])
    assert (found.modules, found.functions) == (2, 3)
    assert found.lines == TEXT.count("\n") + 1
    assert (found.median, found.longest, found.longest_is) == (2, 5, "b/one.py: long")


@pytest.mark.slow
def test_modules_of_a_revision_are_those_of_its_rooms() -> None:
    paths = [path for path, _text in modules_at("HEAD")]
    assert "writer/posting.py" in paths
    assert [path for path in paths if path.startswith("tests/") or "/" not in path] == []
