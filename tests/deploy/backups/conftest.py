"""A board on real servers, backed up into a vault that is empty at first."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdn.s3_object_store import Bucket, S3ObjectStore
from deploy.backups.vault import FlushedFolderStore, Vault
from deploy.embedded.seaweedfs import SeaweedFS
from tests.cdn.buckets import a_seaweedfs
from tests.deploy.backups.live_board import LiveBoard, Stream, a_live_board


@pytest.fixture(scope="module")
def live_board() -> Iterator[LiveBoard]:
    """With PostgreSQL and Valkey of its own: a base backup holds all of a cluster."""
    with (
        tempfile.TemporaryDirectory(prefix="sb-", dir="/tmp") as folder,
        a_live_board(Path(folder)) as board,
    ):
        yield board


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedFS]:
    folder = tmp_path_factory.mktemp("seaweedfs")
    with a_seaweedfs(folder, "backups") as server:
        yield server


@pytest.fixture
def folder_vault(tmp_path: Path) -> Vault:
    place = tmp_path / "vault"
    return Vault(str(place), FlushedFolderStore(place), pause=lambda _s: None)


@pytest.fixture
def bucket_vault(seaweedfs: SeaweedFS) -> Vault:
    """The bucket, emptied."""
    bucket = Bucket(seaweedfs.url, seaweedfs.bucket, seaweedfs.access_key, seaweedfs.secret_key)
    vault = Vault("s3://backups", S3ObjectStore(bucket, read_timeout_s=60), pause=lambda _s: None)
    vault.delete(found.key for found in list(vault.list("")))
    return vault


# A server for it alone: tests/cdn asks the same object store in --fast.
@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.slow)])
def vault(request: pytest.FixtureRequest) -> Vault:
    """An empty vault of either kind."""
    found: Vault = request.getfixturevalue(f"{request.param}_vault")
    return found


@pytest.fixture
def stream(live_board: LiveBoard, folder_vault: Vault, tmp_path: Path) -> Iterator[Stream]:
    """The WAL of the board, on its way into a folder."""
    with live_board.streaming(folder_vault, tmp_path) as stream:
        yield stream
