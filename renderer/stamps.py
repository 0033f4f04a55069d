"""Modification times of pages: they tell versions apart, and are never ahead of the clock.

nginx makes Last-Modified and ETag of a file's time in whole seconds (and its size). Two versions
within one second must not look the same to a client that asks whether its copy is still good, and a
time in the future is no time at which anything changed (RFC 9110, 8.8.2.1).

So the first version within a second has that second. Each further one borrows a second of the hour
before, another one each time, and is given one of its own as soon as there is one, unless it has
been replaced by then. Whoever dies in between leaves a page that says it is older than it is; a
client that has another version is sent this one all the same.
"""

from __future__ import annotations

import itertools
import os
import threading
import time
from typing import NamedTuple

#: A web server's clock may be that much behind ours: it looks at it once for many requests, and
#: waits for a processor in between. A quarter of a second was too little where eight wanted two.
CLOCK_LEEWAY_S = 1.0
#: How many seconds there are to borrow, and how long before now they end: those that pages have had
#: of late are not among them.
LENT_S = 3600
LENT_UNTIL_S = 60
#: Files that wait for a second of their own; beyond these they stay as they are.
WAITING_MAX = 10_000

#: Each process begins elsewhere, since one page may be drawn by several in turn.
_lent = itertools.count(os.getpid() * 997)
_lock = threading.Lock()
#: {place: inode} of files with a borrowed second.
_waiting: dict[str, int] = {}


class Stamp(NamedTuple):
    """The time of a version."""

    mtime_s: int
    is_borrowed: bool = False


def of_now() -> Stamp:
    """For a file of which there is one version."""
    return Stamp(_now_s())


def next_stamp(old: os.stat_result | None) -> Stamp:
    """For the version that will stand where `old` stands."""
    now_s = _now_s()
    if old is None or max(int(old.st_mtime), int(old.st_ctime - CLOCK_LEEWAY_S)) < now_s:
        return Stamp(now_s)
    end_s = now_s - LENT_UNTIL_S
    return Stamp(end_s - (end_s - next(_lent)) % LENT_S, is_borrowed=True)


def await_own_second(place: str, inode: int) -> None:
    """A version with a borrowed second stands at `place`: give it its own once it has come."""
    with _lock:
        is_first = not _waiting
        if len(_waiting) < WAITING_MAX:
            _waiting[place] = inode
    if is_first:
        # Not a daemon: a program that ends in order ends after it, a second later at most.
        threading.Thread(target=_give_own_seconds, name="stamps").start()


def _give_own_seconds() -> None:
    is_over = False
    while not is_over:
        time.sleep(1.0 - (time.time() - CLOCK_LEEWAY_S) % 1.0 + 0.01)
        with _lock:
            borrowers = dict(_waiting)
        served = {place for place, inode in borrowers.items() if _has_own_second(place, inode)}
        with _lock:
            for place in served:
                if _waiting[place] == borrowers[place]:
                    del _waiting[place]
            is_over = not _waiting


def _has_own_second(place: str, inode: int) -> bool:
    """Give the file its second; False: it came in this one, and has to wait for the next."""
    try:
        now = os.stat(place)  # noqa: PTH116 -- as everywhere on the way of a page
        second = _now_s()
        if now.st_ino == inode:  # else it was replaced
            if int(now.st_ctime - CLOCK_LEEWAY_S) >= second:
                return False
            os.utime(place, (second, second))
    except OSError:
        return True  # it is gone
    return True


def _now_s() -> int:
    return int(time.time() - CLOCK_LEEWAY_S)
