"""Folders for sockets: their addresses have room for 107 bytes, and pytest's tmp_path is long."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def socket_dir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sb-") as folder:
        yield Path(folder)
