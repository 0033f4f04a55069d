"""`stillboard seed`: fill a board with lifelike posts."""

from __future__ import annotations

import ipaddress
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from rich.progress import Progress

from cli import connection, options
from cli.lifelike import Lifelike, Writer
from imageboard import post_rules
from imageboard.boards import Board
from imageboard.cloaks import Address, Cloak
from imageboard.media import MediaLimits
from imageboard.post_rules import Draft, NewFile
from imageboard.settings import Settings
from imageboard.store import boards, outbox, posts
from imageboard.store.database import Connection, Database
from imageboard.store.uploads import UploadStore
from writer.media.darkroom import Darkroom
from writer.uploading import take

#: Posts come in as if every this many seconds, the last of them now.
_SECONDS_APART = 7
#: Posts stored in one transaction: others who post wait for no more than that.
_POSTS_AT_ONCE = 25
_VISIBLE_WAIT_S_MAX = 600.0


@click.command(epilog="Example: ./stillboard seed --board b --threads 100 --replies 50 --images")
@click.option("--board", "board_name", default="b", show_default=True, metavar="B")
@click.option("--threads", default=20, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--replies", default=20, show_default=True, type=click.IntRange(0, 10_000))
@click.option("--images", is_flag=True, help="With pictures, mostly in threads' first posts.")
@click.option("--seed", "seed_no", default=1, show_default=True, help="Another one, other texts.")
@options.data
@click.pass_obj
def seed(
    environ: dict[str, str],
    board_name: str,
    threads: int,
    replies: int,
    images: bool,
    seed_no: int,
    data: Path | None,
) -> None:
    """Fill a board with lifelike posts, the same for the same --seed, and see them rendered.

    The posts go past the flood checks, but through everything else that a poster's do.
    """
    settings = connection.read_settings(data, environ)
    settings.require("address_key")
    began_s = time.perf_counter()
    with (
        connection.open_database(settings) as database,
        _sower(settings, database, board_name, Writer(seed_no, pictures=images)) as sower,
    ):
        total = threads * (replies + 1)
        with Progress() as progress:
            task = progress.add_task(f"/{board_name}/", total=total)
            for stored in sower.sow(threads, replies):
                progress.update(task, completed=stored)
        took_s = time.perf_counter() - began_s
        click.echo(f"{total} posts stored in {took_s:.1f} s ({total / took_s:.0f}/s)")
        connection.wake_up(settings).ask_for_render(board_name)
        _wait_until_visible(database, board_name)
    click.echo(f"on the pages after {time.perf_counter() - began_s:.1f} s")


class _Sower:
    """Stores what a Writer writes."""

    def __init__(
        self,
        database: Database,
        board: Board,
        cloak: Cloak,
        writer: Writer,
        darkroom: Darkroom,
        uploads: UploadStore,
        scratch: Path,
    ) -> None:
        self._database = database
        self._board = board
        self._cloak = cloak
        self._writer = writer
        self._darkroom = darkroom
        self._uploads = uploads
        self._scratch = scratch

    def sow(self, threads: int, replies: int) -> Iterator[int]:
        """Yields the number of posts stored so far."""
        moment = datetime.now(UTC) - timedelta(seconds=_SECONDS_APART * threads * (replies + 1))
        stored = 0
        for _ in range(threads):
            nos: list[int] = []
            while len(nos) <= replies:
                batch = min(_POSTS_AT_ONCE, replies + 1 - len(nos))
                with self._database.transaction() as db:
                    for _ in range(batch):
                        nos.append(self._store(db, nos, moment))
                        moment += timedelta(seconds=_SECONDS_APART)
                stored += batch
                yield stored

    def _store(self, db: Connection, nos: list[int], moment: datetime) -> int:
        written = self._writer.reply(nos) if nos else self._writer.thread()
        draft = Draft(
            board=self._board.name,
            thread=nos[0] if nos else None,
            name=written.name,
            email=written.email,
            subject=written.subject,
            body=written.body,
        )
        new_post = post_rules.accept(
            draft,
            self._board,
            address=_address(len(nos)),
            cloak=self._cloak,
            secure_trip_salt="",
            files=self._files(written),
        )
        return posts.add(db, new_post, limits=False, created_at=moment).no

    def _files(self, written: Lifelike) -> tuple[NewFile, ...]:
        if written.picture is None:
            return ()
        path = self._scratch / "picture.jpg"
        path.write_bytes(written.picture)
        image = self._darkroom.develop(path, settings=self._board.settings)
        return (take(self._uploads, "picture.jpg", image),)


@contextmanager
def _sower(
    settings: Settings, database: Database, board_name: str, writer: Writer
) -> Iterator[_Sower]:
    with database.connection() as db:
        board = boards.get(db, board_name)
    # Beside the upload store: pictures are moved there, which only works within a file system.
    with tempfile.TemporaryDirectory(dir=settings.data, prefix="seed-") as folder:
        darkroom = Darkroom(MediaLimits(), Path(folder))
        try:
            yield _Sower(
                database,
                board,
                Cloak(settings.address_key),
                writer,
                darkroom,
                UploadStore(settings.data / "uploads"),
                Path(folder),
            )
        finally:
            darkroom.close()


def _address(number: int) -> Address:
    """One of 254 addresses of a range that documentation uses (RFC 5737)."""
    return ipaddress.ip_address(f"192.0.2.{1 + number % 254}")


def _wait_until_visible(database: Database, board_name: str) -> None:
    deadline = time.monotonic() + _VISIBLE_WAIT_S_MAX
    while time.monotonic() < deadline:
        with database.connection() as db:
            if not any(lag.board == board_name for lag in outbox.lag(db)):
                return
        time.sleep(0.1)
    raise click.ClickException("the posts are stored, but no renderer has drawn them: see doctor")
