"""How much memory the writer's processes and its children may take together: the one place for it.

A file is read by a **light** process, whose address space few files outgrow. One that does is read
again by a **heavy** one, of which there is one at a time for all processes on the data (a lock on
the scratch folder). So the most that can be taken is

    own(workers) + (workers × at once - 1) × light + heavy

(a film's player is a heavy one), which the limits in `deploy/` are made for (a test compares them),
and to which the heavy one is cut where there is less: a file that needs more is refused with a
sentence, and nobody is killed.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from imageboard.media import BYTES_BEFORE_DECODING, MediaLimits

_MIB = 1024 * 1024
#: Eight megapixels of PNG, or 45 of a JPEG; most of what is sent.
LIGHT_BYTES = 128 * _MIB
#: Of these, what is left to decode in.
DECODING_BYTES = LIGHT_BYTES - BYTES_BEFORE_DECODING
#: 48 megapixels as a phone takes them, turned upright.
HEAVY_BYTES_MAX = 1024 * _MIB
#: FFmpeg's libraries as they are mapped: of the 110 MB 20 are read, and the kernel may drop those.
LIBRARY_BYTES = 128 * _MIB
AT_ONCE = 2
#: gunicorn's master and /tmp; measured with two workers: 137 MB after some pictures, all in all.
_MASTER_BYTES = 96 * _MIB
#: Of each: itself, its fork server, the process that waits there.
_WORKER_BYTES = 80 * _MIB


@dataclass(frozen=True, slots=True)
class Allotment:
    """What each worker's darkroom may do."""

    at_once: int
    heavy_bytes: int

    def bytes_max(self, workers: int) -> int:
        """What the writer and all its children take at most."""
        return own_bytes(workers) + _others(workers, self.at_once) + self.heavy_bytes


def light_bytes(limits: MediaLimits) -> int:
    """Of a light process; where there is no more for a heavy one, there is none."""
    return min(LIGHT_BYTES, limits.memory_bytes_max)


def own_bytes(workers: int) -> int:
    """Without a file."""
    return _MASTER_BYTES + workers * _WORKER_BYTES


def allotment(workers: int, limit_bytes: int | None) -> Allotment:
    """As much as there is room for; `limit_bytes` of None: all of it.

    At the least one light process for each worker, even where that is more than the limit.
    """
    if limit_bytes is None:
        return Allotment(AT_ONCE, HEAVY_BYTES_MAX)
    room = limit_bytes - own_bytes(workers)
    at_once = AT_ONCE if room >= _others(workers, AT_ONCE) + LIGHT_BYTES else 1
    heavy = room - _others(workers, at_once)
    return Allotment(at_once, min(max(heavy, LIGHT_BYTES), HEAVY_BYTES_MAX))


def _others(workers: int, at_once: int) -> int:
    return (workers * at_once - 1) * LIGHT_BYTES


def limit_here(proc: Path = Path("/proc"), groups: Path = Path("/sys/fs/cgroup")) -> int | None:
    """What the kernel gives this process and those beside it: of the machine, and of each of its
    control groups up to the first; None where nobody says.
    """
    try:
        memberships = (proc / "self/cgroup").read_text().splitlines()
        total_kb = int((proc / "meminfo").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    limits = [total_kb * 1024]
    for membership in memberships:
        _, controllers, path = membership.split(":", 2)
        if controllers == "":
            limits += _limits_of(groups, path, "memory.max")
        elif "memory" in controllers.split(","):
            limits += _limits_of(groups / "memory", path, "memory.limit_in_bytes")
    return min(limits)


def _limits_of(root: Path, path: str, name: str) -> list[int]:
    """Of a group and those above it; in a container some of them can't be seen."""
    group = Path(os.path.normpath(f"{root}/{path}"))
    found = []
    for each in (group, *group.parents):
        if root not in (each, *each.parents):
            break
        try:
            found.append(int((each / name).read_text()))
        except (OSError, ValueError):  # 'max', or no such file
            continue
    return found
