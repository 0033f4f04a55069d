"""Which backups are no longer needed. Pure: lists in, names out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from deploy.backups import segments
from deploy.backups.sets import BackupSet

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Policy:
    """How long what is kept; the newest good one of each kind always is."""

    bases_kept: int = 7
    dumps_kept_days: int = 30
    queue_kept_days: int = 7


def superfluous(sets: Sequence[BackupSet], policy: Policy, now_s: float) -> set[str]:
    """Ids of the sets that may go.

    Of base backups the last one of each day is kept, for as many days as the policy says: several
    in one day don't push out those of the days before. Dumps and snapshots go by their age.
    """
    kept = {newest.id for newest in _newest_of_each_kind(sets)}
    bases = [one for one in sets if one.kind == "base"]
    kept |= set(_last_of_each_day(bases)[: policy.bases_kept])
    for one in sets:
        days = {"dump": policy.dumps_kept_days, "queue": policy.queue_kept_days}.get(one.kind)
        if days is not None and one.begun_s >= now_s - days * DAY_S:
            kept.add(one.id)
    return {one.id for one in sets} - kept


def superfluous_wal(wal: Mapping[str, Iterable[str]], bases: Sequence[BackupSet]) -> list[str]:
    """(system, names of its WAL) -> 'system/name' of what no base backup in `bases` needs.

    WAL of a cluster without any base backup stays: its first one may be under way.
    """
    starts: dict[str, int] = {}
    for base in bases:
        start = segments.parse(base.start_segment)
        assert start is not None
        starts[base.system] = min(start.position, starts.get(base.system, start.position))
    doomed = []
    for system, names in wal.items():
        for name in names:
            segment = segments.parse(name)
            if segment is not None and segment.position < starts.get(system, 0):
                doomed.append(f"{system}/{name}")
    return doomed


def superfluous_media(
    stored: Mapping[str, float],
    *,
    uploads: Collection[str],
    listed: Collection[str],
    since_s: float,
) -> list[str]:
    """Pictures in the vault that no restore would ask for.

    `stored` says when each came there. One is needed while it is in the upload store, or a kept
    set lists it; or while the board can be restored to a moment at which it was there and no set
    was taken: it came after `since_s`, when the oldest base that is kept was begun.
    """
    return [
        name
        for name, stored_s in stored.items()
        if name not in uploads and name not in listed and stored_s < since_s
    ]


def _newest_of_each_kind(sets: Sequence[BackupSet]) -> list[BackupSet]:
    newest: dict[str, BackupSet] = {}
    for one in sorted(sets, key=lambda one: (one.begun_s, one.id)):
        newest[one.kind] = one
    return list(newest.values())


def _last_of_each_day(sets: Sequence[BackupSet]) -> list[str]:
    """Ids, the newest first."""
    by_day: dict[str, str] = {}
    for one in sorted(sets, key=lambda one: (one.begun_s, one.id)):
        by_day[datetime.fromtimestamp(one.begun_s, UTC).date().isoformat()] = one.id
    return [by_day[day] for day in sorted(by_day, reverse=True)]
