"""The file of ranges that the operator names: exits of Tor, data centres, whoever is not wanted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from imageboard.cloaks import Address
from imageboard.errors import BadSetting
from imageboard.spam import ranges
from imageboard.spam.ranges import Ranges
from imageboard.words import N_
from monitoring.logs import get_logger

log = get_logger(__name__)

#: A larger one is no list of ranges.
_BYTES_MAX = 64 * 1024 * 1024


class ListedRanges:
    """Read at the start, and again when the file has changed: somebody fetches it anew each day."""

    _LOOK_EVERY_S = 60.0

    def __init__(self, path: Path | None, clock: Callable[[], float] = time.monotonic) -> None:
        """Raises BadSetting: it can't be read, and everybody would be let in."""
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._ranges = ranges.NONE
        self._version: tuple[int, int] | None = None
        self._looked_s = clock()
        if path is None:
            return
        try:
            self._ranges, self._version = _read(path), _version(path)
        except (OSError, ValueError) as ex:
            raise BadSetting(
                name="STILLBOARD_RANGES_FILE",
                fault=N_("there is no list of ranges at {path}").filled(path=path),
                example="/etc/stillboard/ranges.txt",
            ) from ex

    def hold(self, address: Address) -> bool:
        if self._path is not None and self._clock() - self._looked_s > self._LOOK_EVERY_S:
            self._look(self._path)
        return self._ranges.hold(address)

    def _look(self, path: Path) -> None:
        """What can't be read leaves the list as it was. While one reads, others go by that too."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            version = _version(path)
            if version != self._version:
                self._ranges, self._version = _read(path), version
        except (OSError, ValueError):
            log.error("ranges_not_read", path=str(path))
        finally:
            self._looked_s = self._clock()
            self._lock.release()


def _version(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def _read(path: Path) -> Ranges:
    """Raises OSError, ValueError: it is no text, or too large."""
    if path.stat().st_size > _BYTES_MAX:
        raise ValueError(path)
    with path.open(encoding="utf-8") as file:
        found = ranges.read(file)
    log.info("ranges_read", lines=found.lines, unread=found.unread)
    return found
