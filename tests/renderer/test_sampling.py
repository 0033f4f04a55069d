"""Catch-up's look at a sample of the pages: what it tells, whatever happens meanwhile."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable
from random import Random

import pytest
from prometheus_client import REGISTRY

from deploy.embedded.service import free_port
from deploy.embedded.valkey import Valkey
from imageboard.errors import StoreUnavailable
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from monitoring import metrics
from renderer.keeper.sampling import LOOK_EVERY_S, Sampling
from renderer.render_loop import RenderLoop
from renderer.verify import Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board, a_post
from tests.house_rules.repository import ROOT
from tests.monitoring.servers import awaited, get

pytestmark = pytest.mark.slow


class Waits:
    """Time that passes without waiting; it ends at so many seconds."""

    def __init__(self, until_s: float = math.inf) -> None:
        self.now_s = 0.0
        self._until_s = until_s

    def __call__(self, seconds: float) -> bool:
        self.now_s += seconds
        return self.now_s >= self._until_s


@pytest.fixture
def verifier(
    database: Database, loop: RenderLoop, web_root: WebRoot, uploads: UploadStore
) -> Verifier:
    """Of a drawn board of three threads."""
    board = a_board(database)
    for _ in range(3):
        a_post(database, board)
    loop.render("b")
    return Verifier(database, web_root, uploads, "Stillboard")


@pytest.fixture(autouse=True)
def _nothing_was_looked_at() -> None:
    """As a program begins, whatever the tests before have shown."""
    metrics.sample_wrong_files.clear()
    metrics.sample_end_timestamp_seconds.set(0)


def wrong(kind: str) -> float | None:
    return REGISTRY.get_sample_value("stillboard_sample_wrong_files", {"wrong": kind})


def ended_s() -> float:
    return REGISTRY.get_sample_value("stillboard_sample_end_timestamp_seconds") or 0.0


def a_sampling(
    verifier: Verifier, pages: int = 50, wait: Callable[[float], bool] | None = None
) -> Sampling:
    return Sampling(verifier, pages, wait or Waits(), Random(1))


def test_page_that_is_missing_is_told_until_it_stands_again_and_left_as_it_is(
    verifier: Verifier, loop: RenderLoop, web_root: WebRoot
) -> None:
    sampling = a_sampling(verifier)
    assert not sampling.look()
    assert (wrong("missing"), wrong("differing")) == (0, 0)
    body = web_root.read("b/res/1.html")
    web_root.remove("b/res/1.html")
    sampling.look()
    assert (wrong("missing"), wrong("differing")) == (1, 0)
    assert web_root.read("b/res/1.html") is None
    web_root.replace("b/res/1.html", body or b"")
    sampling.look()
    assert wrong("missing") == 0


def test_page_that_was_wrong_is_looked_at_again_though_chance_picks_others(
    verifier: Verifier, web_root: WebRoot
) -> None:
    sampling = a_sampling(verifier)
    web_root.remove("b/res/1.html")
    sampling.look()
    sampling.pages = 1
    for _ in range(5):
        sampling.look()
        assert wrong("missing") == 1


def test_pages_of_a_look_are_spread_over_its_five_minutes(verifier: Verifier) -> None:
    """One after the other they would keep a board, and the processor, for as long as they take."""
    pauses: list[float] = []
    a_sampling(verifier, wait=lambda seconds: bool(pauses.append(seconds))).look()
    assert len(pauses) > 3
    assert max(pauses) < LOOK_EVERY_S / 3
    assert sum(pauses) == pytest.approx(LOOK_EVERY_S)


def test_look_is_left_when_catch_up_is_told_to_stop(verifier: Verifier) -> None:
    before_s = ended_s()
    sampling = a_sampling(verifier, wait=Waits(until_s=0))
    sampling.run()
    assert ended_s() == before_s


def test_looks_go_on_after_one_that_failed(
    verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = [StoreUnavailable(), OSError("the disk fails")]
    picked = verifier.picked

    def fails_at_first(pages: int, chance: Random) -> object:
        if failures:
            raise failures.pop(0)
        return picked(pages, chance)

    monkeypatch.setattr(verifier, "picked", fails_at_first)
    before_s = ended_s()
    a_sampling(verifier, wait=Waits(until_s=2.9 * LOOK_EVERY_S + LOOK_EVERY_S)).run()
    assert failures == []
    assert ended_s() > before_s


def test_board_that_asks_for_no_look_shows_no_number(verifier: Verifier) -> None:
    """By 0 an alert would take it that the last look was long ago."""
    a_sampling(verifier, pages=0).run()
    assert math.isnan(REGISTRY.get_sample_value("stillboard_sample_end_timestamp_seconds") or 0.0)


#: Catch-up as it is started, in a hurry.
_IN_A_HURRY = (
    "import sys; from renderer.keeper import __main__, sampling; sampling.LOOK_EVERY_S = 0.1;"
    " sys.exit(__main__.main())"
)


def test_catch_up_looks_beside_its_passes_and_stops_when_it_is_told_to(
    verifier: Verifier, database_url: str, valkey_server: Valkey, web_root: WebRoot
) -> None:
    web_root.remove("b/res/1.html")
    address = f"127.0.0.1:{free_port()}"
    catch_up = subprocess.Popen(
        [sys.executable, "-P", "-c", _IN_A_HURRY],
        env=os.environ
        | {
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": database_url,
            "REDIS_URL": valkey_server.url,
            "STILLBOARD_DATA": str(web_root.folder.parent),
            "STILLBOARD_WEB_ROOT": str(web_root.folder),
            "STILLBOARD_METRICS_LISTEN": address,
        },
    )
    try:
        told = 'stillboard_sample_wrong_files{wrong="missing"} 1.0'
        awaited(lambda: told in get(address, "/metrics"))
    finally:
        catch_up.terminate()
        assert catch_up.wait() == 0
