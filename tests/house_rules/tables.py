"""Tables of the docs that are made from rows of the code: how they look, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

#: A bar inside a cell.
BAR = r"\|"


def as_table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """The lines of a table in Markdown."""
    rule = "|---" * len(head) + "|\n"
    return _line(head) + rule + "".join(_line(cells) for cells in rows)


def code(text: str) -> str:
    """'' stays ''."""
    return f"`{text}`" if text else ""


def written(document: str, tables: Mapping[str, str]) -> str:
    """`document` with each of the tables, by their names, between its two marks."""
    for name, table in tables.items():
        document, count = re.subn(
            rf"(<!-- rows of {name}: [^\n]+ -->\n).*?(?=<!-- end of rows -->\n)",
            lambda mark, table=table: mark[1] + table,
            document,
            flags=re.DOTALL,
        )
        assert count == 1, name
    return document


def _line(cells: Sequence[str]) -> str:
    # An empty cell is one blank wide.
    return (
        "|" + "|".join(f" {cell.replace('|', BAR)} ".replace("  ", " ") for cell in cells) + "|\n"
    )
