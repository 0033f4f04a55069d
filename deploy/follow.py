"""Follows the logs of all parts at once, for `up --verbose`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


class LogFollower:
    """Lines that are added to the *.log files of a folder from now on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read_to = {log: log.stat().st_size for log in folder.glob("*.log")}

    def new_lines(self) -> Iterator[tuple[str, str]]:
        """(part, line) of every complete line since the last call, part by part."""
        for log in sorted(self._folder.glob("*.log")):
            for line in self._new_text(log).splitlines():
                yield log.stem, line.decode(errors="replace")

    def _new_text(self, log: Path) -> bytes:
        start = self._read_to.get(log, 0)
        with log.open("rb") as file:
            if log.stat().st_size < start:  # it was begun anew
                start = 0
            file.seek(start)
            whole_lines = file.read()
        whole_lines = whole_lines[: whole_lines.rfind(b"\n") + 1]
        self._read_to[log] = start + len(whole_lines)
        return whole_lines
