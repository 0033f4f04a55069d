"""`stillboard import`: boards from elsewhere, into this one."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import click
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from cli import connection, options
from cli.banner import looking_at_pictures
from deploy.backups.rendering import render_everything
from imageboard.settings import Settings
from imageboard.store.uploads import UploadStore
from importing import moving, whole_board
from importing.asagi.dump import AsagiDump
from importing.asagi.files import StoredFiles
from importing.bson_dump import Collections
from importing.errors import ImportFailed
from importing.fourchan.folder import ThreadFolder
from importing.jschan.dump import JschanDump
from importing.jschan.secrets import secrets_of
from importing.living.errors import SiteNotWhole
from importing.living.kept import Kept
from importing.living.mirror import Mirror
from importing.living.site import Site
from importing.lynxchan.dump import LynxChanDump
from importing.lynxchan.media import MediaOfSite
from importing.moving import Move
from importing.report import Report
from importing.vichan import php
from importing.vichan.dump import VichanDump
from importing.vichan.php import Value

#: A board's own settings, in its folder.
_OF_BOARD = "config.php"

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_folder = click.Path(exists=True, file_okay=False, path_type=Path)
_only = click.option("--only", multiple=True, metavar="B", help="This board; of several, these.")
_next_numbers = click.option(
    "--next",
    "next_numbers",
    multiple=True,
    metavar="B=N",
    help="The number of a board's next post, where what comes can't know.",
)
_dry_run = click.option("--dry-run", is_flag=True, help="Tell what would come and what can't.")


@click.group(name="import", epilog="Example: ./stillboard import stillboard board.tar.gz")
def importing() -> None:
    """Bring a board here from elsewhere."""


@importing.command(epilog="Example: ./stillboard import stillboard board.tar.gz --data new")
@click.argument("file", type=click.File("rb"))
@options.data
@options.as_json
@click.pass_obj
def stillboard(environ: dict[str, str], file: BinaryIO, data: Path | None, as_json: bool) -> None:
    """Read what `export everything` wrote into a board that was never used, and draw its pages.

    All of it or nothing. With the STILLBOARD_ADDRESS_KEY of the other board its bans, deletion
    passwords and poster IDs go on working; with another one they are there and match nobody.
    """
    began_s = time.monotonic()
    settings = connection.read_settings(data, environ)
    uploads = UploadStore(settings.data / "uploads")
    with connection.open_database(settings) as database:
        carried = whole_board.read(database, uploads, file)
    lost = render_everything(settings)
    took_s = round(time.monotonic() - began_s, 2)
    if as_json:
        told = {"rows": carried.rows, "uploads": carried.uploads, "lost": lost, "seconds": took_s}
        click.echo(json.dumps(told, indent=1))
        return
    for path in lost:
        click.echo(f"lost: {path}")
    click.echo(
        f"{carried.rows.get('posts', 0):,} posts on {carried.rows.get('boards', 0):,} boards and "
        f"{carried.uploads:,} files are here, with all pages, after {took_s} s"
    )


@importing.command(
    epilog="Example: ./stillboard import vichan dump.sql --boards /var/www/vichan"
    " --config /var/www/vichan/inc/instance-config.php --config /var/www/vichan/inc/secrets.php"
)
@click.argument("dumps", type=_file, nargs=-1, required=True, metavar="DUMP...")
@click.option(
    "--boards", "folder", type=_folder, required=True, help="Where boards have their folders."
)
@click.option(
    "--config",
    "configs",
    type=_file,
    multiple=True,
    help="The old site's settings: read, never executed. Of several the last counts.",
)
@click.option("--prefix", help="What names of tables begin with.  [default: as --config says]")
@_only
@_next_numbers
@_dry_run
@options.as_json
@options.data
@click.pass_obj
def vichan(
    environ: dict[str, str],
    dumps: tuple[Path, ...],
    folder: Path,
    configs: tuple[Path, ...],
    prefix: str | None,
    only: tuple[str, ...],
    next_numbers: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    data: Path | None,
) -> None:
    """Boards of vichan, from mysqldump's DUMP and the folders of their files.

    Numbers, addresses, passwords and IDs stay what they are. Nobody sees a board before all of it
    has come. Call again after an interruption, or with a later dump: what is new there comes, and
    what is gone there goes.
    """
    settings = connection.read_settings(data, environ)
    settings.require("address_key")
    told = php.settings(_text(path) for path in configs)
    with connection.open_database(settings, connections_max=4) as database, _progress() as progress:
        reading = progress.add_task("reading", total=sum(path.stat().st_size for path in dumps))
        dump = VichanDump(
            dumps,
            prefix=str(told.get("db.prefix") or "") if prefix is None else prefix,
            settings=told,
            settings_of_boards=_settings_of_boards(folder),
            folder=folder,
            on_read=lambda count: progress.update(reading, completed=count),
        )
        move = Move(dump, database, settings, folder, frozenset(only), _read_next(next_numbers))
        count = move.look()
        dump.on_read = lambda _count: None
        _come(move, count, progress, dry_run=dry_run, as_json=as_json)


@importing.command(
    "4chan",
    epilog="Example: ./stillboard import 4chan archive/4chan --only g --dry-run",
)
@click.argument("folder", type=_folder)
@_only
@_next_numbers
@_dry_run
@options.as_json
@options.data
@click.pass_obj
def fourchan(
    environ: dict[str, str],
    folder: Path,
    only: tuple[str, ...],
    next_numbers: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    data: Path | None,
) -> None:
    """Boards of 4chan or of vichan that somebody has as JSON: b/thread/100.json below FOLDER.

    Files are found beside the threads, or in the folders of their board. Archived threads come into
    the archive. Nothing comes that readers never saw: addresses, passwords, bans, accounts.
    """
    settings = connection.read_settings(data, environ)
    settings.require("address_key")
    with connection.open_database(settings, connections_max=4) as database, _progress() as progress:
        source = ThreadFolder(folder, frozenset(only))
        _bring_threads(
            Move(source, database, settings, folder, frozenset(only), _read_next(next_numbers)),
            source,
            progress,
            dry_run=dry_run,
            as_json=as_json,
        )


@importing.command(
    epilog="Example: ./stillboard import asagi asagi.sql.gz --media /srv/foolfuuka/boards --only g"
)
@click.argument("dumps", type=_file, nargs=-1, required=True, metavar="DUMP...")
@click.option(
    "--media",
    "folder",
    type=_folder,
    required=True,
    help="Where boards have their folders: b/image/1707/52/1707523200123.png.",
)
@_only
@_next_numbers
@_dry_run
@options.as_json
@options.data
@click.pass_obj
def asagi(
    environ: dict[str, str],
    dumps: tuple[Path, ...],
    folder: Path,
    only: tuple[str, ...],
    next_numbers: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    data: Path | None,
) -> None:
    """Archives of 4chan by asagi or FoolFuuka, from mysqldump's DUMP and the folders of files.

    All threads come into the archive, each in the month in which it fell off. Ghost posts, and what
    was deleted there, do not come.
    """
    settings = connection.read_settings(data, environ)
    settings.require("address_key")
    with (
        connection.open_database(settings, connections_max=4) as database,
        _progress() as progress,
        closing(StoredFiles()) as stored,
    ):
        reading = progress.add_task("reading", total=sum(path.stat().st_size for path in dumps))
        dump = AsagiDump(dumps, stored, lambda count: progress.update(reading, completed=count))
        move = Move(dump, database, settings, folder, frozenset(only), _read_next(next_numbers))
        count = move.look()
        dump.on_read = lambda _count: None
        _come(move, count, progress, dry_run=dry_run, as_json=as_json)


@importing.command(epilog="Example: ./stillboard import site https://example.org/ --board b")
@click.argument("address", metavar="https://HOST/")
@click.option("--board", "only", multiple=True, metavar="B", help="This board; of several, these.")
@click.option("--media", metavar="https://HOST/", help="Where its files are, if not there.")
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="What is read is kept there.  [default: imports/HOST in the data folder]",
)
@click.option(
    "--per-second",
    type=click.FloatRange(0.01, 1_000),
    default=1.0,
    show_default=True,
    help="So often it is asked for something.",
)
@click.option("--private", is_flag=True, help="It may be in a network of one's own.")
@click.option("--incomplete", is_flag=True, help="Bring what there is, though not all can be read.")
@_next_numbers
@_dry_run
@options.as_json
@options.data
@click.pass_obj
def site(
    environ: dict[str, str],
    address: str,
    only: tuple[str, ...],
    media: str | None,
    keep: Path | None,
    per_second: float,
    private: bool,
    incomplete: bool,
    next_numbers: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    data: Path | None,
) -> None:
    """Boards of a site like vichan's or 4chan's, read as its readers read it, and no quicker.

    Its JSON and its files are kept, so that whoever calls again asks only for what is new. Then
    they come as those of `import 4chan` do; what is gone there goes.
    """
    settings = connection.read_settings(data, environ)
    settings.require("address_key")
    asked = Site(address, per_second, may_be_private=private)
    of_media = Site(media, per_second, may_be_private=private) if media is not None else None
    folder = keep or settings.data / "imports" / asked.name
    with connection.open_database(settings, connections_max=4) as database, _progress() as progress:
        reading, report = progress.add_task("reading", total=None), Report()
        with closing(asked), closing(of_media or asked), Kept(folder) as kept:
            mirror = Mirror(asked, kept, report, frozenset(only), of_media)
            mirror.on_thread = lambda done, listed: progress.update(
                reading, completed=done, total=listed
            )
            with _told_if_it_fails(report, as_json=as_json):
                boards = frozenset(mirror.read())
                if mirror.failed and not incomplete:
                    raise SiteNotWhole(count=mirror.failed)
        source = ThreadFolder(folder, boards, is_cut_off=mirror.failed > 0)
        move = Move(source, database, settings, folder, boards, _read_next(next_numbers))
        move.report = report
        _bring_threads(move, source, progress, dry_run=dry_run, as_json=as_json)


@contextmanager
def _told_if_it_fails(report: Report, *, as_json: bool) -> Iterator[None]:
    try:
        yield
    except ImportFailed:
        _tell(report, as_json=as_json)
        raise


@importing.command(
    epilog="Example: ./stillboard import jschan dump --media jschan/static/file"
    " --secrets jschan/configs/secrets.js"
)
@click.argument("folder", type=_folder)
@click.option("--media", type=_folder, required=True, help="Its folder static/file.")
@click.option(
    "--secrets",
    "secrets",
    type=_file,
    multiple=True,
    help="Its configs/secrets.js, or the environment of its container: read, never executed.",
)
@_only
@_next_numbers
@_dry_run
@options.as_json
@options.data
@click.pass_obj
def jschan(
    environ: dict[str, str],
    folder: Path,
    media: Path,
    secrets: tuple[Path, ...],
    only: tuple[str, ...],
    next_numbers: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    data: Path | None,
) -> None:
    """Boards of jschan, from the FOLDER that mongodump wrote and the folder of their files.

    Numbers, texts, passwords and addresses of files stay what they are. Nobody sees a board before
    all of it has come. Call again after an interruption, or with a later dump.
    """
    settings = connection.read_settings(data, environ)
    settings.require("address_key")
    collections = Collections.in_folder(folder, needed="posts")
    dump = JschanDump(collections, media.resolve(), secrets_of(map(_text, secrets)))
    with connection.open_database(settings, connections_max=4) as database, _progress() as progress:
        _bring_documents(
            Move(dump, database, settings, media, frozenset(only), _read_next(next_numbers)),
            collections,
            progress,
            dry_run=dry_run,
            as_json=as_json,
        )


@importing.command(
    epilog="Example: ./stillboard import lynxchan dump --media LynxChan/src/be/media"
)
@click.argument("folder", type=_folder)
@click.option(
    "--media",
    type=_folder,
    help="Its folder src/be/media, where files are on its disk.  [default: all are in the dump]",
)
@click.option(
    "--thumb-px",
    type=click.IntRange(16, 2_000),
    default=128,
    show_default=True,
    help="Its setting thumbSize, which a dump does not hold.",
)
@_only
@_next_numbers
@_dry_run
@options.as_json
@options.data
@click.pass_obj
def lynxchan(
    environ: dict[str, str],
    folder: Path,
    media: Path | None,
    thumb_px: int,
    only: tuple[str, ...],
    next_numbers: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    data: Path | None,
) -> None:
    """Boards of LynxChan, from the FOLDER that mongodump wrote, with files in it or on a disk.

    Numbers, texts, passwords and addresses of files stay what they are; files that are in the dump
    are laid out in the data folder first. Nobody sees a board before all of it has come. Call again
    after an interruption, or with a later dump.
    """
    settings = connection.read_settings(data, environ)
    settings.require("address_key")
    collections = Collections.in_folder(folder, needed="threads")
    with (
        connection.open_database(settings, connections_max=4) as database,
        _laid_out(settings) as laid_out,
        _progress() as progress,
    ):
        found = MediaOfSite(collections, media and media.resolve(), laid_out)
        dump = LynxChanDump(collections, found, thumb_px)
        _bring_documents(
            Move(dump, database, settings, laid_out, frozenset(only), _read_next(next_numbers)),
            collections,
            progress,
            dry_run=dry_run,
            as_json=as_json,
        )


@contextmanager
def _laid_out(settings: Settings) -> Iterator[Path]:
    """A folder on the disk of uploads, which link to what is in it; it goes afterwards.

    Of one that was killed another call takes what is left away.
    """
    place = settings.data.resolve() / "imports" / "laid-out"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    try:
        yield place
    finally:
        shutil.rmtree(place)


def _bring_documents(
    move: Move, collections: Collections, progress: Progress, *, dry_run: bool, as_json: bool
) -> None:
    reading = progress.add_task("reading", total=collections.bytes_there)
    collections.on_read = lambda count: progress.advance(reading, count)
    count = move.look()
    collections.on_read = lambda _count: None
    _come(move, count, progress, dry_run=dry_run, as_json=as_json)


def _bring_threads(
    move: Move, source: ThreadFolder, progress: Progress, *, dry_run: bool, as_json: bool
) -> None:
    reading = progress.add_task("threads", total=None)
    source.on_read = lambda count: progress.update(reading, completed=count)
    _come(move, move.look(), progress, dry_run=dry_run, as_json=as_json)


def _come(move: Move, count: int, progress: Progress, *, dry_run: bool, as_json: bool) -> None:
    """What was looked at comes, `count` posts, or is only told; the report either way."""
    bringing = progress.add_task("looking" if dry_run else "posts", total=count)
    move.on_posts = lambda number: progress.advance(bringing, number)
    with _told(move.settings, move.report, is_kept=not dry_run, as_json=as_json):
        if dry_run:
            move.rehearse()
        else:
            with looking_at_pictures(move.settings) as move.take_banner:
                connection.ask_for_drawing(move.settings, move.bring())


@importing.command(epilog="Example: ./stillboard import undo --yes")
@click.confirmation_option(prompt="Remove every post that ever came, and what was replied since?")
@options.data
@click.pass_obj
def undo(environ: dict[str, str], data: Path | None) -> None:
    """Take back all that ever came. Boards stay, empty; accounts of staff are disabled."""
    settings = connection.read_settings(data, environ)
    with connection.open_database(settings) as database, _progress() as progress:
        removing = progress.add_task("posts", total=None)
        boards = moving.undo(database, lambda number: progress.advance(removing, number))
        connection.ask_for_drawing(settings, boards)
    click.echo(f"taken back: {', '.join(f'/{name}/' for name in boards) or 'nothing had come'}")


def _read_next(spelled: tuple[str, ...]) -> dict[str, int]:
    """('b=5000',) -> {'b': 5000}"""
    parted = [each.rpartition("=") for each in spelled]
    if not all(board and no.isascii() and no.isdigit() for board, _, no in parted):
        raise click.UsageError("--next is a board and a number: b=5000")
    return {board: int(no) for board, _, no in parted}


def _settings_of_boards(folder: Path) -> Mapping[str, Mapping[str, Value]]:
    """{board: what its own config.php says}"""
    found = folder.glob(f"*/{_OF_BOARD}")
    return {path.parent.name: php.settings([_text(path)]) for path in found}


def _text(path: Path) -> str:
    return path.read_bytes()[: php.CHARS_MAX].decode(errors="replace")


@contextmanager
def _told(settings: Settings, report: Report, *, is_kept: bool, as_json: bool) -> Iterator[None]:
    """The report, also of what was interrupted."""
    try:
        yield
    finally:
        _tell(report, as_json=as_json)
        if is_kept:
            name = f"{datetime.now(UTC):%Y-%m-%dT%H%M%S}"
            click.echo(f"report: {report.write(settings.data / 'imports', name)}", err=as_json)


def _tell(report: Report, *, as_json: bool) -> None:
    click.echo(json.dumps(report.as_json(), ensure_ascii=False) if as_json else report.as_text())


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(show_speed=True),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        transient=True,
    )
