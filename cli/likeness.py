"""`stillboard likeness`: what old pictures look like, by which they are found and banned."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from cli import connection, options
from imageboard.errors import DarkroomUnavailable, PostRefused
from imageboard.media import MediaLimits
from imageboard.settings import BoardSettings, Settings
from imageboard.store import likenesses
from imageboard.store.database import Database
from imageboard.store.likenesses import Unreckoned
from imageboard.store.uploads import UploadStore

if TYPE_CHECKING:
    from writer.media.darkroom import Darkroom

#: In one transaction.
_FILES_AT_ONCE = 100


@click.command(epilog="Example: ./stillboard likeness")
@options.data
@click.pass_obj
def likeness(environ: dict[str, str], data: Path | None) -> None:
    """Look at pictures of which nobody knows yet what they look like.

    New ones are looked at when they are posted. Those that came before the board did that, or with
    a board from elsewhere, are found by their look (/mod/search) and banned by it afterwards.
    Thumbnails are read, in the same confined process as uploads. It may be ended at any time, and
    goes on with what is left.
    """
    where = connection.read_settings(data, environ)
    with connection.open_database(where) as database:
        reckoned, unreadable = _reckon_all(where, database)
    click.echo(f"{reckoned} pictures were looked at; {unreadable} can't be read.")


def _reckon_all(where: Settings, database: Database) -> tuple[int, int]:
    """How many were looked at, and how many can't be."""
    # Imported here: `--help` needs no darkroom.
    from writer.media.darkroom import Darkroom

    scratch = where.data / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    uploads = UploadStore(where.data / "uploads")
    darkroom = Darkroom(MediaLimits(), scratch, must_be_confined=where.darkroom_must_be_confined)
    reckoned, unreadable, after = 0, 0, None
    try:
        with Console(stderr=True).status("looking …") as status:
            while files := _next(database, after):
                seen = {file: _look(darkroom, uploads, file) for file in files}
                with database.transaction() as db:
                    for file, look in seen.items():
                        if look is not None:
                            likenesses.note(db, file, look)
                reckoned += sum(look is not None for look in seen.values())
                unreadable += sum(look is None for look in seen.values())
                after = files[-1]
                status.update(f"looking … {reckoned:,}")
    finally:
        darkroom.close()
    return reckoned, unreadable


def _next(database: Database, after: Unreckoned | None) -> list[Unreckoned]:
    with database.connection() as db:
        return likenesses.unreckoned(db, after=after, limit=_FILES_AT_ONCE)


def _look(darkroom: Darkroom, uploads: UploadStore, file: Unreckoned) -> int | None:
    """None: it is not there, or nobody can read it. Raises DarkroomUnavailable."""
    try:
        developed = darkroom.develop(uploads.thumbnail(file.stored_as), settings=BoardSettings())
    except DarkroomUnavailable:
        raise
    except (PostRefused, FileNotFoundError):
        return None
    developed.discard()
    return developed.likeness
