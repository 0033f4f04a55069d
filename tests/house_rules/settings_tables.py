"""The tables of docs/settings.md, made from the rows of the settings."""

from __future__ import annotations

from collections.abc import Sequence

from imageboard.settings import BoardRow, ProcessRow, Shows, as_typed
from tests.house_rules.tables import as_table, code

_PLACES = {
    Shows.NOWHERE: "nowhere",
    Shows.IN_THE_LIST_OF_BOARDS: "in `boards.json`",
    Shows.ON_ITS_BOARD: "on its board",
    Shows.ON_ALL_MASTHEADS: "on every page",
}


def of_the_machine(rows: Sequence[ProcessRow]) -> str:
    return as_table(
        ("name", "example", "default", "allowed", "what it says"),
        [
            (
                f"`{row.name}`",
                f"`{row.example}`",
                code(as_typed(row.default)) or "none",
                row.reader.allowed,
                row.sentence + (" Secret." if row.is_secret else ""),
            )
            for row in rows
        ],
    )


def of_a_board(rows: Sequence[BoardRow]) -> str:
    return as_table(
        ("name", "default", "allowed", "shows", "what it says"),
        [
            (
                f"`{row.name}`",
                code(as_typed(row.default)),
                row.reader.allowed,
                _PLACES[row.shows],
                row.sentence,
            )
            for row in rows
        ],
    )
