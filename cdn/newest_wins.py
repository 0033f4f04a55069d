"""A put that never replaces a newer object: docs/decisions/0007."""

from __future__ import annotations

from typing import NamedTuple

from cdn.cache_policy import ObjectHeaders
from cdn.object_store import ObjectStore, Superseded, etag_of

#: Each try that fails means that another publisher has put that key meanwhile.
TRIES_MAX = 5


class Outcome(NamedTuple):
    """What stands at the key now, and whether it is what was to be put there."""

    etag: str
    is_ours: bool


def put_newest(
    store: ObjectStore,
    key: str,
    body: bytes,
    *,
    headers: ObjectHeaders,
    version: int,
    replaces: str | None,
) -> Outcome:
    """Put `body`, unless an object of a higher version stands there already.

    `replaces` is the ETag that the caller believes to stand there, None for nothing. It may be
    wrong (another publisher, an answer that was lost): then the object itself is asked.

    Raises:
        Superseded: what was to be replaced has been deleted, so the file may have been taken
            down: read again whether it is still wanted. Or others have put this key TRIES_MAX
            times meanwhile: try again later.
        ObjectStoreError: see `ObjectStore`.
    """
    for _ in range(TRIES_MAX):
        try:
            etag = store.put(key, body, headers=headers, version=version, replaces=replaces)
        except Superseded:
            standing = store.head(key)
        else:
            return Outcome(etag, is_ours=True)
        if standing is None:
            break
        standing_version = -1 if standing.version is None else standing.version
        if standing_version > version:
            return Outcome(standing.etag, is_ours=False)
        if (standing_version, standing.etag) == (version, etag_of(body)):
            # Our own, put by a try whose answer was lost.
            return Outcome(standing.etag, is_ours=True)
        replaces = standing.etag
    raise Superseded(key=key)
