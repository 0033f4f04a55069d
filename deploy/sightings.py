"""The board's programs, seen from any of them: which the settings ask for, and which are there.

Where no `up` runs, no list of processes has them all: they are other users', in containers, on
other machines. What all share is PostgreSQL, where each keeps a connection that bears its name.
"""

from __future__ import annotations

from typing import NamedTuple

from imageboard import media_kinds
from imageboard.settings import Settings
from imageboard.store import figures
from imageboard.store.database import Connection

#: As backups' wal_stream calls it; named here, since importing that takes long.
BACKUP_SLOT = "stillboard_backup"
#: Catch-up asks each second; one pass may take a while.
QUIET_S_MAX = 60.0


class Sighting(NamedTuple):
    """One kind of program. `connections` are those of all its processes together."""

    name: str
    connections: int
    #: It is there, but has done nothing for so long that it hangs.
    hangs_s: float = 0.0

    @property
    def is_there(self) -> bool:
        return self.connections > 0 and not self.hangs_s


def implied(settings: Settings, *, has_slow_kinds: bool = media_kinds.HAS_SLOW) -> list[str]:
    """The programs that a board of these settings wants, in the order in which they are started."""
    wanted = {
        "backup-wal": "wal" in settings.backup_kinds,
        "publisher": settings.has_cloud,
        "renderer": True,
        "developer": has_slow_kinds,
        "courier": settings.push,
        "catch-up": True,
        "writer": True,
    }
    return [name for name, is_wanted in wanted.items() if is_wanted]


def seen(db: Connection, settings: Settings) -> list[Sighting]:
    """Each of them as the database sees it."""
    connected = figures.programs(db)
    slots = {slot.name: slot.is_active for slot in figures.slots(db)}
    return [_seen(name, connected, slots) for name in implied(settings)]


def _seen(name: str, connected: dict[str, figures.Program], slots: dict[str, bool]) -> Sighting:
    if name == "backup-wal":
        return Sighting(name, int(slots.get(BACKUP_SLOT, False)))
    if name not in connected:
        return Sighting(name, 0)
    found = connected[name]
    # The others have nothing to ask while nobody posts.
    hangs_s = found.quiet_s if name == "catch-up" and found.quiet_s > QUIET_S_MAX else 0.0
    return Sighting(name, found.connections, hangs_s)
