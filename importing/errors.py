"""Why a board can't be imported.

Only who calls the command reads these: they are no words of a catalog.
"""

from __future__ import annotations

from imageboard.errors import ImageboardError
from imageboard.words import Message


class ImportFailed(ImageboardError):
    code = "import_failed"
    message = Message("The import failed.")


class BadDump(ImportFailed):
    code = "bad_dump"
    message = Message("The dump can't be read at byte {place}: {fault}.")
    place: int
    fault: str
