"""The embedded S3 keeps what it was given, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdn.cache_policy import headers_of
from cdn.s3_object_store import Bucket, S3ObjectStore
from deploy.embedded.seaweedfs import SeaweedFS

KEY = "b/res/1.html"


@pytest.mark.slow
def test_objects_outlive_a_kill_and_a_restart(tmp_path: Path) -> None:
    server = SeaweedFS(
        tmp_path, bucket="board", access_key="publisher", secret_key="x" * 20, log=tmp_path / "log"
    )
    bucket = Bucket(server.url, "board", "publisher", "x" * 20)
    try:
        server.start()
        server.wait_until_ready()
        S3ObjectStore(bucket).put(KEY, b"page", headers=headers_of(KEY), version=7, replaces=None)
        assert sockets_of(server) != []
        server.kill()
        assert sockets_of(server) == []

        server.start()
        server.wait_until_ready()
        found = S3ObjectStore(bucket).head(KEY)
        assert found is not None
        assert found.version == 7
    finally:
        server.stop()
    assert sockets_of(server) == []


def sockets_of(server: SeaweedFS) -> list[Path]:
    return list(Path("/tmp").glob(f"seaweedfs-*-{server.port}.sock"))
