"""A move reads its dump while the database stores what was read before."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from imageboard.store import imports
from imageboard.store.database import Connection
from importing import loading
from importing.records import OldPost
from importing.report import Report
from tests.importing.conftest import SAMPLE, Site


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
