"""`stillboard database`: a primary and its replicas."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from cli import connection, options
from deploy import failover
from deploy.failover import Server
from imageboard.errors import RolesKept, StoreUnavailable
from imageboard.settings import Settings
from imageboard.store.servers import replication
from imageboard.words import N_

AFTER_PROMOTION = """\
{place} takes writes now. What is left to do (docs/high-availability.md, "After a failover"):
  1. Fence the old primary: it stays down, and an empty file standby.signal in its data folder
     keeps it from taking posts, whoever starts it.
  2. ./stillboard verify --repair     the pages show what this database holds.
  3. Make the old primary the replica, by pg_rewind or as a new copy; ./stillboard database sync.
Until then posts wait for this one disk alone."""


@click.group()
def database() -> None:
    """A database with replicas: failover.

    Servers are those of DATABASE_URL, and the replica of DATABASE_REPLICA_URL.
    """


@database.command(epilog="Example: ./stillboard database replicas")
@options.as_json
@options.data
@click.pass_obj
def replicas(environ: dict[str, str], as_json: bool, data: Path | None) -> None:
    """Who is primary, who follows, how far behind, and whom a post waits for.

    Exit status 1 unless there is one primary, and each replica streams.
    """
    settings = connection.read_settings(data, environ)
    servers = failover.servers(settings.database_url, settings.database_replica_url)
    faults = list(_faults(servers))
    if as_json:
        click.echo(json.dumps({"servers": [asdict(one) for one in servers], "faults": faults}))
    else:
        for server in servers:
            click.echo("\n".join(_described(server)))
        for fault in faults:
            click.echo(f"wrong: {fault}")
    sys.exit(1 if faults else 0)


@database.command(
    epilog="Example: ./stillboard database promote --replica postgresql://stillboard@10.0.0.2/stillboard"
)
@click.option("--replica", metavar="URL", help="Which one.  [default: $DATABASE_REPLICA_URL]")
@click.option(
    "--although-primary-answers",
    is_flag=True,
    help="Although another server takes writes: what is posted there from now on is lost.",
)
@options.data
@click.pass_obj
def promote(
    environ: dict[str, str], replica: str | None, although_primary_answers: bool, data: Path | None
) -> None:
    """Make the replica the primary, after the old one is gone.

    Returns once it takes writes; the board's programs find it by themselves. The password may
    stand in PGPASSWORD or ~/.pgpass rather than in the URL.
    """
    settings = connection.read_settings(data, environ)
    if replica is None:
        settings.require("database_replica_url")
    url = replica or settings.database_replica_url
    failover.promote(url, settings.database_url, although_primary_answers=although_primary_answers)
    click.echo(AFTER_PROMOTION.format(place=replication.place_of(url)))


@database.command(epilog="Example: ./stillboard database sync server_b")
@click.argument("names", nargs=-1, metavar="[REPLICA]...")
@options.data
@click.pass_obj
def sync(environ: dict[str, str], names: tuple[str, ...], data: Path | None) -> None:
    """Acknowledge a post only when one of these replicas has it on its disk too.

    Without names: one of those that stream now. While none of them answers, nobody can post.
    """
    primary = _primary_url(connection.read_settings(data, environ))
    chosen = failover.wait_for_replicas(primary, names)
    click.echo(f"Posts wait for {' or '.join(chosen)}.")


@database.command(name="async", epilog="Example: ./stillboard database async")
@options.data
@click.pass_obj
def async_(environ: dict[str, str], data: Path | None) -> None:
    """Acknowledge a post when the primary alone has it: the replica is gone, posting goes on.

    Posts that hang meanwhile are let go at once.
    """
    failover.wait_for_nobody(_primary_url(connection.read_settings(data, environ)))
    click.echo("Posts wait for the primary's disk alone: with it, the newest of them may be lost.")


def _primary_url(settings: Settings) -> str:
    """Raises RolesKept when there is not exactly one."""
    urls = replication.urls_of_servers(settings.database_url)
    found = [url for url in urls if failover.look_at(url).is_primary]
    if not found:
        raise StoreUnavailable(part="database")
    if len(found) > 1:
        places = " and ".join(map(replication.place_of, found))
        raise RolesKept(
            reason=N_("{places} both take writes: stop one of them").filled(places=places)
        )
    return found[0]


def _faults(servers: list[Server]) -> Iterator[str]:
    primaries = [one.place for one in servers if one.is_primary]
    if not primaries:
        yield "no server takes writes"
    if len(primaries) > 1:
        yield f"{' and '.join(primaries)} both take writes: stop one of them"
    for server in servers:
        if server.standing is None:
            yield f"{server.place} can't be reached"
        elif server.received is not None and not server.received.streams:
            yield f"{server.place} does not stream from a primary"
        for slot in server.idle_slots:
            yield f"nobody reads from slot {slot.name}: its replica is away"


def _described(server: Server) -> Iterator[str]:
    if server.standing is None:
        yield f"{server.place}  unreachable"
        return
    role = "primary" if server.is_primary else "replica"
    yield f"{server.place}  {role}  {server.standing.name}"
    if server.is_primary:
        yield f"  posts wait for: {server.standing.confirmed_by or 'this disk alone'}"
    for one in server.followers:
        behind = f"{one.behind_bytes} bytes, {one.behind_s:.3f} s behind"
        yield f"  followed by {one.name}: {one.state}, {one.sync_state}, {behind}"
    for slot in server.idle_slots:
        yield f"  slot {slot.name}: nobody reads, {slot.kept_bytes} bytes of WAL are kept"
