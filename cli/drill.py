"""`stillboard drill`: proves that backups can be restored, and how fast."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

import click

from cli import options
from cli.backup import identity
from deploy.backups import drilling, record
from deploy.backups.drilling import Drill
from deploy.backups.sealing import Unseal
from deploy.backups.source import Source
from deploy.telling import say
from monitoring import logs

RPO_S_MAX = 60.0
RTO_S_MAX = 300.0


@click.command(epilog="Example: ./stillboard drill --identity ~/board-backup.key")
@identity
@click.option(
    "--probes", default=1, show_default=True, type=click.IntRange(1, 100), help="Changes to time."
)
@options.data
@options.as_json
@click.pass_obj
def drill(
    environ: dict[str, str], identity: Path | None, probes: int, data: Path | None, as_json: bool
) -> None:
    """Restore the board beside itself, draw its pages, and compare them byte for byte.

    Without --identity it takes a backup into a folder of its own and restores from there; with it,
    it restores from the board's own backups. Posting waits for a moment, about a second, while the
    site is noted down. Exit status 1 if a page differs, if a change takes more than 60 s into the
    store (RPO), or the restore more than 5 minutes (RTO). Leaves nothing behind.
    """
    source = Source.of_board(data, environ)
    logs.configure(source.settings, part="drill")
    unseal = Unseal.from_file(identity) if identity else None
    found = drilling.drill(source, environ, unseal=unseal, probes=probes, say=say)
    is_good = not found.differing and max(found.rpo_s) <= RPO_S_MAX and found.rto_s <= RTO_S_MAX
    record.note(source.backups, "drill", ok=is_good, at_s=time.time(), rto_s=found.rto_s)
    if as_json:
        click.echo(json.dumps(asdict(found) | {"ok": is_good}, indent=1))
    else:
        _tell(found)
    sys.exit(0 if is_good else 1)


def _tell(found: Drill) -> None:
    for path in found.differing:
        click.echo(f"differs: {path}")
    wrong = f"{len(found.differing)} differ" if found.differing else "all the same"
    click.echo(f"{found.compared_files} files compared, byte for byte: {wrong}")
    click.echo(f"RPO: {max(found.rpo_s):.1f} s from a commit to its being in the store")
    click.echo(f"RTO: {found.rto_s:.1f} s from nothing to the compared site, from {found.set_id}")
