"""The tables of docs/settings.md, made from the rows of the settings.

`python -m tests.house_rules.settings_tables` writes them anew.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from imageboard.settings import BoardRow, BoardSettings, ProcessRow, Settings, Shows, as_typed
from tests.house_rules.repository import ROOT

DOCUMENT = ROOT / "docs" / "settings.md"
#: A bar inside a cell.
BAR = r"\|"
_PLACES = {
    Shows.NOWHERE: "nowhere",
    Shows.IN_THE_LIST_OF_BOARDS: "in `boards.json`",
    Shows.ON_ITS_BOARD: "on its board",
    Shows.ON_ALL_MASTHEADS: "on every page",
}


def of_the_machine(rows: Sequence[ProcessRow]) -> str:
    return _table(
        ("name", "example", "default", "allowed", "what it says"),
        [
            (
                f"`{row.name}`",
                f"`{row.example}`",
                _code(as_typed(row.default)) or "none",
                row.reader.allowed,
                row.sentence + (" Secret." if row.is_secret else ""),
            )
            for row in rows
        ],
    )


def of_a_board(rows: Sequence[BoardRow]) -> str:
    return _table(
        ("name", "default", "allowed", "shows", "what it says"),
        [
            (
                f"`{row.name}`",
                _code(as_typed(row.default)),
                row.reader.allowed,
                _PLACES[row.shows],
                row.sentence,
            )
            for row in rows
        ],
    )


def written(document: str) -> str:
    """`document` with both tables as the rows have them, each between its two marks."""
    tables = {
        "the machine": of_the_machine(Settings.rows()),
        "one board": of_a_board(BoardSettings.rows()),
    }
    for name, table in tables.items():
        document, count = re.subn(
            rf"(<!-- rows of {name}: [^\n]+ -->\n).*?(?=<!-- end of rows -->\n)",
            lambda mark, table=table: mark[1] + table,
            document,
            flags=re.DOTALL,
        )
        assert count == 1, name
    return document


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    rule = "|---" * len(head) + "|\n"
    return _line(head) + rule + "".join(_line(cells) for cells in rows)


def _line(cells: Sequence[str]) -> str:
    # An empty cell is one blank wide.
    return (
        "|" + "|".join(f" {cell.replace('|', BAR)} ".replace("  ", " ") for cell in cells) + "|\n"
    )


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
