"""A second stage for tests: nobody waits for it, and its bucket and edge do as they are told."""

from __future__ import annotations

import time

from cdn.folder_object_store import FolderObjectStore
from cdn.object_store import ObjectStore
from cdn.purger import Pace
from imageboard.markers import Removed
from imageboard.store.database import Database
from renderer.publisher.cloud_stage import CloudStage
from renderer.web_root import WebRoot
from tests.edge_twin.purgers import RecordingPurger

BASE = "https://board.example"


class Clock:
    """Time that passes only when someone sleeps."""

    def __init__(self, *, real_s_max: float = 0.05) -> None:
        self.now_s = 0.0
        self._real_s_max = real_s_max

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds
        # The ledger's waits are PostgreSQL's own time.
        time.sleep(min(seconds, self._real_s_max))


class Probe:
    """A reader at the edge who sees what the test says."""

    def __init__(self) -> None:
        self.shown: set[str] = set()
        self.asked: list[str] = []

    def shows(self, path: str, removed: Removed) -> bool:
        self.asked.append(path)
        return path in self.shown


class Failing:
    """A bucket whose next puts fail as the test says."""

    def __init__(self, bucket: FolderObjectStore, failures: list[Exception]) -> None:
        self._bucket = bucket
        self.failures = failures
        self.puts: list[str] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._bucket, name)

    def put(self, key: str, *args: object, **fields: object) -> str:
        self.puts.append(key)
        if self.failures:
            raise self.failures.pop(0)
        return self._bucket.put(key, *args, **fields)  # type: ignore[arg-type]


def a_stage(
    database: Database,
    web_root: WebRoot,
    objects: ObjectStore,
    purger: RecordingPurger | None,
    probe: Probe | None,
) -> CloudStage:
    clock = Clock()
    return CloudStage(
        database=database,
        web_root=web_root,
        objects=objects,
        purger=purger,
        probe=probe,
        base_url=BASE,
        pace=Pace(clock=clock),
        pace_s=0.0,
        purge_again_s=0.0,
        sleep=clock.sleep,
        clock=clock,
    )


def in_bucket(bucket: FolderObjectStore) -> dict[str, bytes | None]:
    return {stored.key: bucket.get(stored.key) for stored in bucket.list()}


def in_web_root(web_root: WebRoot) -> dict[str, bytes | None]:
    return {path: web_root.read(path) for path in web_root.paths()}
