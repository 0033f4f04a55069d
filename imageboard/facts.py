"""What happened on a board: the facts that the outbox holds.

A fact says what happened, and in the same words for all kinds what it touched; which pages that
makes stale is said by each kind of page (`renderer/pages`).

Each is stored as its class's name and its fields as JSON, so a field may be added (with a
default) but never renamed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, NamedTuple

from imageboard import addresses


class PageRange(NamedTuple):
    """Board pages from `first` to `last`, both counted from 1."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened on one board."""

    #: Something is gone that no reader may find a moment longer: it is drawn before all else.
    is_removal: ClassVar[bool] = False
    #: All pages of the board are to be drawn anew, whatever else it touched.
    touches_whole_board: ClassVar[bool] = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def touched_threads(self) -> tuple[int, ...]:
        """Threads in which a post came, went or looks different."""
        return ()

    @property
    def touches_openings(self) -> bool:
        """Whether an OP came, went or may look different."""
        return bool(self.touched_threads)

    @property
    def touched_pages(self) -> PageRange | None:
        """Board pages on which these threads stood or stand."""
        return getattr(self, "pages", None)

    @property
    def touched_writings(self) -> tuple[str, ...]:
        """Names of pages that staff wrote or removed."""
        return ()

    @property
    def touched_media(self) -> tuple[str, ...]:
        """Names below /<board>/ of media that came or went: 'src/1795500950388.png'."""
        media: tuple[str, ...] = getattr(self, "media", ())
        return media


@dataclass(frozen=True, slots=True)
class PostAdded(Fact):
    """A post was stored, or a thread came back (`no` is its OP).

    `pages` are the board pages on which its thread stood or stands.
    """

    thread: int
    no: int
    pages: PageRange
    #: Other threads of this board with a post that this one quotes: their backlinks changed. Of a
    #: thread that came back also those that quote it.
    quoted_threads: tuple[int, ...] = ()
    #: Names below /<board>/ of all that its files are served as.
    media: tuple[str, ...] = ()

    @property
    def touched_threads(self) -> tuple[int, ...]:
        return self.thread, *self.quoted_threads

    @property
    def touches_openings(self) -> bool:
        return self.no == self.thread


@dataclass(frozen=True, slots=True)
class PostChanged(Fact):
    """A post looks different: a file of it is gone, or a post that it quotes went or came back.

    It may be one of many in its thread.
    """

    is_removal = True

    thread: int
    no: int
    pages: PageRange
    media: tuple[str, ...] = ()

    @property
    def touched_threads(self) -> tuple[int, ...]:
        return (self.thread,)


@dataclass(frozen=True, slots=True)
class MediaReady(Fact):
    """A file of a post that was not to be had until now is."""

    thread: int
    no: int
    pages: PageRange
    media: tuple[str, ...] = ()

    @property
    def touched_threads(self) -> tuple[int, ...]:
        return (self.thread,)

    @property
    def touches_openings(self) -> bool:
        return self.no == self.thread


@dataclass(frozen=True, slots=True)
class PostRemoved(Fact):
    """A reply is gone."""

    is_removal = True

    thread: int
    no: int
    pages: PageRange
    media: tuple[str, ...] = ()
    #: Other threads of this board that quoted it (they lose a link) or that it quoted (a backlink).
    quoting_threads: tuple[int, ...] = ()

    @property
    def touched_threads(self) -> tuple[int, ...]:
        return self.thread, *self.quoting_threads


@dataclass(frozen=True, slots=True)
class ThreadRemoved(Fact):
    """A thread is gone from its board: removed, or kept aside since it fell off the last page."""

    is_removal = True

    thread: int
    pages: PageRange
    media: tuple[str, ...] = ()
    quoting_threads: tuple[int, ...] = ()

    @property
    def touched_threads(self) -> tuple[int, ...]:
        return self.thread, *self.quoting_threads


@dataclass(frozen=True, slots=True)
class ThreadChanged(Fact):
    """A thread was made sticky or locked, or is no longer."""

    thread: int
    pages: PageRange

    @property
    def touched_threads(self) -> tuple[int, ...]:
        return (self.thread,)


@dataclass(frozen=True, slots=True)
class BoardChanged(Fact):
    """The board's settings changed, or all of it is to be rendered again."""

    touches_whole_board = True


@dataclass(frozen=True, slots=True)
class BoardRemoved(Fact):
    """The board is going with all that it holds: no page of it is to stand any longer."""

    is_removal = True


@dataclass(frozen=True, slots=True)
class BoardListChanged(Fact):
    """A setting changed that only the front page and boards.json show."""


@dataclass(frozen=True, slots=True)
class StaffWrote(Fact):
    """Staff wrote or removed a page, an announcement or news: of the board, or of the whole site.

    `pages` are all board pages: they lead to what was written, or show it.
    """

    pages: PageRange
    name: str

    @property
    def touched_writings(self) -> tuple[str, ...]:
        return (self.name,)


@dataclass(frozen=True, slots=True)
class BannersChanged(Fact):
    """A banner of the board came or went. `pages` are all board pages: each shows one."""

    pages: PageRange
    media: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ThreadRerendered(Fact):
    """An operator asked for one thread to be rendered again."""

    thread: int

    @property
    def touched_threads(self) -> tuple[int, ...]:
        return (self.thread,)


FACTS = {
    kind.__name__: kind
    for kind in (
        PostAdded,
        PostChanged,
        MediaReady,
        PostRemoved,
        ThreadRemoved,
        ThreadChanged,
        BoardChanged,
        BoardRemoved,
        BoardListChanged,
        StaffWrote,
        BannersChanged,
        ThreadRerendered,
    )
}


def fact_from_json(kind: str, body: Mapping[str, Any]) -> Fact:
    """The fact that the outbox row (`kind`, `body`) holds."""
    values = dict(body)
    if "pages" in values:
        values["pages"] = PageRange(*values["pages"])
    for name in ("quoted_threads", "quoting_threads"):
        if name in values:
            values[name] = tuple(values[name])
    if "media" in values:
        values["media"] = _media(values["media"])
    fact: Fact = FACTS[kind](**values)
    return fact


def _media(stored: Sequence[Any]) -> tuple[str, ...]:
    """As they stand there: ['src/1.png', 'thumb/1.webp'].

    Of a banner the version before writes a row of what its name is made of.
    """
    names: list[str] = []
    for each in stored:
        names += [each] if isinstance(each, str) else addresses.media_names(**each).values()
    return tuple(name for name in names if not addresses.is_of_nothing(name))
