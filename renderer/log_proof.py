"""Proves the log of what staff do: its chain, its signed head, and what is published of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from imageboard import addresses, log_chain
from imageboard.log_chain import Head
from imageboard.log_signing import LogSigner, is_signed
from imageboard.store import log_chain as stored
from imageboard.store.database import snapshot
from renderer.pages import public_log
from renderer.pages.kind import Drawn
from renderer.pages.view import SiteView
from renderer.render_loop import RenderLoop


class Proof(NamedTuple):
    """What was looked at, and the first thing that is wrong of each: none, all is well."""

    entries: int
    files: int
    is_signed: bool
    faults: list[str]


@dataclass(frozen=True, slots=True)
class LogProof:
    """Of one board's log. Nothing is mended: what is wrong is to be looked into."""

    loop: RenderLoop

    def prove(self) -> Proof:
        """What waits to be published is published first.

        Raises:
            DiskFull, StoreUnavailable.
        """
        site_pages = self.loop.site_pages
        site_pages.render()
        with self.loop.database.connection() as db, site_pages.holding(db), snapshot(db):
            view = site_pages.view(db)
            head = stored.head(db)
            faults = list(self._faults_of_chain(view))
            drawn = list(public_log.KIND.draw(view))
            faults += self._faults_of_pages(drawn)
            if head is not None:
                faults += self._faults_of_head(head)
        files = sum(file.body is not None for file in drawn)
        return Proof(head.place if head else 0, files, bool(self.loop.log_key), faults)

    def _faults_of_chain(self, view: SiteView) -> Iterator[str]:
        if (fault := log_chain.first_fault(stored.entries(view.db))) is not None:
            yield f"entry {fault.place}: {fault.fault}"
        if (lost := stored.unchained(view.db)) is not None:
            yield f"number {lost} of the log is not in the chain"

    def _faults_of_head(self, head: Head) -> Iterator[str]:
        """Of the head that is published: it is that of the chain, and signed by our key."""
        told = self._read(addresses.LOG_HEAD_PATH)
        if not isinstance(told, dict):
            return  # It is missing, which is said of its page.
        if (told.get("place"), told.get("hash")) != (head.place, head.hash.hex()):
            yield f"{addresses.LOG_HEAD_PATH}: it is not the head of the chain"
        elif self.loop.log_key:
            public_key = LogSigner(self.loop.log_key).public_key
            if not is_signed(head, _bytes(told.get("signature")), public_key):
                yield f"{addresses.LOG_HEAD_PATH}: our key has not signed it"

    def _faults_of_pages(self, drawn: list[Drawn]) -> Iterator[str]:
        """The first entry that a file tells otherwise, or else that the file is another one."""
        for file in drawn:
            stands = self.loop.web_root.read(file.path)
            wanted = None if file.body is None else bytes(file.body)
            if stands == wanted:
                continue
            if stands is None or wanted is None or not file.path.endswith(".json"):
                yield f"{file.path}: it is {'missing' if stands is None else 'another page'}"
                continue
            yield f"{file.path}: {_first_difference(self._read(file.path), json.loads(wanted))}"

    def _read(self, path: str) -> Any:
        try:
            return json.loads(self.loop.web_root.read(path) or b"")
        except ValueError:
            return None


def _first_difference(stands: Any, wanted: dict[str, Any]) -> str:
    if not isinstance(stands, dict) or not isinstance(stands.get("entries"), list):
        return "it is another file"
    by_place = {entry.get("place"): entry for entry in stands["entries"] if isinstance(entry, dict)}
    for entry in wanted.get("entries", []):
        if by_place.pop(entry["place"], None) != entry:
            return f"entry {entry['place']} is told otherwise, or left out"
    return f"entry {next(iter(by_place))} is put in" if by_place else "it is another file"


def _bytes(hexadecimal: object) -> bytes:
    try:
        return bytes.fromhex(hexadecimal) if isinstance(hexadecimal, str) else b""
    except ValueError:
        return b""
