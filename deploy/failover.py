"""A primary and its replicas: what they are, and how a replica takes over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from imageboard.errors import RolesKept, StoreUnavailable
from imageboard.store.servers import replication
from imageboard.store.servers.replication import Follower, IdleSlot, Received, Standing
from imageboard.words import N_


@dataclass(frozen=True, slots=True)
class Server:
    """One server and its own word about itself; None: it can't be reached."""

    place: str
    standing: Standing | None = None
    #: Of a replica.
    received: Received | None = None
    #: Of a primary.
    followers: list[Follower] = field(default_factory=list)
    idle_slots: list[IdleSlot] = field(default_factory=list)

    @property
    def is_primary(self) -> bool:
        return self.standing is not None and self.standing.is_primary


def look_at(url: str) -> Server:
    """Ask one server."""
    place = replication.place_of(url)
    try:
        with replication.server(url) as db:
            standing = replication.standing(db)
            if not standing.is_primary:
                return Server(place, standing, received=replication.received(db))
            return Server(
                place,
                standing,
                followers=replication.followers(db),
                idle_slots=replication.idle_slots(db),
            )
    except StoreUnavailable:
        return Server(place)


def servers(database_url: str, replica_url: str) -> list[Server]:
    """Everything that the two addresses name, each once."""
    urls = replication.urls_of_servers(database_url)
    if replica_url:
        urls += replication.urls_of_servers(replica_url)
    by_place = {replication.place_of(url): url for url in urls}
    return [look_at(url) for url in by_place.values()]


def promote(replica_url: str, database_url: str, *, although_primary_answers: bool) -> None:
    """Make the replica the primary. When it returns the replica takes writes.

    Raises:
        RolesKept: it is no replica, its primary still takes writes, or it takes too long.
        StoreUnavailable: the replica can't be reached.
    """
    place = replication.place_of(replica_url)
    with replication.server(replica_url) as db:
        if replication.standing(db).is_primary:
            raise RolesKept(reason=N_("{place} is a primary already").filled(place=place))
        alive = [one.place for one in servers(database_url, "") if one.is_primary]
        if alive and not although_primary_answers:
            raise RolesKept(
                reason=N_(
                    "{places} takes writes; with two primaries, posts of one of them would be lost."
                    " Stop it first"
                ).filled(places=", ".join(alive))
            )
        if not replication.promote(db):
            raise RolesKept(
                reason=N_(
                    "{place} still replays what it received after {wait_s} s; it goes on,"
                    " look again"
                ).filled(place=place, wait_s=replication.PROMOTION_WAIT_S)
            )


def wait_for_replicas(primary_url: str, names: Sequence[str]) -> list[str]:
    """From here on a post waits for one of these replicas; without names, of all that stream.

    Returns:
        Their names.

    Raises:
        RolesKept: none streams, or one that is named does not: every post would hang.
    """
    with replication.server(primary_url) as db:
        streaming = [one.name for one in replication.followers(db) if one.state == "streaming"]
        chosen = list(names) or streaming
        missing = [name for name in chosen if name not in streaming]
        if not chosen:
            raise RolesKept(reason=N_("no replica streams from the primary"))
        if missing:
            raise RolesKept(
                reason=N_("{names} does not stream from the primary").filled(
                    names=", ".join(missing)
                )
            )
        replication.confirm_by(db, chosen)
    return chosen


def wait_for_nobody(primary_url: str) -> None:
    """From here on a post waits for the primary's own disk alone; those that hang are let go."""
    with replication.server(primary_url) as db:
        replication.confirm_by(db, [])
