"""Why a board can't be imported.

Only who calls the command reads these: they are no words of a catalog.
"""

from __future__ import annotations

from imageboard.errors import ImageboardError
from imageboard.words import Message


class ImportFailed(ImageboardError):
    code = "import_failed"
    message = Message("The import failed.")


class ImportRuns(ImportFailed):
    code = "import_runs"
    message = Message("Another import is at work on this board: wait until it is done, or end it.")


class BadDump(ImportFailed):
    code = "bad_dump"
    message = Message("The dump can't be read at byte {place}: {fault}.")
    place: int
    fault: str


class NoBoards(ImportFailed):
    code = "no_boards"
    message = Message(
        "The dump has no board: neither a table whose name begins with {beginning}, nor one of them"
        " all. Is it of the right database? --prefix says what the names of tables begin with."
    )
    beginning: str


class UnknownColumns(ImportFailed):
    code = "unknown_columns"
    message = Message(
        "The dump does not say what the {count} columns of {table} are: make it with"
        " --complete-insert, or with the tables' own statements."
    )
    table: str
    count: int
