"""`import vichan`: a dump of MySQL, and the folders of the boards."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from cli.importing.coming import FILE, FOLDER, Coming, backslashes_are, brings_boards, text_of
from cli.importing.group import importing
from importing.sql_dump import Backslashes
from importing.vichan import php
from importing.vichan.dump import VichanDump
from importing.vichan.php import Value

#: A board's own settings, in its folder.
_OF_BOARD = "config.php"


@importing.command(
    epilog="Example: ./stillboard import vichan dump.sql --boards /var/www/vichan"
    " --config /var/www/vichan/inc/instance-config.php --config /var/www/vichan/inc/secrets.php"
)
@click.argument("dumps", type=FILE, nargs=-1, required=True, metavar="DUMP...")
@click.option(
    "--boards", "folder", type=FOLDER, required=True, help="Where boards have their folders."
)
@click.option(
    "--config",
    "configs",
    type=FILE,
    multiple=True,
    help="The old site's settings: read, never executed. Of several the last counts.",
)
@click.option("--prefix", help="What names of tables begin with.  [default: as --config says]")
@backslashes_are
@brings_boards
def vichan(
    coming: Coming,
    dumps: tuple[Path, ...],
    folder: Path,
    configs: tuple[Path, ...],
    prefix: str | None,
    backslashes: Backslashes | None,
) -> None:
    """Boards of vichan, from mysqldump's DUMP and the folders of their files.

    Numbers, addresses, passwords and IDs stay what they are. Nobody sees a board before all of it
    has come. Call again after an interruption, or with a later dump: what is new there comes, and
    what is gone there goes.
    """
    told = php.settings(text_of(path) for path in configs)
    dump = VichanDump(
        dumps,
        prefix=str(told.get("db.prefix") or "") if prefix is None else prefix,
        settings=told,
        settings_of_boards=_settings_of_boards(folder),
        folder=folder,
        backslashes=backslashes,
        on_read=coming.reading(sum(path.stat().st_size for path in dumps)),
    )
    move = coming.move(dump, folder)
    count = move.look()
    dump.on_read = lambda _count: None
    coming.bring(move, count)


def _settings_of_boards(folder: Path) -> Mapping[str, Mapping[str, Value]]:
    """{board: what its own config.php says}"""
    found = folder.glob(f"*/{_OF_BOARD}")
    return {path.parent.name: php.settings([text_of(path)]) for path in found}
