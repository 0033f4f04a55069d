"""What the users of one process saw that no response time tells: above all, what went wrong.

Each worker of a distributed run sends its news to the master once a second, and begins a new
tally; adding up all news gives what one process would have seen.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Acknowledged(NamedTuple):
    """A post that the board said it holds. `mark` is a word of its text that no other post has."""

    thread: int
    no: int
    mark: str


class Place(NamedTuple):
    """A post, or what a reader last saw of a thread."""

    thread: int
    no: int


@dataclass
class Tally:
    """Counts and lists that only grow, until `take_news`."""

    reads: int = 0
    torn: int = 0
    wrong_status: int = 0
    refused_wrongly: int = 0
    #: Posts that were not on their page, or still on it, when the wait for them ended.
    late: int = 0
    #: Workers whose last user has stopped and whose posts need no more waiting for.
    settled: int = 0
    acknowledged: list[Acknowledged] = field(default_factory=list)
    #: Threads seen on a page of their own.
    shown_threads: set[int] = field(default_factory=set)
    #: Pages that were older than an earlier one; a deletion in the thread excuses it.
    steps_back: list[Place] = field(default_factory=list)
    #: Posts that were deleted during the run.
    deleted: list[Place] = field(default_factory=list)
    #: {sentence: how often}, for whoever has to find out.
    notes: Counter[str] = field(default_factory=Counter)
    #: Why the run can't go on; '' if it can.
    halted: str = ""

    def backward(self) -> int:
        """Steps back that no deletion excuses."""
        changed = {place.thread for place in self.deleted}
        return sum(place.thread not in changed for place in self.steps_back)

    def take_news(self) -> dict[str, Any]:
        """All of it, as plain values; what follows is counted from nothing."""
        news = {name: _plain(value) for name, value in vars(self).items()}
        vars(self).update(vars(Tally()))
        return news

    def add(self, news: dict[str, Any]) -> None:
        """What `take_news` of another tally gave."""
        for name in ("reads", "torn", "wrong_status", "refused_wrongly", "late", "settled"):
            setattr(self, name, getattr(self, name) + news[name])
        self.acknowledged += [Acknowledged(*post) for post in news["acknowledged"]]
        self.steps_back += [Place(*place) for place in news["steps_back"]]
        self.deleted += [Place(*place) for place in news["deleted"]]
        self.shown_threads.update(news["shown_threads"])
        self.notes.update(news["notes"])
        self.halted = self.halted or news["halted"]


def _plain(value: Any) -> Any:
    """For msgpack, which Locust's messages are packed with."""
    if isinstance(value, set | list):
        return list(value)
    return dict(value) if isinstance(value, Counter) else value
