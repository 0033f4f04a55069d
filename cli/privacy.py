"""`stillboard privacy`: what is held of whom and until when, and erasing it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TextIO

import click

from cli import connection, options
from imageboard import old_passwords
from imageboard.boards import read_board_name
from imageboard.cloaks import Address, Cloak, parse_address
from imageboard.errors import ImageboardError
from imageboard.settings import Settings
from imageboard.store import old_boards, personal, posts
from imageboard.store.database import Connection
from imageboard.store.personal import Held

#: Of a list: a line each.
POSTS_MAX = 10_000


def _read_address(
    _ctx: click.Context, _option: click.Parameter, text: str | None
) -> Address | None:
    try:
        return None if text is None else parse_address(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no address") from None


@click.group()
def privacy() -> None:
    """What the board holds of people, until when, and erasing it (docs/privacy.md)."""


@privacy.command(epilog="Example: ./stillboard privacy report --address 192.0.2.7")
@click.option(
    "--address",
    metavar="ADDRESS",
    callback=_read_address,
    help="Count what is held of this poster alone.",
)
@options.as_json
@options.data
@click.pass_obj
def report(
    environ: dict[str, str], address: Address | None, as_json: bool, data: Path | None
) -> None:
    """List every column that holds something of a person: what, until when, in how many rows.

    With --address those rows alone that are known to be this poster's: by keyed hashes, which
    expire, and by ranges that staff banned. The address is kept nowhere.
    """
    settings = connection.read_settings(data, environ)
    with connection.open_database(settings) as database, database.transaction() as db:
        held = (
            personal.held(db)
            if address is None
            else personal.held_of(db, address, _cloak(settings))
        )
    if as_json:
        click.echo(json.dumps([_told(each, settings) for each in held], indent=1))
        return
    for each in held:
        told = _told(each, settings)
        click.echo(f"{told['rows']:>9}  {told['where']:<28} {told['what']}; {told['until']}")


@privacy.command(
    epilog="Example: ./stillboard privacy erase --address 192.0.2.7    erase --passwords list.txt"
)
@click.option(
    "--address",
    metavar="ADDRESS",
    callback=_read_address,
    help="Posts that are known to be this poster's.",
)
@click.option(
    "--passwords",
    type=click.File("r", encoding="utf-8"),
    metavar="FILE",
    help="Posts by their passwords: a line each, `b/124 PASSWORD`.  [-: standard input]",
)
@click.option("--dry-run", is_flag=True, help="Say what would be erased.")
@options.as_json
@options.data
@click.pass_obj
def erase(
    environ: dict[str, str],
    address: Address | None,
    passwords: TextIO | None,
    dry_run: bool,
    as_json: bool,
    data: Path | None,
) -> None:
    """Erase a poster's posts for good: nobody can bring them back.

    An OP takes its thread along. With --address also what else is known by its hash: reports are
    nobody's any more, posts that staff removed go at once. Bans stay, or erasing would lift them.
    Backups keep what they hold until they expire.
    """
    if (address is None) == (passwords is None):
        raise click.UsageError("either --address or --passwords, please")
    settings = connection.read_settings(data, environ)
    cloak = _cloak(settings)
    wrong: list[str] = []
    with connection.open_database(settings) as database:
        with database.transaction() as db:
            nos: dict[str, list[int]] = {}
            if address is not None:
                nos = personal.posts_of(db, address, cloak)
            elif passwords is not None:
                nos, wrong = _by_passwords(db, options.read_text(passwords), cloak)
            erased = others = 0
            if not dry_run:
                erased = personal.erase_posts(db, nos)
                if address is not None:
                    others = personal.forget(db, address, cloak)
        if erased:
            connection.ask_for_drawing(settings, nos)
    found = sum(map(len, nos.values()))
    if as_json:
        told = {"found": found, "erased": erased, "forgotten": others, "wrong": wrong}
        click.echo(json.dumps(told))
    else:
        for line in wrong:
            click.echo(f"not erased: {line}")
        done = f"{erased} erased, {others} other rows forgotten" if not dry_run else "none erased"
        click.echo(f"{found} posts found, {done}.")
    sys.exit(1 if wrong else 0)


def _by_passwords(
    db: Connection, text: str, cloak: Cloak
) -> tuple[dict[str, list[int]], list[str]]:
    """The posts of a list, by board, and lines that name none or have another password.

    Raises UsageError: it is too long.
    """
    lines = text.splitlines()
    if len(lines) > POSTS_MAX:
        raise click.UsageError(f"{POSTS_MAX} lines at most, please: these are {len(lines)}")
    secrets = [old.secrets for old in old_boards.list_all(db, cloak).values()]
    nos: dict[str, list[int]] = {}
    wrong = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        place, password = [*line.split(maxsplit=1), ""][:2]
        try:
            board, no = _post(place)
            author = posts.author(db, board, no)
            hashed, scheme = author.password_hash, author.password_scheme
            if not old_passwords.matches_any(cloak, password.strip(), hashed, scheme, secrets):
                # SECURITY: the line itself holds a password.
                wrong.append(f"line {number}: not the password of {place}")
                continue
        except (ImageboardError, ValueError):
            wrong.append(f"line {number}: there is no such post")
            continue
        nos.setdefault(board, []).append(no)
    return nos, wrong


def _post(place: str) -> tuple[str, int]:
    """'/b/124' -> ('b', 124). Raises ValueError, NoSuchBoard."""
    board, _, no = place.strip("/").partition("/")
    if not (no.isascii() and no.isdigit() and len(no) <= 15):
        raise ValueError(place)
    return read_board_name(board), int(no)


def _told(held: Held, settings: Settings) -> dict[str, object]:
    return {
        "where": f"{held.holding.table}.{held.holding.column}",
        "whose": held.holding.whose,
        "what": held.holding.what,
        "until": held.holding.until.format(
            address_days=settings.address_kept_days,
            hash_days=settings.address_hash_kept_days,
            names_days=settings.log_names_kept_days,
        ),
        "rows": held.rows,
    }


def _cloak(settings: Settings) -> Cloak:
    settings.require("address_key")
    return Cloak(settings.address_key, settings.former_address_keys)
