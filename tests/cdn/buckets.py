"""A bucket of one's own on a real SeaweedFS, for as long as a block or a fixture lasts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.embedded.seaweedfs import SeaweedFS


@contextmanager
def a_seaweedfs(folder: Path, bucket: str = "board") -> Iterator[SeaweedFS]:
    """A server with one bucket; it takes less than a second to start."""
    server = SeaweedFS(
        folder,
        bucket=bucket,
        access_key="publisher",
        secret_key="a secret of the tests",
        log=folder / "seaweedfs.log",
    )
    server.start()
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.stop()
