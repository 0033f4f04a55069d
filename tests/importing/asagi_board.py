"""An archive of asagi, as a board that was made to be moved."""

from __future__ import annotations

import atexit
from pathlib import Path

from importing.asagi.dump import AsagiDump
from importing.asagi.files import StoredFiles
from tests.importing.asagi_archive import FAR, an_archive
from tests.importing.contract import Made
from tests.importing.thread_folders import a_picture

#: Of all that are made: it is a table, and closed with the process.
_STORED = StoredFiles()
atexit.register(_STORED.close)


def _source(above: Path) -> AsagiDump:
    dump = above / "asagi.sql"
    if not dump.exists():
        dump.write_text(an_archive(above / "media"))
    return AsagiDump([dump], _STORED)


ASAGI = Made(
    source=_source,
    board="g",
    threads={},
    archived={100: [101, FAR], 50: []},
    next_no=FAR + 1,
    links=frozenset({(101, "g", 100)}),
    folder=Path("media"),
    files={no: [a_picture()] for no in (100, 101)},
)
