"""Another engine's page is weighed and timed beside ours as a browser gets it."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.bench_beside import BEGUN_THERE, Side, a_site_of, beside, visits

if TYPE_CHECKING:
    from playwright.sync_api import Browser

STYLE = "p { color: green; } " * 200
SCRIPT = "window.looked = 'Nobody is here yet.'; " * 200


@pytest.mark.browser
def test_a_folders_page_is_weighed_as_it_came_and_again(chromium: Browser, tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text(STYLE)
    (tmp_path / "late.js").write_text(SCRIPT)
    page = "<!doctype html><link rel=stylesheet href=/a.css><link rel=icon href=data:,><p>Here."
    (tmp_path / "thread_50.html").write_text(f"{page}<script src=/late.js defer></script>")
    for kept in ("a.css", "late.js"):
        # Old files are asked for again only after some days.
        os.utime(tmp_path / kept, (0, 0))
    # And one of tomorrow each time.
    os.utime(tmp_path / "thread_50.html", (2**31, 2**31))
    with a_site_of(tmp_path) as url:
        side = Side(url, "/thread_50.html", "/thread_50.html", BEGUN_THERE)
        found = visits(chromium, side, side.short, latency_ms=0)
    assert found["first visit: requests"] == 3
    for kind, text in (("styles", STYLE), ("scripts", SCRIPT)):
        packed = len(gzip.compress(text.encode(), 1)) / 1000
        assert found[f"first visit: {kind}, kB"] == pytest.approx(packed + 0.3, abs=0.1)
    assert found["first visit: all, kB"] < 2
    assert 0 < found["first visit: before the first paint, kB"] <= found["first visit: all, kB"]
    assert found["first visit: first paint, ms"] <= found["largest paint, ms"]
    assert found["second visit: requests"] == 1
    assert found["second visit: all, kB"] == 0.3


def test_medians_stand_side_by_side_with_their_ratio() -> None:
    ours = [{"kB": each, "shift": 0.0} for each in (2.0, 9.0, 1.0)]
    theirs = [{"kB": each, "shift": 0.1} for each in (5.0, 6.0, 4.0)]
    assert list(beside(ours, theirs)) == ["| kB | 2 | 5 | 2.50 |", "| shift | 0 | 0.1 | – |"]
