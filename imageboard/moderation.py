"""What staff see and leave behind: reported posts, and the entries of the append-only log."""

from __future__ import annotations

from typing import Any, NamedTuple

from imageboard.words import Message


class ReportedPost(NamedTuple):
    """A post in the queue of those that nobody has dealt with."""

    board: str
    no: int
    thread: int
    report_count: int
    #: Unix seconds.
    first_s: int
    #: Oldest first: the first few.
    reasons: list[str]


class Action(NamedTuple):
    """What the log says was done. The deeds' rows name all there are (imageboard.store.deeds)."""

    #: As the log keeps it: may be added, never changed, since old entries hold it.
    name: str
    #: After who did it: 'deleted a post'.
    words: Message


class LogEntry(NamedTuple):
    """One thing that was done."""

    id: int
    #: Unix seconds.
    happened_s: int
    #: None: the poster, by the post's password.
    staff: str | None
    #: The name of an Action.
    action: str
    board: str | None
    post_no: int | None
    #: {'ban': 7}, {'reports': 3}
    detail: dict[str, Any]

    @property
    def removal(self) -> int | None:
        """What was removed by it, and may still be brought back."""
        removal = self.detail.get("removal")
        return removal if isinstance(removal, int) else None
