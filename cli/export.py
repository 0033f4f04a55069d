"""`stillboard export`: take a board away, whole, as pages, or as vichan has it."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

import click

from cli import connection, options
from imageboard import public_site
from imageboard.settings import Settings
from imageboard.store import boards
from imageboard.store.database import snapshot
from imageboard.store.uploads import UploadStore
from importing import to_vichan, whole_board


@click.command(
    epilog="Examples: ./stillboard export board.tar.gz;"
    " ./stillboard export - | zstd > board.tar.zst;"
    " ./stillboard export --site copy.tar.gz;"
    " ./stillboard export --board b moved/;"
    " ./stillboard export --board b --thread 123 thread/"
)
@click.argument("target", type=click.Path(allow_dash=True, path_type=Path))
@click.option("--site", "is_site", is_flag=True, help="What readers see, to open from a disk.")
@click.option("--board", metavar="B", help="This board, as vichan 5.2 has it.")
@click.option("--thread", type=int, metavar="N", help="Of --board: this one, to open from a disk.")
@options.data
@options.as_json
@click.pass_obj
def export(
    environ: dict[str, str],
    target: Path,
    is_site: bool,
    board: str | None,
    thread: int | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Take a board away: nobody has to stay. docs/export-format.md says what is in it.

    Posts, files, bans, settings, staff and log go to TARGET as `import stillboard` reads them, as
    they are at one moment, while posting goes on. TARGET ends in .tar or .tar.gz, or is - for
    standard output. It has hashes of passwords and of addresses: keep it as you keep backups. What
    is sealed or hashed with STILLBOARD_ADDRESS_KEY is of use with the same key alone.

    With --site or --thread TARGET is a folder that is not there yet, or ends in .tar or .tar.gz:
    pages, JSON, files and thumbnails, no form, no script. Where STILLBOARD_SITE_URL is set, what
    only the board can answer leads there.

    With --board alone TARGET is a folder: B.sql, B/src/ and B/thumb/. Read the dump into vichan's
    database, put the folders into its own, and press "Rebuild". Left behind are passwords and bans,
    which are hashes here, and the archive.
    """
    if is_site and board is not None:
        raise click.UsageError("--site is the whole site: take --site or --board")
    if thread is not None and board is None:
        raise click.UsageError("--thread is one of a board: say --board B too")
    settings = connection.read_settings(data, environ)
    began_s = time.monotonic()
    if is_site:
        told = _pages(target, partial(public_site.write, settings.web_root, settings.site_url))
    elif board is not None and thread is not None:
        told = _thread(settings, target, board, thread)
    elif board is not None:
        told = _board(settings, target, board)
    else:
        told = _everything(settings, target)
    told["seconds"] = round(time.monotonic() - began_s, 2)
    # What goes to standard output is the export itself.
    if as_json:
        click.echo(json.dumps(told, indent=1), err=str(target) == "-")
    else:
        click.echo(_in_words(told), err=True)


def _everything(settings: Settings, target: Path) -> dict[str, Any]:
    uploads = UploadStore(settings.data / "uploads")
    with connection.open_database(settings) as database, _opened(target) as out:
        carried = whole_board.write(database, uploads, out)
    return {
        "rows": carried.rows,
        "uploads": carried.uploads,
        "gone": carried.gone,
        "bytes": carried.bytes,
    }


def _thread(settings: Settings, target: Path, board: str, no: int) -> dict[str, Any]:
    try:
        return _pages(
            target,
            partial(public_site.write_thread, settings.web_root, settings.site_url, board, no),
        )
    except FileNotFoundError:
        raise click.UsageError(f"/{board}/ has no thread {no}") from None


def _pages(target: Path, write: Callable[[public_site.Sink], int]) -> dict[str, Any]:
    """Into a folder, or a tar with one."""
    if target.name.endswith((".tar", ".tar.gz")):
        top = target.name.partition(".tar")[0]
        with _opened(target) as out, tarfile.open(fileobj=out, mode="w|") as tar:
            return {"files": write(public_site.into_tar(tar, top)), "target": str(target)}
    if target.exists():
        raise click.UsageError(f"{target} is there already")
    coming = _beside(target)
    shutil.rmtree(coming, ignore_errors=True)
    try:
        count = write(public_site.into_folder(coming))
        coming.rename(target)
    finally:
        shutil.rmtree(coming, ignore_errors=True)
    return {"files": count, "target": str(target)}


def _board(settings: Settings, target: Path, name: str) -> dict[str, Any]:
    uploads = UploadStore(settings.data / "uploads")
    dump = target / f"{name}.sql"
    with connection.open_database(settings) as database, database.connection() as db, snapshot(db):
        boards.get(db, name)
        target.mkdir(parents=True, exist_ok=True)
        with _opened(dump) as out:
            for part in to_vichan.dump(db, name):
                out.write(part.encode())
        count = to_vichan.files(db, name, uploads, public_site.into_folder(target))
    return {"files": count, "target": str(dump)}


def _in_words(told: dict[str, Any]) -> str:
    if "rows" not in told:
        return f"{told['target']}: {told['files']:,} files in {told['seconds']} s"
    gone = [f"gone meanwhile: the upload {name}" for name in told["gone"]]
    counts = (
        f"{told['rows']['posts']:,} posts on {told['rows']['boards']:,} boards, "
        f"{told['uploads']:,} files, {told['bytes'] / 1e6:,.1f} MB in {told['seconds']} s"
    )
    return "\n".join([*gone, counts])


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    """Where an export goes; a file comes to be there when it is whole."""
    if str(file) == "-":
        yield sys.stdout.buffer
        return
    coming = _beside(file)
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


def _beside(target: Path) -> Path:
    """Where it stands until it is whole."""
    return target.with_name(f"{target.name}.coming")
