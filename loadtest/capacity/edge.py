"""The second stage and the edge: when a file is put, and whether a copy of it may still be used."""

from __future__ import annotations

from dataclasses import dataclass, field

from loadtest.capacity.site import File

_NEVER = float("-inf")
#: The place that the others ask, with tiered caching.
_UPPER = -1


@dataclass
class Bucket:
    """Puts of changed files, one at a time for each, `pace_s` apart; a purge follows each."""

    pace_s: float
    puts: int = 0
    purged_urls: int = 0
    #: Changes that went along with a put that was waiting anyway.
    folded: int = 0
    #: {file: (the put before, the last put)}; the last may lie in the future.
    _puts: dict[File, tuple[float, float]] = field(default_factory=dict)

    def change(self, file: File, now_s: float) -> None:
        """The file has new bytes: put it as soon as its pace allows, unless that is under way."""
        _before, last = self._puts.get(file, (_NEVER, _NEVER))
        if last > now_s:
            self.folded += 1
            return
        self._puts[file] = (last, max(now_s, last + self.pace_s))
        self.puts += 1
        self.purged_urls += file.urls

    def put_at(self, file: File, now_s: float) -> float:
        """When the bytes that it holds now were put."""
        before, last = self._puts.get(file, (_NEVER, _NEVER))
        return last if last <= now_s else before


@dataclass
class Edge:
    """Copies at many places; each is used while it is fresh and nothing was purged.

    `upper_misses` are those that are left when the places ask one of them, which keeps a copy as
    well, before they ask the bucket: tiered caching.
    """

    bucket: Bucket
    fresh_s: float
    reads: int = 0
    misses: int = 0
    upper_misses: int = 0
    _fetched: dict[tuple[int, File], float] = field(default_factory=dict)

    def read(self, place: int, file: File, now_s: float) -> None:
        """A reader near `place`, counted from 0, asks for it."""
        self.reads += 1
        if not self._has(place, file, now_s):
            self.misses += 1
            self.upper_misses += not self._has(_UPPER, file, now_s)

    def _has(self, place: int, file: File, now_s: float) -> bool:
        """Whether the copy there may be used; if not, it is fetched."""
        fetched = self._fetched.get((place, file), _NEVER)
        is_fresh = now_s - fetched < self.fresh_s
        if is_fresh and self.bucket.put_at(file, now_s) <= fetched:
            return True
        self._fetched[place, file] = now_s
        return False
