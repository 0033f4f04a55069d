"""The settings of the board without its secrets: what an operator has to set again."""

from __future__ import annotations

from imageboard.settings import Settings, as_typed


def described(settings: Settings) -> dict[str, str]:
    """{name: value} of every setting; of a secret only whether it is set."""
    rows: dict[str, str] = {}
    for row in Settings.rows():
        value = getattr(settings, row.attribute)
        if row.is_secret:
            rows[row.name] = "set" if value else "not set"
        else:
            rows[row.name] = as_typed(value)
    return rows
