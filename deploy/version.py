"""Which version of the board this is."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

_PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def own_version() -> str:
    """'0.1.0': of the checkout, or of the package that is installed."""
    if _PROJECT.is_file():
        for line in _PROJECT.read_text(encoding="utf-8").splitlines():
            if line.startswith("version = "):
                return line.split('"')[1]
    return importlib.metadata.version("stillboard")
