"""A bucket of one's own on a real SeaweedFS, for as long as a block or a fixture lasts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.embedded.seaweedfs import SeaweedFS
from tests.servers import running


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
    with running(server):
        yield server
