"""Who says what, where and when: the files of `boards/`, read.

A post is quoted as '>>@3', the third of its thread, or '>>@bread.1', the first of the thread
`bread`, of whatever board. Times are so long ago, counted from when the demo is stored.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

_FOLDER = Path(__file__).parent / "boards"
_SITE = "site"
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}
_QUOTED = re.compile(r">>@(?:([a-z-]+)\.)?([0-9]+)")
#: Between two posts of a thread, unless so much time has not passed since it began.
_MINUTES_APART = (3, 190)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One post, as its form is filled in. Those `by` one person have one address."""

    body: str
    subject: str = ""
    name: str = ""
    email: str = ""
    tag: str = ""
    user_flag: str = ""
    country: str | None = None
    capcode: str | None = None
    by: str = ""
    #: Each as props.made reads it.
    files: tuple[str, ...] = ()
    #: What each of them shows, for those who can't see it, or of none.
    alts: tuple[str, ...] = ()
    #: Hides all of them, or those of these places.
    is_spoiler: bool = False
    spoilers: tuple[int, ...] = ()
    keeps_file_names: bool = False


class Place(NamedTuple):
    """Where a post stands in the script: the third of the thread `bread`."""

    thread: str
    number: int


class Cue(NamedTuple):
    """A post with its place, and how long ago it was posted."""

    board: str
    place: Place
    ago: timedelta
    said: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadScript:
    id: str
    ago: str
    posts: tuple[Said, ...]
    #: As posts.mark_thread takes them.
    marks: Mapping[str, bool | int] = field(default_factory=dict)


class Flag(NamedTuple):
    name: str
    title: str
    colours: list[str]
    #: As props.flag takes it.
    layout: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardScript:
    name: str
    settings: Mapping[str, str]
    threads: tuple[ThreadScript, ...]
    #: 'words: painter'
    banners: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()
    #: Markdown; '': none.
    announcement: str = ""
    rules: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteScript:
    announcement: str
    #: {'title', 'body'}, the oldest first.
    news: tuple[Mapping[str, str], ...]
    #: Markdown, by the page's name.
    pages: Mapping[str, str]


def site() -> SiteScript:
    return SiteScript(**_read(_SITE))


def boards() -> list[BoardScript]:
    """In the order of their names."""
    names = sorted(path.stem for path in _FOLDER.glob("*.toml"))
    return [_board(_read(name)) for name in names if name != _SITE]


def cues(scripts: Sequence[BoardScript]) -> list[Cue]:
    """Every post of these boards, the oldest first: what is quoted is there by then."""
    found = [
        cue for script in scripts for thread in script.threads for cue in _cues(script, thread)
    ]
    return sorted(found, key=lambda cue: cue.ago, reverse=True)


def quoting(body: str, cue: Cue, posted: Callable[[Place], tuple[str, int] | None]) -> str:
    """The text with numbers where the script has places: '>>@bread.1' -> '>>>/food/12'.

    `posted` knows the board and the number; a post that was not stored is quoted by its thread's
    name, as one that is gone: '>>bread'.
    """

    def spelled(found: re.Match[str]) -> str:
        place = Place(found[1] or cue.place.thread, int(found[2]))
        at = posted(place)
        if at is None:
            return f">>{place.thread}"
        return f">>{at[1]}" if at[0] == cue.board else f">>>/{at[0]}/{at[1]}"

    return _QUOTED.sub(spelled, body)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _board(told: dict[str, Any]) -> BoardScript:
    threads = tuple(_thread(**each) for each in told.pop("threads"))
    flags = tuple(Flag(**each) for each in told.pop("flags", ()))
    return BoardScript(threads=threads, flags=flags, **told)


def _thread(
    *, posts: list[dict[str, Any]], lines: tuple[str, ...] = (), **told: Any
) -> ThreadScript:
    """`lines`: replies that are a text and nothing else."""
    replies = [{"body": line} for line in lines]
    return ThreadScript(posts=tuple(Said(**each) for each in posts + replies), **told)


def _cues(script: BoardScript, thread: ThreadScript) -> Iterator[Cue]:
    chance = random.Random(thread.id)  # noqa: S311 -- the same each time is the point
    ago_s = _duration(thread.ago).total_seconds()
    gaps_s = [60 * chance.uniform(*_MINUTES_APART) for _ in thread.posts[1:]]
    # The last was posted a while ago too, however many there are.
    quicker = min(1.0, 0.95 * ago_s / sum(gaps_s, start=1.0))
    for number, (said, gap_s) in enumerate(zip(thread.posts, [0.0, *gaps_s], strict=True), start=1):
        ago_s -= gap_s * quicker
        yield Cue(script.name, Place(thread.id, number), timedelta(seconds=ago_s), said)


def _duration(text: str) -> timedelta:
    """'3d 4h' -> 76 hours."""
    return timedelta(**{_UNITS[part[-1]]: int(part[:-1]) for part in text.split()})
