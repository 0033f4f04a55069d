"""An import that was interrupted goes on where it was, and nobody sees it before."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from imageboard.store import imports, posts
from imageboard.store.database import Connection
from importing import loading
from importing.records import OldPost
from importing.report import Report
from tests.importing.conftest import EVERYTHING, SAMPLE, Site


class Killed(BaseException):
    """Whatever ends a process: nobody catches it."""


def dies_at(monkeypatch: pytest.MonkeyPatch, name: str, call: int) -> None:
    """The call of a function of the store does what it does, and is not committed."""
    real: Callable[..., Any] = getattr(imports, name)
    calls = itertools.count(1)

    def dying(*values: Any, **named: Any) -> Any:
        answer = real(*values, **named)
        if next(calls) == call:
            raise Killed
        return answer

    monkeypatch.setattr(imports, name, dying)


def test_killed_anywhere_it_comes_to_the_same_when_it_is_called_again(
    site: Site, moved: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "POSTS_AT_ONCE", 60)
    for name, call in (("begin", 1), ("add", 1), ("add", 3), ("join_quotes", 1), ("finish", 1)):
        with monkeypatch.context() as dying:
            dies_at(dying, name, call)
            with pytest.raises(Killed):
                site.bring(site.move(SAMPLE), draws=False)
        # What has come is not seen, and nobody clears it away.
        with site.database.transaction() as db:
            assert posts.forget_aside(db, 1_000) == 0
        assert site.ask("SELECT no FROM shown_threads") == []
        # Whoever posts meanwhile gets none of its numbers.
        numbers_given = site.ask("SELECT last_no FROM boards WHERE name = 'lab'")
        assert numbers_given == ([] if name == "begin" else [(202,)])
    site.bring(site.move(SAMPLE), draws=False)
    assert _of_the_sample(site) == _of_the_sample(moved)
    # Search goes through them as old posts, not as new ones.
    assert site.ask("SELECT board, no FROM search_progress") == [("lab", 202)]
    assert site.ask("SELECT before = 'infinity' FROM search_backlog") == [(True,)]


def _of_the_sample(site: Site) -> list[tuple[Any, ...]]:
    """But for links to the other board, which is not here, and how often it was drawn."""
    rows = [row for row in site.ask(EVERYTHING) if row[0] != "board"]
    return [row for row in rows if row[1]["board"] == "lab" and row[1].get("to_board") != "b"]


def test_posts_are_read_while_those_before_them_are_stored(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "POSTS_AT_ONCE", 60)
    move, has_read_on = site.move(SAMPLE), threading.Event()
    read, add = move.dump.posts, imports.add

    def reading(report: Report) -> Iterator[OldPost]:
        for number, post in enumerate(read(report)):
            yield post
            if number == 100:
                has_read_on.set()

    def storing(db: Connection, batch: imports.Batch) -> None:
        assert has_read_on.wait(10), "the next ones wait until these are stored"
        add(db, batch)

    monkeypatch.setattr(move.dump, "posts", reading)
    monkeypatch.setattr(imports, "add", storing)
    site.bring(move, draws=False)
    assert move.report.counts["posts"] == 196
