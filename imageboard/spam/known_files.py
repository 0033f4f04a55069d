"""Files that staff know, by their bytes or by what they look like: of rules and of bans. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import chain
from typing import Generic, NamedTuple, TypeVar

from imageboard.likeness import BITS_APART_MAX, BITS_APART_SEARCHED, bits_apart
from imageboard.post_rules import NewFile

#: What a file is known for: a rule, a ban.
Known = TypeVar("Known")

_LOOK = re.compile(r"([0-9a-f]{16})(?:/([0-9]{1,2}))?")


class Marks(NamedTuple):
    """By what files are known, in the words of rules: `sha256`, `md5`, `likeness`."""

    #: Hexadecimal; also of what was sent before it lost its metadata.
    sha256: tuple[str, ...] = ()
    md5: tuple[str, ...] = ()
    #: Of those that look like anything.
    likeness: tuple[int, ...] = ()


class Look(NamedTuple):
    """What a picture looks like, and in how many of 64 bits others may differ."""

    likeness: int
    bits_apart_max: int


def marks(files: Iterable[NewFile]) -> Marks:
    found = list(files)
    of_bytes = chain.from_iterable((file.sha256, file.sent_sha256) for file in found)
    return Marks(
        sha256=tuple(digest.hex() for digest in of_bytes if digest),
        md5=tuple(file.md5.hex() for file in found),
        likeness=tuple(file.likeness for file in found if file.likeness is not None),
    )


def spelled(likeness: int) -> str:
    """As a rule has it: -1 -> 'ffffffffffffffff'."""
    return f"{likeness % (1 << 64):016x}"


def read_look(text: str) -> Look | None:
    """'89abcdef01234567/12' -> in 12 bits; without them in as many as finds most copies.

    None: it is none.
    """
    found = _LOOK.fullmatch(text.lower())
    bits = int(found[2] or BITS_APART_MAX) if found else 0
    if found is None or bits > BITS_APART_SEARCHED:
        return None
    number = int(found[1], 16)
    return Look(number - (1 << 64 if number >> 63 else 0), bits)


class KnownFiles(Generic[Known]):
    """PERF: bytes are looked up; what looks alike is compared one after the other, 0.1 ms for a
    thousand.
    """

    def __init__(self) -> None:
        self._digests: dict[str, dict[str, list[Known]]] = defaultdict(lambda: defaultdict(list))
        self._looks: list[tuple[Look, Known]] = []

    def __bool__(self) -> bool:
        return bool(self._digests or self._looks)

    def add_bytes(self, place: str, digest: str, known: Known) -> None:
        """By its `sha256` or its `md5`."""
        self._digests[place][digest].append(known)

    def add_look(self, look: Look, known: Known) -> None:
        self._looks.append((look, known))

    def found(self, files: Marks) -> list[Known]:
        """What any of them is known for; one may be there more than once."""
        found = []
        for place, digests in self._digests.items():
            found += [known for each in getattr(files, place) for known in digests.get(each, ())]
        for likeness in files.likeness:
            found += [
                known
                for look, known in self._looks
                if bits_apart(look.likeness, likeness) <= look.bits_apart_max
            ]
        return found
