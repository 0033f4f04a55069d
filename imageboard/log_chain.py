"""The chain of the moderation log: what is hashed of an entry, and whether one fits the one before.

The hash of each entry covers that of the one before: whoever alters, adds or takes out one has to
make all hashes after it anew, and so another head than the one that was signed and published. Who
did it and to whom is hashed by itself, with a salt: it can be forgotten, or kept from readers, and
the chain still holds. docs/audit.md has the bytes; the database makes the same ones (log_bytes()
in schema.sql).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

#: What stands before the first entry.
BEGINNING = bytes(32)
#: Of an entry's details those that name somebody.
NAMES = ("account",)
#: Of one page. A day has as many pages as it needs.
ENTRIES_OF_PAGE_MAX = 1_000
#: In place of a name that is no longer kept.
FORGOTTEN = ""


class ChainedEntry(NamedTuple):
    """An entry of the log at its place."""

    #: From 1, without gaps.
    place: int
    #: The hash of the entry before.
    before: bytes
    #: '2026-11-29T14:00:00.123456Z'
    at: str
    #: None: the poster, by the post's password.
    staff: str | None
    action: str
    board: str | None
    post_no: int | None
    detail: dict[str, Any]
    #: None: the names are forgotten.
    salt: bytes | None
    names_hash: bytes
    hash: bytes

    @property
    def day(self) -> str:
        """'2026-11-29', in UTC."""
        return self.at[:10]

    @property
    def told(self) -> dict[str, Any]:
        """Its details without names."""
        return {name: value for name, value in self.detail.items() if name not in NAMES}


def names_of(entry: ChainedEntry) -> bytes:
    """What is hashed after the salt."""
    lines = [f"staff {_json(entry.staff)}"]
    lines += [f"{name} {_json(entry.detail[name])}" for name in NAMES if name in entry.detail]
    return _text(lines)


def bytes_of(entry: ChainedEntry) -> bytes:
    """What the hash of an entry is of."""
    return _text(
        [
            "stillboard log 1",
            f"place {entry.place}",
            f"before {entry.before.hex()}",
            f"at {entry.at}",
            f"by {'poster' if entry.staff is None else 'staff'}",
            f"action {_json(entry.action)}",
            f"board {_json(entry.board)}",
            f"post {_json(entry.post_no)}",
            *(f"detail.{name} {_json(entry.told[name])}" for name in sorted(entry.told)),
            f"names {entry.names_hash.hex()}",
        ]
    )


def page_of(day: str, before: int) -> str:
    """Where the entry stands that has so many before it: '2026-11-29', '2026-11-29-2'."""
    number = before // ENTRIES_OF_PAGE_MAX + 1
    return day if number == 1 else f"{day}-{number}"


class Fault(NamedTuple):
    """The first thing that is wrong with the chain."""

    place: int
    fault: str


def first_fault(entries: Iterable[ChainedEntry]) -> Fault | None:
    """Of all entries in the order of their places; None: each fits."""
    return next(_faults(entries), None)


def _faults(entries: Iterable[ChainedEntry]) -> Iterator[Fault]:
    place, before = 0, BEGINNING
    for entry in entries:
        if entry.place != place + 1:
            yield Fault(place + 1, "it is missing")
        if entry.before != before:
            yield Fault(entry.place, "its predecessor is another one")
        if _sha256(bytes_of(entry)) != entry.hash:
            yield Fault(entry.place, "it was altered: its hash is of something else")
        if entry.salt is not None and _sha256(entry.salt + names_of(entry)) != entry.names_hash:
            yield Fault(entry.place, "a name in it was altered")
        if entry.salt is None and (entry.staff or any(name in entry.detail for name in NAMES)):
            yield Fault(entry.place, "it has a name that nothing proves")
        place, before = entry.place, entry.hash


class Head(NamedTuple):
    """The last entry of the chain, which vouches for all before it."""

    place: int
    hash: bytes
    at: str

    @property
    def signed(self) -> bytes:
        """The bytes that a signature is of."""
        return _text(
            [
                "stillboard head 1",
                f"place {self.place}",
                f"hash {self.hash.hex()}",
                f"at {self.at}",
            ]
        )


def _text(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
