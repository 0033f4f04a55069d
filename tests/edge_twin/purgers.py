"""Purgers for the tests: one that only remembers, and one that purges the edge's twin."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import md5
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cdn.purger import PurgeFailed, check_batch


@dataclass
class RecordingPurger:
    """The twin of a CDN: purges nothing, remembers what it was asked to.

    `failures` are raised one by one, the first at the first call, before calls succeed.
    """

    calls: deque[tuple[str, ...]] = field(default_factory=lambda: deque(maxlen=1000))
    failures: deque[PurgeFailed] = field(default_factory=deque)

    def purge(self, urls: Sequence[str]) -> None:
        """See `Purger`."""
        check_batch(urls)
        if self.failures:
            raise self.failures.popleft()
        if urls:
            self.calls.append(tuple(urls))


@dataclass(frozen=True)
class EdgeTwinPurger:
    """Forgets what the nginx of nginx_edge.py keeps, by removing its files.

    nginx looks for the file at each hit, so the next read is a miss. Stock nginx has no order to
    purge; the names of its files are the MD5 of its cache key, which the two spell alike.
    """

    cache_dir: Path

    ENCODINGS = ("br, gzip", "br", "gzip", "identity")

    def purge(self, urls: Sequence[str]) -> None:
        """See `Purger`."""
        check_batch(urls)
        for url in urls:
            for file in self._files_of(url):
                # Not kept, or purged by somebody else: gone is what was asked for.
                with suppress(FileNotFoundError):
                    file.unlink()

    def _files_of(self, url: str) -> Iterator[Path]:
        path = unquote(urlsplit(url).path)
        for encoding in self.ENCODINGS:
            name = md5(f"{path}|{encoding}".encode(), usedforsecurity=False).hexdigest()
            yield self.cache_dir / name[-1] / name[-3:-1] / name
