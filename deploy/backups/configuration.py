"""The settings of the board without its secrets: what an operator has to set again."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from imageboard.settings import Setting, Settings


def described(settings: Settings) -> dict[str, str]:
    """{name: value} of every setting; of a secret only whether it is set."""
    rows: dict[str, str] = {}
    for attribute in fields(settings):
        row: Setting = attribute.metadata["setting"]
        value = getattr(settings, attribute.name)
        if row.is_secret:
            rows[row.name] = "set" if value else "not set"
        else:
            rows[row.name] = _written(value)
    return rows


def _written(value: Any) -> str:
    """As the environment would have it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value)
