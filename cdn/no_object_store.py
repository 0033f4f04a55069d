"""The object store of a board that has none: a CDN in front of nginx keeps copies of its files.

The publisher goes its usual way, so each file has its pace and the CDN is told of it; a put ends
here. The CDN reads from nginx, which shows a file before the publisher hears of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cdn.cache_policy import ObjectHeaders
from cdn.object_store import StoredObject, etag_of


class NoObjectStore:
    """An ObjectStore that keeps nothing and refuses nothing."""

    def put(
        self, key: str, body: bytes, *, headers: ObjectHeaders, version: int, replaces: str | None
    ) -> str:
        """The ETag says to the ledger which bytes the CDN was told of."""
        del key, headers, version, replaces
        return etag_of(body)

    def head(self, key: str) -> StoredObject | None:
        """Nothing stands anywhere."""
        del key
        return None

    def get(self, key: str) -> bytes | None:
        """Nothing stands anywhere."""
        del key
        return None

    def delete(self, keys: Sequence[str]) -> None:
        """It is gone already."""
        del keys

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Nothing stands anywhere."""
        del prefix
        return iter(())
