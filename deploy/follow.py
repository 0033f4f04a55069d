"""Reads and follows the logs of all parts at once, for `logs` and `up --verbose`."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from pathlib import Path

#: A line that is longer and not whole is begun in its middle.
_LINE_BYTES_MAX = 64 * 1024


class LogFollower:
    """Lines that are added to the *.log files of a folder from now on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read_to = {log: _end_of_lines(log) for log in folder.glob("*.log")}

    def new_lines(self) -> Iterator[tuple[str, str]]:
        """(part, line for people) of every complete line since the last call, part by part."""
        for log in sorted(self._folder.glob("*.log")):
            for line in self._new_text(log).splitlines():
                yield log.stem, for_people(line.decode(errors="replace"))

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


def _end_of_lines(log: Path) -> int:
    """Where its last whole line ends: what is begun behind it is told when it is whole."""
    with log.open("rb") as file:
        size = log.stat().st_size
        file.seek(max(0, size - _LINE_BYTES_MAX))
        begun = file.read(_LINE_BYTES_MAX)
    return size - (len(begun) - 1 - begun.rfind(b"\n")) if b"\n" in begun else size


def last_lines(log: Path, count: int) -> list[str]:
    """For people, the oldest first; an unfinished line is left out. FileNotFoundError: no log."""
    with log.open("rb") as file:
        kept = deque((line for line in file if line.endswith(b"\n")), maxlen=count)
    return [for_people(line.decode(errors="replace").rstrip("\n")) for line in kept]


def for_people(line: str) -> str:
    """'{"event": "post_stored", "level": "info", "no": 7, …}' -> 'post_stored  no=7'.

    A level above info is named; a line that is none of ours is as it was.
    """
    try:
        fields = json.loads(line)
        event = fields.pop("event")
    except (ValueError, TypeError, AttributeError, KeyError):
        return line
    for told_already in ("timestamp", "part", "module", "request_id"):
        fields.pop(told_already, None)
    level = fields.pop("level", "info")
    words = [event if level in ("debug", "info") else f"{level}: {event}", ""]
    words += [f"{name}={_shown(value)}" for name, value in fields.items()]
    return " ".join(words).rstrip()


def _shown(value: object) -> str:
    return value if isinstance(value, str) and " " not in value else json.dumps(value)
