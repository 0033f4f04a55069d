"""`stillboard staff`: accounts of those who keep the board in order."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from cli import connection, options
from imageboard import passwords
from imageboard.boards import read_board_name
from imageboard.errors import BadRole
from imageboard.staff_roles import (
    Grant,
    MadeRole,
    Power,
    Role,
    powers_said,
    powers_spelled,
    title_of,
)
from imageboard.store import invitations, operator_log, roles, second_factors
from imageboard.store import staff as accounts
from imageboard.store.staff import Account
from imageboard.words import N_
from templates.desk import urls

_role = click.option(
    "--role",
    default=Role.JANITOR.value,
    show_default=True,
    help=f"{'; '.join(f'{role.value}: {powers_said(role)}' for role in Role)}."
    " Each may do what those before it may. Or one that was made: `staff roles` lists them.",
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
@options.board
@_generate
@options.as_json
@options.data
@click.pass_obj
def add(
    environ: dict[str, str],
    name: str,
    role: str,
    board: str | None,
    generate: bool,
    as_json: bool,
    data: Path | None,
) -> None:
    """Add the account NAME (1 to 32 of a to z, 0 to 9, _ and -)."""
    board = board and read_board_name(board)
    # Before a password is typed; that it is still so is seen to by what adds it.
    with connection.transaction(data, environ) as db:
        accounts.check_new(db, name, board)
        held = roles.named(db, role)
    password = _password(name, generate)
    with connection.transaction(data, environ) as db:
        accounts.add(db, name, password, held, board)
        operator_log.note(db, "add_account", board=board, account=name, role=role)
    where = f" of /{board}/" if board else ""
    _tell(f"{name} can log in, as {role}{where}.", name, password if generate else None, as_json)


@staff.command(epilog="Example: ./stillboard staff appoint alice moderator --board b")
@click.argument("name")
@click.argument("role")
@options.board
@options.data
@click.pass_obj
def appoint(
    environ: dict[str, str], name: str, role: str, board: str | None, data: Path | None
) -> None:
    """Give NAME the ROLE on a board, or on all; `none` takes it away there."""
    board = board and read_board_name(board)
    with connection.transaction(data, environ) as db:
        held = None if role == "none" else roles.named(db, role)
        accounts.appoint(db, name, held, board)
        operator_log.note(db, "appoint", board=board, account=name, role=role)
        grants = accounts.get(db, name).grants
    click.echo(f"{name} is now: {title_of(grants).said()}.")


@staff.command(name="roles", epilog="Example: ./stillboard staff roles --json")
@options.as_json
@options.data
@click.pass_obj
def roles_(environ: dict[str, str], as_json: bool, data: Path | None) -> None:
    """List the roles with their powers."""
    with connection.transaction(data, environ) as db:
        found = [*Role, *roles.made(db)]
    powers = {str(role): [power.spelled for power in Power if role.has(power)] for role in found}
    if as_json:
        click.echo(json.dumps(powers))
        return
    for name, spelled in powers.items():
        click.echo(f"{name}  {', '.join(spelled)}")


@staff.command(epilog="Example: ./stillboard staff make-role tidier read_reports delete_file")
@click.argument("name")
@click.argument("powers", nargs=-1, required=True)
@options.data
@click.pass_obj
def make_role(
    environ: dict[str, str], name: str, powers: tuple[str, ...], data: Path | None
) -> None:
    """Make the role NAME of POWERS, or give it others; `staff roles` spells them."""
    known = powers_spelled(powers)
    unknown = set(powers) - {power.spelled for power in known}
    if unknown:
        raise BadRole(N_("There is no power {names}."), names=", ".join(sorted(unknown)))
    with connection.transaction(data, environ) as db:
        roles.make(db, MadeRole(name, known))
        operator_log.note(db, "make_role", role=name)
    click.echo(f"{name} may {', '.join(str(power.words) for power in Power if power in known)}.")


@staff.command(epilog="Example: ./stillboard staff remove-role tidier")
@click.argument("name")
@options.data
@click.pass_obj
def remove_role(environ: dict[str, str], name: str, data: Path | None) -> None:
    """Remove the role NAME, which nobody holds."""
    with connection.transaction(data, environ) as db:
        roles.remove(db, name)
        operator_log.note(db, "remove_role", role=name)
    click.echo(f"{name} is gone.")


@staff.command(epilog="Example: ./stillboard staff invite alice --role moderator --board b")
@click.argument("name")
@_role
@options.board
@options.as_json
@options.data
@click.pass_obj
def invite(
    environ: dict[str, str],
    name: str,
    role: str,
    board: str | None,
    as_json: bool,
    data: Path | None,
) -> None:
    """Make a link by which somebody becomes NAME, with a password of their own; it is good once."""
    board = board and read_board_name(board)
    where = connection.read_settings(data, environ)
    with connection.transaction(data, environ) as db:
        code = invitations.add(db, name, Grant(roles.named(db, role), board))
        operator_log.note(db, "invite", board=board, account=name, role=role)
    link = f"{where.cdn_base_url.rstrip('/')}{urls.invitation_url(code)}"
    if as_json:
        click.echo(json.dumps({"name": name, "link": link}))
        return
    days = invitations.KEPT_S // (24 * 3600)
    click.echo(f"Give {name} this address of the board; it is good once, for {days} days.\n{link}")


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
    with connection.transaction(data, environ) as db:
        accounts.get(db, name)
    password = _password(name, generate)
    with connection.transaction(data, environ) as db:
        accounts.set_password(db, name, password)
        operator_log.note(db, "set_password", account=name)
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
        click.echo(
            f"{account.name}  {title_of(account.grants).said()}, since {_day(account)}{state}"
        )


@staff.command(epilog="Example: ./stillboard staff reset-factor alice")
@click.argument("name")
@options.data
@click.pass_obj
def reset_factor(environ: dict[str, str], name: str, data: Path | None) -> None:
    """Let NAME log in by the password alone: the app and the recovery codes are lost."""
    with connection.transaction(data, environ) as db:
        second_factors.reset(db, name)
        operator_log.note(db, "reset_factor", account=name)
    click.echo(f"{name} has no second factor any more, and is logged out.")


@staff.command(epilog="Example: ./stillboard staff disable alice")
@click.argument("name")
@options.data
@click.pass_obj
def disable(environ: dict[str, str], name: str, data: Path | None) -> None:
    """Log NAME out and let nobody in by that name; what they did stays in the log."""
    with connection.transaction(data, environ) as db:
        accounts.set_enabled(db, name, False)
        operator_log.note(db, "suspend", account=name)
    click.echo(f"{name} can no longer log in.")


@staff.command(epilog="Example: ./stillboard staff enable alice")
@click.argument("name")
@options.data
@click.pass_obj
def enable(environ: dict[str, str], name: str, data: Path | None) -> None:
    """Let NAME log in again, with the same password."""
    with connection.transaction(data, environ) as db:
        accounts.set_enabled(db, name, True)
        operator_log.note(db, "let_in", account=name)
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
        "role": account.role and str(account.role),
        "boards": {grant.board: str(grant.role) for grant in account.grants if grant.board},
        "enabled": account.is_enabled,
        "created": account.created_s,
    }


def _day(account: Account) -> str:
    return datetime.fromtimestamp(account.created_s, UTC).date().isoformat()
