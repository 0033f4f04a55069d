"""A bucket made of files: the twin of R2 for tests, and for a board that has none."""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cdn.cache_policy import ObjectHeaders
from cdn.object_store import (
    DELETE_KEYS_MAX,
    StoredObject,
    StoreUnreachable,
    Superseded,
    check_key,
    etag_of,
)


class FolderObjectStore:
    """`folder`/objects/<key> holds the bytes, `folder`/labels/<key>.json the rest.

    One lock, held by the kernel, makes each put compare and replace in one step, for all
    threads and processes of this machine. The label goes last: a crash between the two leaves
    new bytes under their old label, and the put that is tried again mends it. Nothing is
    flushed: a power cut may take what was put last.
    """

    def __init__(self, folder: Path) -> None:
        self._objects = folder / "objects"
        self._labels = folder / "labels"
        self._lock = folder / "lock"

    def put(
        self, key: str, body: bytes, *, headers: ObjectHeaders, version: int, replaces: str | None
    ) -> str:
        """See ObjectStore.put."""
        check_key(key)
        label = StoredObject(
            key=key,
            etag=etag_of(body),
            size_bytes=len(body),
            version=version,
            sha256=hashlib.sha256(body).hexdigest(),
            headers=headers,
        )
        with self._locked(f"to put {key}"):
            standing = self._read_label(key)
            if (standing and standing.etag) != replaces:
                raise Superseded(key=key)
            _replace(self._objects / key, body)
            _replace(self._label_path(key), json.dumps(asdict(label)).encode())
        return label.etag

    def head(self, key: str) -> StoredObject | None:
        """See ObjectStore.head."""
        check_key(key)
        return self._read_label(key)

    def get(self, key: str) -> bytes | None:
        """See ObjectStore.get."""
        return None if self.head(key) is None else _read(self._objects / key)

    def delete(self, keys: Sequence[str]) -> None:
        """See ObjectStore.delete."""
        assert len(keys) <= DELETE_KEYS_MAX
        for key in keys:
            check_key(key)
        with self._locked("to delete"):
            for key in keys:
                self._label_path(key).unlink(missing_ok=True)
                (self._objects / key).unlink(missing_ok=True)

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """See ObjectStore.list."""
        folder = self._labels / prefix.rpartition("/")[0]
        suffix = ".json"
        found = (str(path.relative_to(self._labels)) for path in folder.rglob(f"*{suffix}"))
        keys = (key.removesuffix(suffix) for key in found)
        for key in sorted(key for key in keys if key.startswith(prefix)):
            label = self._read_label(key)
            if label is not None:
                yield StoredObject(key=label.key, etag=label.etag, size_bytes=label.size_bytes)

    def _label_path(self, key: str) -> Path:
        return self._labels / f"{key}.json"

    def _read_label(self, key: str) -> StoredObject | None:
        text = _read(self._label_path(key))
        if text is None:
            return None
        label: dict[str, Any] = json.loads(text)
        return StoredObject(**(label | {"headers": ObjectHeaders(**label["headers"])}))

    @contextmanager
    def _locked(self, operation: str) -> Iterator[None]:
        try:
            self._lock.parent.mkdir(parents=True, exist_ok=True)
            with self._lock.open("w") as handle:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield
        except OSError as ex:
            raise StoreUnreachable(operation=operation, reason=ex.strerror) from ex


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _replace(path: Path, body: bytes) -> None:
    """Readers see the old file or the new one; the lock keeps other writers away."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    draft.write_bytes(body)
    draft.replace(path)
