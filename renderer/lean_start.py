"""Imported before all else by a worker: keeps out of its memory what it has no use for.

PERF: structlog loads rich, if it is there, for tracebacks that are not ours: 4 MB, with what rich
loads in turn. None in sys.modules means "not there" to an import (the language reference, 5.3.1).
"""

from __future__ import annotations

import sys

sys.modules.setdefault("rich", None)  # type: ignore[arg-type]  # typeshed knows no None here
