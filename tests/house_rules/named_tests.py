"""Tests that a document names: `tests/x/test_y.py::test_z`, or of node by its sentence."""

from __future__ import annotations

import re

from tests.house_rules.repository import ROOT

_NAMED = re.compile(r"`(tests/[a-z0-9_/.]+\.(?:py|js))::(.+)`")


def is_there(named: str) -> bool:
    """'`tests/x/test_y.py::test_z`', as a cell of a table has it."""
    found = _NAMED.fullmatch(named)
    if not found or not (ROOT / found[1]).is_file():
        return False
    source = (ROOT / found[1]).read_text(encoding="utf-8")
    if found[1].endswith(".js"):
        return f'test("{found[2]}"' in source
    return re.search(rf"^(?:async )?def {re.escape(found[2])}\(", source, re.MULTILINE) is not None
