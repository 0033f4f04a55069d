"""`stillboard staff`: accounts of those who keep the board in order."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from cli import connection, options
from imageboard import passwords
from imageboard.errors import LastAdmin
from imageboard.staff_roles import Role, powers_said
from imageboard.store import staff as accounts
from imageboard.store.staff import Account

_role = click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.JANITOR.value,
    show_default=True,
    help=f"{'; '.join(f'{role.value}: {powers_said(role)}' for role in Role)}."
    " Each may do what those before it may.",
)
_generate = click.option(
    "--generate", is_flag=True, help="Make a password and show it, once, instead of asking."
)


@click.group()
def staff() -> None:
    """Staff accounts: who can log in at /mod/, and as what."""


@staff.command(epilog="Example: ./stillboard staff add alice --role moderator --generate")
@click.argument("name")
@_role
@_generate
@options.as_json
@options.data
@click.pass_obj
def add(
    environ: dict[str, str], name: str, role: str, generate: bool, as_json: bool, data: Path | None
) -> None:
    """Add the account NAME (1 to 32 of a to z, 0 to 9, _ and -)."""
    password = _password(name, generate)
    with connection.transaction(data, environ) as db:
        accounts.add(db, name, password, Role(role))
    _tell(f"{name} can log in, as {role}.", name, password if generate else None, as_json)


@staff.command(epilog="Example: ./stillboard staff passwd alice")
@click.argument("name")
@_generate
@options.as_json
@options.data
@click.pass_obj
def passwd(
    environ: dict[str, str], name: str, generate: bool, as_json: bool, data: Path | None
) -> None:
    """Give NAME another password; whoever is logged in with the old one no longer is."""
    password = _password(name, generate)
    with connection.transaction(data, environ) as db:
        accounts.set_password(db, name, password)
    _tell(f"{name} has a new password.", name, password if generate else None, as_json)


@staff.command(name="list", epilog="Example: ./stillboard staff list --json")
@options.as_json
@options.data
@click.pass_obj
def list_(environ: dict[str, str], as_json: bool, data: Path | None) -> None:
    """List the accounts: name, role, since when, and whether disabled."""
    with connection.transaction(data, environ) as db:
        found = accounts.list_all(db)
    if as_json:
        click.echo(json.dumps([_as_json(account) for account in found]))
        return
    for account in found:
        state = "" if account.is_enabled else ", disabled"
        click.echo(f"{account.name}  {account.role.value}, since {_day(account)}{state}")


@staff.command(epilog="Example: ./stillboard staff disable alice")
@click.argument("name")
@options.data
@click.pass_obj
def disable(environ: dict[str, str], name: str, data: Path | None) -> None:
    """Log NAME out and let nobody in by that name; what they did stays in the log."""
    with connection.transaction(data, environ) as db:
        admins = [
            one.name for one in accounts.list_all(db) if one.is_enabled and one.role is Role.ADMIN
        ]
        if admins == [name]:
            raise LastAdmin(name=name)
        accounts.set_enabled(db, name, False)
    click.echo(f"{name} can no longer log in.")


@staff.command(epilog="Example: ./stillboard staff enable alice")
@click.argument("name")
@options.data
@click.pass_obj
def enable(environ: dict[str, str], name: str, data: Path | None) -> None:
    """Let NAME log in again, with the same password."""
    with connection.transaction(data, environ) as db:
        accounts.set_enabled(db, name, True)
    click.echo(f"{name} can log in again.")


def _password(name: str, generate: bool) -> str:
    """Made, or asked for twice without echo."""
    if generate:
        return passwords.generate()
    password: str = click.prompt(
        f"Password for {name}", hide_input=True, confirmation_prompt=True, err=True
    )
    return password


def _tell(sentence: str, name: str, password: str | None, as_json: bool) -> None:
    """`password` is shown only when nobody typed it."""
    if as_json:
        shown = {"password": password} if password else {}
        click.echo(json.dumps({"name": name} | shown))
        return
    click.echo(sentence)
    if password:
        click.echo(f"password: {password}")


def _as_json(account: Account) -> dict[str, object]:
    return {
        "name": account.name,
        "role": account.role.value,
        "enabled": account.is_enabled,
        "created": account.created_s,
    }


def _day(account: Account) -> str:
    return datetime.fromtimestamp(account.created_s, UTC).date().isoformat()
