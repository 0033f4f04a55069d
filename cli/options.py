"""Options that several commands share, and how what they name is read."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

import click

data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="The board's data folder.  [default: $STILLBOARD_DATA, else var/ in the checkout]",
)

as_json = click.option("--json", "as_json", is_flag=True, help="For programs: JSON on stdout.")

board = click.option("--board", metavar="NAME", help="Of this board.  [default: of the whole site]")

#: More than any text may have.
_READ_CHARS_MAX = 1_000_000


def read_text(file: TextIO) -> str:
    """What is written there. Raises click.BadParameter: it is no text."""
    try:
        return file.read(_READ_CHARS_MAX)
    except UnicodeDecodeError:
        raise click.BadParameter(f"{file.name}: is no text in UTF-8") from None
