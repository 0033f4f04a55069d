"""Memory and processor time of the board's processes, and of the load generator's own.

    sampler = Sampler(parts_of(data_folder), {"generator": os.getpid()})
    sampler.start()
    …
    processes = sampler.stop()

Works where the board runs on this machine, on Linux and macOS. What a process did that lived for
less than the time between two looks is not seen. Memory is the resident set (RSS): pages shared
with others count in each of them, so every figure is at least what the process needs alone.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import psutil

from loadtest.results import ProcessSamples

EVERY_S = 1.0
#: Looking for new children reads every process of the machine: not each time.
_LOOKS_PER_SEARCH = 5
_JOIN_S_MAX = 10.0
_MODULE_NAMES = {"writer.media.process": "darkroom"}
#: Parts that work in children too short-lived to be looked at: their time is seen when it is over.
_WITH_SHORT_CHILDREN = frozenset({"darkroom"})


def parts_of(data: Path) -> dict[str, int]:
    """{part: its first process} of the board that is up in this folder; {} when none is."""
    try:
        parts = json.loads((data / "run.json").read_text())["parts"]
        return {name: int(part["pid"]) for name, part in parts.items()}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def part_name(name: str) -> str:
    """As the figures have it: 'renderer-2' -> 'renderer', 'catch-up' -> 'catch_up'."""
    return re.sub(r"-\d+$", "", name).replace("-", "_")


@dataclass(slots=True)
class _Watched:
    """A process and what was seen of it so far."""

    name: str
    is_generator: bool
    process: psutil.Process
    #: Processor time that it had used before anybody looked.
    before_s: float
    at_s: list[float] = field(default_factory=list)
    rss_mb: list[float] = field(default_factory=list)
    used_s: list[float] = field(default_factory=list)

    def look(self, now_s: float) -> bool:
        """False: it has ended."""
        try:
            with self.process.oneshot():
                used_s = _used_s(self.name, self.process)
                rss = self.process.memory_info().rss
                if self.process.status() == psutil.STATUS_ZOMBIE:
                    return False
        except psutil.Error:
            return False
        self.at_s.append(round(now_s, 2))
        self.rss_mb.append(round(rss / 1e6, 1))
        self.used_s.append(used_s - self.before_s)
        return True

    def samples(self) -> ProcessSamples:
        looks = pairwise(zip(self.at_s, self.used_s, strict=True))
        cores = [(used - was) / max(at - then, 1e-3) for (then, was), (at, used) in looks]
        return ProcessSamples(
            name=self.name,
            pid=self.process.pid,
            at_s=self.at_s,
            rss_mb=self.rss_mb,
            # The first look has nothing before it to tell a rate from.
            cpu_cores=[0.0, *(round(max(each, 0.0), 3) for each in cores)],
            cpu_s=round(self.used_s[-1], 3),
            is_generator=self.is_generator,
        )


class Sampler:
    """Looks at processes and all of their children, once a second, from a thread of its own."""

    def __init__(
        self,
        board: Mapping[str, int],
        generator: Mapping[str, int] | None = None,
        every_s: float = EVERY_S,
    ) -> None:
        """`board` and `generator`: {name: pid}; children go by the name of their parent."""
        self._roots = [
            *((part_name(name), pid, False) for name, pid in board.items()),
            *((name, pid, True) for name, pid in (generator or {}).items()),
        ]
        self._every_s = every_s
        self._watched: dict[int, _Watched] = {}
        self._ended: list[_Watched] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)
        self._began_s = 0.0
        self._began_at = 0.0

    def start(self) -> None:
        """The first look is over when this returns."""
        self._began_s, self._began_at = time.monotonic(), time.time()
        self._search()
        self._look()
        self._thread.start()

    def stop(self) -> list[ProcessSamples]:
        """One more look, then everything that was seen, in the order of names."""
        self._stop.set()
        self._thread.join(_JOIN_S_MAX)
        self._look()
        seen = [each for each in (*self._ended, *self._watched.values()) if each.at_s]
        return sorted((each.samples() for each in seen), key=lambda each: (each.name, each.pid))

    def _run(self) -> None:
        looks = 1
        while not self._stop.wait(self._every_s):
            if looks % _LOOKS_PER_SEARCH == 0:
                self._search()
            self._look()
            looks += 1

    def _look(self) -> None:
        now_s = time.monotonic() - self._began_s
        for pid, watched in list(self._watched.items()):
            if not watched.look(now_s):
                self._ended.append(self._watched.pop(pid))

    def _search(self) -> None:
        """Find children that are new since the last time."""
        for name, pid, is_generator in self._roots:
            try:
                root = psutil.Process(pid)
                family = [root, *root.children(recursive=True)]
            except psutil.Error:
                continue
            self._watch(name, family, is_generator)

    def _watch(self, name: str, family: Iterable[psutil.Process], is_generator: bool) -> None:
        for process in family:
            known = self._watched.get(process.pid)
            if known is not None and known.process == process:
                continue
            if known is not None:
                self._ended.append(known)  # its number was given to another process since
            try:
                own_name = _own_name(process) or name
                is_new = process.create_time() > self._began_at
                before_s = 0.0 if is_new else _used_s(own_name, process)
            except psutil.Error:
                continue
            self._watched[process.pid] = _Watched(own_name, is_generator, process, before_s)


def _used_s(name: str, process: psutil.Process) -> float:
    """Processor time so far, user and system; of children that have ended only where they count."""
    times = process.cpu_times()
    reaped = times.children_user + times.children_system if name in _WITH_SHORT_CHILDREN else 0.0
    return float(times.user + times.system + reaped)


def _own_name(process: psutil.Process) -> str | None:
    """Of a child that is another part of the board than its parent."""
    for argument in process.cmdline():
        if argument in _MODULE_NAMES:
            return _MODULE_NAMES[argument]
    return None
