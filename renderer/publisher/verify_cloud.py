"""The proof that the bucket holds what the web root shows, by listing it: no object is read.

The ETag of an object is the MD5 of its bytes (docs/decisions/0007), so a listing, the ledger and
the files of the web root say it all. The board goes on meanwhile. The ledger is read before the
listing and after it; a file is judged when it says the same both times, is settled, and agrees
with the web root. What it is not is in the hands of the publisher, or a matter for `verify`.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from cdn import cache_policy
from cdn.object_store import (
    DELETE_KEYS_MAX,
    ObjectStore,
    StoredObject,
    Superseded,
    etag_of,
    is_key,
)
from imageboard.store import cloud_ledger
from imageboard.store.cloud_ledger import Stored
from imageboard.store.database import Database
from renderer.verify import Finding
from renderer.web_root import WebRoot

#: Stands before the path of a finding in the bucket.
PREFIX = "r2:"
#: The publisher is given up on when its backlog has not become shorter for so long.
STALLED_S = 20.0
_LOOK_EVERY_S = 0.2

_Wrong = Literal["missing", "differing", "orphaned", "unrecorded"]


@dataclass(frozen=True, slots=True)
class _Fault:
    """One object that is not as it should be."""

    wrong: _Wrong
    path: str
    #: What the ledger says of the file; None: it knows of none.
    file: Stored | None
    #: What stands in the bucket; None: nothing.
    found: StoredObject | None

    @property
    def finding(self) -> Finding:
        return Finding(self.wrong, PREFIX + self.path)


@dataclass
class CloudVerifier:
    """Compares; with `repair` it also mends, and leaves to the publisher what that can do."""

    database: Database
    web_root: WebRoot
    objects: ObjectStore
    #: Calls the publisher.
    ask_for_publishing: Callable[[], object]
    repair: bool = False
    #: Called with each path that was looked at.
    on_file: Callable[[str], None] = lambda _path: None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def verify(self) -> list[Finding]:
        """Everything that is wrong in the bucket.

        missing: the object is not there; differing: other bytes; orphaned: no file of the board
        stands there; unrecorded: it is right, and the ledger says otherwise.

        Raises:
            ObjectStoreError: the bucket could not be asked, or mended.
        """
        before = self._ledger()
        listing = {found.key: found for found in self.objects.list() if is_key(found.key)}
        suspects = []
        for path in sorted(before.keys() | listing.keys()):
            self.on_file(path)
            if self._judge(path, before.get(path), listing.get(path)):
                suspects.append(path)
        # What a publisher, or a pass of the renderer, changed meanwhile is judged next time.
        after = self._ledger() if suspects else {}
        faults = [
            fault
            for path in suspects
            if before.get(path) == after.get(path)
            and (fault := self._judge(path, after.get(path), listing.get(path)))
        ]
        if self.repair:
            self._mend(faults)
        return [fault.finding for fault in faults]

    def wait_for_publisher(self) -> int:
        """Wait while the publisher makes progress; the number of files that are still behind."""
        least, since_s = None, self.clock()
        while True:
            with self.database.connection() as db:
                behind = cloud_ledger.backlog(db).files
            if least is None or behind < least:
                least, since_s = behind, self.clock()
            if behind == 0 or self.clock() - since_s > STALLED_S:
                return behind
            self.ask_for_publishing()
            self.sleep(_LOOK_EVERY_S)

    def _ledger(self) -> dict[str, Stored]:
        with self.database.connection() as db:
            return cloud_ledger.all_stored(db)

    def _judge(self, path: str, file: Stored | None, found: StoredObject | None) -> _Fault | None:
        """What is wrong with one object, if the ledger is right."""
        if file is None:
            return _Fault("orphaned", path, file, found)
        if file.is_behind:
            return self._judge_behind(path, file, found)
        body = self._body(file)
        if body is None:
            return None
        wrong: _Wrong
        if found is None:
            wrong = "missing"
        elif found.etag != etag_of(body):
            wrong = "differing"
        elif found.etag != file.etag:
            wrong = "unrecorded"
        else:
            return None
        return _Fault(wrong, path, file, found)

    def _judge_behind(self, path: str, file: Stored, found: StoredObject | None) -> _Fault | None:
        """The publisher is about to put it, and can't if the object is of a later change.

        The ledger is ahead of every object, or it is one that was restored from a backup.
        """
        if found is None or found.etag == file.etag or self._body(file) is None:
            return None
        standing = self.objects.head(path)
        if standing is None or standing.version is None or standing.version <= file.change_no:
            return None
        return _Fault("differing", path, file, standing)

    def _body(self, file: Stored) -> bytes | None:
        """The file of the web root; None unless it is the one that the ledger knows."""
        body = self.web_root.read(file.path)
        if body is None or hashlib.sha256(body).digest() != file.sha256:
            return None
        return body

    def _mend(self, faults: list[_Fault]) -> None:
        for fault in faults:
            if fault.wrong == "differing":
                self._overwrite(fault)
        self._forget([fault.path for fault in faults if fault.wrong != "orphaned"])
        self._delete([fault.path for fault in faults if fault.wrong == "orphaned"])
        if faults:
            self.ask_for_publishing()

    def _overwrite(self, fault: _Fault) -> None:
        """Put the file over exactly what was found, be that of a later change or not.

        The publisher, which would leave a later one alone, finds its own bytes there then.
        """
        assert fault.file is not None
        assert fault.found is not None
        body = self._body(fault.file)
        if body is None:
            return  # changed meanwhile: it is the publisher's again
        try:
            self.objects.put(
                fault.path,
                body,
                headers=cache_policy.headers_of(fault.path),
                version=fault.file.change_no,
                replaces=fault.found.etag,
            )
        except Superseded:
            return  # somebody has put it meanwhile

    def _delete(self, paths: list[str]) -> None:
        for start in range(0, len(paths), DELETE_KEYS_MAX):
            self.objects.delete(paths[start : start + DELETE_KEYS_MAX])
        # A file that has come to stand there meanwhile may have been put before its deletion.
        known = self._ledger() if paths else {}
        self._forget([path for path in paths if path in known])

    def _forget(self, paths: list[str]) -> None:
        """Make the publisher put these again."""
        # One by one: a renderer that records the same files in another order can't get stuck.
        with self.database.connection() as db:
            for path in paths:
                cloud_ledger.forget_version(db, path)
