"""A move reads on while the database stores, and lets it count before it joins."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from imageboard.store import imports
from imageboard.store.database import Connection
from importing import loading
from importing.records import OldPost
from importing.report import Report
from tests.deploy.stand_ins import WAIT_S
from tests.importing.conftest import SAMPLE, Site

pytestmark = pytest.mark.slow


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
        assert has_read_on.wait(WAIT_S), "the next ones wait until these are stored"
        add(db, batch)

    monkeypatch.setattr(move.dump, "posts", reading)
    monkeypatch.setattr(imports, "add", storing)
    site.bring(move, draws=False)
    assert move.report.counts["posts"] == 196


def test_what_came_is_counted_before_it_is_joined(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else plans are made for empty tables, and a million posts take longer than a step may."""
    counted, join = [], imports.join_quotes

    def joining(db: Connection, board: str, **asked: Any) -> int | None:
        counted.append(
            db.execute("SELECT reltuples FROM pg_class WHERE relname = 'posts'").fetchone()
        )
        return join(db, board, **asked)

    monkeypatch.setattr(imports, "join_quotes", joining)
    site.bring(site.move(SAMPLE), draws=False)
    assert counted[0] == (196,)
