"""Uploads, each copied once: they never change, and their names are random and never used again.

A database without its pictures is no restore. So an upload goes to the vault within seconds of its
post, with the WAL that tells of it, and the nightly run finds hardly anything to do.

An index in the data folder, one for each vault, says what was copied, when, and what it was: name,
bytes, SHA-256, Unix seconds. It is made anew when it is lost, by reading every upload.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from deploy.backups.sealing import Seal, Unseal
from deploy.backups.vault import Vault
from imageboard.store.uploads import PARTS, SHARDS

PREFIX = "media/"
#: Puts and gets that are under way at once; each holds a picture in memory.
AT_ONCE = 8

_NAME = re.compile(rf"[0-9a-f]{{32}}(?:{PARTS})")
#: What was last changed so long ago has not changed in the same tick of the clock.
SETTLED_NS = 2 * 10**9


class Upload(NamedTuple):
    """A file of the upload store, by its content, and when it came into the vault."""

    size_bytes: int
    sha256: str
    stored_s: float


def key_of(name: str) -> str:
    """'0a1b…' -> 'media/0a/0a1b….age'."""
    return f"{PREFIX}{name[:2]}/{name}.age"


def name_of(key: str) -> str:
    """The other way round."""
    return key.rpartition("/")[2].removesuffix(".age")


@dataclass
class MediaCopy:
    """Copies uploads; knows from index.tsv which of them are in the vault."""

    uploads: Path
    index: Path
    vault: Vault
    seal: Seal
    _looked_through: dict[Path, int] = field(default_factory=dict)
    _known: dict[str, Upload] = field(default_factory=dict)
    _read_to: int = 0

    def copy_new(self) -> int:
        """Copy what is not in the vault yet; the number of files. Raises ObjectStoreError."""
        with self._locked():
            self._read_index()
            if not self._known:
                self._begin_index()
            changed = self._changed_folders()
            new = [path for path in _files_of(changed) if path.name not in self._known]
            with ThreadPoolExecutor(AT_ONCE) as pool:
                copied = list(pool.map(self._copy, new))
            self._note(
                {path.name: upload for path, upload in zip(new, copied, strict=True) if upload}
            )
            # Only now: if a copy fails, the folder is looked through again.
            self._looked_through |= changed
        return len(new)

    def compare_with_vault(self) -> None:
        """Forget what the index has and the vault has not: somebody emptied the bucket."""
        there = {name_of(found.key) for found in self.vault.list(PREFIX)}
        self.forget(self.known().keys() - there)
        self._looked_through.clear()

    def known(self) -> dict[str, Upload]:
        """Everything that was copied, by name; of some the upload may be gone since."""
        self._read_index()
        return self._known

    def forget(self, names: Iterable[str]) -> None:
        """They were taken out of the vault."""
        doomed = set(names)
        if not doomed:
            return
        with self._locked():
            self._read_index()
            kept = {name: one for name, one in self._known.items() if name not in doomed}
            self.index.write_text("")
            self._known, self._read_to = {}, 0
            self._note(kept)

    def standing(self) -> set[str]:
        """Names of what is in the upload store now."""
        return {path.name for path in _files_of(self._folders())}

    def _changed_folders(self) -> dict[Path, int]:
        """{folder: time of its last change} of those that changed since they were looked through.

        Of a folder that changed a moment ago the time says nothing: a file that comes in the same
        tick of the clock would not move it. It is 0 then, and the folder looked through again.
        """
        now_ns = time.time_ns()
        changed = {}
        for folder in self._folders():
            changed_ns = folder.stat().st_mtime_ns
            if self._looked_through.get(folder) != changed_ns:
                changed[folder] = changed_ns if now_ns - changed_ns > SETTLED_NS else 0
        return changed

    def _folders(self) -> list[Path]:
        folders = [self.uploads / f"{shard:02x}" for shard in range(SHARDS)]
        return [folder for folder in folders if folder.is_dir()]

    def _copy(self, path: Path) -> Upload | None:
        try:
            body = path.read_bytes()
        except FileNotFoundError:
            return None  # its post was refused, or removed a moment ago
        self.vault.put(key_of(path.name), self.seal.seal(body))
        return _upload(body)

    def _begin_index(self) -> None:
        """Without an index: what is in the vault need not go there again, but has to be read."""
        there = {name_of(found.key) for found in self.vault.list(PREFIX)}
        paths = [path for path in _files_of(self._folders()) if path.name in there]
        self._note({path.name: _upload(path.read_bytes()) for path in paths})

    def _read_index(self) -> None:
        """What others have added since we last looked."""
        self.index.touch(mode=0o600)
        with self.index.open("rb") as file:
            if self.index.stat().st_size < self._read_to:  # it was made anew
                self._known, self._read_to = {}, 0
            file.seek(self._read_to)
            whole_lines = file.read()
        whole_lines = whole_lines[: whole_lines.rfind(b"\n") + 1]
        self._read_to += len(whole_lines)
        for line in whole_lines.decode().splitlines():
            name, size, sha256, stored_s = line.split("\t")
            self._known[name] = Upload(int(size), sha256, float(stored_s))

    def _note(self, uploads: dict[str, Upload]) -> None:
        lines = [
            f"{name}\t{one.size_bytes}\t{one.sha256}\t{one.stored_s:.0f}\n"
            for name, one in uploads.items()
        ]
        with self.index.open("a") as file:
            file.write("".join(lines))
        self._read_index()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """The nightly run and the stream of the WAL copy in turns."""
        with self.index.with_suffix(".lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def fetch(vault: Vault, unseal: Unseal, names: Iterable[str], uploads: Path) -> None:
    """Put these uploads back into an upload store. Raises NotInVault, WrongIdentity, SealBroken."""

    def fetch_one(name: str) -> None:
        body = unseal.unseal(vault.get(key_of(name)), what=name)
        place = uploads / name[:2] / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(body)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in pool.map(fetch_one, names):
            pass


def _files_of(folders: Iterable[Path]) -> list[Path]:
    return [path for folder in folders for path in folder.iterdir() if _NAME.fullmatch(path.name)]


def sha256_of(body: bytes) -> str:
    """As the index and the lists have it."""
    return hashlib.sha256(body).hexdigest()


def _upload(body: bytes) -> Upload:
    return Upload(len(body), sha256_of(body), time.time())
