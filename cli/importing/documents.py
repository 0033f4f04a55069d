"""`import jschan` and `import lynxchan`: what mongodump wrote, and files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from cli.importing.coming import FILE, FOLDER, Coming, brings_boards, text_of
from cli.importing.group import importing
from imageboard.settings import Settings
from importing.bson_dump import Collections
from importing.jschan.dump import JschanDump
from importing.jschan.secrets import secrets_of
from importing.lynxchan.dump import LynxChanDump
from importing.lynxchan.media import MediaOfSite
from importing.moving import Move


@importing.command(
    epilog="Example: ./stillboard import jschan dump --media jschan/static/file"
    " --secrets jschan/configs/secrets.js"
)
@click.argument("folder", type=FOLDER)
@click.option("--media", type=FOLDER, required=True, help="Its folder static/file.")
@click.option(
    "--secrets",
    "secrets",
    type=FILE,
    multiple=True,
    help="Its configs/secrets.js, or the environment of its container: read, never executed.",
)
@brings_boards
def jschan(
    coming: Coming,
    folder: Path,
    media: Path,
    secrets: tuple[Path, ...],
) -> None:
    """Boards of jschan, from the FOLDER that mongodump wrote and the folder of their files.

    Numbers, texts, passwords and addresses of files stay what they are. Nobody sees a board before
    all of it has come. Call again after an interruption, or with a later dump.
    """
    collections = Collections.in_folder(folder, needed="posts")
    dump = JschanDump(collections, media.resolve(), secrets_of(map(text_of, secrets)))
    _bring(coming, coming.move(dump, media), collections)


@importing.command(
    epilog="Example: ./stillboard import lynxchan dump --media LynxChan/src/be/media"
)
@click.argument("folder", type=FOLDER)
@click.option(
    "--media",
    type=FOLDER,
    help="Its folder src/be/media, where files are on its disk.  [default: all are in the dump]",
)
@click.option(
    "--thumb-px",
    type=click.IntRange(16, 2_000),
    default=128,
    show_default=True,
    help="Its setting thumbSize, which a dump does not hold.",
)
@brings_boards
def lynxchan(
    coming: Coming,
    folder: Path,
    media: Path | None,
    thumb_px: int,
) -> None:
    """Boards of LynxChan, from the FOLDER that mongodump wrote, with files in it or on a disk.

    Numbers, texts, passwords and addresses of files stay what they are; files that are in the dump
    are laid out in the data folder first. Nobody sees a board before all of it has come. Call again
    after an interruption, or with a later dump.
    """
    collections = Collections.in_folder(folder, needed="threads")
    with _laid_out(coming.settings) as laid_out:
        found = MediaOfSite(collections, media and media.resolve(), laid_out)
        dump = LynxChanDump(collections, found, thumb_px)
        _bring(coming, coming.move(dump, laid_out), collections)


def _bring(coming: Coming, move: Move, collections: Collections) -> None:
    bar = coming.progress.add_task("reading", total=collections.bytes_there)
    collections.on_read = lambda count: coming.progress.advance(bar, count)
    count = move.look()
    collections.on_read = lambda _count: None
    coming.bring(move, count)


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
