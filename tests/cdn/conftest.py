"""Both object stores, empty, for one suite: a folder, and a bucket of a real SeaweedFS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from cdn.folder_object_store import FolderObjectStore
from cdn.object_store import ObjectStore
from cdn.s3_object_store import Bucket, S3ObjectStore
from deploy.embedded.seaweedfs import SeaweedFS
from tests.cdn.buckets import a_seaweedfs

#: Small, so that a listing of a few objects has several pages.
LISTING_PAGE_SIZE = 3


@pytest.fixture(scope="session")
def _boto3_session() -> boto3.session.Session:
    return boto3.session.Session()


@pytest.fixture(autouse=True)
def _one_session_for_all_clients(
    _boto3_session: boto3.session.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PERF: a session reads boto3's model of S3, 0.1 s of CPU; a client alone takes 6 ms."""
    monkeypatch.setattr(boto3.session, "Session", lambda: _boto3_session)


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedFS]:
    """One server for the whole session; it takes less than a second to start."""
    folder = tmp_path_factory.mktemp("seaweedfs")
    with a_seaweedfs(folder) as server:
        yield server


@pytest.fixture(scope="session")
def bucket(seaweedfs: SeaweedFS) -> Bucket:
    """SeaweedFS's one bucket, and the key to it."""
    return Bucket(seaweedfs.url, seaweedfs.bucket, seaweedfs.access_key, seaweedfs.secret_key)


@pytest.fixture(scope="session")
def _s3_client(bucket: Bucket) -> S3ObjectStore:
    # SeaweedFS lets those who race for one key wait for seconds (its lock is polled).
    return S3ObjectStore(
        bucket, read_timeout_s=60, connections_max=32, listing_page_size=LISTING_PAGE_SIZE
    )


@pytest.fixture
def s3(_s3_client: S3ObjectStore) -> S3ObjectStore:
    """An empty bucket."""
    keys = [found.key for found in _s3_client.list()]
    for start in range(0, len(keys), 1000):
        _s3_client.delete(keys[start : start + 1000])
    return _s3_client


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """An empty object store of either kind."""
    if request.param == "folder":
        return FolderObjectStore(tmp_path / "store")
    found: S3ObjectStore = request.getfixturevalue("s3")
    return found
