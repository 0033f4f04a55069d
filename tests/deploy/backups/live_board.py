"""A board on PostgreSQL and Valkey of its own, whose pages are rendered when a test says so."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy import environment
from deploy.backups import sealing
from deploy.backups.sealing import Unseal
from deploy.backups.source import Source, opened
from deploy.backups.taking import Run, Taken, Wish, media_copy
from deploy.backups.vault import Vault
from deploy.backups.wal_stream import ReceiveWal, Shipper, held_back
from deploy.data_folder import DataFolder
from deploy.embedded.postgres import Postgres
from deploy.embedded.valkey import Valkey
from imageboard.boards import Board
from imageboard.post_rules import NewFile
from imageboard.settings import Settings
from imageboard.store import migrations, posts
from imageboard.store.database import Database
from imageboard.store.servers import wal
from imageboard.store.uploads import UploadStore
from renderer.render_loop import RenderLoop, build_loop
from tests.builders import a_board, a_file, a_new_post
from tests.deploy.stand_ins import WAIT_S, eventually


@dataclass
class LiveBoard:
    """A board, the source that backups see of it, and the key that reads them."""

    source: Source
    board: Board
    database: Database
    loop: RenderLoop
    unseal: Unseal

    def post(self, body: str, *, thread: int | None = None, picture: bytes | None = None) -> int:
        """Its number. Without a thread it begins one."""
        files = () if picture is None else (self._upload(picture),)
        new_post = a_new_post(self.board, body=body, thread=thread, files=files)
        with self.database.transaction() as db:
            return posts.add(db, new_post, limits=False).no

    def now(self) -> float:
        """The server's clock, in Unix seconds."""
        with self.database.connection() as db:
            row = db.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
        assert row is not None
        return float(row[0])

    def pages(self) -> dict[str, bytes]:
        """What readers see, by its path, once everything is rendered."""
        self.loop.render(self.board.name)
        self.loop.site_pages.render()
        return pages_of(self.source.settings.web_root)

    def back_up(self, vault: Vault, wish: Wish = "full") -> Taken:
        return Run(self.source, vault, self.source.backups).take(wish)

    @contextmanager
    def streaming(self, vault: Vault, folder: Path) -> Iterator[Stream]:
        """Nothing is left on the server afterwards."""
        source = self.source
        log = folder / "receiver.log"
        receiver = ReceiveWal(source.replication_url, folder / "wal", slot="test", log=log)
        media = media_copy(source, vault, source.backups)
        with opened(source.replication_url) as database, held_back(database, receiver.slot):
            with database.connection() as db:
                system = wal.cluster(db).system
            shipper = Shipper(
                database, receiver.slot, system, receiver.folder, vault, source.seal, media
            )
            receiver.start()
            try:
                receiver.wait_until_ready()
                yield Stream(self, receiver, shipper)
            finally:
                receiver.stop()

    def _upload(self, picture: bytes) -> NewFile:
        original, thumbnail = (self.source.folder.path / name for name in ("up", "up.thumb"))
        original.write_bytes(picture)
        thumbnail.write_bytes(picture[:8])
        name = UploadStore(self.source.uploads).take(original, thumbnail)
        sha256 = hashlib.sha256(picture).digest()
        return a_file(stored_as=name, bytes=len(picture), sha256=sha256)


@dataclass
class Stream:
    """The WAL on its way into a vault."""

    board: LiveBoard
    receiver: ReceiveWal
    shipper: Shipper

    def ship(self) -> None:
        """Until everything that was committed by now is there."""
        began_s = time.time()
        deadline = time.monotonic() + WAIT_S
        self.shipper.hurry()
        while self.shipper.reached_s < began_s:
            assert time.monotonic() < deadline, "the WAL does not come"
            self.shipper.tick()
            time.sleep(0.02)

    def kill_receiver(self) -> None:
        """The server has noticed: until then it gives its place to no other."""
        self.receiver.kill()
        wait_until_left(self.board.source.replication_url, self.receiver.slot)

    def switch_segment(self) -> None:
        """The present segment is whole then, and in the vault."""
        self.begin_segment()
        self.ship()

    def begin_segment(self) -> None:
        """Have the server go on with the next one."""
        url = self.board.source.replication_url
        with opened(url) as database, database.connection() as db:
            wal.mark(db, "something, or the server would not switch")
            db.execute("SELECT pg_switch_wal()")


def wait_until_left(url: str, name: str) -> None:
    """The server has noticed that the receiver of the slot has ended, a moment after it did."""
    with opened(url) as database, database.connection() as db:

        def has_left() -> bool:
            slot = wal.slot(db, name)
            return slot is not None and not slot.is_active

        assert eventually(has_left)


def pages_of(web_root: Path) -> dict[str, bytes]:
    """{path: bytes} of every file below a web root, siblings too, without dotfiles."""
    return {
        str(path.relative_to(web_root)): path.read_bytes()
        for path in web_root.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.parts[-4:])
    }


@contextmanager
def a_live_board(folder: Path, *, durable: bool = False) -> Iterator[LiveBoard]:
    """In a folder whose path is short enough for sockets."""
    data = DataFolder(folder / "data")
    data.path.mkdir()
    data.logs.mkdir()
    keys = data.keys()
    postgres = Postgres(
        data.path,
        socket_dir=data.socket_dir(),
        password=keys["POSTGRES_PASSWORD"],
        superuser_password=keys["POSTGRES_SUPERUSER_PASSWORD"],
        durable=durable,
        log=data.log("postgres"),
    )
    valkey = Valkey(data.path, socket_dir=data.socket_dir(), password=keys["VALKEY_PASSWORD"])
    identity, recipient = sealing.new_identity()
    environ = environment.of_parts(data, {}, keys=keys, limits=False) | {
        "DATABASE_URL": postgres.url,
        "REDIS_URL": valkey.url,
        "STILLBOARD_BACKUP_DATABASE_URL": postgres.superuser_url,
        "STILLBOARD_BACKUP_RECIPIENTS": recipient,
    }
    settings = Settings.read(environ)
    try:
        for server in (postgres, valkey):
            server.start()
        for server in (postgres, valkey):
            server.wait_until_ready()
        database = Database(postgres.url, connections_max=4, name="test")
        database.open()
        migrations.apply(database)
        loop = build_loop(settings, database)
        board = a_board(database)
        yield LiveBoard(Source(data, settings), board, database, loop, Unseal([identity]))
        database.close()
    finally:
        for server in (valkey, postgres):
            server.stop()


def a_picture() -> bytes:
    """Bytes that no other upload has."""
    return secrets.token_bytes(2000)
