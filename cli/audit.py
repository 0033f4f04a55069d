"""`stillboard audit`: the log of what staff do, proven."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from cli import connection, options
from imageboard.log_signing import LogSigner
from imageboard.store import log_chain
from renderer.log_proof import LogProof
from renderer.render_loop import build_loop


@click.group()
def audit() -> None:
    """The log of what staff do: a chain of hashes whose head is signed (docs/audit.md)."""


@audit.command(epilog="Example: ./stillboard audit verify --json")
@options.as_json
@options.data
@click.pass_obj
def verify(environ: dict[str, str], as_json: bool, data: Path | None) -> None:
    """Prove the chain, its signed head and the published pages.

    Names the first entry that is wrong. Exit status 1 if there is one, or if a page tells
    something else. What was done within the last seconds is published first.
    """
    settings = connection.read_settings(data, environ)
    with connection.open_database(settings) as database:
        proof = LogProof(build_loop(settings, database)).prove()
    if as_json:
        click.echo(json.dumps(proof._asdict() | {"ok": not proof.faults}))
    else:
        for fault in proof.faults:
            click.echo(f"wrong: {fault}")
        signed = "signed" if proof.is_signed else "not signed: STILLBOARD_LOG_KEY is not set"
        click.echo(
            f"{proof.entries} entries, {proof.files} published files; the head is {signed}: "
            f"{'something is wrong' if proof.faults else 'all is as it was written down'}"
        )
    sys.exit(1 if proof.faults else 0)


@audit.command(epilog="Example: ./stillboard audit head >head-of-today.json")
@options.data
@click.pass_obj
def head(environ: dict[str, str], data: Path | None) -> None:
    """Print the head of the chain, signed, as JSON: kept elsewhere it vouches for all before it."""
    settings = connection.read_settings(data, environ)
    with connection.open_database(settings) as database, database.connection() as db:
        found = log_chain.head(db)
    if found is None:
        sys.exit("stillboard: nothing was written down yet")
    told = {"place": found.place, "hash": found.hash.hex(), "at": found.at}
    if settings.log_key:
        signer = LogSigner(settings.log_key)
        told["signature"] = signer.sign(found).hex()
        told["public_key"] = signer.public_key.hex()
    click.echo(json.dumps(told, indent=1))
