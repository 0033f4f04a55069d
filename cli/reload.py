"""`stillboard reload`: bring a board that is up to the version in the checkout."""

from __future__ import annotations

from pathlib import Path

import click

from cli import options
from deploy import environment
from deploy import reload as reloading
from deploy.data_folder import Renewed


@click.command(epilog="Example: ./stillboard reload   (after git pull)")
@options.data
@click.pass_obj
def reload(environ: dict[str, str], data: Path | None) -> None:
    """Bring a board that is up to the version in the checkout, without dropping a post.

    The tables first, which the programs of before go on using; then writer, catch-up, render
    workers, publisher, backups and nginx, one after the other, each once its new version works.
    One that does not come up goes on in the version of before, and so do those after it. The
    same command leads back, after `git checkout` of the version before.

    PostgreSQL, Valkey and nginx's own program stay as they are, and so do settings and the `up`
    that watches all of them: stop it and start it again when it suits.
    """
    reloading.reload(environment.data_path(data, environ), environ, _tell)
    click.echo("all of it is of this version")


def _tell(renewed: Renewed) -> None:
    click.echo(f"{renewed.name:<12}{renewed.took_s:5.1f} s")
