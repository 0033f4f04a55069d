"""Which tables of which documents are made from which rows.

`python -m tests.house_rules.written_tables` writes them anew; test_docs.py sees that it was done.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from deploy import written_manifests
from imageboard.settings import BoardSettings, Settings
from imageboard.store.personal import HOLDINGS
from imageboard.themes import THEMES, Colours
from monitoring import metrics
from tests.house_rules import metrics_table, settings_tables
from tests.house_rules.repository import ROOT
from tests.house_rules.tables import as_table, code, written

#: {document: {name of a table in it: its lines}}
TABLES = {
    "settings.md": {
        "the machine": settings_tables.of_the_machine(Settings.rows()),
        "one board": settings_tables.of_a_board(BoardSettings.rows()),
    },
    "metrics.md": {"the metrics": metrics_table.of_metrics(metrics.ROWS)},
    "themes.md": {
        "the themes": as_table(
            ("name", "called", "it is"),
            [
                (
                    code(theme.name),
                    str(theme.title),
                    " or ".join(
                        scheme for scheme in ("light", "dark") if getattr(theme, scheme) is not None
                    ),
                )
                for theme in THEMES
            ],
        ),
        "the colours": as_table(
            ("variable", "what it paints"),
            [
                (code("--" + colour.name.replace("_", "-")), colour.metadata["use"])
                for colour in fields(Colours)
            ],
        ),
    },
    "privacy.md": {
        "what is held": as_table(
            ("where", "of", "what", "until"),
            [
                (
                    code(f"{held.table}.{held.column}"),
                    held.whose,
                    held.what,
                    held.until.format_map(
                        {
                            "address_days": code("STILLBOARD_ADDRESS_KEPT_DAYS"),
                            "hash_days": code("STILLBOARD_ADDRESS_HASH_KEPT_DAYS"),
                            "names_days": code("STILLBOARD_LOG_NAMES_KEPT_DAYS"),
                        }
                    ),
                )
                for held in HOLDINGS
            ],
        )
    },
    "containers.md": {
        "the images": as_table(
            ("image", "version", "what for"),
            [
                (code(image.name), image.version, image.use)
                for image in written_manifests.images().values()
            ],
        )
    },
}


def document(name: str) -> Path:
    return ROOT / "docs" / name


if __name__ == "__main__":
    for name, tables in TABLES.items():
        text = document(name).read_text(encoding="utf-8")
        document(name).write_text(written(text, tables), encoding="utf-8")
