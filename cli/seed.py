"""`stillboard seed`: a demo of the whole site, or a board full of random posts."""

from __future__ import annotations

import ipaddress
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from rich.progress import Progress

from cli import connection, options
from cli.demo import script
from cli.demo.staging import Stage
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
from imageboard.tripcodes import Salt
from writer.media.darkroom import Darkroom
from writer.turns import FileTurns
from writer.uploading import Receiver, take

#: Posts come in as if every this many seconds, the last of them now.
_SECONDS_APART = 7
#: Posts stored in one transaction: others who post wait for no more than that.
_POSTS_AT_ONCE = 25
_VISIBLE_WAIT_S_MAX = 600.0


@click.command(
    epilog="Examples: ./stillboard seed, ./stillboard seed --board b --threads 100 --images"
)
@click.option("--board", "board_name", metavar="B", help="No demo: fill this board.  [default: b]")
@click.option("--threads", type=click.IntRange(1, 10_000), help="No demo: so many.  [default: 20]")
@click.option(
    "--replies", type=click.IntRange(0, 10_000), help="No demo: so many each.  [default: 20]"
)
@click.option("--images", is_flag=True, help="No demo: pictures, mostly in threads' first posts.")
@click.option("--seed", "seed_no", type=int, help="No demo: other texts.  [default: 1]")
@options.data
@click.pass_obj
def seed(
    environ: dict[str, str],
    board_name: str | None,
    threads: int | None,
    replies: int | None,
    images: bool,
    seed_no: int | None,
    data: Path | None,
) -> None:
    """Fill the site with a demo: boards, conversations, files, flags, banners, rules and news.

    A board that somebody has set up or posted on stays as it is. A second call changes nothing.
    Where ENVIRONMENT=production there is no demo.

    With any of --board, --threads, --replies, --images and --seed it fills that board with random
    posts instead, for tests and measurements: the same for the same --seed.

    The posts go past the flood checks, but through everything else that a poster's do.
    """
    settings = connection.read_settings(data, environ)
    settings.require("address_key")
    with connection.open_database(settings) as database, _receiver(settings) as receiver:
        planting = _Planting(settings, database, receiver)
        if images or any(each is not None for each in (board_name, threads, replies, seed_no)):
            writer = Writer(1 if seed_no is None else seed_no, pictures=images)
            planting.sow(
                board_name or "b", writer, threads or 20, 20 if replies is None else replies
            )
        elif settings.environment == "production":
            raise click.UsageError(
                "the demo is for trying things out, and ENVIRONMENT=production is for real people;"
                " to fill a board for a measurement name it: --board b"
            )
        else:
            planting.show()


@dataclass(frozen=True, slots=True)
class _Planting:
    """Posts are stored, then seen on the pages, and both are timed."""

    settings: Settings
    database: Database
    receiver: Receiver

    def show(self) -> None:
        """The demo."""
        began_s = time.perf_counter()
        stage = Stage(
            self.database,
            self.receiver,
            Cloak(self.settings.address_key),
            Salt(self.settings.secure_trip_salt),
            now=datetime.now(UTC),
        )
        staged = stage.perform(script.boards(), script.site())
        if not staged.boards:
            click.echo("Every board of the demo is there already: nothing is changed.")
            return
        names = ", ".join(f"/{name}/" for name in staged.boards)
        click.echo(
            f"{names}: {staged.posts} posts and {staged.files} files stored"
            f" in {time.perf_counter() - began_s:.1f} s"
        )
        connection.ask_for_drawing(self.settings, staged.boards)
        self._wait_until_visible(staged.boards, began_s)

    def sow(self, name: str, writer: Writer, threads: int, replies: int) -> None:
        """Random posts on one board."""
        began_s = time.perf_counter()
        with self.database.connection() as db:
            board = boards.get(db, name)
        sower = _Sower(
            self.database, board, Cloak(self.settings.address_key), writer, self.receiver
        )
        total = threads * (replies + 1)
        with Progress() as progress:
            task = progress.add_task(f"/{name}/", total=total)
            for stored in sower.sow(threads, replies):
                progress.update(task, completed=stored)
        took_s = time.perf_counter() - began_s
        click.echo(f"{total} posts stored in {took_s:.1f} s ({total / took_s:.0f}/s)")
        with connection.wake_up(self.settings) as call:
            call.ask_for_render(name)
        self._wait_until_visible([name], began_s)

    def _wait_until_visible(self, names: Sequence[str], began_s: float) -> None:
        deadline = time.monotonic() + _VISIBLE_WAIT_S_MAX
        while time.monotonic() < deadline:
            with self.database.connection() as db:
                if not any(lag.board in names for lag in outbox.lag(db)):
                    click.echo(f"on the pages after {time.perf_counter() - began_s:.1f} s")
                    return
            time.sleep(0.1)
        raise click.ClickException(
            "the posts are stored, but no renderer has drawn them: see doctor"
        )


class _Sower:
    """Stores what a Writer writes."""

    def __init__(
        self,
        database: Database,
        board: Board,
        cloak: Cloak,
        writer: Writer,
        receiver: Receiver,
    ) -> None:
        self._database = database
        self._board = board
        self._cloak = cloak
        self._writer = writer
        self._receiver = receiver

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
            trip_salt=Salt(""),
            files=self._files(written),
        )
        return posts.add(db, new_post, limits=False, created_at=moment).no

    def _files(self, written: Lifelike) -> tuple[NewFile, ...]:
        if written.picture is None:
            return ()
        darkroom = self._receiver.darkroom
        path = darkroom.scratch / "picture.jpg"
        path.write_bytes(written.picture)
        image = darkroom.develop(path, settings=self._board.settings)
        return (take(self._receiver.uploads, "picture.jpg", image),)


@contextmanager
def _receiver(settings: Settings) -> Iterator[Receiver]:
    # Beside the upload store: files are moved there, which only works within a file system.
    with tempfile.TemporaryDirectory(dir=settings.data, prefix="seed-") as folder:
        darkroom = Darkroom(
            MediaLimits(), Path(folder), must_be_confined=settings.darkroom_must_be_confined
        )
        try:
            yield Receiver(
                darkroom, UploadStore(settings.data / "uploads"), FileTurns(settings.data / "turns")
            )
        finally:
            darkroom.close()


def _address(number: int) -> Address:
    """One of 254 addresses of a range that documentation uses (RFC 5737)."""
    return ipaddress.ip_address(f"192.0.2.{1 + number % 254}")
