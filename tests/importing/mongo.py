"""Folders as mongodump writes them."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bson

from importing.bson_dump import DECODED_AS

Documents = Sequence[Mapping[str, Any]]


def dumped(
    folder: Path,
    collections: Mapping[str, Documents],
    *,
    name: str = "old",
    is_packed: bool = False,
) -> Path:
    """The folder that `mongodump --out` was given: one of the database is in it."""
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    for collection, documents in collections.items():
        body = b"".join(bson.encode(document) for document in documents)
        if is_packed:
            (place / f"{collection}.bson.gz").write_bytes(gzip.compress(body))
        else:
            (place / f"{collection}.bson").write_bytes(body)
    return folder


def moment(unix_s: float) -> datetime:
    """As MongoDB has it."""
    return datetime.fromtimestamp(unix_s, tz=UTC)


def as_read(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A document as it comes out of a dump."""
    return bson.decode(bson.encode(document), DECODED_AS)
