"""After a takedown: which files the CDN is told of once more, and whether a reader still finds it.

A step that took away all that somebody wrote has thousands of files. A call's worth of them is
looked at in each round of the publisher: nothing else that is urgent waits for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from cdn.edge_probe import EdgeProbe
from cdn.purger import URLS_PER_CALL_MAX, urls_of
from imageboard.markers import Removed, tims_of
from imageboard.store.takedowns import Takedown

LOOKS_AT_ONCE = 8


def calls_for(paths: Iterable[str], base_url: str) -> Iterator[list[str]]:
    """These in their order, parted so that the addresses of each part fit into one purge."""
    part, urls = list[str](), 0
    for path in paths:
        more = len(urls_of(path, base_url))
        if part and urls + more > URLS_PER_CALL_MAX:
            yield part
            part, urls = [], 0
        part.append(path)
        urls += more
    if part:
        yield part


@dataclass
class SecondLooks:
    """How far the takedowns that are due were looked at. What a killed one knew is begun anew."""

    #: None: nobody looks.
    probe: EdgeProbe | None
    base_url: str
    #: What is not looked at yet.
    _left: dict[tuple[str, datetime], list[str]] = field(default_factory=dict)
    _still_there: dict[tuple[str, datetime], list[str]] = field(default_factory=dict)

    @property
    def is_amid(self) -> bool:
        """Whether there is more to be looked at, now."""
        return any(self._left.values())

    def next_paths(self, due: Sequence[Takedown]) -> list[str]:
        """What the CDN is to be told of, and what `look` is to be given then."""
        self._left = {
            _key(takedown): self._left.get(_key(takedown), list(takedown.paths)) for takedown in due
        }
        waiting = dict.fromkeys(path for left in self._left.values() for path in left)
        return next(calls_for(waiting, self.base_url), [])

    def look(
        self, due: Sequence[Takedown], paths: Sequence[str]
    ) -> Iterator[tuple[Takedown, list[str]]]:
        """Each takedown of which that was the last, and where something of it is still found."""
        told = frozenset(paths)
        with ThreadPoolExecutor(LOOKS_AT_ONCE, thread_name_prefix="look") as pool:
            for takedown in due:
                key, removed = _key(takedown), _removed(takedown)
                mine = [path for path in self._left[key] if path in told]
                shows = pool.map(partial(self._shows, removed), mine)
                found = self._still_there.setdefault(key, [])
                found += [path for path, is_shown in zip(mine, shows, strict=True) if is_shown]
                self._left[key] = [path for path in self._left[key] if path not in told]
                if not self._left[key]:
                    del self._left[key]
                    yield takedown, self._still_there.pop(key)

    def _shows(self, removed: Removed, path: str) -> bool:
        return self.probe is not None and self.probe.shows(path, removed)


def _key(takedown: Takedown) -> tuple[str, datetime]:
    return takedown.board, takedown.gone_at


def _removed(takedown: Takedown) -> Removed:
    if takedown.is_whole_board:
        return Removed(takedown.board, is_whole_board=True)
    return Removed(takedown.board, takedown.post_nos, tims_of(takedown.paths))
