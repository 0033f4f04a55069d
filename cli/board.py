"""`stillboard board`: boards and their settings."""

from __future__ import annotations

import json
from pathlib import Path

import click

from cli import connection, options
from imageboard.boards import Board, read_board_name
from imageboard.errors import BadBoardSetting
from imageboard.settings import BoardSettings, Settings
from imageboard.store import boards


@click.group()
def board() -> None:
    """Boards and their settings.

    A change shows on all pages by itself, within seconds.
    """


@board.command(epilog='Example: ./stillboard board add tea title="Tea and kettles" bump_limit=300')
@click.argument("name")
@click.argument("settings", nargs=-1, metavar="[SETTING=VALUE]...")
@options.data
@click.pass_obj
def add(environ: dict[str, str], name: str, settings: tuple[str, ...], data: Path | None) -> None:
    """Add the board /NAME/ (1 to 16 small letters and digits)."""
    if not (1 <= len(name) <= 16 and name.isascii() and name.isalnum() and name == name.lower()):
        raise BadBoardSetting(name=name, fault="a name of 1 to 16 small letters and digits, please")
    if name in RESERVED:
        raise BadBoardSetting(name=name, fault="this name is taken by an address of the site")
    wanted = BoardSettings(title=name).changed(_pairs(settings))
    where = connection.read_settings(data, environ)
    with connection.open_database(where) as database:
        with database.transaction() as db:
            if not boards.add(db, name, wanted):
                raise BadBoardSetting(name=name, fault="there is a board of this name already")
            names = [one.name for one in boards.list_all(db)]
        _wake(where, names)
    click.echo(f"/{name}/ is there.")


@board.command(name="set", epilog="Example: ./stillboard board set b bump_limit=300 reply_limit=0")
@click.argument("name")
@click.argument("settings", nargs=-1, required=True, metavar="SETTING=VALUE...")
@options.data
@click.pass_obj
def set_(environ: dict[str, str], name: str, settings: tuple[str, ...], data: Path | None) -> None:
    """Change settings of the board /NAME/; `board show NAME` lists them all."""
    where = connection.read_settings(data, environ)
    with connection.open_database(where) as database:
        with database.transaction() as db:
            wanted = boards.lock(db, read_board_name(name)).settings.changed(_pairs(settings))
            boards.change_settings(db, name, wanted)
            names = [one.name for one in boards.list_all(db)]
        _wake(where, names)
    click.echo(f"/{name}/ is changed.")


@board.command(name="list", epilog="Example: ./stillboard board list --json")
@options.as_json
@options.data
@click.pass_obj
def list_(environ: dict[str, str], as_json: bool, data: Path | None) -> None:
    """List the boards: name, title, threads and posts."""
    with connection.transaction(data, environ) as db:
        found, counts = boards.list_all(db), boards.counts(db)
    if as_json:
        click.echo(json.dumps([_as_json(one, *counts[one.name]) for one in found]))
        return
    for one in found:
        threads, posts = counts[one.name]
        click.echo(f"/{one.name}/  {one.settings.title}  ({threads} threads, {posts} posts)")


@board.command(epilog="Example: ./stillboard board show b")
@click.argument("name")
@options.as_json
@options.data
@click.pass_obj
def show(environ: dict[str, str], name: str, as_json: bool, data: Path | None) -> None:
    """Show every setting of the board /NAME/."""
    with connection.transaction(data, environ) as db:
        one, counts = boards.get(db, read_board_name(name)), boards.counts(db)
    if as_json:
        click.echo(json.dumps(_as_json(one, *counts[name])))
        return
    for setting, value in one.settings.to_json().items():
        shown = {True: "on", False: "off"}.get(value, value) if isinstance(value, bool) else value
        click.echo(f"{setting}={shown}")


#: First parts of addresses that are no board's.
RESERVED = frozenset({"assets", "mod", "post", "healthz", "readyz", "overboard", "metrics"})


def _pairs(settings: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for text in settings:
        name, equals, value = text.partition("=")
        if not equals:
            raise click.BadParameter(f"{text}: write it as SETTING=VALUE")
        pairs[name] = value
    return pairs


def _as_json(one: Board, threads: int, posts: int) -> dict[str, object]:
    return {
        "board": one.name,
        "threads": threads,
        "posts": posts,
        "settings": one.settings.to_json(),
    }


def _wake(where: Settings, names: list[str]) -> None:
    call = connection.wake_up(where)
    for name in names:
        call.ask_for_render(name)
