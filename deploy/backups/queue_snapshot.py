"""Valkey's own snapshot of the queue and the counters.

Nothing in it is needed to have the board back: posts, sessions and bans are in PostgreSQL, and
catch-up calls for whatever the queue forgot. Losing it costs the counters of rate limits. It is
kept for a week for those who want to look into it, and is never put back by a restore.
"""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import redis

from deploy.parts import connect
from imageboard.errors import ImageboardError
from imageboard.words import N_

WAIT_S_MAX = 60.0
_LOOK_EVERY_S = 0.05


class NoSnapshot(ImageboardError):
    message = N_("Valkey made no snapshot: {reason}")


def take(redis_url: str) -> bytes | None:
    """The snapshot that Valkey makes now; None when its files are not ours to read.

    They are on another machine, or in a folder that is its own user's, as Debian's is.

    Raises:
        NoSnapshot: Valkey is down, or can't write it.
    """
    try:
        with closing(connect(redis_url)) as queue:
            _save(queue)
            settings = queue.config_get("dir") | queue.config_get("dbfilename")
    except redis.RedisError as ex:
        raise NoSnapshot(reason=type(ex).__name__) from ex
    path = Path(settings["dir"] or "") / (settings["dbfilename"] or "")
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError, PermissionError):
        return None


def _save(queue: redis.Redis) -> None:
    queue.bgsave()
    deadline = time.monotonic() + WAIT_S_MAX
    while (state := queue.info("persistence"))["rdb_bgsave_in_progress"]:
        if time.monotonic() > deadline:
            raise NoSnapshot(reason=f"it takes longer than {WAIT_S_MAX:.0f} s")
        time.sleep(_LOOK_EVERY_S)
    if state["rdb_last_bgsave_status"] != "ok":
        raise NoSnapshot(reason="it could not write it (a full disk?)")
