"""Which files a fact makes stale. Nothing else in the code knows.

A stale file is named by what it shows, not by its path: `ThreadPage(thread=123)`. One that
turns out to show nothing any more (its thread is gone, the board has fewer pages) is removed
by the renderer: "stale" covers both.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch

from imageboard import facts
from imageboard.facts import Fact, FileMedia, PageRange


@dataclass(frozen=True, slots=True)
class StaleFile:
    """A file of the public site that may no longer show what the database holds."""


@dataclass(frozen=True, slots=True)
class Media(StaleFile):
    """An image or thumbnail: put in place, or taken away with its post."""

    name: str


@dataclass(frozen=True, slots=True)
class ThreadFiles(StaleFile):
    """A thread's page, its last-50 page and its JSON: made from the same posts, in one go."""

    thread: int


@dataclass(frozen=True, slots=True)
class BoardPage(StaleFile):
    """One board page and its JSON; `page` counts from 1."""

    page: int


@dataclass(frozen=True, slots=True)
class Catalog(StaleFile):
    """Catalog page, catalog.json and threads.json."""


@dataclass(frozen=True, slots=True)
class SiteFiles(StaleFile):
    """Front page and boards.json: they show all boards."""


@dataclass(frozen=True, slots=True)
class SiteFrame(StaleFile):
    """What changes with the templates and the list of boards alone: assets, 404, robots.txt."""


@dataclass(frozen=True, slots=True)
class WholeBoard(StaleFile):
    """Every file of the board: the three below, and each thread and page."""


@dataclass(frozen=True, slots=True)
class AllMedia(StaleFile):
    """Every image and thumbnail of the board."""


@dataclass(frozen=True, slots=True)
class Leftovers(StaleFile):
    """What the board had once and has no longer."""


def _pages(pages: PageRange) -> set[StaleFile]:
    return {BoardPage(page) for page in range(pages.first, pages.last + 1)}


def _threads(*threads: int) -> set[StaleFile]:
    return {ThreadFiles(thread) for thread in threads}


def _media(files: tuple[FileMedia, ...]) -> set[StaleFile]:
    return {Media(name) for file in files for name in file.names}


@singledispatch
def stale_files(fact: Fact) -> set[StaleFile]:
    """The files that `fact` made stale."""
    raise NotImplementedError(type(fact).__name__)


@stale_files.register
def _(fact: facts.PostAdded) -> set[StaleFile]:
    return (
        _media(fact.media)
        | _threads(fact.thread, *fact.quoted_threads)
        | _pages(fact.pages)
        | {Catalog(), SiteFiles()}
    )


@stale_files.register(facts.MediaReady)
@stale_files.register(facts.PostChanged)
def _(fact: facts.PostChanged | facts.MediaReady) -> set[StaleFile]:
    return (
        _media(fact.media) | _threads(fact.thread) | _pages(fact.pages) | {Catalog(), SiteFiles()}
    )


@stale_files.register
def _(fact: facts.PostRemoved) -> set[StaleFile]:
    return (
        _media(fact.media)
        | _threads(fact.thread, *fact.quoting_threads)
        | _pages(fact.pages)
        | {Catalog(), SiteFiles()}
    )


@stale_files.register
def _(fact: facts.ThreadRemoved) -> set[StaleFile]:
    return (
        _media(fact.media)
        | _threads(fact.thread, *fact.quoting_threads)
        | _pages(fact.pages)
        | {Catalog(), SiteFiles()}
    )


@stale_files.register
def _(fact: facts.ThreadChanged) -> set[StaleFile]:
    return _threads(fact.thread) | _pages(fact.pages) | {Catalog()}


@stale_files.register
def _(fact: facts.BoardChanged) -> set[StaleFile]:
    return {WholeBoard(), SiteFiles(), SiteFrame()}


@stale_files.register
def _(fact: facts.ThreadRerendered) -> set[StaleFile]:
    return _threads(fact.thread)
