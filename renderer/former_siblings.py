"""Siblings whose places smaller ones of the same page took, kept for an hour for who has them.

nginx makes an ETag of a file's time and size, so a page that is compressed anew has another one:
who asks by the old one whether the page is still good would be sent all of it again. nginx looks
here first for what a reader has, and says that it is still good (nginx/templates/reads.conf.jinja).

`.former/b/res/1.html/6928f2a3-1b2c.br` is what 'b/res/1.html.br' was, under its ETag. It is gone
before its page is replaced, so nobody is told that an older page is still good.
"""

from __future__ import annotations

import errno
import os
import time
from contextlib import suppress
from pathlib import Path

FOLDER = ".former"
#: Beyond that a reader is sent the page once more.
KEPT_S = 3600.0

_NO_LINKS = (errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.ENOSPC, errno.EDQUOT)


def keep(folder: str, path: str, suffix: str) -> None:
    """Keep a sibling of `path` that is to be replaced; where no link can be made, none is kept."""
    sibling = f"{folder}/{path}{suffix}"
    of_page = Path(_of_page(folder, path))
    now = os.stat(sibling)  # noqa: PTH116 -- as everywhere on the way of a page
    try:
        of_page.mkdir(parents=True, exist_ok=True)
        os.link(sibling, of_page / f"{int(now.st_mtime):x}-{now.st_size:x}{suffix}")
    except FileExistsError:
        pass  # somebody was killed before the smaller one was put
    except OSError as ex:
        if ex.errno not in _NO_LINKS:
            raise


def forget(folder: str, path: str) -> None:
    """The page at `path` is about to be replaced, or to go.

    PERF: 2 us for a page of which nothing is kept, as for any that is hot.
    """
    of_page = _of_page(folder, path)
    try:
        names = os.listdir(of_page)  # noqa: PTH208 -- as above
    except FileNotFoundError:
        return
    for name in names:
        Path(of_page, name).unlink(missing_ok=True)
    _remove_if_empty(of_page)


def forget_old(folder: str, before_s: float | None = None) -> int:
    """Let go of those that have been kept for an hour, or since `before_s`; how many."""
    if before_s is None:
        before_s = time.time() - KEPT_S
    forgotten = 0
    for place, _, names in os.walk(f"{folder}/{FOLDER}", topdown=False):
        for name in names:
            kept = Path(place, name)
            with suppress(FileNotFoundError):
                # When it was linked: nothing else changes a file that has no other name.
                if kept.stat().st_ctime < before_s:
                    kept.unlink()
                    forgotten += 1
        _remove_if_empty(place)
    return forgotten


def _of_page(folder: str, path: str) -> str:
    return f"{folder}/{FOLDER}/{path}"


def _remove_if_empty(folder: str) -> None:
    with suppress(OSError):
        os.rmdir(folder)  # noqa: PTH106 -- as above
