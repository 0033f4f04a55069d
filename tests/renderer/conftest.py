from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from imageboard.captchas import shown
from imageboard.queue.wake_up import WakeUp
from imageboard.settings import Settings
from imageboard.store import database as databases
from imageboard.store.database import Database
from imageboard.store.kept_files import KeptFiles
from imageboard.store.uploads import UploadStore
from renderer.keeper.catch_up import CatchUp
from renderer.keeper.expiry import Expiry
from renderer.keeper.indexing import Indexing
from renderer.render_loop import RenderLoop
from renderer.verify import Verifier
from renderer.web_root import WebRoot


@pytest.fixture
def connections_that_live(monkeypatch: pytest.MonkeyPatch) -> None:
    """For who counts statements: however long they were idle, none is asked whether it lives."""
    monkeypatch.setattr(databases, "IDLE_UNCHECKED_S", math.inf)


@pytest.fixture
def web_root(tmp_path: Path) -> WebRoot:
    return WebRoot(tmp_path / "public")


@pytest.fixture
def read(web_root: WebRoot) -> Callable[[str], str]:
    """A file of the web root; '': it does not stand there."""
    return lambda path: (web_root.read(path) or b"").decode()


@pytest.fixture
def uploads(tmp_path: Path) -> UploadStore:
    return UploadStore(tmp_path / "uploads")


@pytest.fixture
def loop(database: Database, web_root: WebRoot, uploads: UploadStore) -> RenderLoop:
    captcha = shown(Settings.read({}))
    return RenderLoop(database, web_root, uploads, site_name="Stillboard", captcha=captcha)


@pytest.fixture
def catch_up(
    database: Database,
    queue: redis.Redis,
    loop: RenderLoop,
    web_root: WebRoot,
    uploads: UploadStore,
    tmp_path: Path,
) -> CatchUp:
    return CatchUp(
        database=database,
        wake_up=WakeUp(queue),
        loop=loop,
        verifier=Verifier(database, web_root, uploads, "Stillboard", repair=True),
        expiry=Expiry(
            database,
            uploads,
            scratch=tmp_path / "scratch",
            kept=KeptFiles(tmp_path / "kept"),
            address_kept_days=7,
            hash_kept_days=30,
            log_names_kept_days=30,
        ),
        indexing=Indexing(database),
        has_cloud=False,
    )
