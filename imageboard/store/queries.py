"""SQL from the .sql file beside a module: each query has a name and a sentence.

-- waiting --
-- Changes of one board that no page shows yet, oldest first.
SELECT … WHERE board = %(board)s
"""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

_HEADER = re.compile(r"^-- ([a-z_]+) --$", re.MULTILINE)


def beside(module_file: str) -> Any:
    """The queries of `posts.sql` for `beside('…/posts.py')`: an attribute for each name."""
    parts = _HEADER.split(Path(module_file).with_suffix(".sql").read_text(encoding="utf-8"))
    names, texts = parts[1::2], parts[2::2]
    assert len(set(names)) == len(names), f"two queries of one name beside {module_file}"
    return SimpleNamespace(**dict(zip(names, texts, strict=True)))
