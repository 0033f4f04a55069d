"""Looks from outside until nothing of what was removed is found any more, at several places.

It is a process of its own and asks little, so that the board has the machine. It asks for versions
that it has not read yet, a handful before the first is answered. Of a handful it asks for one
alone until that is gone, then for the others, and for none that is gone. While that one is there
it goes on to the next handful; so some are proven gone while others are on their way.
"""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from multiprocessing.connection import Connection as Pipe
from typing import NamedTuple, Self, TypeAlias
from urllib.parse import urlsplit

from tests.walk.pipelined import Pipelined, get

#: What a file's name begins with.
_TIM = re.compile(rb"[0-9]{13,}")
#: Requests that are on their way on one connection.
_AT_ONCE = 32
_LOOK_EVERY_S = 0.05
_PATIENCE_S = 120.0


@dataclass(frozen=True)
class Removed:
    """What is to be gone: posts, by a word in each of their texts, and files, by their names."""

    mark: bytes
    tims: frozenset[bytes]

    def is_shown(self, path: str, body: bytes) -> bool:
        """Whether that is one of the files, or a page that shows a post or a file."""
        found = set(_TIM.findall(path.encode()))
        if path.endswith((".html", ".json", ".atom", ".rss", ".xml")):
            found |= set(_TIM.findall(body))
        return self.mark in body or not found.isdisjoint(self.tims)


class Place(NamedTuple):
    """Where it is looked: `root` stands before each path, '' or '/board' of a bucket."""

    name: str
    host: str
    port: int
    root: str
    #: Whether a folder is asked for as readers do, by its address without 'index.html'.
    has_folders: bool
    #: Connections that share the addresses. More than one where each first answer waits for
    #: another server, and readers are many.
    lines: int

    @classmethod
    def of(cls, name: str, url: str, *, has_folders: bool, lines: int = 1) -> Self:
        """'http://127.0.0.1:8333/board'."""
        parts = urlsplit(url)
        assert parts.hostname, url
        assert parts.port, url
        return cls(name, parts.hostname, parts.port, parts.path.rstrip("/"), has_folders, lines)

    def target(self, path: str) -> str:
        return self.root + (re.sub(r"/index\.html$", "/", path) if self.has_folders else path)


class Gone(NamedTuple):
    """When it was gone at a place, by the clock that processes share."""

    #: The last of all addresses; or when nobody waited any longer.
    at_s: float
    #: How many requests that took.
    requests: int
    #: Where it was still found then.
    left: Sequence[str]

    @classmethod
    def of(cls, parts: Sequence[Self]) -> Self:
        """What several lines to one place have found."""
        return cls(
            max(part.at_s for part in parts),
            sum(part.requests for part in parts),
            [path for part in parts for path in part.left],
        )


@dataclass
class Line:
    """A connection to a place, kept open."""

    place: Place
    requests: int = 0
    #: {path: the version that was read, and shows it}
    _versions: dict[str, bytes] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._connection = Pipelined(self.place.host, self.place.port)
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def still_shown(self, removed: Removed, paths: Sequence[str]) -> list[str]:
        """Those at which it is found."""
        found = []
        for first in range(0, len(paths), _AT_ONCE):
            some = paths[first : first + _AT_ONCE]
            self._connection.send(map(self._request, some))
            found += [path for path in some if self._shows(removed, path)]
        return found

    def _request(self, path: str) -> bytes:
        self.requests += 1
        version = self._versions.get(path, b"")
        return get(self.place.target(path), self.place.host, version=version)

    def _shows(self, removed: Removed, path: str) -> bool:
        status, version, body = self._connection.answer()
        if status == HTTPStatus.NOT_MODIFIED:
            return True
        self._versions.pop(path, None)
        assert status in (HTTPStatus.OK, HTTPStatus.NOT_FOUND), f"{self.place.name}{path}: {status}"
        if status == HTTPStatus.NOT_FOUND or not removed.is_shown(path, body):
            return False
        if version:
            self._versions[path] = version
        return True


#: A connection, and the addresses that are asked for on it.
Part: TypeAlias = tuple[Line, Sequence[str]]


@dataclass(frozen=True)
class Looker:
    """`look` is the work of a process; what it finds goes through a pipe."""

    places: Sequence[Place]
    removed: Removed
    addresses: Sequence[str]

    def look(self, pipe: Pipe) -> None:
        """First {place: at how many addresses it is found}; then {place: Gone}.

        Whoever says anything through the pipe, or closes it, waits no longer: it is looked once
        more, and told what is still found.
        """
        with ExitStack() as stack:
            parts = [
                (stack.enter_context(Line(place)), self.addresses[first :: place.lines])
                for place in self.places
                for first in range(place.lines)
            ]
            pool = stack.enter_context(ThreadPoolExecutor(len(parts)))
            shown: Counter[str] = Counter()
            for (line, _), count in zip(parts, pool.map(self._number_shown, parts), strict=True):
                shown[line.place.name] += count
            pipe.send(dict(shown))
            gone: defaultdict[str, list[Gone]] = defaultdict(list)
            found = pool.map(partial(self._until_gone, is_enough=pipe.poll), parts)
            for (line, _), part in zip(parts, found, strict=True):
                gone[line.place.name].append(part)
            with suppress(BrokenPipeError):  # nobody asks any more
                pipe.send({name: Gone.of(each) for name, each in gone.items()})

    def _number_shown(self, part: Part) -> int:
        line, addresses = part
        shown = line.still_shown(self.removed, addresses)
        line.requests = 0
        return len(shown)

    def _until_gone(self, part: Part, is_enough: Callable[[], bool]) -> Gone:
        line, addresses = part
        deadline = time.monotonic() + _PATIENCE_S
        left = list(addresses)
        while left:
            some = left[-_AT_ONCE:]
            if line.still_shown(self.removed, some[-1:]):
                if is_enough() or time.monotonic() > deadline:
                    left = line.still_shown(self.removed, left)
                    break
                left = some + left[:-_AT_ONCE]
                time.sleep(_LOOK_EVERY_S)
            else:
                left[-_AT_ONCE:] = line.still_shown(self.removed, some[:-1])
        return Gone(time.monotonic(), line.requests, left)
