"""`stillboard board`: boards and their settings."""

from __future__ import annotations

import json
from pathlib import Path

import click

from cli import connection, options
from imageboard.boards import Board, read_board_name, read_new_name
from imageboard.settings import BoardSettings, Settings, as_typed, form_fields
from imageboard.store import board_removals, boards, operator_log
from imageboard.store.board_removals import Holdings
from imageboard.store.database import Connection


@click.group()
def board() -> None:
    """Boards and their settings.

    A change shows by itself, within seconds, on the pages that it concerns.
    """


@board.command(epilog='Example: ./stillboard board add tea title="Tea and kettles" bump_limit=300')
@click.argument("name")
@click.argument("settings", nargs=-1, metavar="[SETTING=VALUE]...")
@options.data
@click.pass_obj
def add(environ: dict[str, str], name: str, settings: tuple[str, ...], data: Path | None) -> None:
    """Add the board /NAME/ (1 to 16 small letters and digits)."""
    name = read_new_name(name)
    wanted = BoardSettings(title=name).changed(_pairs(settings))
    where = connection.read_settings(data, environ)
    with connection.open_database(where) as database:
        with database.transaction() as db:
            stale = boards.add_new(db, name, wanted)
            operator_log.note(db, "add_board", board=name)
        _wake(where, stale)
    click.echo(f"/{name}/ is there.")


@board.command(name="set", epilog="Example: ./stillboard board set b bump_limit=300 reply_limit=0")
@click.argument("name")
@click.argument("settings", nargs=-1, required=True, metavar="SETTING=VALUE...")
@options.data
@click.pass_obj
def set_(environ: dict[str, str], name: str, settings: tuple[str, ...], data: Path | None) -> None:
    """Change settings of the board /NAME/; `board show NAME --explain` explains them all."""
    name = read_board_name(name)
    where = connection.read_settings(data, environ)
    with connection.open_database(where) as database:
        with database.transaction() as db:
            changes = _pairs(settings)
            stale = boards.change_settings(db, name, changes)
            operator_log.note(db, "set_board", board=name, settings=", ".join(sorted(changes)))
        _wake(where, stale)
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


@board.command(epilog="Example: ./stillboard board show b --explain")
@click.argument("name")
@click.option(
    "--explain", is_flag=True, help="With what each says, what it may be and what it is by itself."
)
@options.as_json
@options.data
@click.pass_obj
def show(
    environ: dict[str, str], name: str, explain: bool, as_json: bool, data: Path | None
) -> None:
    """Show every setting of the board /NAME/."""
    name = read_board_name(name)
    with connection.transaction(data, environ) as db:
        one, counts = boards.get(db, name), boards.counts(db)
    if as_json:
        explained = {"explained": _explained()} if explain else {}
        click.echo(json.dumps(_as_json(one, *counts[name]) | explained))
        return
    for row in BoardSettings.rows():
        click.echo(f"{row.name}={as_typed(getattr(one.settings, row.attribute))}")
        if explain:
            default = as_typed(row.default) or "empty"
            click.echo(f"    {row.sentence} ({row.reader.allowed}; default: {default})")


@board.command(epilog="Example: ./stillboard board remove tea")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask for the name once more.")
@options.data
@click.pass_obj
def remove(environ: dict[str, str], name: str, yes: bool, data: Path | None) -> None:
    """Remove the board /NAME/ with all that it holds, for good.

    Says what that is, and wants the name once more. Readers and posters find no such board from
    then on, in seconds; what it held goes bit by bit, while other boards go on. Whoever is
    interrupted calls it again, or leaves the rest to the board. Like `rerender` it works in the web
    root: call it where the renderer runs, as its user.
    """
    name = read_board_name(name)
    where = connection.read_settings(data, environ)
    with connection.open_database(where) as database:
        with database.transaction() as db:
            holds = board_removals.holdings(db, name)
        for line in _told(name, holds):
            click.echo(line)
        if not holds.is_going:
            if not yes and click.prompt("Type its name to remove it").strip("/ ") != name:
                raise click.ClickException(f"That is not its name: /{name}/ stays as it is.")
            _wake(where, database.again_on_deadlock(lambda db: _begin(db, name)))
        # Imported here: most commands draw nothing.
        from monitoring import logs
        from renderer.clearing import Clearing
        from renderer.render_loop import build_loop

        loop = build_loop(where, database)
        loop.has_cloud = where.has_cloud
        bar = click.progressbar(length=holds.posts, label="posts", show_pos=True)
        with logs.warnings_alone(), bar as progress:
            Clearing(database, loop).clear(name, progress.update)
    if where.has_cloud:
        with connection.wake_up(where) as call:
            call.ask_for_publishing()
    click.echo(f"/{name}/ is gone.")


def _begin(db: Connection, name: str) -> list[str]:
    stale = board_removals.begin(db, name)
    operator_log.note(db, "remove_board", board=name)
    return stale


def _told(name: str, holds: Holdings) -> list[str]:
    """What goes with a board, in words."""
    begin = "is being removed, and still holds:" if holds.is_going else "holds:"
    counts = {
        "threads": holds.threads,
        "threads in its archive": holds.archived,
        "threads kept aside": holds.aside,
        "posts": holds.posts,
        "posts that wait for staff, or could come back": holds.laid_aside,
        "files": holds.files,
        "MB of files": holds.bytes // 1_000_000,
        "banners": holds.banners,
        "flags": holds.flags,
        "pages": holds.pages,
        "news": holds.news,
        "bans": holds.bans,
        "bans of files": holds.file_bans,
        "rules against spam": holds.rules,
        "roles of staff": holds.roles,
    }
    lines = [f"  {what}: {number:,}" for what, number in counts.items() if number]
    end = "All of it goes for good, on the site, in its bucket and at its CDN."
    return [f"/{name}/ {begin}", *(lines or ["  nothing"]), end]


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


def _explained() -> dict[str, dict[str, object]]:
    """{name: what it says, its kind, unit, bounds and default}"""
    return {field.name: field._asdict() for field in form_fields(BoardSettings.rows())}


def _wake(where: Settings, names: list[str]) -> None:
    with connection.wake_up(where) as call:
        for name in names:
            call.ask_for_render(name)
