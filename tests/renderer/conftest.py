from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from imageboard.captchas import shown
from imageboard.settings import Settings
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from renderer.render_loop import RenderLoop
from renderer.web_root import WebRoot


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
