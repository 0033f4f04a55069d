"""A set: what was taken in one go. Its artefacts lie in the vault in parts; set.json goes last.

A set without its set.json is one that was interrupted: it is never offered, and the next run takes
it away. set.json is written after every part was read back, and is as good as its word.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Literal

from deploy.backups.sealing import PART_BYTES, Seal, Unseal
from deploy.backups.vault import Vault
from imageboard.errors import ImageboardError
from imageboard.words import N_

Kind = Literal["base", "dump", "queue"]

PREFIX = "sets/"
SIGNED_OFF = "set.json"
FORMAT = 1


class PartDamaged(ImageboardError):
    message = N_("{key} in the backup store is not as it was put there.")


class NoSuchArtefact(ImageboardError):
    message = N_("The set {id} holds no {name}.")


@dataclass(frozen=True, slots=True)
class Part:
    """One object, by what it has to be."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Artefact:
    """One file of a set."""

    name: str
    is_sealed: bool
    parts: tuple[Part, ...]

    @property
    def size_bytes(self) -> int:
        return sum(part.size_bytes for part in self.parts)

    def key(self, set_id: str, number: int) -> str:
        """Of a part, from 0."""
        return f"{PREFIX}{set_id}/{self.name}.{number:05d}"


@dataclass(frozen=True, slots=True)
class BackupSet:
    """What set.json says. Times are Unix seconds."""

    id: str
    kind: Kind
    begun_s: float
    #: What it holds is from this moment or earlier, and all of it is there.
    finished_s: float
    artefacts: tuple[Artefact, ...]
    recipients: tuple[str, ...]
    #: Of base backups: the cluster's identifier, and where its WAL has to begin.
    system: str = ""
    start_segment: str = ""
    format: int = FORMAT

    @property
    def size_bytes(self) -> int:
        return sum(artefact.size_bytes for artefact in self.artefacts)

    def artefact(self, name: str) -> Artefact:
        """Raises NoSuchArtefact."""
        for artefact in self.artefacts:
            if artefact.name == name:
                return artefact
        raise NoSuchArtefact(id=self.id, name=name)

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str | bytes) -> BackupSet:
        """Raises ValueError, KeyError or TypeError when it is none."""
        values = json.loads(text)
        artefacts = tuple(
            Artefact(one["name"], one["is_sealed"], tuple(Part(**part) for part in one["parts"]))
            for one in values.pop("artefacts")
        )
        recipients = tuple(values.pop("recipients"))
        return cls(**values, artefacts=artefacts, recipients=recipients)


class SetInTheMaking:
    """Takes artefacts in, and signs the set off when all of them were read back."""

    def __init__(self, vault: Vault, seal: Seal, kind: Kind, begun_s: float) -> None:
        moment = datetime.fromtimestamp(begun_s, UTC)
        self.id = f"{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03d}Z-{kind}"
        self._vault = vault
        self._seal = seal
        self._kind: Kind = kind
        self._begun_s = begun_s
        self._artefacts: list[Artefact] = []

    def add_file(self, name: str, path: Path) -> None:
        """A file of any size, sealed."""
        with path.open("rb") as file:
            self._add(name, file, is_sealed=True)

    def add(self, name: str, body: bytes, *, is_sealed: bool = True) -> None:
        """What is small; not sealed only what the next run has to read, and says nothing."""
        self._add(name, io.BytesIO(body), is_sealed=is_sealed)

    def sign_off(
        self, *, finished_s: float, system: str = "", start_segment: str = ""
    ) -> BackupSet:
        """Read every part back, then write set.json. Raises PartDamaged."""
        signed = BackupSet(
            id=self.id,
            kind=self._kind,
            begun_s=self._begun_s,
            finished_s=finished_s,
            artefacts=tuple(self._artefacts),
            recipients=self._seal.recipients,
            system=system,
            start_segment=start_segment,
        )
        for artefact in signed.artefacts:
            for _part in read_parts(self._vault, signed, artefact):
                pass
        self._vault.put(f"{PREFIX}{self.id}/{SIGNED_OFF}", signed.to_json().encode())
        return signed

    def _add(self, name: str, source: BinaryIO, *, is_sealed: bool) -> None:
        parts: list[Part] = []
        artefact = Artefact(name, is_sealed, ())

        def take_part(body: bytes) -> None:
            self._vault.put(artefact.key(self.id, len(parts)), body)
            parts.append(Part(hashlib.sha256(body).hexdigest(), len(body)))

        if is_sealed:
            self._seal.seal_file(source, take_part)
        else:
            while body := source.read(PART_BYTES):
                take_part(body)
        self._artefacts.append(Artefact(name, is_sealed, tuple(parts)))


def read_parts(vault: Vault, of: BackupSet, artefact: Artefact) -> Iterator[bytes]:
    """The parts of an artefact as they lie there. Raises PartDamaged, NotInVault."""
    for number, part in enumerate(artefact.parts):
        key = artefact.key(of.id, number)
        body = vault.get(key)
        if len(body) != part.size_bytes or hashlib.sha256(body).hexdigest() != part.sha256:
            raise PartDamaged(key=key)
        yield body


def read_into(
    vault: Vault, of: BackupSet, name: str, target: Path, unseal: Unseal | None = None
) -> None:
    """Write an artefact to a file, unsealed. Raises PartDamaged, NotInVault, WrongIdentity."""
    artefact = of.artefact(name)
    parts = read_parts(vault, of, artefact)
    with target.open("wb") as file:
        if not artefact.is_sealed:
            file.writelines(parts)
            return
        assert unseal is not None, "a sealed artefact needs an identity"
        unseal.unseal_file(parts, file, what=f"{of.id}/{name}")


def read(vault: Vault, of: BackupSet, name: str, unseal: Unseal | None = None) -> bytes:
    """A small artefact, unsealed. Raises as `read_into` does."""
    artefact = of.artefact(name)
    body = b"".join(read_parts(vault, of, artefact))
    if not artefact.is_sealed:
        return body
    assert unseal is not None, "a sealed artefact needs an identity"
    return unseal.unseal(body, what=f"{of.id}/{name}")


def signed_off(vault: Vault) -> list[BackupSet]:
    """All sets that can be used, oldest first."""
    keys = [found.key for found in vault.list(PREFIX) if found.key.endswith(f"/{SIGNED_OFF}")]
    sets = [BackupSet.from_json(vault.get(key)) for key in keys]
    return sorted(sets, key=lambda one: (one.begun_s, one.id))


def unfinished(vault: Vault) -> dict[str, list[str]]:
    """{id: keys} of sets that nobody signed off."""
    keys: dict[str, list[str]] = {}
    for found in vault.list(PREFIX):
        keys.setdefault(found.key.split("/")[1], []).append(found.key)
    return {
        set_id: found
        for set_id, found in keys.items()
        if not any(key.endswith(f"/{SIGNED_OFF}") for key in found)
    }


def drop(vault: Vault, set_id: str) -> None:
    """Take a set away; its set.json first, so that a set that is half gone is never offered."""
    prefix = f"{PREFIX}{set_id}/"
    vault.delete([f"{prefix}{SIGNED_OFF}"])
    vault.delete(found.key for found in vault.list(prefix))
