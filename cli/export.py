"""`stillboard export`: take a board away, whole or as a folder of pages."""

from __future__ import annotations

import gzip
import json
import os
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import click

from cli import connection, options
from imageboard.store.database import snapshot
from imageboard.store.uploads import UploadStore
from importing import public_site, to_vichan, whole_board


@click.group(epilog="Examples: ./stillboard export everything board.tar.gz")
def export() -> None:
    """Take a board away: nobody has to stay.

    docs/export-format.md says what is in it.
    """


@export.command(epilog="Example: ./stillboard export everything - | zstd > board.tar.zst")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@options.data
@options.as_json
@click.pass_obj
def everything(environ: dict[str, str], file: Path, data: Path | None, as_json: bool) -> None:
    """Write posts, files, bans, settings, staff and log to FILE, as `import stillboard` reads them.

    As they are at one moment, while posting goes on. FILE ends in .tar or .tar.gz, or is - for
    standard output. It has hashes of passwords and of addresses: keep it as you keep backups. What
    is sealed or hashed with STILLBOARD_ADDRESS_KEY is of use with the same key alone.
    """
    began_s = time.monotonic()
    settings = connection.read_settings(data, environ)
    uploads = UploadStore(settings.data / "uploads")
    with connection.open_database(settings) as database, _opened(file) as out:
        carried = whole_board.write(database, uploads, out)
    told = {
        "rows": carried.rows,
        "uploads": carried.uploads,
        "gone": carried.gone,
        "bytes": carried.bytes,
        "seconds": round(time.monotonic() - began_s, 2),
    }
    if as_json:
        click.echo(json.dumps(told, indent=1), err=str(file) == "-")
        return
    for name in carried.gone:
        click.echo(f"gone meanwhile: the upload {name}", err=True)
    click.echo(
        f"{carried.rows['posts']:,} posts on {carried.rows['boards']:,} boards, "
        f"{carried.uploads:,} files, {carried.bytes / 1e6:,.1f} MB in {told['seconds']} s",
        err=True,
    )


@export.command(epilog="Example: ./stillboard export site copy.tar.gz")
@click.argument("place", type=click.Path(path_type=Path))
@options.data
@click.pass_obj
def site(environ: dict[str, str], place: Path, data: Path | None) -> None:
    """Write what readers see to PLACE, to be opened from a disk: no server, no network.

    PLACE is a folder that is not there yet, or ends in .tar or .tar.gz. Pages, JSON, feeds, files
    and thumbnails; no form, no script. Where STILLBOARD_SITE_URL is set, what only the board can
    answer leads there.
    """
    settings = connection.read_settings(data, environ)
    if place.name.endswith((".tar", ".tar.gz")):
        top = place.name.partition(".tar")[0]
        with _opened(place) as out, tarfile.open(fileobj=out, mode="w|") as tar:
            sink = public_site.into_tar(tar, top)
            count = public_site.write(settings.web_root, settings.site_url, sink)
    else:
        try:
            place.mkdir(parents=True)
        except FileExistsError:
            raise click.UsageError(f"{place} is there already") from None
        sink = public_site.into_folder(place)
        count = public_site.write(settings.web_root, settings.site_url, sink)
    click.echo(f"{count:,} files: open {place}/index.html", err=True)


@export.command(epilog="Example: ./stillboard export vichan --board b moved/")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--board", "board_name", metavar="B", required=True)
@options.data
@click.pass_obj
def vichan(environ: dict[str, str], folder: Path, board_name: str, data: Path | None) -> None:
    """Write a board to FOLDER as vichan 5.2 has it: B.sql, B/src/ and B/thumb/.

    Read the dump into vichan's database, put the folders into its own, and press "Rebuild". Left
    behind are passwords and bans, which are hashes here, and the archive.
    """
    settings = connection.read_settings(data, environ)
    uploads = UploadStore(settings.data / "uploads")
    folder.mkdir(parents=True, exist_ok=True)
    with connection.open_database(settings) as database, database.connection() as db, snapshot(db):
        with _opened(folder / f"{board_name}.sql") as out:
            for part in to_vichan.dump(db, board_name):
                out.write(part.encode())
        count = to_vichan.files(db, board_name, uploads, public_site.into_folder(folder))
    click.echo(f"{folder / board_name}.sql, and {count:,} files", err=True)


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    """Where an export goes; a file comes to be there when it is whole."""
    if str(file) == "-":
        yield sys.stdout.buffer
        return
    coming = file.with_name(f"{file.name}.coming")
    try:
        # SECURITY: whoever may not read the board's database may not read this.
        coming.touch(mode=0o600)
        with coming.open("wb") as out:
            if file.suffix == ".gz":
                with gzip.open(out, "wb", compresslevel=6) as packed:
                    yield cast(BinaryIO, packed)
            else:
                yield out
            out.flush()
            os.fsync(out.fileno())
        coming.replace(file)
    finally:
        coming.unlink(missing_ok=True)
