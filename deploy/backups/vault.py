"""The vault: where backups are kept. An object store, and the patience that it asks for.

    sets/<id>/<artefact>.<part>      sealed, in parts; sets/<id>/set.json goes last
    wal/<system>/<segment>.gz.age    sealed; also <segment>.partial and <timeline>.history
    wal/<system>/reached.json        up to which moment the WAL is there
    media/<ab>/<upload>.age          sealed, each once

A bucket of its own with a key of its own: who can write the public files must not be able to
delete the backups.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from cdn.cache_policy import ObjectHeaders
from cdn.folder_object_store import FolderObjectStore
from cdn.object_store import (
    DELETE_KEYS_MAX,
    ObjectStore,
    StoredObject,
    StoreUnreachable,
    Superseded,
    TooFast,
    etag_of,
)
from imageboard.errors import ImageboardError
from imageboard.settings import Settings
from imageboard.words import N_
from monitoring.logs import get_logger

log = get_logger(__name__)

#: Pauses before the next try: half a minute in all, and then the next run has to do it.
PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
#: Somebody else who writes the same key between our look and our put, so often.
RACES_MAX = 5

_HEADERS = ObjectHeaders(content_type="application/octet-stream", cache_control="private, no-store")

Answer = TypeVar("Answer")


class NotInVault(ImageboardError):
    message = N_("The backup store has no {key}.")


class FlushedFolderStore(FolderObjectStore):
    """A folder whose objects are on the disk when `put` returns: a backup outlives a power cut."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._folder = folder

    def put(
        self, key: str, body: bytes, *, headers: ObjectHeaders, version: int, replaces: str | None
    ) -> str:
        """See ObjectStore.put."""
        etag = super().put(key, body, headers=headers, version=version, replaces=replaces)
        for path in (self._folder / "objects" / key, self._folder / "labels" / f"{key}.json"):
            for place in (path, *list(path.parents)[: key.count("/") + 1]):
                _flush(place)
        return etag


@dataclass
class Vault:
    """Puts that replace whatever stood there, and are made again when the store fails."""

    #: Where it is: '/a/folder' or 's3://bucket'.
    place: str
    objects: ObjectStore
    pause: Callable[[float], None] = field(default=time.sleep, repr=False)

    def put(self, key: str, body: bytes) -> None:
        """Raises ObjectStoreError when it did not work, also after PAUSES_S."""
        self._patiently(lambda: self._put_once(key, body))

    def get(self, key: str) -> bytes:
        """Raises NotInVault, ObjectStoreError."""
        body = self._patiently(lambda: self.objects.get(key))
        if body is None:
            raise NotInVault(key=key)
        return body

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Key, ETag and size of every object below `prefix`. Raises ObjectStoreError."""
        return self.objects.list(prefix)

    def delete(self, keys: Iterable[str]) -> int:
        """Take these away, whether they are there or not; how many they were."""
        doomed = list(keys)
        for first in range(0, len(doomed), DELETE_KEYS_MAX):
            batch = doomed[first : first + DELETE_KEYS_MAX]
            self._patiently(lambda batch=batch: self.objects.delete(batch))  # type: ignore[misc]
        return len(doomed)

    def _put_once(self, key: str, body: bytes) -> None:
        replaces = None
        for _ in range(RACES_MAX):
            try:
                self.objects.put(
                    key, body, headers=_HEADERS, version=int(time.time()), replaces=replaces
                )
            except Superseded:
                standing = self.objects.head(key)
                if standing and standing.etag == etag_of(body):
                    return  # our own, put by a try whose answer was lost
                replaces = standing.etag if standing else None
            else:
                return
        raise Superseded(key=key)

    def _patiently(self, ask: Callable[[], Answer]) -> Answer:
        for pause_s in PAUSES_S:
            try:
                return ask()
            except TooFast as ex:
                wait_s = max(pause_s, ex.retry_after_s)
                log.warning("backup_store_asked_again", why=type(ex).__name__, wait_s=wait_s)
            except StoreUnreachable as ex:
                wait_s = pause_s
                log.warning("backup_store_asked_again", why=ex.sentence, wait_s=wait_s)
            self.pause(wait_s)
        return ask()


def open_vault(settings: Settings, to: str = "") -> Vault:
    """The one that the settings name, or `to`: '/a/folder' or 's3://bucket'.

    Raises:
        BadSetting: neither says where.
    """
    place = to or settings.backup_to
    if not place:
        settings.require("backup_to")
    if not place.startswith("s3://"):
        return Vault(place, FlushedFolderStore(Path(place).absolute()))
    settings.require("backup_access_key", "backup_secret_key")
    # Imported here: boto3 takes 50 MB and half a second, which a folder can do without.
    from cdn.s3_object_store import Bucket, S3ObjectStore

    bucket = Bucket(
        endpoint_url=settings.backup_s3_endpoint_url or settings.object_store_endpoint,
        name=place.removeprefix("s3://"),
        access_key=settings.backup_access_key,
        secret_key=settings.backup_secret_key,
    )
    # A part of 16 MB on a slow line takes its time to be acknowledged.
    return Vault(place, S3ObjectStore(bucket, read_timeout_s=60))


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
