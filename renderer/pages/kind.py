"""What a kind of page is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain
from random import Random
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from imageboard.facts import Fact
from imageboard.parts import Part
from renderer.bodies import Body

if TYPE_CHECKING:
    from imageboard.store.site_moment import SiteMoment
    from renderer.pages.view import BoardView, SiteView
    from renderer.web_root import WebRoot

#: Tells pages of one kind apart: a thread's number, a page's number, a file's name.
Key = int | str


class Page(NamedTuple):
    """One page, named by what it shows and not by its path: ('thread', 123).

    It may stand for several files, drawn in one go: a thread's page, its last-50 page and its JSON.
    One that turns out to show nothing any more (its thread is gone) is taken away.
    """

    kind: str
    key: Key


class Drawn(NamedTuple):
    """What is to stand at a path; None: nothing."""

    path: str
    body: Body | None


class LinkedMedia(NamedTuple):
    """A file of the upload store that is to stand at a path."""

    path: str
    stored_as: str
    part: Part
    #: Of the file itself, of which this may be a thumbnail: as it was when it came.
    sha256: bytes
    bytes: int


class PageKind(ABC):
    """What kinds of boards and of the site have in common."""

    #: Unique; it stands in `Page`, in log lines and in docs.
    name: ClassVar[str]
    #: Its place in the order of service, here and in the cloud: 0 media, since pages show them; 1
    #: threads; 2 and up what leads to threads. Kinds of equal order go by their names.
    order: ClassVar[int]
    #: Whether it may follow while posts come in. What has no time is drawn at each step, with the
    #: page before it still being compressed.
    has_time: ClassVar[bool] = True
    #: Whether it only names what is put in place as it is, or goes: many can be named at once.
    draws_nothing: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        """Raises TypeError when a kind lacks its name or its place. Those of this file are none."""
        for needed in ("name", "order"):
            if cls.__module__ != __name__ and not hasattr(cls, needed):
                raise TypeError(f"the kind {cls.__name__} has no {needed}")


class BoardKind(PageKind):
    """A kind of page that each board has."""

    #: How many of them one step draws at most; None: all that are stale. Of those without time.
    at_once_max: ClassVar[int | None] = None

    @abstractmethod
    def stale(self, fact: Fact) -> Iterable[Key]:
        """Its pages that `fact` made stale. Pure; nothing else in the code knows."""

    @abstractmethod
    def there(self, view: BoardView) -> Iterable[Key]:
        """Its pages that must be there."""

    @abstractmethod
    def paths(self, view: BoardView, key: Key) -> Sequence[str]:
        """Every path that `draw` gives for this page, whether or not something stands there."""

    @abstractmethod
    def draw(self, view: BoardView, key: Key) -> Iterator[Drawn | LinkedMedia]:
        """What is to stand at each path of this page: a pure function of what `view` holds."""

    def there_despite_damage(self, view: BoardView) -> Iterable[Key]:
        """The same, named without reading a post, where the database can't read all of them."""
        return self.there(view)

    def there_by_chance(self, view: BoardView, pages: int, chance: Random) -> Iterable[Key]:
        """So many of its pages that must be there, or all; named without reading a post."""
        keys = list(self.there_despite_damage(view))
        return chance.sample(keys, min(pages, len(keys)))

    def might_be_there(self, view: BoardView) -> Iterable[Key]:
        """Pages that are not there; verify looks whether something stands there all the same."""
        return ()

    def drawn_anew(self, view: BoardView) -> Iterable[Key]:
        """What is drawn when all of the board is to be drawn anew; archived threads apart."""
        return self.there(view)

    def paths_there(self, view: BoardView) -> Iterator[str]:
        """Where something of this kind stands, archived threads apart, without drawing it."""
        for key in self.there(view):
            yield from self.paths(view, key)

    def read_ahead(self, view: BoardView, keys: Sequence[Key]) -> None:
        """Read what drawing these pages needs at once, where that is cheaper than one by one."""
        return

    def page(self, key: Key) -> Page:
        return Page(self.name, key)


class ThreadKind(BoardKind):
    """A kind of page that each thread has, archived ones too; its keys are their numbers."""

    def stale(self, fact: Fact) -> Iterable[Key]:
        return fact.touched_threads

    def there(self, view: BoardView) -> Iterable[Key]:
        return chain((preview.thread.no for preview in view.previews), view.archived_numbers)

    def there_despite_damage(self, view: BoardView) -> Iterable[Key]:
        return chain(view.numbers, view.archived_numbers)

    def there_by_chance(self, view: BoardView, pages: int, chance: Random) -> Iterable[Key]:
        """As many on the board, and as many in the archive."""
        numbers = view.numbers
        on_board = chance.sample(numbers, min(pages, len(numbers)))
        return chain(on_board, view.archived_by_chance(pages, chance))

    def drawn_anew(self, view: BoardView) -> Iterable[Key]:
        """Those on the board: those in the archive have time (renderer/redrawing.py)."""
        return (preview.thread.no for preview in view.previews)

    def paths_there(self, view: BoardView) -> Iterator[str]:
        for key in self.drawn_anew(view):
            yield from self.paths(view, key)

    def read_ahead(self, view: BoardView, keys: Sequence[Key]) -> None:
        view.read_ahead([int(key) for key in keys])


#: The key of a page that a board has once.
ONLY = 0


class SoleKind(BoardKind):
    """A kind of page that a board has once."""

    @abstractmethod
    def is_stale(self, fact: Fact) -> bool:
        """Whether `fact` made it stale. Pure."""

    def stale(self, fact: Fact) -> Iterable[Key]:
        return (ONLY,) if self.is_stale(fact) else ()

    def there(self, view: BoardView) -> Iterable[Key]:
        return (ONLY,)


class SiteKind(PageKind):
    """A kind of page that the site has once: it shows several boards, or none."""

    #: Whether a post can be seen on it: then a removal is not done before it is gone from there.
    shows_posts: ClassVar[bool] = True
    #: It is drawn no more often than once in so many seconds, however much happens; 0: as often as
    #: any other. What came in between it shows as soon as they are over.
    pace_s: ClassVar[float] = 0.0

    def may_show(self, web_root: WebRoot, board: str, threads: Collection[int]) -> bool:
        """Whether a post of these threads may be seen on it as it stands."""
        return self.shows_posts

    @abstractmethod
    def draw(self, view: SiteView) -> Iterator[Drawn]:
        """What is to stand at each of its paths: a pure function of what `view` holds."""

    def draw_since(self, view: SiteView, shown: SiteMoment) -> Iterator[Drawn]:
        """What may look different since that moment, where it is known; else all of it."""
        return self.draw(view)

    def is_stale(self, shown: SiteMoment, now: SiteMoment) -> bool:
        """Whether it shows something else by now. Pure."""
        return shown != now
