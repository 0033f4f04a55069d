"""The story of a look at the vault: is everything there, whole, and enough for a restore?

Without an identity it compares sizes and hashes. With one it also unseals and has PostgreSQL's own
tools look at what comes out, which is as much as can be known short of a restore (see the drill).
"""

from __future__ import annotations

import gzip
import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from deploy.backups import media, postgres_tools, segments, sets
from deploy.backups.sealing import Unseal, WrongIdentity
from deploy.backups.sets import BackupSet
from deploy.backups.taking import DUMP, media_list, wal_names
from deploy.backups.vault import NotInVault, Vault
from deploy.backups.wal_stream import key_of, reached_key
from imageboard.errors import ImageboardError

#: What is promised: no more than so much is lost with the machine.
WAL_AGE_S_MAX = 60.0
#: A set is taken each night; this allows for a long one.
SET_AGE_S_MAX = 26 * 3600.0
#: Pictures that are unsealed; all of them are looked for.
MEDIA_UNSEALED_MAX = 200

#: Kinds without which a board can't be had back.
NEEDED = ("base", "dump")


class Fault(NamedTuple):
    """Something that is wrong, and with what."""

    what: str
    fault: str


@dataclass
class Look:
    """One look; `faults` is its story. `scratch` gets what is unsealed, and is empty afterwards."""

    vault: Vault
    scratch: Path
    unseal: Unseal | None = None
    now: Callable[[], float] = time.time
    #: Objects that were read.
    looked_at: int = 0

    def faults(self) -> Iterator[Fault]:
        """Everything that is wrong. Raises ObjectStoreError, WrongIdentity."""
        every = sets.signed_off(self.vault)
        for set_id in sets.unfinished(self.vault):
            yield Fault(set_id, "was interrupted; the next backup takes it away")
        newest = {one.kind: one for one in every}
        for kind in NEEDED:
            if kind not in newest:
                yield Fault(kind, "there is none")
        listed: dict[str, tuple[int, str]] = {}
        for kind, one in newest.items():
            if kind in NEEDED and self.now() - one.finished_s > SET_AGE_S_MAX:
                yield Fault(one.id, f"is {_hours(self.now() - one.finished_s)} old")
            damaged = list(self._set(one))
            yield from damaged
            if kind in NEEDED and not damaged:
                listed |= media_list(self.vault, one)
        yield from self._media(listed)
        bases = [one for one in every if one.kind == "base"]
        if bases:
            yield from self._wal(bases)

    def _set(self, one: BackupSet) -> Iterator[Fault]:
        damaged = [fault for artefact in one.artefacts for fault in self._artefact(one, artefact)]
        yield from damaged
        if damaged:
            return
        if self.unseal is not None:
            yield from self._unsealed(one, self.unseal)

    def _artefact(self, one: BackupSet, artefact: sets.Artefact) -> Iterator[Fault]:
        try:
            for _part in sets.read_parts(self.vault, one, artefact):
                self.looked_at += 1
        except (sets.PartDamaged, NotInVault) as ex:
            yield Fault(f"{one.id}/{artefact.name}", ex.sentence)

    def _unsealed(self, one: BackupSet, unseal: Unseal) -> Iterator[Fault]:
        folder = self.scratch / one.id
        folder.mkdir(mode=0o700, parents=True)
        try:
            for artefact in one.artefacts:
                sets.read_into(self.vault, one, artefact.name, folder / artefact.name, unseal)
            if one.kind == "base":
                postgres_tools.check_base(_alone(folder, postgres_tools.BASE_FILES))
            elif one.kind == "dump":
                postgres_tools.check_dump(folder / DUMP)
        except WrongIdentity:
            raise
        except ImageboardError as ex:
            yield Fault(one.id, ex.sentence)
        finally:
            shutil.rmtree(folder)

    def _media(self, listed: Mapping[str, tuple[int, str]]) -> Iterator[Fault]:
        there = {media.name_of(found.key) for found in self.vault.list(media.PREFIX)}
        for name in sorted(listed.keys() - there):
            yield Fault(f"picture {name}", "is not in the backup store")
        present = sorted(listed.keys() & there)
        if self.unseal is not None:
            # Evenly spread, and others when there are more: a look at each would take hours.
            for name in present[:: max(1, len(present) // MEDIA_UNSEALED_MAX)]:
                yield from self._picture(name, listed[name][1], self.unseal)

    def _picture(self, name: str, sha256: str, unseal: Unseal) -> Iterator[Fault]:
        self.looked_at += 1
        try:
            body = unseal.unseal(self.vault.get(media.key_of(name)), what=name)
        except ImageboardError as ex:
            yield Fault(f"picture {name}", ex.sentence)
            return
        if media.sha256_of(body) != sha256:
            yield Fault(f"picture {name}", "is another one than the set lists")

    def _wal(self, bases: Sequence[BackupSet]) -> Iterator[Fault]:
        system = bases[-1].system
        oldest = min(
            (one for one in bases if one.system == system),
            key=lambda one: segments.parse(one.start_segment) or (0, 0),
        )
        names = wal_names(self.vault).get(system, [])
        if not names:
            yield Fault(
                "WAL", "there is none: only the moments of the base backups can be restored"
            )
            return
        for name in segments.missing(names, oldest.start_segment):
            yield Fault(f"WAL {name}", "is missing: no moment after it can be restored")
        age_s = self.now() - self._reached_s(system)
        if age_s > WAL_AGE_S_MAX:
            yield Fault("WAL", f"ends {age_s:.0f} s ago: does the part backup-wal run?")
        if self.unseal is not None:
            for name in segments.between(names, bases[-1].start_segment, None):
                yield from self._segment(system, name, self.unseal)

    def _segment(self, system: str, name: str, unseal: Unseal) -> Iterator[Fault]:
        self.looked_at += 1
        try:
            body = gzip.decompress(unseal.unseal(self.vault.get(key_of(system, name)), what=name))
        except (ImageboardError, OSError, EOFError) as ex:
            yield Fault(f"WAL {name}", str(ex))
            return
        if segments.parse(name) and len(body) != segments.SEGMENT_BYTES:
            yield Fault(f"WAL {name}", f"is of {len(body)} bytes")

    def _reached_s(self, system: str) -> float:
        try:
            return float(json.loads(self.vault.get(reached_key(system)))["at"])
        except NotInVault:
            return 0.0


def _alone(folder: Path, names: Sequence[str]) -> Path:
    """A folder with these files of `folder` and nothing else, which pg_verifybackup asks for."""
    place = folder / "alone"
    place.mkdir()
    for name in names:
        (folder / name).rename(place / name)
    return place


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.0f} h"
