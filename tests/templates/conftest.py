"""Golden files: what each kind of page looks like, to be read in a diff.

After a wanted change: `pytest tests/templates --regenerate-golden`, then look at the diff.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

GOLDEN_FOLDER = Path(__file__).parent / "golden"

# An asset's hash changes with every touch of the style sheet; its page does not.
_ASSET_HASH = re.compile(r"(?<=\.)[0-9a-f]{12}(?=\.)")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate-golden", action="store_true", help="write the golden files anew")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`golden("thread.html", page)` asserts that the page is as the golden file has it."""

    def compare(name: str, page: str) -> None:
        path = GOLDEN_FOLDER / name
        text = _ASSET_HASH.sub("HASH", page)
        if request.config.getoption("--regenerate-golden", default=False):
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"no {path.name} yet: run pytest with --regenerate-golden"
        assert text == path.read_text(encoding="utf-8")

    return compare
