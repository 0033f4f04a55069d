"""Imported before structlog is: keeps out of memory what no program has a use for.

PERF: structlog loads rich, if it is there, for tracebacks that are not ours: 4 MB and 60 ms, with
what rich loads in turn. None in sys.modules means "not there" to an import (the language reference,
5.3.1); afterwards a command that wants rich finds it.
"""

from __future__ import annotations

import sys

if "rich" not in sys.modules:
    sys.modules["rich"] = None  # type: ignore[assignment]  # typeshed knows no None here
    import structlog  # noqa: F401

    del sys.modules["rich"]
