"""What staff see and do: reported posts, and the entries of the append-only log."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple


class ReportedPost(NamedTuple):
    """A post in the queue of those that nobody has dealt with."""

    board: str
    no: int
    thread: int
    report_count: int
    #: Unix seconds.
    first_s: int
    #: Oldest first.
    reasons: list[str]


class Action(StrEnum):
    """What was done. A name may be added, never changed: old entries hold it."""

    DELETE_POST = "delete_post"
    DELETE_THREAD = "delete_thread"
    DELETE_FILE = "delete_file"
    DISMISS_REPORTS = "dismiss_reports"
    BAN = "ban"
    LIFT_BAN = "lift_ban"
    STICKY = "sticky"
    UNSTICKY = "unsticky"
    LOCK = "lock"
    UNLOCK = "unlock"


class LogEntry(NamedTuple):
    """One thing that was done."""

    id: int
    #: Unix seconds.
    happened_s: int
    #: None: the poster, by the post's password.
    staff: str | None
    action: str
    board: str | None
    post_no: int | None
    #: {'ban': 7}, {'reports': 3}
    detail: dict[str, Any]
