"""requirements/: what is installed is known by its bytes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house_rules.repository import ROOT

LOCKED = sorted((ROOT / "requirements").glob("*.txt"))
#: 'falcon==4.2.0 ; python_version >= "3.11" \', with its hashes on the lines below.
_PACKAGE = re.compile(r"^[a-z0-9._-]+(?:\[[a-z0-9,_-]+\])?==[^\s;]+(?: ; [^\\]+)? \\$")
_HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")


@pytest.mark.parametrize("locked", LOCKED, ids=lambda path: path.name)
def test_every_package_is_pinned_by_hash(locked: Path) -> None:
    """Each line is a package of one version, a hash of its files, or a remark."""
    text = locked.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert lines
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if not line.startswith(" "):
            assert _PACKAGE.match(line), line
            assert _HASH.match(below), line
        else:
            assert _HASH.match(line), line
