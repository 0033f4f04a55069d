"""How quick the machine is at this moment: its processor, and its disk.

A machine is half as fast again from one hour to the next, and others may be at work on it. Beside
a figure this says how much of it is the machine's.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

_ADDITIONS = 300_000
_LOOPS = 5
_FLUSHES = 25
_FLUSHED_BYTES = 4096


class Calibration(NamedTuple):
    """Medians: of a loop of 300,000 additions in Python, and of 4 KB written and flushed."""

    loop_ms: float
    fdatasync_ms: float


def calibrate(folder: Path) -> Calibration:
    """`folder` is on the disk that is meant."""
    return Calibration(_loop_ms(), _fdatasync_ms(folder))


def _loop_ms() -> float:
    took_ms = []
    for _ in range(_LOOPS):
        began_s = time.perf_counter()
        count = 0
        for number in range(_ADDITIONS):
            count += number
        took_ms.append((time.perf_counter() - began_s) * 1000)
    return statistics.median(took_ms)


def _fdatasync_ms(folder: Path) -> float:
    # As a write-ahead log does it: over bytes that are there, so that no metadata go along.
    block = os.urandom(_FLUSHED_BYTES)
    took_ms = []
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for number in range(_FLUSHES + 1):
            file.seek(0)
            file.write(block)
            file.flush()
            began_s = time.perf_counter()
            _flush(file.fileno())
            if number:  # the first one also gives the file its place
                took_ms.append((time.perf_counter() - began_s) * 1000)
    return statistics.median(took_ms)


#: macOS has no fdatasync(2).
_flush = getattr(os, "fdatasync", os.fsync)
