"""`stillboard restore`: a board as it was at some moment, in a new data folder."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from cli import options
from cli.backup import identity, to
from deploy.backups.rendering import render_everything
from deploy.backups.restoring import Moment, Restore
from deploy.backups.returning import Return
from deploy.backups.sealing import Unseal
from deploy.backups.source import Source
from deploy.backups.vault import open_vault
from deploy.telling import say
from imageboard.settings import Settings


class _Moment(click.ParamType[float]):
    """'2026-11-24 12:00:00+00' -> Unix seconds; without a zone it is UTC."""

    name = "moment"

    def convert(
        self, value: str | float, param: click.Parameter | None, context: click.Context | None
    ) -> float:
        if isinstance(value, float):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail("write it like '2026-11-24 12:00:00+00'", param, context)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


@click.command(
    epilog="Example: ./stillboard restore --to-data ~/boards/yesterday "
    "--at '2026-11-24 12:00:00+00' --identity ~/board-backup.key"
)
@to
@identity
@click.option(
    "--to-data",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="A new, or empty, folder for a board of `up`.",
)
@click.option(
    "--into-servers",
    is_flag=True,
    help="Into the database, uploads and pages that the settings name, whose programs are stopped.",
)
@click.option(
    "--at", "at_s", type=_Moment(), help="Everything up to then.  [default: all there is]"
)
@click.option("--dump", "from_dump", is_flag=True, help="From the newest dump, without any WAL.")
@click.option("--despite-gap", is_flag=True, help="Stop where the WAL has a hole.")
@options.data
@options.as_json
@click.pass_obj
def restore(
    environ: dict[str, str],
    to: str,
    identity: Path | None,
    to_data: Path | None,
    into_servers: bool,
    data: Path | None,
    at_s: float | None,
    from_dump: bool,
    despite_gap: bool,
    as_json: bool,
) -> None:
    """Make a board as it was at some moment, and draw all its pages.

    With --to-data in a new folder: the board that runs is not touched, and nothing else of it is
    needed either: the store and the identity are enough, on any machine. With --into-servers where
    the board is that systemd or an engine of containers runs: roles and passwords stay the
    server's, and what the database held before stays in a schema of another name.
    """
    if into_servers == (to_data is not None):
        raise click.UsageError("--to-data DIR, for a board of `up`, or --into-servers")
    if identity is None:
        raise click.UsageError("--identity FILE: without the secret key nothing can be read")
    began_s = time.monotonic()
    if to_data is None:
        _return(environ, data, to, identity, at_s, from_dump, despite_gap, as_json)
        return
    wish = Restore(
        open_vault(Settings.read(environ), to),
        Unseal.from_file(identity),
        to_data,
        Moment(at_s=at_s),
        environ,
        despite_gap=despite_gap,
        say=say,
    )
    with wish.from_dump() if from_dump else wish.from_base() as restored:
        lost = render_everything(restored.settings)
    took_s = round(time.monotonic() - began_s, 2)
    if as_json:
        told = {
            "set": restored.set_id,
            "newest_change_at": restored.newest_s,
            "is_short": restored.is_short,
            "media": restored.media_files,
            "lost": lost,
            "seconds": took_s,
        }
        click.echo(json.dumps(told, indent=1))
        return
    if restored.is_short:
        click.echo("the backups end before that moment: everything that they hold is there")
    if restored.newest_s is not None:
        newest = datetime.fromtimestamp(restored.newest_s, UTC)
        click.echo(f"newest change: {newest:%Y-%m-%d %H:%M:%S.%f+00}")
    for path in lost:
        click.echo(f"lost: {path}")
    click.echo(f"restored in {took_s} s, {restored.media_files} pictures among it. Look at it with")
    click.echo(f"  ./stillboard up --data {restored.folder.path} --port 8081")


def _return(
    environ: dict[str, str],
    data: Path | None,
    to: str,
    identity: Path,
    at_s: float | None,
    from_dump: bool,
    despite_gap: bool,
    as_json: bool,
) -> None:
    source = Source.of_board(data, environ)
    if source.folder.is_locked():
        raise click.UsageError("the board is an `up`'s: --to-data DIR, and start that one instead")
    wish = Return(
        source,
        open_vault(source.settings, to),
        Unseal.from_file(identity),
        Moment(at_s=at_s),
        environ,
        despite_gap=despite_gap,
        say=say,
    )
    returned = wish.run(from_dump=from_dump)
    if as_json:
        click.echo(json.dumps(asdict(returned), indent=1))
        return
    for path in returned.lost:
        click.echo(f"lost: {path}")
    for name in returned.other_keys:
        click.echo(f"{name} is another one than the backup's: see docs/operations.md, Rotate a key")
    if returned.kept_in:
        click.echo(
            f"what was there before is in the schema {returned.kept_in}; once it is not wanted"
        )
        click.echo(f"  DROP SCHEMA {returned.kept_in} CASCADE")
    click.echo(f"restored, {returned.media_files} pictures among it: start the programs")
    if source.settings.has_object_store:
        click.echo("  and then ./stillboard verify --r2 --repair: the bucket has what was later")
