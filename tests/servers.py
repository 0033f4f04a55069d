"""Servers that a test, a fixture or a bench has to itself: started, waited for, stopped."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from deploy.embedded.postgres import Postgres
from deploy.embedded.service import Service
from tests.deploy.stand_ins import WAIT_S

Server = TypeVar("Server", bound=Service)


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """For as long as the block lasts; it answers when the block begins, however long that takes."""
    server.ready_wait_s = WAIT_S
    server.start()
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.stop()


@contextmanager
def nobody_listens() -> Iterator[int]:
    """A TCP port of 127.0.0.1 that refuses every connection, as long as the block lasts.

    It is kept: one that is only free may be another test's the next moment.
    """
    with socket.socket() as keeper:
        keeper.bind(("127.0.0.1", 0))
        port: int = keeper.getsockname()[1]
        yield port


@contextmanager
def a_postgres() -> Iterator[tuple[Postgres, Path]]:
    """A durable PostgreSQL without tables, and a folder that goes with it; for benches."""
    # A path that is short enough for sockets.
    with tempfile.TemporaryDirectory(prefix="sb-", dir="/tmp") as name:
        folder = Path(name)
        server = Postgres(
            folder, socket_dir=folder, password="a", superuser_password="b", log=folder / "log"
        )
        with running(server):
            yield server, folder
