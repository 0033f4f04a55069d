"""`stillboard backup`: copies of everything that can't be made again."""

from __future__ import annotations

import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import click

from cli import options
from deploy.backups import record, sealing, sets, taking, verifying, wal_stream
from deploy.backups.sealing import Unseal
from deploy.backups.sets import BackupSet
from deploy.backups.source import Source
from deploy.backups.vault import Vault, open_vault
from deploy.telling import say
from imageboard.settings import Settings
from monitoring import logs

to = click.option(
    "--to",
    "--from",
    "to",
    default="",
    metavar="PLACE",
    help="/a/folder or s3://bucket.  [default: $STILLBOARD_BACKUP_TO]",
)
identity = click.option(
    "--identity",
    type=click.Path(dir_okay=False, exists=True, allow_dash=True, path_type=Path),
    metavar="FILE",
    help="The secret key, as `backup keygen` printed it; -: from standard input.",
)


@click.group(
    invoke_without_command=True,
    epilog="Examples: ./stillboard backup    ./stillboard backup --to /mnt/usb dump",
)
@to
@options.data
@options.as_json
@click.pass_context
def backup(context: click.Context, to: str, data: Path | None, as_json: bool) -> None:
    """Back up the board: without a command, all of it (`backup full`).

    What is taken is sealed with age for STILLBOARD_BACKUP_RECIPIENTS: the server itself can't read
    it. Begin with `backup keygen`. docs/backups.md leads through the rest.
    """
    context.obj = _Call(context.obj, to, data, as_json)
    if context.invoked_subcommand is None:
        _take(context.obj, "full")


class _Call:
    """What the options before the command said."""

    def __init__(self, environ: dict[str, str], to: str, data: Path | None, as_json: bool) -> None:
        self.environ = environ
        self.data = data
        self.as_json = as_json
        self._to = to

    def source(self) -> Source:
        """The board, with the logs going where its settings say."""
        source = Source.of_board(self.data, self.environ)
        logs.configure(source.settings, part="backup")
        return source

    def vault(self) -> Vault:
        return open_vault(Settings.read(self.environ), self._to)


@backup.command(epilog="Example: ./stillboard backup full")
@click.pass_obj
def full(call: _Call) -> None:
    """A base backup, a dump, the queue and new pictures; then drop what is too old."""
    _take(call, "full")


@backup.command(epilog="Example: ./stillboard backup dump")
@click.pass_obj
def dump(call: _Call) -> None:
    """A dump alone: portable, for another version of PostgreSQL, table by table."""
    _take(call, "dump")


@backup.command(epilog="Example: ./stillboard backup wal   (`up` runs it by itself)")
@click.option("--forget", is_flag=True, help="Stop holding WAL back, after backups were ended.")
@click.pass_obj
def wal(call: _Call, forget: bool) -> None:
    """Stream the WAL and new pictures to the store, in the foreground, until stopped."""
    source = call.source()
    if forget:
        was_there = wal_stream.forget(source)
        click.echo("no WAL is held back any more" if was_there else "no WAL was held back")
        return
    if not source.settings.backup_wal:
        raise click.ClickException("STILLBOARD_BACKUP_WAL is off: no WAL is to be streamed")
    wal_stream.run(source, call.vault(), say)


@backup.command(epilog="Example: ./stillboard backup verify --identity ~/board-backup.key")
@identity
@click.pass_obj
def verify(call: _Call, identity: Path | None) -> None:
    """Look whether all is there and whole; with the identity, whether it can be restored.

    Exit status 1 if anything is wrong. Can be run on any machine that reaches the store. What it
    unseals lies in the temporary folder meanwhile (TMPDIR): as much as a base backup.
    """
    unseal = Unseal.from_file(identity) if identity else None
    with tempfile.TemporaryDirectory(prefix="stillboard-verify-") as scratch:
        look = verifying.Look(call.vault(), Path(scratch), unseal)
        faults = list(look.faults())
    if call.as_json:
        found = [fault._asdict() for fault in faults]
        click.echo(json.dumps({"objects": look.looked_at, "faults": found}, indent=1))
    else:
        for what, fault in faults:
            click.echo(f"wrong: {what}: {fault}")
        click.echo(f"{look.looked_at} objects read: {len(faults) or 'nothing'} wrong")
    sys.exit(1 if faults else 0)


@backup.command(name="list", epilog="Example: ./stillboard backup list --json")
@click.pass_obj
def list_(call: _Call) -> None:
    """What there is to restore from, oldest first."""
    found = sets.signed_off(call.vault())
    if call.as_json:
        click.echo(json.dumps([_as_json(one) for one in found], indent=1))
        return
    for one in found:
        size_mb = one.size_bytes / 1e6
        click.echo(f"{one.id}  {one.kind:<6}finished {_moment(one.finished_s)}  {size_mb:.1f} MB")


@backup.command(epilog="Example: ./stillboard backup keygen > board-backup.key")
def keygen() -> None:
    """Print a new pair of keys, once: keep it where the server is not, and twice."""
    secret, public = sealing.new_identity()
    click.echo(f"# made {datetime.now(UTC):%Y-%m-%d}; reads every backup that was sealed for")
    click.echo(f"# STILLBOARD_BACKUP_RECIPIENTS={public}\n{secret}")
    click.echo(
        f"On the server: STILLBOARD_BACKUP_RECIPIENTS={public}\n"
        "The line that begins with AGE-SECRET-KEY- is all that can read the backups. It is stored "
        "nowhere: write it into two places, neither of them this server.",
        err=True,
    )


def _take(call: _Call, wish: Literal["full", "dump"]) -> None:
    source = call.source()
    taken = taking.Run(source, call.vault(), source.backups).take(wish)
    if call.as_json:
        last = record.read(source.backups)
        made = [_as_json(one) for one in taken.sets]
        click.echo(json.dumps({"sets": made, "dropped": taken.dropped, "last": last}, indent=1))
        return
    for one in taken.sets:
        click.echo(f"{one.id}: {one.size_bytes / 1e6:.1f} MB, read back")
    click.echo(f"{taken.media_copied} new pictures; {len(taken.dropped)} objects let go of")


def _as_json(one: BackupSet) -> dict[str, object]:
    return {
        "id": one.id,
        "kind": one.kind,
        "finished_at": one.finished_s,
        "bytes": one.size_bytes,
        "artefacts": {artefact.name: artefact.size_bytes for artefact in one.artefacts},
    }


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S+00}"
