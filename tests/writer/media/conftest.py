from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from imageboard.settings import BoardSettings
from writer.media.darkroom import Darkroom, DevelopedImage

Develop = Callable[..., DevelopedImage]


@pytest.fixture
def develop(shared_darkroom: Darkroom, tmp_path: Path) -> Develop:
    """`develop(data)` sends bytes through a real darkroom."""

    def _develop(data: bytes, **settings: int) -> DevelopedImage:
        upload = tmp_path / "upload"
        upload.write_bytes(data)
        return shared_darkroom.develop(upload, settings=BoardSettings(**settings))

    return _develop


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder
