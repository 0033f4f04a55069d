"""What of each file is in the bucket and at the CDN: the second stage's part of the ledger.

The backlog is one row a file, however often the file changed meanwhile, so an outage of any
length costs no more than one put for each file that is different after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from imageboard.store import publications, queries
from imageboard.store.database import Connection

_SQL = queries.beside(__file__)


class Behind(NamedTuple):
    """A file that the cloud is behind with."""

    path: str
    #: Of what stands in the web root; None: nothing, it is to be deleted.
    sha256: bytes | None
    change_no: int
    #: What the bucket holds as far as is known.
    cloud_sha256: bytes | None
    cloud_etag: str | None
    #: A put was begun at some time: a deletion in the bucket is owed.
    may_be_in_cloud: bool
    is_urgent: bool

    @property
    def is_owed_a_deletion(self) -> bool:
        """Whether the bucket may hold what does not stand here any more."""
        return self.sha256 is None and self.may_be_in_cloud


class Held(NamedTuple):
    """What the bucket holds at a path."""

    path: str
    sha256: bytes
    etag: str
    change_no: int


class Untold(NamedTuple):
    """A version that the CDN does not know of."""

    path: str
    etag: str | None
    is_urgent: bool


class Stored(NamedTuple):
    """A file that the ledger knows, with what it says of the bucket."""

    path: str
    #: Of what stands in the web root; None: nothing.
    sha256: bytes | None
    change_no: int
    #: What the bucket holds as far as is known.
    etag: str | None
    #: The second stage still has work with it.
    is_behind: bool


class Backlog(NamedTuple):
    """How far the cloud is behind."""

    files: int
    oldest_s: float


def claim(
    db: Connection, *, limit: int, beside_urgent: int, urgent: int, deletions: int, lease_s: float
) -> list[Behind]:
    """Files to work on, the urgent first; nobody else gets them until the lease is over.

    At most `limit` that are there, or `beside_urgent` while anything urgent is behind, or `urgent`
    if so many are; and `deletions` that are not.
    """
    asked = {
        "limit": limit,
        "beside_urgent": beside_urgent,
        "urgent": urgent,
        "deletions": deletions,
        "lease_s": lease_s,
    }
    rows = db.execute(_SQL.claim, asked)
    claimed = [Behind(*row) for row in rows]
    return sorted(claimed, key=lambda file: not file.is_urgent)


def stored(db: Connection, files: Sequence[Held], *, purges: bool, pace_s: float) -> list[float]:
    """The bucket holds these; the next put of each key is not before `pace_s` from now.

    Of each the seconds since the web root got its newest bytes, these or later ones; of those that
    stand there no more, nothing. Call it in a transaction: who writes these rows too waits for it.
    """
    if not files:
        return []
    publications.hold(db, [file.path for file in files])
    paths, sha256s, etags, change_nos = map(list, zip(*files, strict=True))
    asked = {"paths": paths, "sha256s": sha256s, "etags": etags, "change_nos": change_nos}
    rows = db.execute(_SQL.stored, asked | {"purges": purges, "pace_s": pace_s})
    return [float(seconds) for (seconds,) in rows]


def deleted(db: Connection, paths: list[str], *, purges: bool) -> None:
    """The bucket holds nothing at these paths. Call it in a transaction, as `stored`."""
    publications.hold(db, paths)
    db.execute(_SQL.deleted, {"paths": paths, "purges": purges})
    forget_gone(db, paths)


def purge_due(db: Connection, limit: int) -> list[Untold]:
    """Versions that the CDN has not been told of, the urgent first."""
    return list(queries.by_name(Untold, db.execute(_SQL.purge_due, {"limit": limit})))


def purged(db: Connection, told: Sequence[Untold]) -> None:
    """The CDN was told of these; of one that was stored since it will be told again.

    Call it in a transaction, as `stored`.
    """
    paths = [each.path for each in told]
    publications.hold(db, paths)
    db.execute(_SQL.purged, {"paths": paths, "etags": [each.etag for each in told]})
    forget_gone(db, paths)


def forget_gone(db: Connection, paths: list[str]) -> None:
    db.execute(_SQL.forget_gone, {"paths": paths})


def put_off(db: Connection, paths: list[str], wait_s: float = 0.0) -> None:
    """Not to be touched before `wait_s` from now; 0: free for the next."""
    db.execute(_SQL.put_off, {"paths": paths, "wait_s": wait_s})


def free_leases(db: Connection, *, pace_s: float) -> None:
    """Let everything that is behind be claimed, after the pace that its key may need."""
    db.execute(_SQL.free_leases, {"pace_s": pace_s})


def forget_version(db: Connection, path: str) -> None:
    """The bucket does not hold what the ledger says of this path."""
    db.execute(_SQL.forget_version, {"path": path})


def next_due_s(db: Connection) -> float | None:
    """Seconds until a file that is behind may be touched; None: none is behind."""
    row = db.execute(_SQL.next_due).fetchone()
    return None if row is None or row[0] is None else float(row[0])


def backlog(db: Connection) -> Backlog:
    row = db.execute(_SQL.backlog).fetchone()
    assert row is not None
    return Backlog(*row)


def all_stored(db: Connection) -> dict[str, Stored]:
    """Every file that the ledger knows, by path."""
    return {row[0]: Stored(*row) for row in db.execute(_SQL.all_stored)}
