"""last.json: when a backup of each kind was last tried, and when it last went well.

    {"finished_at": 1795507200.0, "kind": "full", "ok": true,      the newest of all
     "kinds": {"full": {"finished_at": …, "ok": true, "last_ok_at": …, "last_failed_at": null},
               "wal": {…}}}

Read by catch-up, which shows the ages to Prometheus, and by `doctor`.
"""

from __future__ import annotations

import fcntl
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from deploy.embedded.service import write_private


def note(folder: Path, kind: str, *, ok: bool, at_s: float, **facts: object) -> None:
    """Write down how it ended: 'full', 'dump', 'wal', 'verify' or 'drill'."""
    path = folder / "last.json"
    with (folder / "last.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        kinds = read(folder).get("kinds", {})
        before = kinds.get(kind, {})
        kinds[kind] = {
            "finished_at": at_s,
            "ok": ok,
            "last_ok_at": at_s if ok else before.get("last_ok_at"),
            "last_failed_at": before.get("last_failed_at") if ok else at_s,
            **facts,
        }
        last = {"finished_at": at_s, "kind": kind, "ok": ok, "kinds": kinds}
        write_private(path, json.dumps(last, indent=1) + "\n")


def read(folder: Path) -> dict[str, Any]:
    """What `note` wrote; {} when there is nothing, or nothing whole."""
    with suppress(OSError, ValueError):
        last: dict[str, Any] = json.loads((folder / "last.json").read_text())
        return last
    return {}
