"""Boards and their settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from psycopg.types.json import Jsonb

from imageboard.boards import Board
from imageboard.errors import BadBoardSetting, NoSuchBoard
from imageboard.facts import BoardListChanged, Fact
from imageboard.settings import BoardSettings, Shows
from imageboard.store import queries
from imageboard.store.database import Connection
from imageboard.words import N_

_SQL = queries.beside(__file__)
#: Of as many boards: each step of a renderer reads those of all.
_SETTINGS_KEPT = 1024


def add(db: Connection, name: str, settings: BoardSettings) -> bool:
    """A new board; False when there is one of that name. Every board shows it from now on.

    Where one of its name went, its numbers go on from there.
    """
    found = db.execute(_SQL.add, {"name": name, "settings": Jsonb(settings.to_json())})
    if found.rowcount == 0:
        return False
    redraw_all(db)
    return True


def add_new(db: Connection, name: str, settings: BoardSettings) -> list[str]:
    """The same, for which all boards are to be drawn anew. Raises BadBoardSetting: it is there."""
    if not add(db, name, settings):
        fault = N_("there is a board of this name already, or one is just being removed")
        raise BadBoardSetting(name=name, fault=fault)
    return [board.name for board in list_all(db)]


def get(db: Connection, name: str) -> Board:
    """Raises NoSuchBoard."""
    return _one(db, _SQL.one, name)


def lock(db: Connection, name: str) -> Board:
    """The board, held until the transaction ends. Raises NoSuchBoard."""
    return _one(db, _SQL.lock, name)


def changes(db: Connection, *, on: list[str] | None) -> int:
    """Another number whenever a page of these boards (None: of all) looks different."""
    row = db.execute(_SQL.changes, {"on": on}).fetchone()
    assert row is not None
    return int(row[0])


def list_all(db: Connection) -> list[Board]:
    return [_board(row) for row in db.execute(_SQL.all)]


def is_busy(db: Connection, name: str, posts: int) -> bool:
    """Whether it got so many posts within an hour; those count that are gone by now."""
    row = db.execute(_SQL.is_busy, {"name": name, "posts": posts}).fetchone()
    return row is not None and bool(row[0])


def change_settings(db: Connection, name: str, changes: Mapping[str, str]) -> list[str]:
    """Make `changes` ({'bump_limit': '300'}); the boards that have files to be drawn anew for it.

    Raises:
        NoSuchBoard, BadBoardSetting: nothing is changed.
    """
    before = lock(db, name).settings
    after = before.changed(changes)
    differing = before.differing(after)
    values = after.to_json()
    db.execute(
        _SQL.change_settings,
        {"name": name, "changes": Jsonb({row.name: values[row.name] for row in differing})},
    )
    shows = max((row.shows for row in differing), default=Shows.NOWHERE)
    if shows is Shows.NOWHERE:
        return []
    if shows is Shows.IN_THE_LIST_OF_BOARDS:
        ask_again(db, name, BoardListChanged())
        return [name]
    stale = None if shows is Shows.ON_ALL_MASTHEADS else name
    return sorted(board for (board,) in db.execute(_SQL.change_pages, {"name": stale}))


def redraw_all(db: Connection) -> list[str]:
    """All pages of all boards are stale; their names."""
    return sorted(board for (board,) in db.execute(_SQL.change_pages, {"name": None}))


def redraw(db: Connection, name: str) -> None:
    """All pages of the board are stale, and so is what a renderer has kept of its posts."""
    db.execute(_SQL.change_pages, {"name": name})


def bring_defaults(db: Connection, settings: type[BoardSettings] = BoardSettings) -> None:
    """Tell the database this version's defaults of the settings that its functions read."""
    db.execute(_SQL.bring_defaults, {"defaults": Jsonb(settings.defaults_in_sql())})


def ask_again(db: Connection, name: str, fact: Fact) -> None:
    """A change of the board that only asks for rendering, such as ThreadRerendered."""
    db.execute(
        _SQL.touch, {"name": name, "kind": type(fact).__name__, "body": Jsonb(fact.to_json())}
    )


def drawn_otherwise(db: Connection, appearance: str) -> list[str]:
    """Names of boards that were last drawn as a whole with another appearance, and not asked for.

    A board that waits to be drawn as a whole (a new one, or one with new settings) is not among
    them: it is about to be.
    """
    return [name for (name,) in db.execute(_SQL.drawn_otherwise, {"appearance": appearance})]


def note_drawn(db: Connection, name: str, appearance: str | None) -> None:
    """All pages of the board have this appearance now; None: not all have the same."""
    db.execute(_SQL.note_drawn, {"name": name, "appearance": appearance})


def counts(db: Connection) -> dict[str, tuple[int, int]]:
    """{'b': (threads, posts)} of every board."""
    return {name: (threads, posts) for name, threads, posts in db.execute(_SQL.counts)}


def _one(db: Connection, query: str, name: str) -> Board:
    row = db.execute(query, {"name": name}).fetchone()
    if row is None:
        raise NoSuchBoard(board=name)
    return _board(row)


@lru_cache(_SETTINGS_KEPT)
def _settings(text: str) -> BoardSettings:
    """PERF: 49 µs a board to read what seldom changes, in each step and for each post."""
    return BoardSettings.from_json(json.loads(text))


def _board(row: tuple[Any, ...]) -> Board:
    name, settings, change_no, last_no, settings_change_no, drawn_as = row
    return Board(
        name=name,
        settings=_settings(settings),
        change_no=change_no,
        last_no=last_no,
        settings_change_no=settings_change_no,
        drawn_as=drawn_as,
    )
