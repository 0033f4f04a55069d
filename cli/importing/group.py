"""The command's name, and the two commands that no other engine has a part in."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import BinaryIO

import click

from cli import connection, options
from cli.importing.coming import progress_bars
from deploy.backups.rendering import render_everything
from imageboard.store.uploads import UploadStore
from importing import moving, whole_board


@click.group(name="import", epilog="Example: ./stillboard import stillboard board.tar.gz")
def importing() -> None:
    """Bring a board here from elsewhere."""


@importing.command(epilog="Example: ./stillboard import stillboard board.tar.gz --data new")
@click.argument("file", type=click.File("rb"))
@options.data
@options.as_json
@click.pass_obj
def stillboard(environ: dict[str, str], file: BinaryIO, data: Path | None, as_json: bool) -> None:
    """Read what `export` wrote into a board that was never used, and draw its pages.

    All of it or nothing. With the STILLBOARD_ADDRESS_KEY of the other board its bans, deletion
    passwords and poster IDs go on working; with another one they are there and match nobody.
    """
    began_s = time.monotonic()
    settings = connection.read_settings(data, environ)
    uploads = UploadStore(settings.data / "uploads")
    with connection.open_database(settings) as database:
        carried = whole_board.read(database, uploads, file)
    lost = render_everything(settings)
    took_s = round(time.monotonic() - began_s, 2)
    if as_json:
        told = {"rows": carried.rows, "uploads": carried.uploads, "lost": lost, "seconds": took_s}
        click.echo(json.dumps(told, indent=1))
        return
    for path in lost:
        click.echo(f"lost: {path}")
    click.echo(
        f"{carried.rows.get('posts', 0):,} posts on {carried.rows.get('boards', 0):,} boards and "
        f"{carried.uploads:,} files are here, with all pages, after {took_s} s"
    )


@importing.command(epilog="Example: ./stillboard import undo --yes")
@click.confirmation_option(prompt="Remove every post that ever came, and what was replied since?")
@options.data
@click.pass_obj
def undo(environ: dict[str, str], data: Path | None) -> None:
    """Take back all that ever came. Boards stay, empty; accounts of staff are disabled."""
    settings = connection.read_settings(data, environ)
    with (
        connection.open_database(settings) as database,
        moving.alone(database),
        progress_bars() as progress,
    ):
        removing = progress.add_task("posts", total=None)
        boards = moving.undo(database, lambda number: progress.advance(removing, number))
        connection.ask_for_drawing(settings, boards)
    click.echo(f"taken back: {', '.join(f'/{name}/' for name in boards) or 'nothing had come'}")
