"""A bucket, as the board sees one: keys are the paths below the web root ('b/res/123.html').

Two implementations pass the same tests: `S3ObjectStore` and its twin `FolderObjectStore`.
None of them retries: each failure says what kind it is, and whoever calls decides.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from cdn.cache_policy import ObjectHeaders
from imageboard.errors import ImageboardError
from imageboard.words import N_

#: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html (read 2026-11-24).
DELETE_KEYS_MAX = 1000
#: https://developers.cloudflare.com/r2/platform/limits (read 2026-11-24).
KEY_BYTES_MAX = 1024

_KEY = re.compile(
    # A board that came from elsewhere may have letters of any script.
    r"(?!/)(?:(?!\.{1,2}/)[!-.0-~\x80-\uffff]+/(?=.))?"
    r"(?:(?!\.{1,2}(?:/|$))[!-.0-~]+(?:/(?=.)|$))+"
)


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object without its bytes.

    `etag` is quoted, as HTTP has it, and the MD5 of the bytes (see `etag_of`). A listing tells
    no more than key, ETag and size; the rest is None there, and in objects that somebody else
    has put.
    """

    key: str
    etag: str
    size_bytes: int
    version: int | None = None
    sha256: str | None = None
    headers: ObjectHeaders | None = None


class ObjectStore(Protocol):
    """Where the public files stand a second time.

    Every method raises StoreRefused, StoreUnreachable or TooFast when it could not do its work.
    """

    def put(
        self, key: str, body: bytes, *, headers: ObjectHeaders, version: int, replaces: str | None
    ) -> str:
        """Store `body` and return its ETag, if what stands there is what the caller thinks.

        `replaces` is the ETag of the object that this one is meant to replace; None: there is
        none yet. `version` and the SHA-256 of the body are kept with the object.

        Raises:
            Superseded: something else stands there. Nothing was stored.
            StoreUnreachable: it may have been stored all the same; the next try will tell.
        """

    def head(self, key: str) -> StoredObject | None:
        """What stands at `key`; None: nothing."""

    def get(self, key: str) -> bytes | None:
        """The bytes at `key`, for tests and repairs; None: nothing stands there."""

    def delete(self, keys: Sequence[str]) -> None:
        """Take these objects away, at most DELETE_KEYS_MAX of them; it is no error if one is gone.

        Raises:
            NotDeleted: some are still there; its `keys` names them.
        """

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Every object whose key begins with `prefix`, in the order of the keys."""


class ObjectStoreError(ImageboardError):
    message = N_("The object store did not do what it was asked to do.")


class Superseded(ObjectStoreError):
    message = N_("Something else stands at {key} than what was to be replaced.")


class TooFast(ObjectStoreError):
    message = N_(
        "The object store, asked {operation}, wants to be left alone for {retry_after_s} s."
    )

    def __init__(self, *, operation: str, retry_after_s: float) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(operation=operation, retry_after_s=retry_after_s)


class StoreRefused(ObjectStoreError):
    message = N_(
        "The object store refuses {operation} ({reason}), and will until R2_ACCESS_KEY, "
        "R2_SECRET_KEY, R2_BUCKET_NAME or the rights of that key are mended."
    )


class StoreUnreachable(ObjectStoreError):
    message = N_("The object store, asked {operation}, did not answer: {reason}.")


class NotDeleted(ObjectStoreError):
    message = N_("The object store kept {count} objects that it was to delete ({reason}).")

    def __init__(self, *, keys: Sequence[str], reason: str) -> None:
        self.keys = tuple(keys)
        super().__init__(count=len(self.keys), reason=reason)


def etag_of(body: bytes) -> str:
    """What S3, R2 and their kin call an object of these bytes that was put in one part.

    So a bucket can be compared with the web root by listing it, without reading an object.
    """
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


def is_key(key: str) -> bool:
    """Whether it can be the path of a public file; else it is somebody else's object."""
    return len(key) <= KEY_BYTES_MAX and _KEY.fullmatch(key) is not None


def check_key(key: str) -> None:
    """Raises ValueError for what can't be a path of a public file; only a bug could make one."""
    if not is_key(key):
        raise ValueError(f"{key!r} can't be the key of an object")
