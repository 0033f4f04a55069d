"""`import asagi`: an archive of 4chan, from a dump of MySQL and folders of files."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from cli.importing.coming import FILE, FOLDER, Coming, backslashes_are, brings_boards
from cli.importing.group import importing
from importing.asagi.dump import AsagiDump
from importing.asagi.files import StoredFiles
from importing.sql_dump import Backslashes


@importing.command(
    epilog="Example: ./stillboard import asagi asagi.sql.gz --media /srv/foolfuuka/boards --board g"
)
@click.argument("dumps", type=FILE, nargs=-1, required=True, metavar="DUMP...")
@click.option(
    "--media",
    "folder",
    type=FOLDER,
    required=True,
    help="Where boards have their folders: b/image/1707/52/1707523200123.png.",
)
@backslashes_are
@brings_boards
def asagi(
    coming: Coming,
    dumps: tuple[Path, ...],
    folder: Path,
    backslashes: Backslashes | None,
) -> None:
    """Archives of 4chan by asagi or FoolFuuka, from mysqldump's DUMP and the folders of files.

    All threads come into the archive, each in the month in which it fell off. Ghost posts, and what
    was deleted there, do not come.
    """
    with closing(StoredFiles()) as stored:
        bytes_there = sum(path.stat().st_size for path in dumps)
        dump = AsagiDump(dumps, stored, coming.reading(bytes_there), backslashes)
        move = coming.move(dump, folder)
        count = move.look()
        dump.on_read = lambda _count: None
        coming.bring(move, count)
