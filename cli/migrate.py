"""`stillboard migrate`: bring the tables to this version, before its programs start."""

from __future__ import annotations

from pathlib import Path

import click

from cli import connection, options
from deploy import environment
from deploy.data_folder import DataFolder
from deploy.founding import FIRST_BOARD, prepare_database


@click.command(epilog="Example: ./stillboard migrate --data /srv/board   (with DATABASE_URL set)")
@options.data
@click.pass_obj
def migrate(environ: dict[str, str], data: Path | None) -> None:
    """Bring the database's tables to this version; `up` does it by itself.

    For servers where each program is started on its own: containers, systemd. Called before the
    new version's programs start, while those of the version before still run. An empty database
    gets the board /b/ and a staff account, whose password is put into a file of the data folder.
    Calling it again changes nothing; of two calls at once the second waits.
    """
    folder = DataFolder(environment.data_path(data, environ))
    folder.path.mkdir(parents=True, exist_ok=True)
    settings = connection.read_settings(data, environ)
    login = prepare_database(
        settings, keep=lambda login: folder.keep_first_login(login.name, login.password)
    )
    click.echo("the tables are of this version")
    if login is not None:
        click.echo(f"made the board /{FIRST_BOARD}/ and a staff account, who logs in at /mod/")
        # SECURITY: not the password, since what is said here stands in the logs of a container or a
        # unit, and wherever those are collected.
        click.echo(f"  name and password are in {folder.first_login}: delete it once noted")
