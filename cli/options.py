"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="The board's data folder.  [default: $STILLBOARD_DATA, else var/ in the checkout]",
)

as_json = click.option("--json", "as_json", is_flag=True, help="For programs: JSON on stdout.")
